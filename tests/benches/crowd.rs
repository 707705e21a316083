//! What it costs to tell many clients of one world: `cargo bench -p tickwire-tests --bench crowd`.
//!
//! Everything between the world's snapshot and the bytes for the sockets, on one core; who sees what is given. Prints, and judges
//! nothing but that every client can read what it gets.
//!
//! - 1000 clients, each of which sees its own 226 of 901 rows, of which as many move as in a recorded pile of cubes: 83 of all. Windows
//!   that stand still, and windows of which each tick takes in one row and lets one go. The first again with 504 rows that move.
//! - 1 and 300 clients that see the same 300 rows, of which two thirds move, by a set of their own each: what they see is found out
//!   and kept for each of them. The second time each is told of its own commands, which come 10 ± 4 ms before their ticks, and
//!   messages are kept until the next tick, as outboxes keep them. The third time every row hides a component from all clients but
//!   one, its owner, so no two clients see the same.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a test knows its numbers, and may fail"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use tickwire_protocol::message::{ServerMessage, Slack, decode_server};
use tickwire_protocol::{
    Bytes, Cadence, Game, GameSchema, History, NetId, Receiver, Seen, SeenRows, Sender,
    SharedDeltas, Sight, Snapshot, Tick, Wire, WordWriter,
};

#[derive(Wire, Debug, Clone, Copy, Default, PartialEq)]
struct Body {
    #[wire(min = -2048.0, max = 2047.0, step = 0.01)]
    x: f32,
    #[wire(min = -2048.0, max = 2047.0, step = 0.01)]
    y: f32,
    #[wire(angle = 12)]
    heading: f32,
}

/// What only one client may see.
#[derive(Wire, Debug, Clone, Copy, Default, PartialEq)]
struct Secret {
    hand: u16,
}

#[derive(Wire, Debug, Clone, Copy, Default, PartialEq)]
struct Nothing;

struct Plain;

impl Game for Plain {
    const TICK_RATE: u32 = 60;
    type Input = Nothing;
    type Replicated = (Body, Secret);
    type Predicted = ();
    type Event = ();
    type Level = ();
}

const BODY: u32 = 0b01;
const BOTH: u32 = 0b11;

/// A world in which some rows walk and turn now and then.
struct World {
    schema: GameSchema,
    bodies: Vec<Body>,
    speeds: Vec<[f32; 2]>,
    walking: usize,
    rng: fastrand::Rng,
    history: History,
    deltas: SharedDeltas,
    tick: Tick,
}

impl World {
    fn new(rows: usize, walking: usize) -> Self {
        let schema = GameSchema::of::<Plain>();
        let mut rng = fastrand::Rng::with_seed(9);
        let mut place = || rng.f32() * 2000.0 - 1000.0;
        let bodies = (0..rows).map(|_| Body {
            x: place(),
            y: place(),
            heading: 0.0,
        });
        Self {
            bodies: bodies.collect(),
            speeds: vec![[0.0, 0.0]; rows],
            walking,
            rng,
            history: History::new(),
            deltas: SharedDeltas::new(&schema.rows, Arc::clone(&schema.tables)),
            tick: Tick(0),
            schema,
        }
    }

    fn advance(&mut self) {
        self.tick = self.tick.next();
        let mut now = Snapshot::new(Arc::clone(&self.schema.rows), self.tick);
        let walking = self
            .bodies
            .iter_mut()
            .zip(&mut self.speeds)
            .take(self.walking);
        for (body, speed) in walking {
            if *speed == [0.0, 0.0] || self.rng.u32(0..60) == 0 {
                body.heading = self.rng.f32() * 6.0 - 3.0;
                *speed = [libm::cosf(body.heading), libm::sinf(body.heading)];
            }
            body.x += speed[0] * 0.4;
            body.y += speed[1] * 0.4;
        }
        for (id, body) in (0..).zip(&self.bodies) {
            let words = now.push(NetId(id), BOTH);
            let mut writer = WordWriter::new(words);
            body.store(&mut writer);
            Secret { hand: 7 }.store(&mut writer);
        }
        self.history.push(Arc::new(now));
        self.deltas.set(Arc::clone(self.history.latest().unwrap()));
    }
}

struct Client {
    sender: Sender,
    sight: SeenRows,
    slack: Option<Slack>,
}

impl Client {
    fn new(own: u32) -> Self {
        Self {
            sender: Sender::new(Some(NetId(own)), Cadence::every(1)),
            sight: SeenRows::new(),
            slack: None,
        }
    }
}

/// The first reader finds out whether the bytes are good.
struct Reader(Receiver);

impl Reader {
    fn new(schema: &GameSchema) -> Self {
        let GameSchema { rows, tables, .. } = schema;
        Self(Receiver::new(
            rows.clone(),
            tables.clone(),
            Cadence::every(1),
        ))
    }

    fn read(&mut self, message: &[u8]) {
        let Ok(ServerMessage::Snapshot(header, body)) = decode_server(message) else {
            panic!("not a snapshot");
        };
        self.0.read(header, body).unwrap();
        assert!(!self.0.is_broken());
    }
}

const WARM: u32 = 64;
const TICKS: u32 = 240;

/// A crowd that is told of a world.
struct Show {
    world: World,
    clients: Vec<Client>,
    /// Messages are kept until the next tick, as outboxes keep them.
    keeps: bool,
    kept: Vec<Bytes>,
    reader: Reader,
    /// Of each tick after the first ones.
    spent: Vec<Duration>,
    bytes: usize,
}

