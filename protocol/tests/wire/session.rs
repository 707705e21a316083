//! A session as a server writes it, kept in `assets/golden/session.jsonl`: what `tests/stranger/client.py` reads, which knows
//! nothing but PROTOCOL.md.
//!
//! The first line has the schema's text and the Welcome; each further one a message and the rows that the client has then.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::motion::Mode;
use tickwire_protocol::codec::site::classes;
use tickwire_protocol::codec::store::{self, Fitted};
use tickwire_protocol::codec::tables::{ClassTable, Starts};
use tickwire_protocol::explain::{Ledger, Reason};
use tickwire_protocol::message::{
    ClientControl, ServerControl, ServerMessage, Slack, Welcome, decode_server,
};
use tickwire_protocol::{
    Audit, Cadence, GameSchema, History, NetId, Receiver, Schema, Seen, SeenRows, Sender,
    SharedDeltas, Sight, Snapshot, Tick,
};
use xxhash_rust::xxh3::xxh3_64;

use crate::harbour::{CREW, Harbour, START, World};

/// Whose session it is.
const OWN: NetId = NetId(3);

/// For more than 64 ticks there is next to no room: rows wait until history has forgotten them.
const STARVED: Range<u32> = 120..200;

/// What the client gets to see at a tick.
fn sight(now: &Snapshot, number: u32) -> BTreeMap<NetId, Seen> {
    let mut sight = BTreeMap::new();
    for row in now.rows() {
        let NetId(id) = row.id;
        // Each is out of sight for a while, now and then, and keeps its crew to itself at other times. The first three stay
        // while there is no room, and are the last to get some.
        let phase = if id < 3 && STARVED.contains(&number) {
            1
        } else {
            number / 8 + id
        };
        if phase.is_multiple_of(7) && row.id != OWN {
            continue;
        }
        let seen = Seen {
            hidden: if id % 3 == 1 && phase % 5 < 2 {
                CREW & row.mask
            } else {
                0
            },
            tier: u8::try_from(id % 4 / 2 * (1 + number / 50 % 2)).unwrap(),
            weight: if id < 3 { 1 } else { 255 },
        };
        sight.insert(row.id, seen);
    }
    sight
}

/// Whether the server is kept from writing at a tick.
fn is_skipped(number: u32) -> bool {
    number % 2 == 1 || number % 22 == 6 || (230..300).contains(&number)
}

/// When the client says what it has, and when the server answers by going on from there: at once; after snapshots that the
/// client could not read; after some that it could.
const ASKS: [u32; 3] = [60, 80, 100];
const ANSWERS: [u32; 3] = [60, 86, 108];
/// Snapshots that the client cannot read.
const UNREAD: Range<u32> = 80..86;

/// The rows that a client has, by what was written.
type View = BTreeMap<NetId, (u32, Vec<u32>)>;

/// What was there to be seen in each tick so far.
type Past = BTreeMap<u32, (Arc<Snapshot>, BTreeMap<NetId, Seen>)>;

