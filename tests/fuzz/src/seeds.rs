//! Well-formed inputs, so that fuzzing does not begin with nothing. `cargo run --example seeds` writes them to `corpus`.

use std::sync::Arc;

use tickwire_protocol::message::{
    ClientControl, Command, Commands, EventBatch, EventEntry, Health, PROTOCOL_VERSION,
    ServerControl, Token, View, Welcome, encode_event,
};
use tickwire_protocol::{Audit, Cadence, NetId, Receiver, Sender, Tick};

use crate::game::{Event, Input};
use crate::world::{Script, Server};
use crate::{GAME, tables};

/// (target, name, bytes).
#[must_use]
pub fn seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let mut seeds = client_seeds();
    seeds.extend(server_seeds());
    seeds.extend(event_seeds());
    seeds.push(("bits", "numbers", (0..=60).collect()));
    seeds.extend(world_seeds());
    let [every, tiers] = courses();
    seeds.push(("snapshots", "every", [vec![0], every.next()].concat()));
    seeds.push(("snapshots", "tiers", [vec![1], tiers.next()].concat()));
    let file = tables::seed();
    seeds.push(("tables", "file", file[12..].to_vec()));
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
        protocol: PROTOCOL_VERSION,
        schema: GAME.hash,
        tables: GAME.tables.hash,
        game: "Sandbox".to_owned(),
        name: "Zoë".to_owned(),
        token: None,
    };
    let ping = ClientControl::Ping { sent: 1_234_567 };
    let audit = ClientControl::Audit(Audit {
        tick: Tick(103),
        sums: (0..40).collect(),
    });
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
        ("client_control", "audit", tail(&audit.encode())),
        (
            "client_control",
            "goodbye",
            tail(&ClientControl::Goodbye.encode()),
        ),
        (
            "client_control",
            "hidden",
            tail(&ClientControl::Hidden.encode()),
        ),
        (
            "client_control",
            "receipts",
            tail(&ClientControl::Receipts { on: true }.encode()),
        ),
        ("commands", "two", tail(&commands.encode(&GAME.input))),
        ("commands", "fire", tail(&fire.encode(&GAME.input))),
    ]
}

fn server_seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let welcome = ServerControl::Welcome(Welcome {
        own: NetId(1),
        tick: Tick(100),
        tick_rate: 60,
        snapshot_interval: 3,
        tiers: [1, 4, 0, 0],
        rewind_limit: 200,
        level: "hall".to_owned(),
        level_hash: u64::MAX,
        token: Some(Token::new([7; 16])),
    });
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
    let notice = ServerControl::Notice {
        text: "a bad link".to_owned(),
    };
    let health = ServerControl::Health(Health {
        start_p999_us: 180,
        tick_p999_us: 70_000,
        commands: 60,
        late: 1,
        skipped: u16::MAX,
        looks: 8,
        clamped: 300,
    });
    let spawned = ServerControl::Spawned {
        tick: Tick(70_000),
        index: 1,
        ahead: 6,
        id: Some(NetId(9)),
    };
    vec![
        ("server_control", "welcome", tail(&welcome.encode())),
        ("server_control", "reject", tail(&reject.encode())),
        ("server_control", "pong", tail(&pong.encode())),
        ("server_control", "goodbye", tail(&goodbye.encode())),
        ("server_control", "health", tail(&health.encode())),
        ("server_control", "notice", tail(&notice.encode())),
        ("server_control", "spawned", tail(&spawned.encode())),
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

/// Messages of one sender.
pub(crate) struct Course {
    cadence: Cadence,
    pub(crate) messages: Vec<Vec<u8>>,
    /// How many of them a receiver knows before the fuzzer's bytes come.
    pub(crate) known: usize,
}

impl Course {
    fn new(cadence: Cadence, seed: u8) -> Self {
        let mut server = Server::new(Arc::clone(&GAME.tables), Tick(u32::MAX - 20));
        let mut sender = Sender::new(Some(NetId(3)), cadence.clone());
        let mut script: Vec<u8> = (0..200_u8).map(|i| i.wrapping_mul(seed) ^ i >> 3).collect();
        script[0] = 7;
        let mut script = Script(&script);
        let mut messages = Vec::new();
        for _ in 0..14 {
            for _ in 0..cadence.interval() {
                server.tick(&mut script);
            }
            messages.extend(server.write(&mut sender));
        }
        Self {
            cadence,
            messages,
            known: 8,
        }
    }

    pub(crate) fn receiver(&self) -> Receiver {
        Receiver::new(
            Arc::clone(&GAME.rows),
            Arc::clone(&GAME.tables),
            self.cadence.clone(),
        )
    }

    /// What comes next, as the target wants it.
    fn next(&self) -> Vec<u8> {
        let messages = self.messages[self.known..].iter();
        let short = messages.take_while(|message| message.len() < 256);
        let lengthy = short.flat_map(|message| {
            let length = u8::try_from(message.len()).expect("it is short");
            [vec![length], message.clone()].concat()
        });
        lengthy.collect()
    }
}

pub(crate) fn courses() -> [Course; 2] {
    let tiers = Cadence::with_tiers(2, &[1, 3]).checking_every(9);
    [
        Course::new(Cadence::every(1).checking_every(5), 37),
        Course::new(tiers, 91),
    ]
}

/// Bytes as a snapshot's: the kind in the lowest two bits of the first.
pub(crate) fn as_snapshot(bytes: &[u8]) -> Vec<u8> {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    [&[first & !3 | 1], rest].concat()
}

/// Courses of worlds: entities that come and move; changing sights; a budget; audits; a long pause.
fn world_seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let script = |cadence: u8, step: u8, pauses: bool| {
        let mut number = u32::from(step);
        let mut bytes = vec![cadence, step];
        for i in 0..600 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [byte, ..] = number.to_be_bytes();
            let is_pause = byte >= 250 && i % 8 != 0;
            bytes.push(if is_pause && !pauses { byte / 2 } else { byte });
        }
        bytes
    };
    vec![
        ("codec", "plain", script(0, 5, false)),
        ("codec", "tiers", script(1, 8, false)),
        ("codec", "three-tiers", script(2, 13, false)),
        ("codec", "seldom", script(3, 21, true)),
        ("codec", "four-tiers", script(4, 34, true)),
    ]
}
