//! A world that evolves as bytes say, and clients that see parts of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tickwire_protocol::codec::tables::TableSet;
use tickwire_protocol::explain::Ledger;
use tickwire_protocol::limits::MAX_NET_ID;
use tickwire_protocol::message::{ServerMessage, Slack, Start, decode_server};
use tickwire_protocol::{
    Audit, Cadence, ColumnKind, History, NetId, Receiver, Seen, SeenRows, Sender, SharedDeltas,
    Sight, Snapshot, Tick,
};

use crate::GAME;

/// Numbers from bytes; zeros behind their end.
pub(crate) struct Script<'a>(pub(crate) &'a [u8]);

impl Script<'_> {
    pub(crate) fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}

/// An entity: its words, and what is added to each of them in every tick.
#[derive(Clone)]
struct Entity {
    mask: u32,
    words: Vec<u32>,
    speed: Vec<i64>,
}

/// All entities by id.
#[derive(Default)]
pub(crate) struct World(BTreeMap<u32, Entity>);

impl World {
    /// Something happens: an entity comes, goes, changes what it has, jumps or speeds up.
    fn edit(&mut self, script: &mut Script<'_>) {
        let schema = &GAME.rows;
        let id = match script.byte() {
            byte @ ..250 => u32::from(byte) % 40,
            byte => (u32::from(byte) - 250) * 1_021,
        };
        let width = schema.row_words();
        let entity = self.0.entry(id.min(MAX_NET_ID)).or_insert_with(|| Entity {
            mask: schema.full_mask(),
            words: vec![0; width],
            speed: vec![0; width],
        });
        let what = script.byte();
        let column = usize::from(script.byte()) % width;
        let max = schema.columns()[column].max;
        let number = script.byte();
        let share = |number: u8| u64::from(max) * u64::from(number) / 255;
        match what {
            0..16 => {
                self.0.remove(&id);
            }
            16..48 => entity.mask = u32::from(number) & schema.full_mask(),
            48..120 => entity.words[column] = u32::try_from(share(number)).unwrap_or(max),
            120..200 => entity.speed[column] = i64::from(number.cast_signed()),
            200..230 => {
                entity.speed[column] = i64::from(number.cast_signed()) * i64::from(max) / 600;
            }
            _ => {
                let word = entity.words[column] ^ u32::from(number);
                entity.words[column] = word.min(max);
            }
        }
    }

    fn advance(&mut self) {
        let schema = &GAME.rows;
        for entity in self.0.values_mut() {
            for (i, column) in schema.columns().iter().enumerate() {
                let (word, max) = (i64::from(entity.words[i]), i64::from(column.max));
                let word = word + entity.speed[i];
                let word = if column.kind == ColumnKind::Angle {
                    word.rem_euclid(max + 1)
                } else {
                    word.clamp(0, max)
                };
                entity.words[i] = u32::try_from(word).expect("it is between 0 and max");
            }
        }
    }

    fn snapshot(&self, tick: Tick) -> Snapshot {
        let schema = &GAME.rows;
        let mut snapshot = Snapshot::new(Arc::clone(schema), tick);
        for (id, entity) in &self.0 {
            let words = snapshot.push(NetId(*id), entity.mask);
            for (i, component) in schema.components().iter().enumerate() {
                if entity.mask >> i & 1 == 1 {
                    let columns = component.columns.clone();
                    words[columns.clone()].copy_from_slice(&entity.words[columns]);
                }
            }
        }
        snapshot
    }
}

/// A row's mask and words.
type Content = (u32, Vec<u32>);

/// A client, both ends of it, and what it must see.
struct Client {
    sender: Sender,
    receiver: Receiver,
    /// How it saw the world in each tick.
    sights: BTreeMap<u32, BTreeMap<NetId, Seen>>,
    view: BTreeMap<NetId, Content>,
    /// What it says of its view, to be handed over later.
    audit: Option<Audit>,
    /// It cannot read what builds on the last snapshot.
    is_lost: bool,
}

/// Everything that a server has.
pub(crate) struct Server {
    history: History,
    deltas: SharedDeltas,
    worlds: BTreeMap<u32, Arc<Snapshot>>,
    world: World,
    tick: Tick,
}

impl Server {
    pub(crate) fn new(tables: Arc<TableSet>, start: Tick) -> Self {
        Self {
            history: History::new(),
            deltas: SharedDeltas::new(&GAME.rows, tables),
            worlds: BTreeMap::new(),
            world: World::default(),
            tick: start,
        }
    }

    /// A tick in which up to 7 things happen.
    pub(crate) fn tick(&mut self, script: &mut Script<'_>) -> Arc<Snapshot> {
        self.tick += 1;
        self.world.advance();
        for _ in 0..script.below(8) {
            self.world.edit(script);
        }
        let now = Arc::new(self.world.snapshot(self.tick));
        self.history.push(Arc::clone(&now));
        self.deltas.set(Arc::clone(&now));
        self.worlds.insert(self.tick.0, Arc::clone(&now));
        now
    }

    /// What a client that sees everything is told.
    pub(crate) fn write(&mut self, sender: &mut Sender) -> Option<Vec<u8>> {
        let slack = Some(Slack { p50: 20, p1: -3 });
        let message = sender.write(slack, Sight::All, None, &self.history, &mut self.deltas);
        message.map(Vec::from)
    }
}