fn see(view: &mut View, sender: &Sender, past: &Past) {
    view.retain(|id, _| sender.holds(*id));
    for (id, version) in sender.view() {
        // Whose words history has forgotten are as they were.
        let Some(Tick(version)) = version else {
            continue;
        };
        let (then, sight) = &past[&version];
        let row = then.row(id).unwrap();
        let hidden = sight[&id].hidden;
        let mut words = row.words.to_vec();
        for (i, component) in then.schema().components().iter().enumerate() {
            if hidden >> i & 1 == 1 {
                words[component.columns.clone()].fill(0);
            }
        }
        view.insert(id, (row.mask & !hidden, words));
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// Tables that no training makes, with something of everything: for each class one distribution where all symbols are alike,
/// one where small ones are likelier, and for words one without signs; every mode somewhere; and other late ones than steady.
fn own_tables(rows: &Schema) -> Vec<u8> {
    let layout = Layout::of(rows);
    let shares = |size: fn(u16) -> u16| -> Starts {
        std::array::from_fn(|i| size(u16::try_from(i).unwrap()))
    };
    let even = shares(|i| i * 2048);
    let falling = shares(|i| 32_768 - (16 - i) * (16 - i) * 128);
    let unsigned = shares(|i| {
        if i == 0 {
            0
        } else {
            2048 + i / 2 * 4096 - u16::from(i == 16) * 2048
        }
    });
    let fitted = |late: usize| -> Fitted {
        let tables = classes(&layout).into_iter().map(|kind| {
            let mut shares = vec![falling, even];
            if kind.has_signs() {
                shares.push(unsigned);
            }
            let count = shares.len();
            let map =
                (0..kind.sites()).map(|place| u8::try_from((place / 40 + late) % count).unwrap());
            ClassTable {
                map: map.collect(),
                shares,
            }
        });
        let modes = (0..layout.row_words()).map(|column| {
            std::array::from_fn(|place| Mode::ALL[(place / 4 + place + column + late) % 4])
        });
        (tables.collect(), modes.collect())
    };
    store::write(rows.hash(), &fitted(0), &fitted(1))
}

fn first_line(cadence: &Cadence, own: Option<&[u8]>) -> String {
    let schema = GameSchema::of::<Harbour>();
    let welcome = ServerControl::Welcome(Welcome {
        own: OWN,
        tick: START,
        tick_rate: 60,
        snapshot_interval: cadence.interval(),
        tiers: cadence.welcome_tiers(),
        rewind_limit: 200,
        level: "none".to_owned(),
        level_hash: 0,
        token: None,
    });
    let hash = own.map_or(schema.tables.hash, xxh3_64);
    let own = own.map_or(String::new(), |own| {
        format!(",\"own_tables\":\"{}\"", hex(own))
    });
    format!(
        "{{\"schema\":{:?},\"tables\":\"{hash:016x}\"{own},\"welcome\":\"{}\"}}\n",
        schema.to_string(),
        hex(&welcome.encode())
    )
}

/// What the client says of its view; it shall find the same.
fn audit_line(audit: &Audit) -> String {
    let message = ClientControl::Audit(audit.clone()).encode();
    format!("{{\"audit\":\"{}\"}}\n", hex(&message))
}

fn line(message: &[u8], tick: Tick, view: &View) -> String {
    let rows = view.iter().map(|(NetId(id), (mask, words))| {
        let words: String = words.iter().map(|word| format!(",{word}")).collect();
        format!("[{id},{mask}{words}]")
    });
    let rows: Vec<_> = rows.collect();
    let (message, rows) = (hex(message), rows.join(","));
    format!("{{\"message\":\"{message}\",\"tick\":{tick},\"rows\":[{rows}]}}\n")
}

/// What a session has of each sort.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    messages: usize,
    long_headers: usize,
    checksums: u64,
    /// Rows that have waited until history has forgotten their words.
    expired: usize,
}

impl Counts {
    fn note(&mut self, ledger: &Ledger, sender: &Sender) {
        let schema = GameSchema::of::<Harbour>().rows;
        let mut causes = ledger.iter(&schema);
        let sums = causes.find(|(cause, _)| cause.reason == Reason::Checksum);
        self.checksums += sums.map_or(0, |(_, bits)| bits / 32);
        self.expired += sender
            .view()
            .filter(|(_, version)| version.is_none())
            .count();
    }
}

/// An audit in which something is wrong, if it is of the newest view: a word of that changes by itself.
fn spoilt(receiver: &mut Receiver, audit: Audit) -> Audit {
    receiver.flip(OWN, 0);
    let spoilt = receiver.audit().unwrap();
    if spoilt.tick == audit.tick {
        spoilt
    } else {
        audit
    }
}

/// Slacks that the snapshots tell by turns: middles and leasts.
const SLACKS: [Option<(i16, i16)>; 4] = [None, Some((20, -3)), Some((17, 17)), Some((-700, -999))];

/// A session of so many ticks, by the neutral tables or by those of its own.
fn session(ticks: u32, has_tables: bool) -> (String, Counts) {
    let GameSchema {
        rows, mut tables, ..
    } = GameSchema::of::<Harbour>();
    let own = has_tables.then(|| own_tables(&rows));
    if let Some(own) = &own {
        tables = Arc::new(store::read(&Layout::of(&rows), rows.hash(), own).unwrap());
    }
    let cadence = || Cadence::with_tiers(2, &[1, 3, 6]).checking_every(20);
    let (mut history, mut deltas) = (
        History::new(),
        SharedDeltas::new(&rows, Arc::clone(&tables)),
    );
    let mut sender = Sender::new(Some(OWN), cadence());
    let mut receiver = Receiver::new(rows, tables, cadence());
    let mut world = World::new();
    let mut past = Past::new();
    let (mut text, mut view, mut counts) = (
        first_line(&cadence(), own.as_deref()),
        View::new(),
        Counts::default(),
    );
    let mut asked = None;
    for number in 0..ticks {
        let tick = START + number;
        let now = world.tick(tick);
        history.push(Arc::clone(&now));
        deltas.set(Arc::clone(&now));
        if is_skipped(number) {
            continue;
        }
        if ASKS.contains(&number) {
            let audit = receiver.audit().unwrap();
            text.push_str(&audit_line(&audit));
            asked = Some(audit);
        }
        if ANSWERS.contains(&number) {
            let audit = spoilt(&mut receiver, asked.take().unwrap());
            sender.audit(&audit, &history, &mut deltas);
        }
        let sight = sight(&now, number);
        let mut seen = SeenRows::new();
        sight.iter().for_each(|(id, how)| seen.see(*id, *how));
        past.insert(tick.0, (Arc::clone(&now), sight));
        let limit = STARVED.contains(&number).then_some(64);
        let slack = SLACKS[number as usize / 2 % 4].map(|(p50, p1)| Slack { p50, p1 });
        let message = sender.write(slack, Sight::Rows(&seen), limit, &history, &mut deltas);
        let message = message.expect("there is something new");
        counts.messages += 1;
        counts.long_headers += usize::from(message[0] >> 2 == 0);
        if UNREAD.contains(&number) {
            writeln!(text, "{{\"unread\":\"{}\"}}", hex(&message)).unwrap();
            continue;
        }
        see(&mut view, &sender, &past);
        text.push_str(&line(&message, tick, &view));

        let Ok(ServerMessage::Snapshot(header, body)) = decode_server(&message) else {
            panic!("not a snapshot");
        };
        assert_eq!(header.slack, slack);
        let mut ledger = Ledger::new();
        let read = receiver.read_explained(header, body, &mut ledger);
        let read = read
            .unwrap()
            .rows()
            .map(|row| (row.id, (row.mask, row.words.to_vec())));
        assert_eq!(read.collect::<View>(), view, "tick {tick}");
        assert!(!receiver.is_broken());
        counts.note(&ledger, &sender);
    }
    (text, counts)
}

fn golden(name: &str) -> PathBuf {
    let assets = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/golden");
    Path::new(assets).join(name)
}

#[track_caller]
fn assert_golden(name: &str, text: &str) {
    let golden = golden(name);
    if fs::read_to_string(&golden).is_ok_and(|golden| golden == text) {
        return;
    }
    let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&written, text).unwrap();
    panic!(
        "other bytes are written than those in {}. If that is meant, raise PROTOCOL_VERSION, bring PROTOCOL.md and \
         tests/stranger up to date, and put {} in its place",
        golden.display(),
        written.display()
    );
}

#[test]
fn the_sender_writes_the_golden_session() {
    let (text, counts) = session(340, false);
    assert_golden("session.jsonl", &text);
    let all = Counts {
        messages: 122,
        long_headers: 5,
        checksums: 14,
        expired: 20,
    };
    assert_eq!(counts, all);
}

#[test]
fn by_tables_of_its_own_too() {
    let (text, _) = session(140, true);
    assert_golden("session-own-tables.jsonl", &text);
}

#[test]
fn a_stranger_understands_it_from_the_document() {
    let client = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/stranger/client.py");
    for name in ["session.jsonl", "session-own-tables.jsonl"] {
        let run = Command::new("python3")
            .arg("-B")
            .arg(client)
            .arg(golden(name))
            .output();
        let run = run.expect("python3, 3.10 or newer, can be started");
        let [out, err] =
            [run.stdout, run.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(run.status.success(), "{name}: {out}{err}");
    }
}
