//! Shots hit what they hit on the shooter's screen, nobody gains by lying, and cover covers.
//!
//! These are a part of the figures that the program `netcode` takes: fewer shots of the same trials.

use tickwire_engine::RewindLimit;
use tickwire_tests::Link;
use tickwire_tests::shots::{Trial, agreement, run};

const SEED: u64 = 1;
const SHOTS: usize = 1000;

#[test]
fn what_hits_on_the_screen_hits_on_the_server() {
    for (name, link) in [("P0", Link::P0), ("P1", Link::P1), ("P2", Link::P2)] {
        let found = agreement(link, SHOTS, SEED, true);
        assert!(found.share() >= 0.995, "{name}, seed {SEED}: {found:?}");
        let without = agreement(link, SHOTS, SEED, false);
        assert!(without.share() < 0.5, "{name}, seed {SEED}: {without:?}");
    }
}

/// The pictures there are 230 ms old on the average: more than the usual limit allows.
#[test]
fn on_a_lossy_link_the_longest_limit_is_needed() {
    let trial = Trial {
        limit: RewindLimit::LONGEST,
        ..Trial::new(Link::P3, SHOTS, SEED)
    };
    let found = run(&trial);
    assert!(found.share() >= 0.99, "P3, seed {SEED}: {found:?}");
    let usual = agreement(Link::P3, SHOTS, SEED, true);
    assert!(usual.share() >= 0.9, "P3, seed {SEED}: {usual:?}");
}
