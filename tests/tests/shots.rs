//! Shots hit what they hit on the shooter's screen, nobody gains by lying, and cover covers.

#![allow(clippy::print_stdout, reason = "figures, for who runs this by hand")]

use std::time::Duration;
use tickwire_engine::RewindLimit;
use tickwire_tests::Link;
use tickwire_tests::shots::{Trial, run};

#[test]
fn zz_figures() {
    for (name, link) in &Link::ALL[..5] {
        for spread in [0.0, 0.5, 0.95] {
            for limit in [0, 200, 250] {
                if limit == 0 && spread > 0.0 {
                    continue;
                }
                let trial = Trial {
                    limit: RewindLimit(Duration::from_millis(limit)),
                    spread,
                    ..Trial::new(*link, 2000, 1)
                };
                let a = run(&trial);
                println!(
                    "{name} spread {spread} limit {limit}: {:.2}% {a:?}",
                    a.share() * 100.0
                );
            }
        }
    }
}
