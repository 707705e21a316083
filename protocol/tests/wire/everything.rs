//! A game that uses every kind of field, and arbitrary snapshots of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use tickwire_protocol::codec::tables::TableSet;
use tickwire_protocol::{
    Cadence, Game, GameSchema, NetId, Receiver, Rotation, Schema, Sender, SharedDeltas, Snapshot,
    Tick, Wire,
};

#[derive(Wire, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    #[default]
    Rifle,
    Rocket,
    Hook,
}

#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) struct Inner {
    #[wire(max = 9)]
    pub(crate) count: u8,
    pub(crate) kind: Kind,
}

/// All kinds of fields, alone, nested and in arrays.
#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) struct Everything {
    pub(crate) flag: bool,
    pub(crate) byte: u8,
    #[wire(max = 20)]
    pub(crate) some: u16,
    pub(crate) wide: u32,
    #[wire(max = 0)]
    pub(crate) nothing: u8,
    #[wire(min = -64.0, max = 64.0, step = 0.01, lerp)]
    pub(crate) x: f32,
    #[wire(angle = 10, lerp)]
    pub(crate) heading: f32,
    #[wire(rotation = 9, lerp)]
    pub(crate) turn: Rotation,
    pub(crate) kind: Kind,
    pub(crate) inner: Inner,
    #[wire(min = 0.0, max = 1.0, step = 0.25)]
    pub(crate) levels: [f32; 2],
    pub(crate) flags: [bool; 3],
    pub(crate) grid: [[Kind; 2]; 2],
    pub(crate) inners: [Inner; 1],
}

/// A component that is only there or not.
#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) struct Tag;

/// A component of a single column.
#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) struct Score {
    pub(crate) points: u16,
}

#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) struct Input {
    #[wire(edge)]
    pub(crate) fire: bool,
    pub(crate) all: Everything,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Event {
    Started,
    Said(String),
    Hit {
        who: NetId,
        damage: u8,
        at: (f32, f32),
    },
    Roster(Vec<(NetId, String, Option<bool>)>),
}

/// The game of these tests.
#[derive(Debug)]
pub(crate) struct Sandbox;

impl Game for Sandbox {
    const TICK_RATE: u32 = 60;
    type Input = Input;
    type Replicated = (Everything, Tag, Score, Kind);
    type Predicted = (Everything, Score);
    type Event = Event;
    type Level = ();
}

pub(crate) fn rows() -> Arc<Schema> {
    GameSchema::of::<Sandbox>().rows
}

pub(crate) fn tables() -> Arc<TableSet> {
    GameSchema::of::<Sandbox>().tables
}

/// What all clients of a sandbox share.
pub(crate) fn deltas() -> SharedDeltas {
    SharedDeltas::new(&rows(), tables())
}

/// A client of a sandbox that gets every snapshot.
pub(crate) fn receiver() -> Receiver {
    Receiver::new(rows(), tables(), Cadence::every(1))
}

/// Its other end.
pub(crate) fn sender() -> Sender {
    Sender::new(None, Cadence::every(1))
}

/// A word of every column of a mask's components, each made of the next number.
pub(crate) fn words_of(schema: &Schema, mask: u32, seed: &[u32]) -> Vec<u32> {
    let mut words = vec![0; schema.row_words()];
    let mut numbers = seed.iter().copied().cycle();
    for (i, component) in schema.components().iter().enumerate() {
        for place in component.columns.clone() {
            let max = schema.columns()[place].max;
            let number = numbers.next().unwrap_or_default();
            if mask >> i & 1 == 1 {
                words[place] = max.checked_add(1).map_or(number, |count| number % count);
            }
        }
    }
    words
}

type Rows = BTreeMap<u32, (u32, Vec<u32>)>;

fn table(schema: &Arc<Schema>, tick: Tick, rows: &Rows) -> Snapshot {
    let mut snapshot = Snapshot::new(Arc::clone(schema), tick);
    for (id, (mask, words)) in rows {
        snapshot
            .push(NetId(*id), *mask)
            .copy_from_slice(&words_of(schema, *mask, words));
    }
    snapshot
}

fn any_rows() -> impl Strategy<Value = Rows> {
    let id = prop_oneof![4 => 0..40_u32, 1 => 0..3000_u32];
    let row = (0..16_u32, prop::collection::vec(any::<u32>(), 1..60));
    prop::collection::btree_map(id, row, 0..20)
}

/// What happens to a row from one snapshot to the next: (whether, which number, its new value).
fn any_edits() -> impl Strategy<Value = Vec<(u8, usize, u32)>> {
    prop::collection::vec((0..8_u8, 0..60_usize, any::<u32>()), 1..20)
}

fn edited(rows: &Rows, edits: &[(u8, usize, u32)], more: &Rows) -> Rows {
    let mut edits = edits.iter().cycle();
    let mut next = Rows::new();
    for (id, (mask, words)) in rows {
        let (what, place, number) = *edits.next().expect("it goes round and round");
        let (mut mask, mut words) = (*mask, words.clone());
        match what {
            0 => continue,
            1 => mask = number % 16,
            2..=4 => {
                let len = words.len();
                words[place % len] = number;
            }
            _ => {}
        }
        next.insert(*id, (mask, words));
    }
    for (id, row) in more.iter().take(4) {
        next.entry(*id).or_insert_with(|| row.clone());
    }
    next
}

/// A course of snapshots, each coming out of the one before, ticks rising by 1.
pub(crate) fn any_course() -> impl Strategy<Value = Vec<Arc<Snapshot>>> {
    let step = (any_edits(), any_rows());
    let start = prop_oneof![Just(0_u32), Just(u32::MAX - 20), any::<u32>()];
    (start, any_rows(), prop::collection::vec(step, 1..150)).prop_map(|(start, mut rows, steps)| {
        let schema = self::rows();
        (0..)
            .zip(steps)
            .map(|(i, (edits, more))| {
                rows = edited(&rows, &edits, &more.into_iter().take(1).collect());
                Arc::new(table(&schema, Tick(start) + i, &rows))
            })
            .collect()
    })
}
