//! Matches of bots: worth watching, never stuck, and the same again for the same seed.
#![cfg(feature = "sim")]
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;

use arena::{Arena, Body, Event, Map, PickupKind, Vec2, WeaponKind, build};
use tickwire_engine::{Recipient, Sim, bot_name};
use tickwire_protocol::{Level, LoadedLevel, NetId};

const BOTS: u16 = 8;
const SECONDS: u32 = 60;
const TICKS: u32 = SECONDS * 60;

fn sim(map: &str, seed: u64) -> Sim<Arena> {
    let level = LoadedLevel::built_in(map).unwrap();
    let mut sim = Sim::with_level(seed, level, build);
    for index in 0..usize::from(BOTS) {
        sim.join_bot(bot_name(index));
    }
    sim
}

fn bodies(sim: &Sim<Arena>) -> BTreeMap<NetId, Vec2> {
    let rows = sim.snapshot().rows();
    rows.filter_map(|row| Some((row.id, row.get::<Body>()?.at())))
        .collect()
}

/// What happened in a match.
#[derive(Debug, Default)]
struct Report {
    rifle_kills: u32,
    rocket_kills: u32,
    own_kills: u32,
    shots: u32,
    hits: u32,
    picked: [u32; 2],
    /// The longest that somebody stayed within 0.75 m, in ticks.
    longest_rest: u32,
}

fn play(map: &str, seed: u64) -> Report {
    let mut sim = sim(map, seed);
    let mut report = Report::default();
    let mut rests = BTreeMap::new();
    for tick in 0..TICKS {
        sim.tick();
        for (to, event) in sim.take_events() {
            if to == Recipient::All {
                report.count(&event);
            }
        }
        let bodies = bodies(&sim);
        rests.retain(|id, _| bodies.contains_key(id));
        for (id, at) in bodies {
            let rest = rests.entry(id).or_insert((at, tick));
            if at.distance(rest.0) > 0.75 {
                *rest = (at, tick);
            }
            report.longest_rest = report.longest_rest.max(tick - rest.1);
        }
    }
    report
}

impl Report {
    fn count(&mut self, event: &Event) {
        match event {
            Event::Shot { hit, .. } => {
                self.shots += 1;
                self.hits += u32::from(hit.is_some());
            }
            Event::Died {
                victim,
                killer,
                weapon,
            } => {
                self.own_kills += u32::from(*killer == Some(*victim));
                match weapon {
                    WeaponKind::Rifle => self.rifle_kills += 1,
                    WeaponKind::Rocket => self.rocket_kills += 1,
                }
            }
            Event::Picked {
                kind: PickupKind::Health,
                ..
            } => self.picked[0] += 1,
            Event::Picked {
                kind: PickupKind::Rockets,
                ..
            } => self.picked[1] += 1,
            _ => {}
        }
    }
}

#[test]
fn bots_put_up_a_lively_fight_on_every_map() {
    for (map, _) in Map::BUILT_IN {
        for seed in 0..4 {
            let report = play(map, seed);
            let kills = report.rifle_kills + report.rocket_kills - report.own_kills;
            let rate = f64::from(kills) / f64::from(BOTS) / (f64::from(SECONDS) / 60.0);
            let accuracy = f64::from(report.hits) / f64::from(report.shots);
            let seen =
                format!("{map}, seed {seed}: {rate:.1} kills per minute and bot, {report:?}");
            assert!((2.0..6.0).contains(&rate), "{seen}");
            assert!((0.15..0.45).contains(&accuracy), "{seen}");
            assert!(report.longest_rest < 180, "somebody is stuck: {seen}");
            assert!(report.picked.iter().all(|n| *n > 0), "{seen}");
            assert!(report.rocket_kills > 0, "{seen}");
            assert!(report.own_kills * 10 <= kills, "{seen}");
        }
    }
}

#[test]
fn bots_differ_in_skill() {
    let mut sim = sim("foundry", 5);
    for _ in 0..3 * TICKS {
        sim.tick();
    }
    let scores: Vec<_> = sim.scores().iter().map(|(_, score)| *score).collect();
    let (best, worst) = (scores.iter().max().unwrap(), scores.iter().min().unwrap());
    assert!(best - worst >= 5, "{scores:?}");
}

#[test]
fn the_same_seed_gives_the_same_match() {
    let hashes = |seed| -> Vec<u64> {
        let mut sim = sim("canal", seed);
        let mut tick = || {
            sim.tick();
            sim.hash()
        };
        (0..1000).map(|_| tick()).collect()
    };
    assert_eq!(hashes(7), hashes(7));
    assert_ne!(hashes(7).last(), hashes(8).last());
}
