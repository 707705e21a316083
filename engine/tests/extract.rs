//! Snapshots are made from what changed: they must be what the world is, whatever a game does to its entities.

#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use std::fmt::Debug;

use bevy_ecs::component::Mutable;
use bevy_ecs::entity_disabling::Disabled;
use tickwire_engine::EcsGame;
use tickwire_engine::prelude::*;
use tickwire_protocol::codec::slots::SlotSet;
use tickwire_protocol::{Game, Row, Snapshot, Wire};

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq)]
struct Body {
    x: u16,
}

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq)]
struct Load {
    weight: u8,
}

/// The same, not kept in a table.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq)]
#[component(storage = "SparseSet")]
struct Loose {
    weight: u8,
}

/// No client sees it, but it moves who has it to another table.
#[derive(Component)]
struct Marked;

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

struct Shed;

impl Game for Shed {
    const TICK_RATE: u32 = 60;
    type Input = Nothing;
    type Replicated = (Body, Loose);
    type Predicted = ();
    type Event = ();
    type Level = ();
}

trait Weight: Component<Mutability = Mutable> + Wire + Copy + Debug + PartialEq {
    fn of(weight: u8) -> Self;
}

impl Weight for Load {
    fn of(weight: u8) -> Self {
        Self { weight }
    }
}

impl Weight for Loose {
    fn of(weight: u8) -> Self {
        Self { weight }
    }
}

/// Does one random thing to the world. In a quiet one nobody comes or goes.
fn meddle<L: Weight>(
    world: &mut World,
    all: &mut Vec<Entity>,
    rng: &mut fastrand::Rng,
    quiet: bool,
) {
    let body = Body { x: rng.u16(0..4) };
    let load = L::of(rng.u8(0..4));
    if all.is_empty() || (!quiet && rng.u8(0..8) == 0) {
        all.push(world.spawn((Replicated::default(), body)).id());
        return;
    }
    let place = rng.u32(0..u32::try_from(all.len()).unwrap()) as usize;
    let mut entity = world.entity_mut(all.get(place).copied().unwrap());
    match rng.u8(if quiet { 5 } else { 0 }..16) {
        0 => {
            entity.despawn();
            all.swap_remove(place);
        }
        1 => drop(entity.insert(Disabled)),
        2 => drop(entity.remove::<Disabled>()),
        3 => drop(entity.remove::<Replicated>()),
        4 => drop(entity.insert(Replicated::default())),
        5 => drop(entity.remove::<Body>()),
        6 => drop(entity.remove::<L>()),
        7 => drop(entity.insert(load)),
        8 => drop(entity.insert((body, load))),
        9 => drop(entity.insert(Marked)),
        10 => drop(entity.remove::<Marked>()),
        11 => {
            if let Some(mut there) = entity.get_mut::<L>() {
                *there = load;
            }
        }
        _ => {
            if let Some(mut there) = entity.get_mut::<Body>() {
                *there = body;
            }
        }
    }
}

fn assert_true_to<G: EcsGame, L: Weight>(sim: &mut Sim<G>, seed: u64) {
    let snapshot = sim.snapshot().clone();
    let world = sim.world_mut();
    let mut rows = world.query::<(&Replicated, Option<&Body>, Option<&L>)>();
    let mut count = 0;
    for (replicated, body, load) in rows.iter(world) {
        let row = snapshot.row(replicated.id()).unwrap();
        assert_eq!(row.get::<Body>(), body.copied(), "seed {seed}");
        assert_eq!(row.get::<L>(), load.copied(), "seed {seed}");
        count += 1;
    }
    assert_eq!(snapshot.len(), count, "seed {seed}");
}

/// History knows which rows are not as in the snapshot before, word for word, and no others.
fn assert_moved<G: EcsGame>(sim: &Sim<G>, before: &Snapshot, seed: u64) {
    let now = sim.snapshot();
    let mut moved = SlotSet::default();
    sim.history().moved(before.tick(), now.tick(), &mut moved);
    let unlike = |row: &Row<'_>| {
        let was = before.row(row.id);
        was.is_none_or(|was| (was.mask, was.words) != (row.mask, row.words))
    };
    let unlike: Vec<_> = now
        .rows()
        .filter(unlike)
        .map(|row| row.id.0 as usize)
        .collect();
    assert_eq!(moved.iter().collect::<Vec<_>>(), unlike, "seed {seed}");
}

fn snapshots_are_what_the_world_is<G: EcsGame, L: Weight>() {
    for seed in 0..64 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut sim = Sim::<G>::new(seed, |_| {});
        let mut all = Vec::new();
        for tick in 0..300 {
            // Long enough for snapshots to be made in the memory of those of the same entities.
            let quiet = tick >= 100;
            for _ in 0..rng.u8(0..4) {
                meddle::<L>(sim.world_mut(), &mut all, &mut rng, quiet);
            }
            let before = sim.snapshot().clone();
            sim.tick();
            assert_true_to::<G, L>(&mut sim, seed);
            assert_moved(&sim, &before, seed);
        }
    }
}

#[test]
fn snapshots_of_components_in_tables_are_what_the_world_is() {
    snapshots_are_what_the_world_is::<Yard, Load>();
}

#[test]
fn snapshots_of_other_components_are_what_the_world_is() {
    snapshots_are_what_the_world_is::<Shed, Loose>();
}
