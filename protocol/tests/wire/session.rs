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
use tickwire_protocol::message::{ClientControl, ServerControl, ServerMessage, decode_server};
use tickwire_protocol::{
    Audit, Cadence, Game, GameSchema, History, NetId, Receiver, Rotation, Schema, Seen, SeenRows,
    Sender, SharedDeltas, Sight, Snapshot, Tick, Wire, Words,
};
use xxhash_rust::xxh3::xxh3_64;

#[derive(Wire, Debug, Clone, PartialEq)]
struct Body {
    #[wire(min = -64.0, max = 64.0, step = 0.01, lerp)]
    x: f32,
    #[wire(min = -64.0, max = 64.0, step = 0.01, lerp)]
    y: f32,
    #[wire(angle = 10, lerp)]
    heading: f32,
    #[wire(rotation = 9, lerp)]
    turn: Rotation,
    lit: bool,
}

#[derive(Wire, Debug, Clone, PartialEq)]
enum Kind {
    Tug,
    Barge,
    Yacht,
}

#[derive(Wire, Debug, Clone, PartialEq)]
struct Crew {
    kind: Kind,
    #[wire(max = 100)]
    hands: u8,
    serial: u32,
    follows: Option<NetId>,
}

/// Only there or not.
#[derive(Wire, Debug, Clone, PartialEq)]
struct Anchored;

/// A component of a single column.
#[derive(Wire, Debug, Clone, PartialEq)]
struct Cargo {
    tons: u16,
}

#[derive(Wire, Debug, Clone, PartialEq, Default)]
struct Helm {
    ahead: bool,
}

#[derive(Debug)]
struct Harbour;

impl Game for Harbour {
    const TICK_RATE: u32 = 60;
    type Input = Helm;
    type Replicated = (Body, Crew, Anchored, Cargo);
    type Predicted = (Body,);
    type Event = ();
    type Level = ();
}

const BODY: u32 = 1;
const CREW: u32 = 2;
const ANCHORED: u32 = 4;
const CARGO: u32 = 8;

/// The first tick: they wrap on the way.
const START: Tick = Tick(u32::MAX - 40);
/// Whose session it is.
const OWN: NetId = NetId(3);

/// For more than 64 ticks there is next to no room: rows wait until history has forgotten them.
const STARVED: Range<u32> = 120..200;

/// A ship and how it moves.
struct Ship {
    mask: u32,
    x: i32,
    y: i32,
    speed: (i32, i32),
    heading: i32,
    turn: [f32; 4],
    crew: Crew,
    tons: u16,
}

/// The same numbers on every machine and for ever.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % end
    }

    fn around(&mut self, most: i32) -> i32 {
        i32::try_from(self.below(2 * most.unsigned_abs() + 1)).unwrap() - most
    }
}

impl Ship {
    fn new(chance: &mut Chance) -> Self {
        Self {
            mask: [BODY | CREW, BODY | CREW | CARGO, BODY | ANCHORED, CARGO]
                [chance.below(4) as usize],
            x: 6400 + chance.around(3000),
            y: 6400 + chance.around(3000),
            speed: (chance.around(40), chance.around(3)),
            heading: chance.around(511),
            turn: [0.0, 0.6, 0.0, 0.8],
            crew: Crew {
                kind: Kind::Tug,
                hands: 12,
                serial: chance.below(1 << 30) * 3,
                follows: None,
            },
            tons: 0,
        }
    }

    fn sail(&mut self, chance: &mut Chance) {
        let (east, north) = self.speed;
        (self.x, self.y) = (self.x + east, self.y + north);
        if chance.below(4) == 0 {
            self.speed = (east + chance.around(3), north + chance.around(9));
        }
        if !(200..12_600).contains(&self.x) || !(200..12_600).contains(&self.y) {
            (self.x, self.y, self.speed) = (6400, 6400, (chance.around(20), 0));
        }
        self.heading += north.signum() * 5 + i32::from(east == 0);
        // A twentieth of a radian about a leaning axis, by + and × alone.
        let [x, y, z, w] = self.turn;
        let (a, b, c, d) = (0.03, 0.0, 0.04, 0.998_75);
        if self.mask & ANCHORED == 0 {
            self.turn = [
                w * a + x * d + y * c - z * b,
                w * b - x * c + y * d + z * a,
                w * c + x * b - y * a + z * d,
                w * d - x * a - y * b - z * c,
            ];
        }
        match chance.below(60) {
            0 => self.mask ^= CREW,
            1 => self.mask ^= ANCHORED,
            2 => self.mask ^= CARGO,
            3 => self.mask ^= BODY,
            4 => {
                self.crew.kind =
                    [Kind::Tug, Kind::Barge, Kind::Yacht][chance.below(3) as usize].clone()
            }
            5 => self.crew.follows = Some(NetId(chance.below(12))),
            6 => self.crew.serial = chance.below(1 << 30) * 4 + chance.below(4),
            7 => self.crew.hands = u8::try_from(chance.below(101)).unwrap(),
            _ => self.tons = self.tons.saturating_add(u16::from(chance.below(5) == 0)),
        }
    }

