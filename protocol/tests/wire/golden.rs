//! The bytes in `assets/golden`: what this crate writes, what it reads, and what PROTOCOL.md shows.
//!
//! When one of these tests fails, clients that are out there no longer understand the server. If that is meant, raise
//! `PROTOCOL_VERSION` and write down the new bytes in the file and in the document.

use std::f32::consts::FRAC_PI_4;
use std::fs;
use std::path::Path;

use tickwire_protocol::message::{
    ClientControl, ClientMessage, Command, Commands, EventBatch, EventEntry, Health,
    PROTOCOL_VERSION, ServerControl, ServerMessage, Slack, Token, View, Welcome, decode_client,
    decode_event, decode_server, encode_event,
};
use tickwire_protocol::{
    Cadence, GameSchema, History, NetId, Receiver, Seen, SeenRows, Sender, SharedDeltas, Sight,
    Snapshot, Tick, Wire, level_hash,
};

use crate::duel::{Duel, Event, Input, LEVEL, course};

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn text(name: &str) -> String {
    fs::read_to_string(repository().join("assets/golden").join(name)).unwrap()
}

/// The bytes of a golden file: hexadecimal, up to `#` in each line.
fn bytes(name: &str) -> Vec<u8> {
    let text = text(name);
    let hex = text.lines().filter_map(|line| line.split('#').next());
    hex.flat_map(str::split_whitespace)
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

#[track_caller]
fn assert_golden(name: &str, written: &[u8]) {
    let golden = bytes(name);
    assert!(
        written == golden,
        "{name} has\n{golden:02x?}, but this is written:\n{written:02x?}"
    );
}

#[track_caller]
fn assert_client(name: &str, control: ClientControl) {
    assert_golden(name, &control.encode());
    let read = decode_client::<Duel>(&bytes(name), &GameSchema::of::<Duel>());
    assert_eq!(read, Ok(ClientMessage::Control(control)));
}

#[track_caller]
fn assert_server(name: &str, control: ServerControl) {
    assert_golden(name, &control.encode());
    let bytes = bytes(name);
    assert_eq!(decode_server(&bytes), Ok(ServerMessage::Control(control)));
}

#[test]
fn schema() {
    let schema = GameSchema::of::<Duel>();
    assert_eq!(schema.to_string(), text("schema.txt"));
    assert_eq!(schema.hash, 0x6D41_CBF9_B0FD_E473);
    assert_eq!(schema.tables.hash, 0xC5E8_5EDA_F4C0_5BB3);
    assert_eq!(level_hash(LEVEL), 0xF173_D169_8092_4C10);
}

#[test]
fn client_control() {
    let hello = ClientControl::Hello {
        protocol: PROTOCOL_VERSION,
        schema: GameSchema::of::<Duel>().hash,
        tables: GameSchema::of::<Duel>().tables.hash,
        game: "Duel".to_owned(),
        name: "Zoë".to_owned(),
        token: None,
    };
    assert_client("client-hello.txt", hello);
    assert_client("client-ping.txt", ClientControl::Ping { sent: 1_234_567 });
    assert_client("client-goodbye.txt", ClientControl::Goodbye);
    assert_client("client-hidden.txt", ClientControl::Hidden);
    assert_client("client-shown.txt", ClientControl::Shown);
    assert_client("client-receipts.txt", ClientControl::Receipts { on: true });
}

#[test]
fn server_control() {
    let welcome = ServerControl::Welcome(Welcome {
        own: NetId(1),
        tick: Tick(100),
        tick_rate: 60,
        snapshot_interval: 3,
        tiers: [1, 4, 0, 0],
        rewind_limit: 200,
        level: "hall".to_owned(),
        level_hash: level_hash(LEVEL),
        token: Some(Token::new(
            0x9E1C_02D5_B7F8_4A63_30E5_C81F_A94D_7B26_u128.to_be_bytes(),
        )),
    });
    assert_server("server-welcome.txt", welcome);
    let reject = ServerControl::Reject {
        reason: "the room is full".to_owned(),
        retry: true,
    };
    assert_server("server-reject.txt", reject);
    let pong = ServerControl::Pong {
        sent: 1_234_567,
        tick: Tick(70_000),
        fraction: 1 << 14,
        held: 250,
    };
    assert_server("server-pong.txt", pong);
    let goodbye = ServerControl::Goodbye {
        reason: "restart".to_owned(),
        retry: true,
    };
    assert_server("server-goodbye.txt", goodbye);
    let health = ServerControl::Health(Health {
        start_p999_us: 180,
        tick_p999_us: 2_600,
        commands: 60,
        late: 1,
        skipped: 2,
        looks: 8,
        clamped: 1,
    });
    assert_server("server-health.txt", health);
    let notice = ServerControl::Notice {
        text: "The server simulates a bad link: P1: round trip 50 ± 10 ms".to_owned(),
    };
    assert_server("server-notice.txt", notice);
    let spawned = ServerControl::Spawned {
        tick: Tick(106),
        index: 0,
        ahead: 6,
        id: Some(NetId(9)),
    };
    assert_server("server-spawned.txt", spawned);
}

#[test]
fn commands() {
    let schema = GameSchema::of::<Duel>();
    let command = |tick, move_y, fire, view| Command {
        tick: Tick(tick),
        view,
        input: Input {
            move_x: 1.0,
            move_y,
            aim: -FRAC_PI_4,
            fire,
        }
        .quantised(),
    };
    let view = View {
        from: Tick(100),
        to: Tick(103),
        fraction: 64,
    };
    let commands = Commands {
        ack: Some(Tick(103)),
        list: vec![
            command(110, 0.0, false, None),
            command(111, -0.5, true, Some(view)),
        ],
    };
    assert_golden("client-commands.txt", &commands.encode(&schema.input));
    let read = decode_client::<Duel>(&bytes("client-commands.txt"), &schema);
    assert_eq!(read, Ok(ClientMessage::Commands(commands)));
}

/// How the player of the examples sees what there is: pick-ups seldom; at the end the other player as seldom.
fn sight(now: &Snapshot) -> SeenRows {
    let mut rows = SeenRows::new();
    for id in now.ids() {
        let is_far = id.0 >= 2 || (id.0 == 0 && now.tick() == Tick(109));
        let seen = Seen {
            tier: u8::from(is_far),
            ..Seen::default()
        };
        rows.see(*id, seen);
    }
    rows
}

#[test]
fn snapshots() {
    let GameSchema { rows, tables, .. } = GameSchema::of::<Duel>();
    let (mut history, mut deltas) = (History::new(), SharedDeltas::new(&rows, tables.clone()));
    let cadence = || Cadence::with_tiers(3, &[1, 4]).checking_every(2);
    let mut sender = Sender::new(Some(NetId(1)), cadence());
    let mut receiver = Receiver::new(rows, tables, cadence());
    for (now, (slack, limit, name)) in course().into_iter().zip([
        (None, None, "server-snapshot-full.txt"),
        (Some((40, -6)), None, "server-snapshot-delta.txt"),
        (Some((400, -112)), Some(LIMIT), "server-snapshot-tiers.txt"),
    ]) {
        let slack = slack.map(|(p50, p1)| Slack { p50, p1 });
        history.push(now.clone());
        deltas.set(now.clone());
        let sight = sight(&now);
        let message = sender
            .write(slack, Sight::Rows(&sight), limit, &history, &mut deltas)
            .unwrap();
        assert_golden(name, &message);
        let message = bytes(name);
        let Ok(ServerMessage::Snapshot(header, body)) = decode_server(&message) else {
            panic!("{name} is not a snapshot");
        };
        assert_eq!(header.slack, slack);
        let seen = receiver.read(header, body).unwrap();
        assert_eq!(seen.ids(), now.ids());
        if now.tick() == Tick(103) {
            assert_eq!(*seen, now);
            let audit = ClientControl::Audit(receiver.audit().unwrap());
            assert_client("client-audit.txt", audit);
        }
    }
}

#[test]
fn events() {
    let events = [
        Event::Hurt {
            by: NetId(0),
            damage: 12,
        },
        Event::Roster(vec![
            (NetId(0), "Zoë".to_owned()),
            (NetId(1), "Max".to_owned()),
        ]),
        Event::Started,
    ];
    let bodies = events.clone().map(|event| encode_event(&event).unwrap());
    let entries = bodies.iter().zip([true, false, false]);
    let batch = EventBatch {
        tick: Tick(103),
        events: entries
            .map(|(body, at_once)| EventEntry { at_once, body })
            .collect(),
    };
    assert_golden("server-events.txt", &batch.encode());
    let bytes = bytes("server-events.txt");
    assert_eq!(decode_server(&bytes), Ok(ServerMessage::Events(batch)));
    assert_eq!(
        bodies.map(|body| decode_event::<Event>(&body).unwrap()),
        events
    );
}

/// Bits in which the last snapshot has no room for one of its rows.
const LIMIT: u32 = 64;

/// Where a file says in comments which bits its bytes have, it shows these very bits.
#[test]
fn the_bits_in_the_comments_are_the_bits_of_the_bytes() {
    for name in [
        "client-commands.txt",
        "server-snapshot-full.txt",
        "server-snapshot-delta.txt",
        "server-snapshot-tiers.txt",
    ] {
        let highest_first = name.starts_with("server-snapshot");
        let text = text(name);
        let shown: String = text
            .lines()
            .filter_map(|line| line.strip_prefix("# ")?.split_once("  "))
            .map(|(bits, _)| bits)
            .collect();
        // Bytes with a comment of their own are no bits.
        let bits = text.lines().filter(|line| !line.contains('#'));
        let written: String = bits
            .flat_map(str::split_whitespace)
            .map(|byte| u8::from_str_radix(byte, 16).unwrap())
            .map(|byte| {
                if highest_first {
                    byte
                } else {
                    byte.reverse_bits()
                }
            })
            .map(|byte| format!("{byte:08b}"))
            .collect();
        assert_eq!(shown, written, "{name}");
    }
}

/// The document shows each golden file word for word, so it cannot say anything else than the code does.
#[test]
fn the_document_shows_every_golden_file() {
    let document = fs::read_to_string(repository().join("PROTOCOL.md")).unwrap();
    let files = fs::read_dir(repository().join("assets/golden")).unwrap();
    let mut names: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".txt"))
        .collect();
    names.sort();
    assert_eq!(names.len(), 20, "{names:?}");
    for name in names {
        assert!(
            document.contains(&format!("```text\n{}```\n", text(&name))),
            "PROTOCOL.md does not show assets/golden/{name} as it is"
        );
    }
}
