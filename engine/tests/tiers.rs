//! Rates by distance and importance: who is told how often, and at what price.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test knows its numbers, and may fail"
)]

mod stage;

use std::collections::BTreeMap;

use stage::{Body, Entity, Rank, Stage, World};
use tickwire_engine::{Interest, Relevance};
use tickwire_protocol::{GameSchema, NetId};

const INTERVAL: u32 = 2;
const PERIODS: [u8; 3] = [1, 2, 6];
const NEAR: f32 = 20.0;
const FAR: f32 = 50.0;

fn interest() -> Interest {
    Interest::radius(100.0, 110.0)
        .place(|body: &Body| [body.x, 0.0])
        .tiers(&PERIODS)
        .tier_beyond(FAR, 2)
        .tier_beyond(NEAR, 1)
        .tier(|rank: &Rank| rank.rank)
}

fn stage(interest: Interest, players: &[u32]) -> Stage {
    Stage::new(interest, INTERVAL, players)
}

fn at(x: f32) -> Entity {
    Entity {
        x,
        ..Entity::default()
    }
}

/// Everything changes in every tick.
fn send(stage: &mut Stage, world: &[Entity]) {
    let changed = stage.next();
    let changed = |entity: &Entity| Entity { changed, ..*entity };
    stage.send(&world.iter().map(changed).collect(), None);
}

/// A player at 0, and others from there to 120.
fn row_of(count: u32) -> World {
    (0..count).map(|id| at(id as f32 * 0.5)).collect()
}

fn ticks(tier: usize) -> u32 {
    u32::from(PERIODS.get(tier).copied().unwrap()) * INTERVAL
}

#[test]
fn a_row_is_never_older_than_its_tier_allows() {
    let world = row_of(240);
    let mut stage = stage(interest(), &[0]);
    let mut worst = [0; 3];
    for sent in 0..100 {
        send(&mut stage, &world);
        for (id, age) in stage.ages(0) {
            let x = id.0 as f32 * 0.5;
            let tier = usize::from(x > NEAR) + usize::from(x > FAR);
            assert!(age < ticks(tier), "{id} of tier {tier} is {age} ticks old");
            if sent > 20 {
                let worst = worst.get_mut(tier).unwrap();
                *worst = age.max(*worst);
            }
        }
        assert_eq!(stage.ages(0).len(), 201, "within the radius");
    }
    assert_eq!(worst, [0, 2, 10], "and none is told more often");
}

#[test]
fn tiers_save_bytes() {
    let bytes = |interest| {
        let mut stage = stage(interest, &[0]);
        (0..120).for_each(|_| send(&mut stage, &row_of(240)));
        stage.bytes
    };
    let plain = Interest::radius(100.0, 110.0).place(|body: &Body| [body.x, 0.0]);
    let (all, tiered) = (bytes(plain), bytes(interest()));
    // 41 rows each time, 60 every second, 100 every sixth: 88 instead of 201.
    assert!(tiered * 100 < all * 50, "{tiered} of {all} bytes");
}

#[test]
fn clients_share_what_is_in_the_same_tier() {
    let chunks = |players: &[u32]| {
        let mut stage = stage(interest(), players);
        (0..60).for_each(|_| send(&mut stage, &row_of(240)));
        stage.deltas.made()
    };
    let alone = chunks(&[0]);
    // Their neighbours see the same rows, all but a few in the same tier.
    let together = chunks(&[0, 1, 2, 3]);
    assert!(
        together * 100 < alone * 115,
        "{together} and {alone} chunks"
    );
}

#[test]
fn the_own_entity_and_what_matters_are_never_late() {
    let mut world = row_of(240);
    for entity in &mut world {
        entity.rank = Some(2);
    }
    // Of rank 0 although it is far away, and beyond the last tier.
    world.get_mut(190).unwrap().rank = Some(0);
    world.get_mut(5).unwrap().rank = Some(9);
    let mut stage = stage(interest(), &[7]);
    let mut oldest = BTreeMap::new();
    for _ in 0..60 {
        send(&mut stage, &world);
        for (id, age) in stage.ages(0) {
            let oldest = oldest.entry(id).or_insert(0);
            *oldest = age.max(*oldest);
        }
    }
    let age = |id| oldest.get(&NetId(id)).copied().unwrap();
    assert_eq!((age(7), age(190)), (0, 0));
    assert_eq!((age(5), age(6)), (10, 10), "near and of the last tier");
}

#[test]
fn who_walks_along_a_border_keeps_its_tier() {
    let mut stage = stage(interest(), &[0]);
    let (mut changes, mut last) = (0, None);
    for i in 0..200 {
        let wobble = if i % 2 == 0 { 0.75 } else { -0.75 };
        send(&mut stage, &[at(0.0), at(NEAR + wobble)]);
        let (viewer, ..) = stage.clients.first_mut().unwrap();
        let seen = stage.relevance.sight(viewer);
        let (_, seen) = seen.rows().find(|(id, _)| *id == NetId(1)).unwrap();
        changes += u32::from(
            last.replace(seen.tier)
                .is_some_and(|last| last != seen.tier),
        );
    }
    assert_eq!((changes, last), (0, Some(1)));
}

#[test]
fn what_crosses_borders_is_told_in_time() {
    let mut stage = stage(interest(), &[0]);
    for i in 0..600 {
        // There and back again, a metre in a snapshot.
        let x = 95.0 - ((i % 190) as f32 - 95.0).abs();
        send(&mut stage, &[at(0.0), at(x)]);
        let age = stage.ages(0)[&NetId(1)];
        assert!(age < ticks(2), "at {x} it is {age} ticks old");
        assert!(age < ticks(1) || x > FAR * 0.9 - 6.0, "at {x}, {age}");
        assert!(age == 0 || x > NEAR * 0.9 - 2.0, "at {x}, {age}");
    }
}

#[test]
#[should_panic(expected = "there are 2 tiers")]
fn a_border_to_a_tier_that_is_not_declared_is_refused() {
    let interest = Interest::everywhere().tiers(&[1, 2]).tier_beyond(5.0, 2);
    let _ = Relevance::new(interest, &GameSchema::of::<stage::Crowd>().rows);
}
