//! What Arena costs: `cargo bench -p tickwire-tests --bench arena`.
//!
//! Prints figures beside their targets and judges nothing: a busy machine may be slow. Bytes and heap are exact.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers, and may fail"
)]

use std::time::{Duration, Instant};

use arena::{Arena, Input};
use peak_alloc::PeakAlloc;
use tickwire_engine::{Lane, Room, RoomConfig, SessionId, Sim, bot_name};
use tickwire_protocol::message::{ClientControl, Command, Commands, PROTOCOL_VERSION};
use tickwire_protocol::{GameSchema, Tick};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const PLAYERS: u64 = 8;

fn main() {
    println!("{:<58} {:>14}   target", "figure", "measured");
    headless_match();
    for snapshot_interval in [2, 1] {
        networked_ticks(snapshot_interval);
    }
    heap_growth();
}

fn row(figure: &str, measured: &str, target: &str) {
    println!("{figure:<58} {measured:>14}   {target}");
}

/// A match of 300 s at 60 Hz among bots, no network.
fn headless_match() {
    let mut sim: Sim<Arena> = Sim::new(7, arena::build);
    for i in 0..PLAYERS as usize {
        sim.join_bot(bot_name(i));
    }
    let begun = Instant::now();
    for _ in 0..300 * 60 {
        sim.tick();
    }
    let took = begun.elapsed().as_secs_f64();
    row(
        "headless match, 8 bots, 300 s at 60 Hz",
        &format!("{took:.2} s"),
        "<= 1 s",
    );
    row(
        "  times real time",
        &format!("{:.0} x", 300.0 / took),
        ">= 300 x",
    );
    row(
        "  per tick",
        &format!("{:.1} us", took / 18_000.0 * 1e6),
        "",
    );
}

/// A room of eight clients that run and shoot at random.
struct Table {
    room: Room<Arena>,
    schema: GameSchema,
    now: Duration,
    rng: fastrand::Rng,
    inputs: Vec<Input>,
    snapshot_bytes: u64,
    event_bytes: u64,
}

impl Table {
    fn new(snapshot_interval: u8) -> Self {
        let config = RoomConfig {
            snapshot_interval,
            ..RoomConfig::default()
        };
        let mut room = Room::new(Sim::new(7, arena::build), config);
        let schema = GameSchema::of::<Arena>();
        for id in 0..PLAYERS {
            let hello = ClientControl::Hello {
                protocol: PROTOCOL_VERSION,
                schema: schema.hash,
                tables: schema.tables.hash,
                game: "Arena".into(),
                name: format!("player {id}"),
                token: None,
            };
            room.connect(SessionId(id));
            room.handle_message(SessionId(id), &hello.encode(), Duration::ZERO);
        }
        let inputs = vec![Input::default(); PLAYERS as usize];
        Self {
            room,
            schema,
            now: Duration::ZERO,
            rng: fastrand::Rng::with_seed(3),
            inputs,
            snapshot_bytes: 0,
            event_bytes: 0,
        }
    }

    /// The messages of all players for the next tick, made before the clock starts.
    fn commands(&mut self) -> Vec<Vec<u8>> {
        let tick = self.room.sim().now().next();
        let mut messages = Vec::new();
        for input in &mut self.inputs {
            if self.rng.u32(0..20) == 0 {
                input.move_x = self.rng.f32() * 2.0 - 1.0;
                input.move_y = self.rng.f32() * 2.0 - 1.0;
                input.rifle = self.rng.bool();
                input.rocket = self.rng.u32(0..10) == 0;
            }
            input.aim += self.rng.f32() * 0.1;
            let command = Command {
                tick,
                view: None,
                input: *input,
            };
            messages.push(
                Commands {
                    ack: Some(Tick(tick.0 - 1)),
                    list: vec![command],
                }
                .encode(&self.schema.input),
            );
        }
        messages
    }

    /// A tick as the host runs it: decode, simulate, encode for everyone.
    fn tick(&mut self, messages: &[Vec<u8>]) {
        for (id, message) in messages.iter().enumerate() {
            self.room
                .handle_message(SessionId(id as u64), message, self.now);
        }
        self.now += self.room.tick_length();
        self.room.tick(self.now);
        for id in 0..PLAYERS {
            while let Some(message) = self.room.poll_transmit(SessionId(id), Lane::Events) {
                self.event_bytes += message.len() as u64;
            }
            self.snapshot_bytes += self
                .room
                .poll_transmit(SessionId(id), Lane::State)
                .map_or(0, |m| m.len() as u64);
        }
    }
}

fn networked_ticks(snapshot_interval: u8) {
    const TICKS: usize = 20_000;
    let mut table = Table::new(snapshot_interval);
    let mut times = Vec::with_capacity(TICKS);
    for _ in 0..TICKS {
        let messages = table.commands();
        let begun = Instant::now();
        table.tick(&messages);
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    let mean = times.iter().sum::<f64>() / TICKS as f64;
    let per_player_tick =
        |bytes: u64| format!("{:.1} B", bytes as f64 / (TICKS as u64 * PLAYERS) as f64);
    row(
        &format!("tick, 8 players, snapshot every {snapshot_interval}: mean"),
        &format!("{mean:.1} us"),
        "<= 200 us",
    );
    row(
        "  99.9 % of ticks",
        &format!("{:.1} us", times[TICKS * 999 / 1000]),
        "",
    );
    row(
        "  snapshot bytes per player and tick",
        &per_player_tick(table.snapshot_bytes),
        "",
    );
    row(
        "  event and control bytes per player and tick",
        &per_player_tick(table.event_bytes),
        "",
    );
}

/// Bytes on the heap as 10⁵ ticks go by: buffers reach their size within the first 40,000, and then it is flat.
fn heap_growth() {
    let mut table = Table::new(2);
    let mut run = |ticks: u32| {
        for _ in 0..ticks {
            let messages = table.commands();
            table.tick(&messages);
        }
        HEAP.current_usage() as i64
    };
    for ticks in (20_000..=120_000).step_by(20_000) {
        let bytes = run(20_000);
        row(
            &format!("heap after {ticks} ticks"),
            &format!("{bytes} B"),
            "flat once buffers have grown to size",
        );
    }
}
