//! What it costs to show each of many players its part of a large world:
//! `cargo bench -p tickwire-tests --bench interest`.
//!
//! 50,000 entities of which 5 % move, 100 players who see about 200 each, 20 snapshots a second. Prints figures and judges
//! nothing: a busy machine may be slow. Bytes are exact.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bench knows its numbers, and may fail"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy_ecs::prelude::Component;
use tickwire_engine::{Interest, Relevance, Viewer};
use tickwire_protocol::{
    Cadence, Game, GameSchema, History, NetId, Sender, SharedDeltas, Sight, Snapshot, Tick, Wire,
    WordWriter,
};

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Body {
    #[wire(min = 0.0, max = 1000.0, step = 0.015_625)]
    x: f32,
    #[wire(min = 0.0, max = 1000.0, step = 0.015_625)]
    y: f32,
    #[wire(angle = 16)]
    heading: f32,
}

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Unit {
    health: u8,
    kind: u16,
}

#[derive(Wire, Clone, Copy, Default, Debug, PartialEq)]
struct Nothing;

struct Plain;

impl Game for Plain {
    const TICK_RATE: u32 = 60;
    type Input = Nothing;
    type Replicated = (Body, Unit);
    type Predicted = ();
    type Event = ();
    type Level = ();
}

const ENTITIES: u32 = 50_000;
const MOVING: u32 = 2_500;
const PLAYERS: u32 = 100;
const SNAPSHOTS: u32 = 400;
const PER_SECOND: u32 = 20;
/// 50,000 entities on 1000 × 1000: 200 in a circle of this radius.
const ENTER: f32 = 35.7;
const LEAVE: f32 = 39.0;

struct Field {
    rng: fastrand::Rng,
    bodies: Vec<(Body, Unit)>,
}

impl Field {
    fn new() -> Self {
        let mut rng = fastrand::Rng::with_seed(9);
        let body = |rng: &mut fastrand::Rng| Body {
            x: rng.f32() * 1000.0,
            y: rng.f32() * 1000.0,
            heading: rng.f32() * std::f32::consts::TAU,
        };
        let unit = |rng: &mut fastrand::Rng| Unit {
            health: rng.u8(..),
            kind: rng.u16(..),
        };
        let bodies = (0..ENTITIES).map(|_| (body(&mut rng), unit(&mut rng)));
        let bodies = bodies.collect();
        Self { rng, bodies }
    }

    /// Players (the first entities) and others move: 5 % in each tick, at about 10 m/s.
    fn advance(&mut self) {
        let turn = self.rng.u32(0..ENTITIES);
        for i in (0..PLAYERS).chain((0..MOVING - PLAYERS).map(|i| (turn + i) % ENTITIES)) {
            if let Some((body, _)) = self.bodies.get_mut(i as usize) {
                body.x = (body.x + self.rng.f32() - 0.5).clamp(0.0, 1000.0);
                body.y = (body.y + self.rng.f32() - 0.5).clamp(0.0, 1000.0);
                body.heading += 0.1;
            }
        }
    }

    fn snapshot(&self, tick: u32, like: &Snapshot) -> Arc<Snapshot> {
        let mut snapshot = Snapshot::with_room_like(like, Tick(tick));
        for (id, (body, unit)) in (0..).zip(&self.bodies) {
            let mut out = WordWriter::new(snapshot.push(NetId(id), 0b11));
            body.store(&mut out);
            unit.store(&mut out);
        }
        Arc::new(snapshot)
    }
}

#[derive(Default)]
struct Times {
    advance: Duration,
    sight: Duration,
    write: Duration,
    seen: u64,
    bytes: u64,
    worst: Duration,
}

fn main() {
    let schema = GameSchema::of::<Plain>().rows;
    let interest = Interest::radius(ENTER, LEAVE).place(|body: &Body| [body.x, body.y]);
    let mut relevance = Relevance::new(interest, &schema);
    let (mut history, mut deltas) = (
        History::new(),
        SharedDeltas::new(&schema, GameSchema::of::<Plain>().tables),
    );
    let mut players: Vec<_> = (0..PLAYERS)
        .map(|id| {
            (
                Viewer::new(NetId(id)),
                Sender::new(Some(NetId(id)), Cadence::every(3)),
            )
        })
        .collect();
    let mut field = Field::new();
    let mut last = Arc::new(Snapshot::new(schema, Tick(0)));
    let mut times = Times::default();
    for i in 0..SNAPSHOTS + PER_SECOND {
        if i == PER_SECOND {
            // The first second builds the grid and fills the views.
            times = Times::default();
        }
        field.advance();
        let now = field.snapshot(i * 3 + 1, &last);
        history.push(Arc::clone(&now));
        deltas.set(Arc::clone(&now));
        let begun = Instant::now();
        relevance.advance(&history);
        times.advance += begun.elapsed();
        for (viewer, sender) in &mut players {
            let looking = Instant::now();
            let seen = relevance.sight(viewer);
            times.sight += looking.elapsed();
            times.seen += seen.ids().count() as u64;
            let writing = Instant::now();
            let message = sender.write(None, Sight::Rows(seen), None, &history, &mut deltas);
            times.write += writing.elapsed();
            times.bytes += message.unwrap().len() as u64;
        }
        times.worst = times.worst.max(begun.elapsed());
        last = now;
    }
    report(&times);
}

fn report(times: &Times) {
    let row = |figure: &str, measured: String| println!("{figure:<58} {measured:>14}");
    let ms = |time: Duration| format!("{:.3} ms", time.as_secs_f64() * 1e3 / f64::from(SNAPSHOTS));
    let sights = u64::from(SNAPSHOTS * PLAYERS) as f64;
    row(
        "rows in sight of a player",
        format!("{:.0}", times.seen as f64 / sights),
    );
    row("per snapshot: grid", ms(times.advance));
    row("per snapshot: sights of all players", ms(times.sight));
    row("per snapshot: encoding for all players", ms(times.write));
    row(
        "worst snapshot",
        format!("{:.3} ms", times.worst.as_secs_f64() * 1e3),
    );
    let all = times.advance + times.sight + times.write;
    let share = all.as_secs_f64() / f64::from(SNAPSHOTS) * f64::from(PER_SECOND);
    row(
        "share of a core at 20 snapshots a second",
        format!("{:.2} %", share * 100.0),
    );
    row(
        "bytes per player and snapshot",
        format!("{:.0}", times.bytes as f64 / sights),
    );
}
