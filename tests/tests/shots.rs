//! Shots hit what they hit on the shooter's screen, nobody gains by lying, and cover covers.
//!
//! These are a part of the figures that the program `netcode` takes: fewer shots of the same trials.

use std::time::Duration;

use tickwire_engine::RewindLimit;
use tickwire_tests::Link;
use tickwire_tests::shots::{Lie, Trial, agreement, gain, run};

const SEED: u64 = 1;
const SHOTS: usize = 1000;

#[test]
fn what_hits_on_the_screen_hits_on_the_server() {
    for (name, link) in [
        ("P0", Link::P0),
        ("P1", Link::P1),
        ("P2", Link::P2),
        ("P3", Link::P3),
    ] {
        let found = agreement(link, SHOTS, SEED, true);
        assert!(found.share() >= 0.995, "{name}, seed {SEED}: {found:?}");
        let without = agreement(link, SHOTS, SEED, false);
        assert!(without.share() < 0.5, "{name}, seed {SEED}: {without:?}");
    }
}

/// The round trip and what a lossy link asks for make more than the limit: clients interpolate less there and carry on what they
/// have, and what they draw so is what the server looks back to.
#[test]
fn on_a_lossy_link_pictures_are_no_older_than_shots_can_be_judged() {
    for seed in SEED..SEED + 3 {
        let found = agreement(Link::P3, 2 * SHOTS, seed, true);
        let moved = found.clamped as f64 / found.shots as f64;
        assert!(moved < 0.05, "P3, seed {seed}: {found:?}");
        assert!(
            found.longest_ms <= 200.0 + 1e-6,
            "P3, seed {seed}: {found:?}"
        );
        assert!(found.share() >= 0.994, "P3, seed {seed}: {found:?}");
    }
}

/// Beside the limit count the tick of the look and the wait of the command for its tick: on quiet links two ticks and a little, 100 ms
/// at most. What was carried on may be 20 ms older.
#[test]
fn nobody_is_hit_longer_after_reaching_cover_than_the_limit_says() {
    for (name, link, most) in [
        ("P0", Link::P0, 12 + 5),
        ("P2", Link::P2, 12 + 6),
        ("P3", Link::P3, 12 + 7),
    ] {
        let hits = run(&Trial::new(link, SHOTS, SEED)).behind_cover;
        let longest = hits.first().map_or(0, |hit| hit.ticks);
        assert!(longest <= most, "{name}, seed {SEED}: {longest} ticks");
        assert!(
            hits.len() > 5,
            "{name}, seed {SEED}: {} such hits",
            hits.len()
        );
    }
}

/// A client makes several commands with each picture, or none.
#[test]
fn pages_that_draw_seldom_or_often_hit_as_well() {
    for fps in [20, 30, 144] {
        let trial = Trial {
            fps,
            ..Trial::new(Link::P2, SHOTS, SEED)
        };
        let found = run(&trial).agreement;
        assert!(found.share() >= 0.995, "{fps} fps, seed {SEED}: {found:?}");
    }
}

/// A page on a machine that has other things to do: pictures take from 17 to 117 ms, and come with one to seven commands.
#[test]
fn pages_that_draw_unsteadily_hit_as_well() {
    for (name, link) in [("P0", Link::P0), ("P1", Link::P1), ("P2", Link::P2)] {
        let trial = Trial {
            stutter: Duration::from_millis(100),
            ..Trial::new(link, SHOTS, SEED)
        };
        let found = run(&trial).agreement;
        assert!(found.share() >= 0.995, "{name}, seed {SEED}: {found:?}");
    }
}

/// A page whose pictures take from 17 to 217 ms, while its program has time for the ticks.
#[test]
fn pages_that_tick_between_slow_pictures_hit_as_well() {
    for (name, link) in [("P0", Link::P0), ("P1", Link::P1), ("P2", Link::P2)] {
        let trial = Trial {
            stutter: Duration::from_millis(200),
            beat: Some(Duration::from_millis(18)),
            ..Trial::new(link, SHOTS, SEED)
        };
        let found = run(&trial).agreement;
        assert!(found.share() >= 0.995, "{name}, seed {SEED}: {found:?}");
    }
}

/// An attacker who knows the tolerance and where everybody is, and claims for each shot that misses the nearest moment at which it
/// hits: a runner moves 12 cm within the tolerance. Of shots a third of which miss, by up to 20 cm, it makes a
/// tenth hit, on bad links as on good ones.
#[test]
fn the_best_lie_gains_no_more_than_the_tolerance() {
    for (name, link) in [("P1", Link::P1), ("P3", Link::P3)] {
        let gain = gain(Lie::Best, link, SHOTS, SEED);
        println!("{name}: {gain} of {SHOTS}");
        let most = i64::try_from(SHOTS / 8).unwrap_or(0);
        assert!((0..=most).contains(&gain), "{name}, seed {SEED}: {gain}");
    }
}

#[test]
fn who_lies_about_the_picture_gains_nothing() {
    for lie in Lie::ALL {
        let gain = gain(lie, Link::P1, SHOTS, SEED);
        assert!(gain <= 0, "{lie:?}, seed {SEED}: {gain} hits more");
    }
}

/// The limit holds whatever is claimed.
#[test]
fn a_liar_reaches_no_further_behind_cover_than_an_honest_player() {
    for lie in Lie::ALL {
        let trial = Trial {
            lie: Some(lie),
            ..Trial::new(Link::P1, SHOTS, SEED)
        };
        let longest = run(&trial).behind_cover.first().map_or(0, |hit| hit.ticks);
        assert!(
            longest <= 12 + 1 + 4,
            "{lie:?}, seed {SEED}: {longest} ticks"
        );
    }
}

/// Eight shots at the middle of a runner, as drawn, at round trips of 0, 100 and 250 ms: the last needs a longer limit.
#[test]
fn what_one_aims_at_is_what_one_hits() {
    for (rtt, limit) in [(0, 200), (100, 200), (250, 400)] {
        let link = Link {
            rtt: Duration::from_millis(rtt),
            ..Link::P0
        };
        let trial = Trial {
            limit: RewindLimit(Duration::from_millis(limit)),
            spread: 0.0,
            ..Trial::new(link, 8, SEED)
        };
        let found = run(&trial).agreement;
        let all = found.hit_on_screen >= 8 && found.confirmed == found.hit_on_screen;
        assert!(all, "{rtt} ms, seed {SEED}: {found:?}");
    }
}