    fn words(&self) -> [(u32, Vec<u32>); 4] {
        let coordinate = |word: i32| -64.0 + f64::from(word) * 0.01;
        #[expect(clippy::cast_possible_truncation, reason = "the field has 32 bits")]
        let body = Body {
            x: coordinate(self.x) as f32,
            y: coordinate(self.y) as f32,
            heading: 0.0,
            turn: Rotation(self.turn),
            lit: self.heading % 64 > 40,
        };
        let mut body = Words::of(&body).as_slice().to_vec();
        body[2] = u32::try_from(self.heading.rem_euclid(1024)).unwrap();
        let crew = Words::of(&self.crew).as_slice().to_vec();
        let cargo = Words::of(&Cargo { tons: self.tons }).as_slice().to_vec();
        [
            (BODY, body),
            (CREW, crew),
            (ANCHORED, vec![]),
            (CARGO, cargo),
        ]
    }
}

/// The harbour: ships come and go.
struct World {
    chance: Chance,
    ships: BTreeMap<u32, Ship>,
}

impl World {
    fn tick(&mut self, tick: Tick) -> Arc<Snapshot> {
        let chance = &mut self.chance;
        for ship in self.ships.values_mut() {
            ship.sail(chance);
        }
        let number = tick.since(START).unsigned_abs();
        if number.is_multiple_of(17) {
            // Ids rest for 64 ticks; these are never given again.
            self.ships.insert(20 + number * 30, Ship::new(chance));
        }
        if number % 29 == 28 {
            let gone = self.ships.keys().nth(4).copied();
            gone.and_then(|id| self.ships.remove(&id));
        }
        let mut now = Snapshot::new(GameSchema::of::<Harbour>().rows, tick);
        for (id, ship) in &self.ships {
            let mut row = now.push(NetId(*id), ship.mask);
            for (component, words) in ship.words() {
                let (here, rest) = row.split_at_mut(words.len());
                if ship.mask & component != 0 {
                    here.copy_from_slice(&words);
                }
                row = rest;
            }
        }
        Arc::new(now)
    }
}

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
    let welcome = ServerControl::Welcome {
        own: OWN,
        tick: START,
        tick_rate: 60,
        snapshot_interval: cadence.interval(),
        tiers: cadence.welcome_tiers(),
        level: "none".to_owned(),
        level_hash: 0,
    };
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
    let mut chance = Chance(7);
    let ships = (0..10).map(|id| (id, Ship::new(&mut chance))).collect();
    let mut world = World { chance, ships };
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
            // A word of the view is wrong.
            receiver.flip(OWN, 0);
            let audit = asked.take().unwrap();
            let flipped = receiver.audit().unwrap();
            let audit = if flipped.tick == audit.tick {
                flipped
            } else {
                audit
            };
            sender.audit(&audit, &history, &mut deltas);
        }
        let sight = sight(&now, number);
        let mut seen = SeenRows::new();
        sight.iter().for_each(|(id, how)| seen.see(*id, *how));
        past.insert(tick.0, (Arc::clone(&now), sight));
        let limit = STARVED.contains(&number).then_some(64);
        let slack = [None, Some(-3), Some(17), Some(-700)][number as usize / 2 % 4];
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
        let sums = ledger
            .iter(now.schema())
            .find(|(cause, _)| cause.reason == Reason::Checksum);
        counts.checksums += sums.map_or(0, |(_, bits)| bits / 32);
        counts.expired += sender
            .view()
            .filter(|(_, version)| version.is_none())
            .count();
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
        checksums: 12,
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
