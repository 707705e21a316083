//! Snapshots, sights and clients without a room: what each has, and how old it is.

#![allow(unreachable_pub, dead_code, reason = "each test uses some of it")]

use std::collections::BTreeMap;
use std::sync::Arc;

use tickwire_engine::prelude::*;
use tickwire_engine::{Relevance, Viewer};
use tickwire_protocol::message::{ServerMessage, decode_server};
use tickwire_protocol::{
    Cadence, Game, GameSchema, History, NetId, Receiver, Row, Schema, Sender, SharedDeltas, Sight,
    Snapshot, Tick, Wire, WordWriter,
};

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
pub struct Body {
    #[wire(min = -512.0, max = 511.0, step = 0.25)]
    pub x: f32,
}

/// The tick in which the row changed last, and noise: no two are alike.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
pub struct Clock {
    pub tick: u16,
    pub noise: u16,
}

/// How important it says it is.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
pub struct Rank {
    pub rank: u8,
}

#[derive(Wire, Clone, Copy, Default, Debug, PartialEq)]
pub struct Nothing;

pub struct Crowd;

impl Game for Crowd {
    const TICK_RATE: u32 = 60;
    type Input = Nothing;
    type Replicated = (Body, Clock, Rank);
    type Predicted = ();
    type Event = ();
    type Level = ();
}

/// An entity: where it is, whether it has a rank, and when it changed last.
#[derive(Clone, Copy, Default)]
pub struct Entity {
    pub x: f32,
    pub rank: Option<u8>,
    pub changed: u32,
}

/// Entities by id.
pub type World = Vec<Entity>;

fn snapshot(schema: &Arc<Schema>, tick: u32, world: &World) -> Arc<Snapshot> {
    let mut snapshot = Snapshot::new(Arc::clone(schema), Tick(tick));
    for (id, Entity { x, rank, changed }) in (0..).zip(world) {
        let mask = 0b011 | u32::from(rank.is_some()) << 2;
        let mut out = WordWriter::new(snapshot.push(NetId(id), mask));
        let noise = fastrand::Rng::with_seed(u64::from(*changed) << 32 | u64::from(id)).u16(..);
        let tick = *changed as u16;
        Body { x: *x }.store(&mut out);
        Clock { tick, noise }.store(&mut out);
        if let Some(rank) = *rank {
            Rank { rank }.store(&mut out);
        }
    }
    Arc::new(snapshot)
}

/// A server and its clients, without a room.
pub struct Stage {
    schema: GameSchema,
    pub relevance: Relevance,
    history: History,
    pub deltas: SharedDeltas,
    pub clients: Vec<(Viewer, Sender, Receiver)>,
    interval: u32,
    pub bytes: usize,
    pub tick: u32,
}

impl Stage {
    pub fn new(interest: Interest, interval: u32, players: &[u32]) -> Self {
        let schema = GameSchema::of::<Crowd>();
        let relevance = Relevance::new(interest, &schema.rows);
        let cadence = Cadence::with_tiers(interval as u8, relevance.periods());
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
            interval,
            bytes: 0,
            tick: 0,
        }
    }

    /// The tick of the next snapshot.
    pub fn next(&self) -> u32 {
        self.tick + self.interval
    }

    /// Sends a snapshot of this world to all clients, each in so many bits.
    pub fn send(&mut self, world: &World, limit: Option<u32>) {
        self.tick = self.next();
        let now = snapshot(&self.schema.rows, self.tick, world);
        self.history.push(Arc::clone(&now));
        self.deltas.set(Arc::clone(&now));
        self.relevance.advance(&self.history);
        for (viewer, sender, receiver) in &mut self.clients {
            let sight = Sight::Rows(self.relevance.sight(viewer));
            let message = sender.write(None, sight, limit, &self.history, &mut self.deltas);
            let message = message.unwrap();
            self.bytes += message.len();
            let Ok(ServerMessage::Snapshot(header, body)) = decode_server(&message) else {
                panic!("not a snapshot");
            };
            receiver.read(header, body).unwrap();
        }
    }

    /// For each row that a client has, how many ticks old it is.
    pub fn ages(&self, client: usize) -> BTreeMap<NetId, u32> {
        let view = self.clients.get(client).unwrap().2.history().latest();
        let age = |row: Row<'_>| {
            let clock: Clock = row.get().unwrap();
            (row.id, self.tick - u32::from(clock.tick))
        };
        view.unwrap().rows().map(age).collect()
    }
}
