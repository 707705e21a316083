//! What it costs to tell many clients of one world: `cargo bench -p tickwire-tests --bench crowd`.
//!
//! Everything between the world's snapshot and the bytes for the sockets, on one core; who sees what is given. Prints, and judges
//! nothing but that every client can read what it gets.
//!
//! - 1000 clients, each of which sees its own 226 of 901 rows, of which as many move as in a recorded pile of cubes: 83 of all. Windows
//!   that stand still, and windows of which each tick takes in one row and lets one go. The first again with 504 rows that move.
//! - 1 and 300 clients that see the same 300 rows, of which two thirds move, by a set of their own each: what they see is found out
//!   and kept for each of them. The second time every row hides a component from all clients but one, its owner, so no two clients
//!   see the same.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a test knows its numbers, and may fail"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use tickwire_protocol::message::{ServerMessage, decode_server};
use tickwire_protocol::{
    Cadence, Game, GameSchema, History, NetId, Receiver, Seen, SeenRows, Sender, SharedDeltas,
    Sight, Snapshot, Tick, Wire, WordWriter,
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
}

impl Client {
    fn new(own: u32) -> Self {
        Self {
            sender: Sender::new(Some(NetId(own)), Cadence::every(1)),
            sight: SeenRows::new(),
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

/// Runs a crowd; gives the time per tick and the bytes per client and tick.
fn run(
    world: &mut World,
    clients: &mut [Client],
    mut look: impl FnMut(&mut Client, usize, u32),
) -> (Duration, f64) {
    let mut reader = Reader::new(&world.schema);
    let (mut spent, mut bytes) = (Vec::new(), 0);
    for tick in 0..WARM + TICKS {
        world.advance();
        for (i, client) in clients.iter_mut().enumerate() {
            look(client, i, tick);
        }
        let begun = Instant::now();
        let mut first = None;
        let mut length = 0;
        for client in &mut *clients {
            let sight = Sight::Rows(&client.sight);
            let (history, deltas) = (&world.history, &mut world.deltas);
            let message = client.sender.write(None, sight, None, history, deltas);
            let message = message.unwrap();
            length += message.len();
            first.get_or_insert(message);
        }
        let took = begun.elapsed();
        reader.read(&first.unwrap());
        if tick >= WARM {
            spent.push(took);
            bytes += length;
        }
    }
    spent.sort_unstable();
    let median = spent[spent.len() / 2];
    let messages = clients.len() as f64 * f64::from(TICKS);
    (median, bytes as f64 / messages)
}

fn windows(walking: usize, moves: bool) -> (Duration, f64) {
    const ROWS: u32 = 901;
    let mut world = World::new(ROWS as usize, walking);
    let mut clients: Vec<_> = (0..1000).map(Client::new).collect();
    run(&mut world, &mut clients, |client, i, tick| {
        let start = u32::try_from(i).unwrap() * 7 + if moves { tick } else { 0 };
        if moves || tick == 0 {
            client.sight.clear();
            for row in start..start + 226 {
                client.sight.see(NetId(row % ROWS), Seen::default());
            }
        }
    })
}

fn same(clients: u32, owners: bool) -> (Duration, f64) {
    let mut world = World::new(300, 200);
    let mut clients: Vec<_> = (0..clients).map(Client::new).collect();
    run(&mut world, &mut clients, |client, i, tick| {
        if tick == 0 {
            for row in 0..300 {
                let is_owner = !owners || row as usize == i;
                let hidden = if is_owner { 0 } else { BOTH & !BODY };
                let seen = Seen {
                    hidden,
                    ..Seen::default()
                };
                client.sight.see(NetId(row), seen);
            }
        }
    })
}

fn main() {
    for (walking, name, moves) in [
        (83, "standing", false),
        (83, "moving", true),
        (504, "standing", false),
    ] {
        let (time, bytes) = windows(walking, moves);
        println!(
            "1000 clients × 226 of 901 rows, {walking} walk, {name} windows: {:>8.3} ms a tick (median), {bytes:.0} bytes each",
            time.as_secs_f64() * 1e3
        );
    }
    for (owners, what) in [
        (false, "each by its own set"),
        (true, "one component for owners only"),
    ] {
        let (one, _) = same(1, owners);
        let (many, bytes) = same(300, owners);
        println!(
            "the same 300 rows, {what}: {:.1} µs for 1 client, {:.1} µs for 300: × {:.2}; {bytes:.0} bytes each",
            one.as_secs_f64() * 1e6,
            many.as_secs_f64() * 1e6,
            many.as_secs_f64() / one.as_secs_f64()
        );
    }
}
