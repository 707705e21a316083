//! When there is more to tell than a client's budget allows: nobody waits for ever, and what matters waits least.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "a test knows its numbers, and may fail"
)]

mod stage;

use std::collections::BTreeMap;

use stage::{Clock, Entity, Rank, Stage, World};
use tickwire_engine::Interest;
use tickwire_protocol::NetId;

const OWN: NetId = NetId(0);

fn interest() -> Interest {
    Interest::everywhere().weight(|rank: &Rank| rank.rank)
}

/// Snapshots for which a row of weight `w` waits at most, when `m` rows go with each: what `RoomConfig::budget` promises.
fn patience(weights: &[f64], w: f64, m: f64) -> u32 {
    let (n, all) = (weights.len() as f64, weights.iter().sum::<f64>());
    let enough = |t: &u32| m * f64::from(*t) >= n + all / w * (1.0 + f64::from(*t).ln());
    (1..).find(enough).unwrap()
}

/// A world in which rows change now and then, for one client with little to spend.
struct Scarcity {
    stage: Stage,
    world: World,
    rng: fastrand::Rng,
    /// How often a row changes, in 1/256 per snapshot.
    unrest: u8,
    /// Since when each row is not as the client has it.
    outdated: BTreeMap<NetId, u32>,
    /// The fewest rows that went with a message that left some behind.
    fewest: usize,
    /// The longest wait for each row.
    waited: BTreeMap<NetId, u32>,
}

impl Scarcity {
    fn new(seed: u64, rows: usize, interval: u32, weights: &[u8], unrest: u8) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let entity = |_| Entity {
            x: rng.f32() * 100.0,
            rank: rng.choice(weights).copied(),
            changed: 1,
        };
        let world = (0..rows).map(entity).collect();
        Self {
            stage: Stage::new(interest(), interval, &[OWN.0]),
            world,
            rng,
            unrest,
            outdated: BTreeMap::new(),
            fewest: usize::MAX,
            waited: BTreeMap::new(),
        }
    }

    fn has(&self) -> BTreeMap<NetId, u16> {
        let history = self.stage.clients[0].2.history();
        let rows = history.latest().into_iter().flat_map(|view| view.rows());
        rows.map(|row| (row.id, row.get::<Clock>().unwrap().tick))
            .collect()
    }

    fn send(&mut self, limit: u32) {
        let now = self.stage.next();
        for (id, entity) in (0..).map(NetId).zip(&mut self.world) {
            if id == OWN || self.rng.u8(..) <= self.unrest {
                entity.changed = now;
                self.outdated.entry(id).or_insert(now);
            }
        }
        let before = self.has();
        self.stage.send(&self.world, Some(limit));
        let after = self.has();
        let mut went = 0;
        for (id, entity) in (0..).map(NetId).zip(&self.world) {
            let version = after.get(&id);
            went += usize::from(id != OWN && version != before.get(&id));
            if version == Some(&(entity.changed as u16)) {
                self.outdated.remove(&id);
            } else {
                let since = *self.outdated.entry(id).or_insert(now);
                let waited = self.waited.entry(id).or_insert(0);
                *waited = (now - since).max(*waited);
            }
        }
        assert!(!self.outdated.contains_key(&OWN), "the own entity waits");
        if self.stage.clients[0].1.held_back() > 0 {
            assert!(went > 0, "a message without any other row");
            self.fewest = self.fewest.min(went);
        } else {
            assert!(
                self.outdated.is_empty(),
                "a row waits although all had a place"
            );
        }
    }
}

/// The promise: whatever changes is sent within k ticks, whatever the budget, the weights, the rate.
#[test]
fn nobody_waits_for_longer_than_promised() {
    let mut held_back = 0;
    for seed in 0..16 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let rows = rng.u32(20..200) as usize;
        let interval = rng.u32(1..5);
        let weights: &[u8] = if seed % 2 == 0 { &[1] } else { &[1, 2, 5, 40] };
        let unrest = rng.u8(100..=255);
        let mut scarcity = Scarcity::new(seed, rows, interval, weights, unrest);
        // From nothing at all to nearly enough, and never the same.
        let most = rng.u32(1..rows as u32 * 40);
        for _ in 0..600 {
            scarcity.send(rng.u32(0..most));
        }
        let m = scarcity.fewest as f64;
        let weight = |entity: &Entity| f64::from(entity.rank.unwrap_or(1));
        let all: Vec<_> = scarcity.world.iter().map(weight).collect();
        let flat = all.iter().all(|weight| *weight == 1.0);
        held_back += usize::from(!scarcity.waited.is_empty());
        for (id, waited) in &scarcity.waited {
            let w = all[id.0 as usize];
            let snapshots = if flat {
                (rows as f64 / m).ceil() as u32 + 1
            } else {
                patience(&all, w, m)
            };
            let k = snapshots * interval;
            assert!(
                *waited <= k,
                "seed {seed}: {id} of weight {w} waited {waited} ticks, not {k}"
            );
        }
    }
    assert!(held_back > 12, "{held_back} of 16 had to wait");
}

#[test]
fn who_weighs_more_waits_less() {
    let mut scarcity = Scarcity::new(3, 400, 2, &[1, 10], 255);
    (0..2000).for_each(|_| scarcity.send(1500));
    let mean = |rank: u8| {
        let of = |id: &&NetId| scarcity.world[id.0 as usize].rank == Some(rank);
        let waited: Vec<_> = scarcity
            .waited
            .keys()
            .filter(of)
            .map(|id| scarcity.waited[id])
            .collect();
        f64::from(waited.iter().sum::<u32>()) / waited.len() as f64
    };
    let (light, heavy) = (mean(1), mean(10));
    assert!(heavy * 5.0 < light, "{heavy} ticks and {light}");
}

/// Long after history has forgotten what the client has.
#[test]
fn a_crowd_far_beyond_the_budget_is_served_in_turn() {
    let mut scarcity = Scarcity::new(4, 1000, 2, &[1], 255);
    (0..1500).for_each(|_| scarcity.send(600));
    let k = (1000_u32.div_ceil(scarcity.fewest as u32) + 1) * 2;
    let longest = *scarcity.waited.values().max().unwrap();
    assert!(longest > 200 && longest <= k, "{longest} ticks, not {k}");
}

#[test]
fn messages_keep_to_their_limit() {
    for limit in [1000, 4000, 16_000] {
        let mut scarcity = Scarcity::new(5, 900, 2, &[1], 255);
        (0..100).for_each(|_| scarcity.send(limit));
        let start = scarcity.stage.bytes;
        (0..400).for_each(|_| scarcity.send(limit));
        let mean = (scarcity.stage.bytes - start) as f64 * 8.0 / 400.0;
        let limit = f64::from(limit);
        assert!(
            mean <= limit && mean > limit * 0.6,
            "{mean} bits of {limit}"
        );
    }
}
