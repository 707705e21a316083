//! Snapshots are made from what changed: they must be what the world is, whatever a game does to its entities.

#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use bevy_ecs::entity_disabling::Disabled;
use tickwire_engine::prelude::*;
use tickwire_protocol::{Game, Wire};

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq)]
struct Body {
    x: u16,
}

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq)]
struct Load {
    weight: u8,
}

#[derive(Wire, Clone, Copy, Debug, Default, PartialEq)]
struct Nothing;

struct Yard;

impl Game for Yard {
    const TICK_RATE: u32 = 60;
    type Input = Nothing;
    type Replicated = (Body, Load);
    type Predicted = ();
    type Event = ();
    type Level = ();
}

/// Does one random thing to the world.
fn meddle(sim: &mut Sim<Yard>, all: &mut Vec<Entity>, rng: &mut fastrand::Rng) {
    let world = sim.world_mut();
    let body = Body { x: rng.u16(..) };
    let load = Load { weight: rng.u8(..) };
    if all.is_empty() || rng.u8(0..8) == 0 {
        all.push(world.spawn((Replicated::default(), body)).id());
        return;
    }
    let place = usize::try_from(rng.u32(0..u32::try_from(all.len()).unwrap())).unwrap();
    let mut entity = world.entity_mut(all.get(place).copied().unwrap());
    match rng.u8(0..12) {
        0 => {
            entity.despawn();
            all.swap_remove(place);
        }
        1 => drop(entity.remove::<Body>()),
        2 => drop(entity.remove::<Load>()),
        3 => drop(entity.insert(Disabled)),
        4 => drop(entity.remove::<Disabled>()),
        5 => drop(entity.remove::<Replicated>()),
        6 => drop(entity.insert(Replicated::default())),
        7 => drop(entity.insert(load)),
        8 => drop(entity.insert((body, load))),
        _ => {
            if let Some(mut there) = entity.get_mut::<Body>() {
                *there = body;
            }
        }
    }
}

fn assert_true_to(sim: &mut Sim<Yard>, seed: u64) {
    let snapshot = sim.snapshot().clone();
    let world = sim.world_mut();
    let mut rows = world.query::<(&Replicated, Option<&Body>, Option<&Load>)>();
    let mut count = 0;
    for (replicated, body, load) in rows.iter(world) {
        let row = snapshot.row(replicated.id()).unwrap();
        assert_eq!(row.get::<Body>(), body.copied(), "seed {seed}");
        assert_eq!(row.get::<Load>(), load.copied(), "seed {seed}");
        count += 1;
    }
    assert_eq!(snapshot.len(), count, "seed {seed}");
}

#[test]
fn snapshots_are_what_the_world_is() {
    for seed in 0..64 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut sim = Sim::<Yard>::new(seed, |_| {});
        let mut all = Vec::new();
        for _ in 0..200 {
            for _ in 0..rng.u8(0..4) {
                meddle(&mut sim, &mut all, &mut rng);
            }
            sim.tick();
            assert_true_to(&mut sim, seed);
        }
    }
}
