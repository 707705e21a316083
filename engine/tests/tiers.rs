//! Rates by distance and importance: who is told how often, and at what price.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test knows its numbers, and may fail"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use tickwire_engine::prelude::*;
use tickwire_engine::{Relevance, Viewer};
use tickwire_protocol::message::{ServerMessage, decode_server};
use tickwire_protocol::{
    Cadence, Game, GameSchema, History, NetId, Receiver, Sender, SharedDeltas, Sight, Snapshot,
    Tick, Wire, WordWriter,
};

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Body {
    #[wire(min = -512.0, max = 511.0, step = 0.25)]
    x: f32,
}

/// The tick whose row it is, and noise: no two rows are alike, and each changes in every tick.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Clock {
    tick: u16,
    noise: u16,
}

/// How important it says it is.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Rank {
    tier: u8,
}

#[derive(Wire, Clone, Copy, Default, Debug, PartialEq)]
struct Nothing;

struct Crowd;

impl Game for Crowd {
    const TICK_RATE: u32 = 60;
    type Input = Nothing;
    type Replicated = (Body, Clock, Rank);
    type Predicted = ();
    type Event = ();
    type Level = ();
}

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
        .tier(|rank: &Rank| rank.tier)
}

/// Entities by id: where, and whether they have a rank.
type World = Vec<(f32, Option<u8>)>;

fn snapshot(schema: &Arc<tickwire_protocol::Schema>, tick: u32, world: &World) -> Arc<Snapshot> {
    let mut snapshot = Snapshot::new(Arc::clone(schema), Tick(tick));
    for (id, (x, rank)) in (0..).zip(world) {
        let mask = 0b011 | u32::from(rank.is_some()) << 2;
        let mut out = WordWriter::new(snapshot.push(NetId(id), mask));
        let noise = fastrand::Rng::with_seed(u64::from(tick) << 32 | u64::from(id)).u16(..);
        let tick = tick as u16;
        Body { x: *x }.store(&mut out);
        Clock { tick, noise }.store(&mut out);
        if let Some(tier) = rank {
            Rank { tier: *tier }.store(&mut out);
        }
    }
    Arc::new(snapshot)
}

/// A server and its clients, without a room.
struct Stage {
    schema: GameSchema,
    relevance: Relevance,
    history: History,
    deltas: SharedDeltas,
    clients: Vec<(Viewer, Sender, Receiver)>,
    bytes: usize,
    tick: u32,
}

impl Stage {
    fn new(interest: Interest, players: &[u32]) -> Self {
        let schema = GameSchema::of::<Crowd>();
        let relevance = Relevance::new(interest, &schema.rows);
        let cadence = Cadence::with_tiers(INTERVAL as u8, relevance.periods());
        let client = |own: &u32| {
            let (rows, tables) = (Arc::clone(&schema.rows), Arc::clone(&schema.tables));
            (
                Viewer::new(NetId(*own)),
                Sender::new(Some(NetId(*own)), cadence.clone()),
                Receiver::new(rows, tables, cadence.clone()),
            )
        };
        Self {
            clients: players.iter().map(client).collect(),
            history: History::new(),
            deltas: SharedDeltas::new(&schema.rows, Arc::clone(&schema.tables)),
            relevance,
            schema,
            bytes: 0,
            tick: 0,
        }
    }

    /// Sends a snapshot of this world to all clients.
    fn send(&mut self, world: &World) {
        self.tick += INTERVAL;
        let now = snapshot(&self.schema.rows, self.tick, world);
        self.history.push(Arc::clone(&now));
        self.deltas.set(Arc::clone(&now));
        self.relevance.advance(&now);
        for (viewer, sender, receiver) in &mut self.clients {
            let sight = Sight::Rows(self.relevance.sight(viewer));
            let message = sender.write(None, sight, None, &self.history, &mut self.deltas);
            let message = message.unwrap();
            self.bytes += message.len();
            let Ok(ServerMessage::Snapshot(header, body)) = decode_server(&message) else {
                panic!("not a snapshot");
            };
            receiver.read(header, body).unwrap();
        }
    }

    /// For each row that a client has, how many ticks old it is.
    fn ages(&self, client: usize) -> BTreeMap<NetId, u32> {
        let view = self.clients.get(client).unwrap().2.history().latest();
        let age = |row: tickwire_protocol::Row<'_>| {
            let clock: Clock = row.get().unwrap();
            (row.id, self.tick - u32::from(clock.tick))
        };
        view.unwrap().rows().map(age).collect()
    }
}

/// A player at 0, and others from there to 120.
fn row_of(count: u32) -> World {
    (0..count).map(|id| (id as f32 * 0.5, None)).collect()
}

fn ticks(tier: usize) -> u32 {
    u32::from(PERIODS.get(tier).copied().unwrap()) * INTERVAL
}

#[test]
fn a_row_is_never_older_than_its_tier_allows() {
    let world = row_of(240);
    let mut stage = Stage::new(interest(), &[0]);
    let mut worst = [0; 3];
    for sent in 0..100 {
        stage.send(&world);
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
        let mut stage = Stage::new(interest, &[0]);
        (0..120).for_each(|_| stage.send(&row_of(240)));
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
        let mut stage = Stage::new(interest(), players);
        (0..60).for_each(|_| stage.send(&row_of(240)));
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
        entity.1 = Some(2);
    }
    // Of rank 0 although it is far away, and beyond the last tier.
    world.get_mut(190).unwrap().1 = Some(0);
    world.get_mut(5).unwrap().1 = Some(9);
    let mut stage = Stage::new(interest(), &[7]);
    let mut oldest = BTreeMap::new();
    for _ in 0..60 {
        stage.send(&world);
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
    let mut stage = Stage::new(interest(), &[0]);
    let (mut changes, mut last) = (0, None);
    for i in 0..200 {
        let wobble = if i % 2 == 0 { 0.75 } else { -0.75 };
        stage.send(&vec![(0.0, None), (NEAR + wobble, None)]);
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
    let mut stage = Stage::new(interest(), &[0]);
    for i in 0..600 {
        // There and back again, a metre in a snapshot.
        let x = 95.0 - ((i % 190) as f32 - 95.0).abs();
        stage.send(&vec![(0.0, None), (x, None)]);
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
    let _ = Relevance::new(interest, &GameSchema::of::<Crowd>().rows);
}