impl Show {
    fn new(world: World, clients: u32, keeps: bool) -> Self {
        Self {
            clients: (0..clients).map(Client::new).collect(),
            keeps,
            kept: Vec::new(),
            reader: Reader::new(&world.schema),
            spent: Vec::new(),
            bytes: 0,
            world,
        }
    }

    fn tick(&mut self, tick: u32, mut look: impl FnMut(&mut Client, usize, u32)) {
        self.world.advance();
        for (i, client) in self.clients.iter_mut().enumerate() {
            look(client, i, tick);
        }
        self.kept.clear();
        let begun = Instant::now();
        let mut first = None;
        let mut length = 0;
        for client in &mut self.clients {
            let sight = Sight::Rows(&client.sight);
            let (history, deltas) = (&self.world.history, &mut self.world.deltas);
            let slack = client.slack;
            let message = client.sender.write(slack, sight, None, history, deltas);
            let message = message.unwrap();
            length += message.len();
            first.get_or_insert_with(|| message.clone());
            if self.keeps {
                self.kept.push(message);
            }
        }
        let took = begun.elapsed();
        self.reader.read(&first.unwrap());
        if tick >= WARM {
            self.spent.push(took);
            self.bytes += length;
        }
    }

    /// Bytes per client and tick.
    fn bytes(&self) -> f64 {
        self.bytes as f64 / (self.clients.len() * self.spent.len()) as f64
    }
}

/// The median, in µs.
fn median(mut spent: Vec<Duration>) -> f64 {
    spent.sort_unstable();
    spent[spent.len() / 2].as_secs_f64() * 1e6
}

fn windows(walking: usize, moves: bool) -> Show {
    const ROWS: u32 = 901;
    let world = World::new(ROWS as usize, walking);
    let mut show = Show::new(world, 1000, false);
    for tick in 0..WARM + TICKS {
        show.tick(tick, |client, i, tick| {
            let start = u32::try_from(i).unwrap() * 7 + if moves { tick } else { 0 };
            if moves || tick == 0 {
                client.sight.clear();
                for row in start..start + 226 {
                    client.sight.see(NetId(row % ROWS), Seen::default());
                }
            }
        });
    }
    show
}

/// How the clients that see the same rows differ.
#[derive(Clone, Copy, PartialEq)]
enum Crowd {
    Alike,
    BySlack,
    ByOwner,
}

/// The slack of a command that came 10 ± 4 ms early, or of a few; in one of ten ticks none came.
fn any_slack(rng: &mut fastrand::Rng) -> Option<Slack> {
    let p50 = 20 + rng.i16(-4..=4) + rng.i16(-4..=4);
    let below = if rng.u8(0..3) == 0 { rng.i16(0..3) } else { 0 };
    let p1 = p50 - below;
    (rng.u8(0..10) > 0).then_some(Slack { p50, p1 })
}

/// One client and 300, in turn: the machine's speed changes from one second to the next.
fn same(crowd: Crowd) -> [Show; 2] {
    let mut rng = fastrand::Rng::with_seed(5);
    let keeps = crowd == Crowd::BySlack;
    let mut shows = [1, 300].map(|clients| Show::new(World::new(300, 200), clients, keeps));
    for tick in 0..WARM + 4 * TICKS {
        for show in &mut shows {
            show.tick(tick, |client, i, tick| {
                if crowd == Crowd::BySlack {
                    client.slack = any_slack(&mut rng);
                }
                if tick == 0 {
                    for row in 0..300 {
                        let is_owner = crowd != Crowd::ByOwner || row as usize == i;
                        let hidden = if is_owner { 0 } else { BOTH & !BODY };
                        let seen = Seen {
                            hidden,
                            ..Seen::default()
                        };
                        client.sight.see(NetId(row), seen);
                    }
                }
            });
        }
    }
    shows
}

/// How much longer the second took than the first, over all ticks but the twentieth part in which either took longest: there
/// something else ran. Ticks with checksums are none of these.
fn growth([one, many]: &[Show; 2]) -> f64 {
    let limit = |show: &Show| {
        let mut spent = show.spent.clone();
        spent.sort_unstable();
        spent[spent.len() * 39 / 40]
    };
    let limits = (limit(one), limit(many));
    let ticks = one.spent.iter().zip(&many.spent);
    let good = ticks.filter(|(one, many)| **one <= limits.0 && **many <= limits.1);
    let (one, many) = good.fold((0.0, 0.0), |(one, many), ticks| {
        (one + ticks.0.as_secs_f64(), many + ticks.1.as_secs_f64())
    });
    many / one
}

fn main() {
    for (walking, name, moves) in [
        (83, "standing", false),
        (83, "moving", true),
        (504, "standing", false),
    ] {
        let show = windows(walking, moves);
        let bytes = show.bytes();
        println!(
            "1000 clients × 226 of 901 rows, {walking} walk, {name} windows: {:>8.3} ms a tick (median), {bytes:.0} bytes each",
            median(show.spent) / 1e3
        );
    }
    for (crowd, what) in [
        (Crowd::Alike, "each by its own set"),
        (Crowd::BySlack, "each with a slack of its own"),
        (Crowd::ByOwner, "one component for owners only"),
    ] {
        let shows = same(crowd);
        let (growth, bytes) = (growth(&shows), shows[1].bytes());
        let [one, many] = shows.map(|show| median(show.spent));
        println!(
            "the same 300 rows, {what}: × {growth:.2} from 1 client to 300 ({one:.1} µs, {many:.1} µs, medians); {bytes:.0} bytes each"
        );
    }
}
