//! How smooth a match looks, held to its targets on each link.

use std::time::Duration;

use arena::Arena;
use tickwire_engine::RewindLimit;
use tickwire_tests::smoothness::{Smoothness, input_to_picture, measure, stroll};
use tickwire_tests::{Link, Match};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=4;
const SECONDS: u64 = 60;

/// A match for each seed, of two players each.
fn play(link: Link, interval: u8) -> Vec<Smoothness> {
    play_within(RewindLimit::DEFAULT, link, interval)
}

/// Shots may be judged so far back, and pictures be that old.
fn play_within(limit: RewindLimit, link: Link, interval: u8) -> Vec<Smoothness> {
    let matches = SEEDS.map(|seed| measure(link, seed, SECONDS, interval, limit));
    matches.collect()
}

fn mean(matches: &[Smoothness], of: fn(&Smoothness) -> f64) -> f64 {
    matches.iter().map(of).sum::<f64>() / matches.len() as f64
}

#[test]
fn corrections_are_rare_where_only_the_link_interferes() {
    for (name, link, most) in [
        ("P0", Link::P0, 0.0),
        ("P1", Link::P1, 0.1),
        ("P2", Link::P2, 1.0),
        ("P3", Link::P3, 8.0),
    ] {
        let corrections = mean(&play(link, 2), |s| s.corrections_per_minute);
        assert!(
            corrections <= most,
            "{name}, seeds {SEEDS:?}: {corrections} corrections a minute"
        );
    }
}

/// A page on a busy machine: pictures take from 17 to 217 ms. All of the commands of a slow one are made, though late.
#[test]
fn unsteady_pictures_hardly_cause_corrections() {
    const MINUTES: u64 = 2;
    for (name, link, most) in [("P0", Link::P0, 10), ("P2", Link::P2, 40)] {
        for seed in SEEDS {
            let mut game: Match<Arena> = Match::new(seed, link, arena::build);
            let me = game.join("Ada", stroll(seed));
            game.set_stutter(me, Duration::from_millis(200));
            game.run_seconds(10);
            let before = game.client(me).stats().corrections;
            game.run_seconds(60 * MINUTES);
            let found = (game.client(me).stats().corrections - before) / MINUTES;
            assert!(found <= most, "{name}, seed {seed}: {found} a minute");
        }
    }
}

#[test]
fn the_prediction_is_right_to_the_quantum_on_an_ordinary_link() {
    let error = mean(&play(Link::P2, 2), |s| s.prediction_error_p99);
    assert!(error <= 1.0, "seeds {SEEDS:?}: {error} quanta at worst");
}

/// Four intervals are 200 ms, which a limit of that would not allow beside the round trip.
#[test]
fn at_20_hz_without_a_limit_there_is_nearly_always_something_newer() {
    for (name, link, most) in [("P2", Link::P2, 0.005), ("P3", Link::P3, 0.015)] {
        let matches = play_within(RewindLimit(Duration::ZERO), link, 3);
        let starved = mean(&matches, |s| s.starved);
        assert!(
            starved <= most,
            "{name}, seeds {SEEDS:?}: {starved} starved"
        );
        let intervals = mean(&matches, |s| s.delay.as_secs_f64() * 20.0);
        assert!(
            (2.0..=4.0).contains(&intervals),
            "{name}, seeds {SEEDS:?}: {intervals} intervals behind"
        );
        let most = mean(&matches, |s| s.delay_intervals);
        assert!(
            most <= 6.0,
            "{name}, seeds {SEEDS:?}: up to {most} intervals"
        );
    }
}

#[test]
fn others_are_drawn_on_their_paths() {
    for (name, link, interval) in [
        ("P1", Link::P1, 3),
        ("P3", Link::P3, 3),
        ("P3", Link::P3, 2),
    ] {
        let error = mean(&play(link, interval), |s| s.drawn_error_p99);
        assert!(error < 0.05, "{name}, seeds {SEEDS:?}: {error} m beside it");
    }
}

/// Pictures are no older than shots can be judged: what comes later than that is carried on.
#[test]
fn the_limit_shortens_the_delay_where_the_link_asks_for_more() {
    let within = |limit| {
        let matches = play_within(RewindLimit(limit), Link::P3, 2);
        let ms = mean(&matches, |s| s.delay.as_secs_f64() * 1000.0);
        (ms, mean(&matches, |s| s.starved))
    };
    let (free, usual) = (within(Duration::ZERO), within(RewindLimit::DEFAULT.0));
    println!("delay in ms and share starved: {free:?}, {usual:?}");
    assert!(free.0 > 120.0 && usual.0 < 80.0, "{free:?}, {usual:?}");
    assert!(usual.1 < 0.05, "seeds {SEEDS:?}: {usual:?}");
}

#[test]
fn a_key_shows_within_a_tick_and_a_picture() {
    for (name, link) in [("P0", Link::P0), ("P3", Link::P3)] {
        let waits = input_to_picture(link, 3, 20);
        let late = waits.iter().find(|ticks| **ticks > 2.0);
        assert_eq!(late, None, "{name}, seed 3: {waits:?}");
    }
}
