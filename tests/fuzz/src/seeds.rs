//! Well-formed inputs, so that fuzzing does not begin with nothing. `cargo run --example seeds` writes them to `corpus`.

use std::sync::Arc;

use tickwire_protocol::bits::BitWriter;
use tickwire_protocol::message::{
    ClientControl, Command, Commands, EventBatch, EventEntry, ServerControl, SnapshotHeader, View,
    encode_event, encode_snapshot,
};
use tickwire_protocol::{NetId, Snapshot, Tick, delta};

use crate::game::{Event, Input};
use crate::{GAME, snapshot_of};

/// (target, name, bytes).
#[must_use]
pub fn seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let mut seeds = client_seeds();
    seeds.extend(server_seeds());
    seeds.extend(event_seeds());
    seeds.push(("bits", "numbers", (0..=60).collect()));
    seeds.push(("delta", "two", [TWO_ROWS, OTHER_ROWS].concat()));
    let course = (1..4).map(next_message).flat_map(|message| {
        let length = u8::try_from(message.len()).expect("it is short");
        [vec![length], message].concat()
    });
    seeds.push(("snapshots", "course", course.collect()));
    seeds
}

/// A message without its kind, which the targets add.
fn tail(message: &[u8]) -> Vec<u8> {
    message
        .split_first()
        .map_or(Vec::new(), |(_, tail)| tail.to_vec())
}

fn client_seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let hello = ClientControl::Hello {
        protocol: 1,
        schema: GAME.hash,
        tables: GAME.tables.hash,
        game: "Sandbox".to_owned(),
        name: "Zoë".to_owned(),
    };
    let ping = ClientControl::Ping { sent: 1_234_567 };
    let command = |tick, view| Command {
        tick: Tick(tick),
        view,
        input: Input {
            fire: view.is_some(),
            ..Input::default()
        },
    };
    let view = View {
        from: Tick(100),
        to: Tick(103),
        fraction: 64,
    };
    let commands = Commands {
        ack: Some(Tick(103)),
        list: vec![command(u32::MAX, None), command(0, None)],
    };
    let fire = Commands {
        ack: None,
        list: vec![command(110, Some(view))],
    };
    vec![
        ("client_control", "hello", tail(&hello.encode())),
        ("client_control", "ping", tail(&ping.encode())),
        (
            "client_control",
            "goodbye",
            tail(&ClientControl::Goodbye.encode()),
        ),
        ("commands", "two", tail(&commands.encode(&GAME.input))),
        ("commands", "fire", tail(&fire.encode(&GAME.input))),
    ]
}

fn server_seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let welcome = ServerControl::Welcome {
        own: NetId(1),
        tick: Tick(100),
        tick_rate: 60,
        snapshot_interval: 3,
        level: "hall".to_owned(),
        level_hash: u64::MAX,
    };
    let reject = ServerControl::Reject {
        reason: "the room is full".to_owned(),
        retry: true,
    };
    let pong = ServerControl::Pong {
        sent: 1_234_567,
        tick: Tick(70_000),
        fraction: 1 << 14,
        held: 250,
    };
    let goodbye = ServerControl::Goodbye {
        reason: "restart".to_owned(),
        retry: false,
    };
    vec![
        ("server_control", "welcome", tail(&welcome.encode())),
        ("server_control", "reject", tail(&reject.encode())),
        ("server_control", "pong", tail(&pong.encode())),
        ("server_control", "goodbye", tail(&goodbye.encode())),
    ]
}

fn event_seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let events = [
        Event::Started,
        Event::Said("Zoë".to_owned()),
        Event::Hit {
            who: NetId(7),
            damage: 12,
            at: (0.5, -1.0),
        },
        Event::Roster(vec![(NetId(0), "Max".to_owned(), Some(true))]),
        Event::Tree(vec![Event::Tree(vec![Event::Started])]),
    ];
    let bodies = events.map(|event| encode_event(&event).expect("it is short"));
    let entry = |body| EventEntry {
        at_once: true,
        body,
    };
    let batch = EventBatch {
        tick: Tick(103),
        events: bodies.iter().map(|body| entry(body.as_slice())).collect(),
    };
    let [_, _, hit, _, tree] = &bodies;
    vec![
        ("events", "batch", tail(&batch.encode())),
        ("events", "hit", hit.clone()),
        ("events", "tree", tree.clone()),
    ]
}

const TWO_ROWS: &[u8] = &[
    0, 1, 9, 80, 2, 100, 100, 100, 40, 0b1111, 1, 2, 3, 4, 5, 6, 7, 8, 9,
];
const OTHER_ROWS: &[u8] = &[
    0, 3, 9, 90, 2, 100, 100, 100, 0, 99, 250, 8, 1, 0, 4, 255, 0b100,
];

/// The snapshots that a receiver has before the bytes of the fuzzer come: ticks 10 and 12.
pub(crate) fn snapshot_messages() -> [Vec<u8>; 2] {
    [
        message(10, None, TWO_ROWS, &[]),
        message(12, Some(10), OTHER_ROWS, TWO_ROWS),
    ]
}

/// What may come next, without its kind.
fn next_message(i: u32) -> Vec<u8> {
    let tick = 12 + i;
    let (before, now) = if i % 2 == 1 {
        (OTHER_ROWS, TWO_ROWS)
    } else {
        (TWO_ROWS, OTHER_ROWS)
    };
    tail(&message(tick, Some(tick - 1), now, before))
}

fn message(tick: u32, baseline: Option<u32>, now: &[u8], before: &[u8]) -> Vec<u8> {
    let schema = &GAME.rows;
    let before = match baseline {
        Some(tick) => snapshot_of(schema, Tick(tick), before),
        None => Snapshot::new(Arc::clone(schema), Tick(0)),
    };
    let mut out = BitWriter::new();
    delta::encode(&before, &snapshot_of(schema, Tick(tick), now), &mut out);
    let header = SnapshotHeader {
        tick: Tick(tick),
        baseline: baseline.map(Tick),
        slack: Some(-3),
    };
    encode_snapshot(header, &out.finish())
}