/// How a client sees the newest snapshot: mostly as before.
fn sight(
    script: &mut Script<'_>,
    now: &Snapshot,
    before: Option<&BTreeMap<NetId, Seen>>,
    tiers: u8,
) -> BTreeMap<NetId, Seen> {
    let mut sight = BTreeMap::new();
    let what = script.byte();
    for row in now.rows() {
        let known = before.and_then(|sight| sight.get(&row.id)).copied();
        let changes = (row.id.0 + u32::from(what)).is_multiple_of(5) && !what.is_multiple_of(3);
        let mut seen = match known {
            Some(seen) if !changes => seen,
            _ if what.is_multiple_of(2) || !changes => {
                let how = if changes { script.byte() } else { 0 };
                Seen {
                    hidden: u32::from(how >> 4),
                    tier: how % tiers,
                    weight: 1 + how / 16,
                }
            }
            _ => continue,
        };
        seen.hidden &= row.mask;
        sight.insert(row.id, seen);
    }
    sight
}

impl Client {
    fn new(own: NetId, tables: &Arc<TableSet>, cadence: Cadence) -> Self {
        Self {
            sender: Sender::new(Some(own), cadence.clone()),
            receiver: Receiver::new(Arc::clone(&GAME.rows), Arc::clone(tables), cadence),
            sights: BTreeMap::new(),
            view: BTreeMap::new(),
            audit: None,
            is_lost: false,
        }
    }

    /// Writes the next message; the client reads it unless it is on the way to be lost.
    fn go_on(&mut self, server: &mut Server, now: &Snapshot, script: &mut Script<'_>, tiers: u8) {
        let what = script.byte();
        if what % 16 == 1 {
            self.audit = self.receiver.audit();
            self.is_lost |= self.audit.is_some() && what >= 128;
        }
        if what % 16 == 2
            && let Some(audit) = self.audit.take()
        {
            self.sender
                .audit(&audit, &server.history, &mut server.deltas);
        }
        let before = self.sights.values().next_back();
        let seen = sight(script, now, before, tiers);
        let mut rows = SeenRows::new();
        seen.iter().for_each(|(id, seen)| rows.see(*id, *seen));
        let is_all = seen.len() == now.len() && seen.values().all(|seen| *seen == Seen::default());
        let shown = if is_all {
            Sight::All
        } else {
            Sight::Rows(&rows)
        };
        let limit = (what & 64 > 0).then(|| u32::from(script.byte()) * 8);
        self.sights.insert(now.tick().0, seen);
        let message = self
            .sender
            .write(None, shown, limit, &server.history, &mut server.deltas)
            .expect("there is something new");
        let Ok(ServerMessage::Snapshot(header, body)) = decode_server(&message) else {
            panic!("a sender writes snapshots");
        };
        let builds_on_last = matches!(header.start, Start::Next(_));
        if self.is_lost && builds_on_last {
            return;
        }
        self.is_lost = false;
        self.remember(server);
        let mut ledger = Ledger::new();
        let read = self.receiver.read_explained(header, body, &mut ledger);
        let read = Arc::clone(read.expect("a sender writes what a receiver reads"));
        assert!(!self.receiver.is_broken(), "the checksum holds");
        assert_eq!(
            ledger.total(),
            8 * body.len() as u64,
            "every bit is for something"
        );
        assert_eq!(read.tick(), now.tick());
        crate::check(&read);
        let read = read
            .rows()
            .map(|row| (row.id, (row.mask, row.words.to_vec())));
        assert_eq!(read.collect::<BTreeMap<_, _>>(), self.view);
    }

    /// Works out what the client has: of each row, the words of the tick that the sender says it has.
    fn remember(&mut self, server: &Server) {
        let versions: BTreeMap<_, _> = self.sender.view().collect();
        self.view.retain(|id, _| versions.contains_key(id));
        for (id, version) in versions {
            // Whose words history has forgotten stay as they were.
            let Some(Tick(version)) = version else {
                continue;
            };
            let row = server.worlds[&version].row(id).expect("it was told");
            let hidden = self.sights[&version][&id].hidden;
            let mut words = row.words.to_vec();
            for (i, component) in GAME.rows.components().iter().enumerate() {
                if hidden >> i & 1 == 1 {
                    words[component.columns.clone()].fill(0);
                }
            }
            self.view.insert(id, (row.mask & !hidden, words));
        }
    }
}

/// Plays the bytes as a course of a world with two clients.
pub(crate) fn play(bytes: &[u8]) {
    const CADENCES: [(u8, &[u8]); 5] = [
        (1, &[1]),
        (2, &[1, 3]),
        (1, &[1, 2, 6]),
        (3, &[1, 21]),
        (1, &[1, 63, 2, 5]),
    ];
    let mut script = Script(bytes);
    let (interval, periods) = CADENCES[usize::from(script.below(5))];
    let tiers = u8::try_from(periods.len()).expect("there are at most 4");
    let start = if script.byte() % 2 == 0 {
        0
    } else {
        u32::MAX - 9
    };
    let mut server = Server::new(Arc::clone(&GAME.tables), Tick(start));
    let mut clients = [3, 250].map(|own| {
        let cadence = Cadence::with_tiers(interval, periods).checking_every(3);
        Client::new(NetId(own), &GAME.tables, cadence)
    });
    let mut steps = 0;
    while !script.is_over() && steps < 120 {
        let what = script.byte();
        // Sometimes a long time passes without a word.
        let ticks = if what >= 250 { 66 } else { 1 + what % 3 };
        steps += u32::from(ticks);
        let mut now = server.tick(&mut script);
        for _ in 1..ticks {
            now = server.tick(&mut Script(&[]));
        }
        for (i, client) in clients.iter_mut().enumerate() {
            if what >> (3 + i) & 3 > 0 {
                client.go_on(&mut server, &now, &mut script, tiers);
            }
        }
    }
}
