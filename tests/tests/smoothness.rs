//! How smooth a match looks, held to its targets on each link.

use tickwire_tests::Link;
use tickwire_tests::smoothness::{Smoothness, input_to_picture, measure};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=4;
const SECONDS: u64 = 60;

/// A match for each seed, of two players each.
fn play(link: Link, interval: u8) -> Vec<Smoothness> {
    let matches = SEEDS.map(|seed| measure(link, seed, SECONDS, interval));
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

#[test]
fn the_prediction_is_right_to_the_quantum_on_an_ordinary_link() {
    let error = mean(&play(Link::P2, 2), |s| s.prediction_error_p99);
    assert!(error <= 1.0, "seeds {SEEDS:?}: {error} quanta at worst");
}

#[test]
fn at_20_hz_there_is_nearly_always_something_newer() {
    for (name, link, most) in [("P2", Link::P2, 0.005), ("P3", Link::P3, 0.015)] {
        let matches = play(link, 3);
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
    for (name, link) in [("P1", Link::P1), ("P3", Link::P3)] {
        let error = mean(&play(link, 3), |s| s.drawn_error_p99);
        assert!(error < 0.03, "{name}, seeds {SEEDS:?}: {error} m beside it");
    }
}

#[test]
fn a_key_shows_within_a_tick_and_a_picture() {
    for (name, link) in [("P0", Link::P0), ("P3", Link::P3)] {
        let waits = input_to_picture(link, 3, 20);
        let late = waits.iter().find(|ticks| **ticks > 2.0);
        assert_eq!(late, None, "{name}, seed 3: {waits:?}");
    }
}
