//! All kinds of narrow links: how old what the client shows is, and how much of the link is used.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use tickwire_protocol::Tick;

use super::Flight;

/// One way, in ms.
const WAYS: [u32; 10] = [0, 5, 10, 15, 20, 30, 40, 60, 80, 100];
/// kbit/s.
const RATES: [u32; 3] = [128, 256, 512];
/// Ticks from one snapshot to the next: 20, 30 and 60 a second.
const INTERVALS: [u32; 3] = [3, 2, 1];
/// The world has so many times more to say than the link takes.
const DEMANDS: [f64; 3] = [1.2, 2.0, 4.0];
/// Ms after the server's ticks at which the client's begin, and ms that each way is longer or shorter.
const RHYTHMS: [(u32, u32); 4] = [(0, 0), (7, 0), (3, 5), (12, 5)];

/// In ms: when a match is judged, and when it ends.
const FROM: u32 = 3_000;
const UNTIL: u32 = 30_000;

/// What is shown is at most so much older than a round trip, in ms, in 99 of 100 moments; so much of the link is used.
const MOST: u32 = 150;
const USED: f64 = 0.9;

#[derive(Debug, Clone, Copy)]
struct Case {
    way: u32,
    rate: u32,
    interval: u32,
    demand: f64,
    rhythm: (u32, u32),
}

/// A snapshot on its way, in ms.
struct Passed {
    written: u32,
    came: u32,
    bytes: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Outcome {
    /// Ms, less the round trip.
    over: i64,
    used: f64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:4}/{:.2}", self.over, self.used)
    }
}

/// When the tick begins, at 60 Hz, in ms.
const fn begins(tick: u32) -> u32 {
    tick * 50 / 3
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "nothing here is negative or large"
)]
fn whole(number: f64) -> u32 {
    number.ceil() as u32
}

/// Every snapshot of a match in which nothing but the link is in the way.
fn play(case: Case) -> Vec<Passed> {
    let tick = Duration::from_secs(1) / 60;
    let mut flight = Flight::new(tick, tick * case.interval);
    let mut rng = fastrand::Rng::with_seed(7);
    let (later, jitter) = (case.rhythm.0, f64::from(case.rhythm.1.min(case.way)));
    let per_ms = f64::from(case.rate) / 8.0;
    let world = case.demand * per_ms * f64::from(case.interval) * 50.0 / 3.0;
    let mut way = |after: f64| after + f64::from(case.way) + jitter * (2.0 * rng.f64() - 1.0);
    let mut noise = fastrand::Rng::with_seed(8);
    let (mut due, mut free, mut passed) = (false, 0.0_f64, Vec::<Passed>::new());
    let mut acks = VecDeque::<(u32, u32)>::new();
    for number in (0..).take_while(|number| begins(*number) < UNTIL) {
        let now = begins(number);
        while let Some((at, tick)) = acks.pop_front_if(|(at, _)| *at <= now) {
            flight.handle_ack(Tick(tick), Duration::from_millis(at.into()));
        }
        due |= number.is_multiple_of(case.interval);
        let time = Duration::from_millis(now.into());
        if !due || !flight.has_room(time) {
            continue;
        }
        due = false;
        let bytes = whole(world * (0.85 + 0.3 * noise.f64())) as usize;
        let bytes = bytes.min(flight.limit(time).unwrap_or(usize::MAX));
        flight.note_written(Tick(number), bytes, time);
        let began = free.max(now.into());
        free = began + bytes as f64 / per_ms;
        // Nothing overtakes.
        let last = passed.last().map_or(0, |passed| passed.came);
        let came = whole(way(free)).max(last);
        let said = (came * 3 / 50..)
            .map(|tick| begins(tick) + later)
            .find(|at| *at >= came)
            .unwrap();
        let last = acks.back().map_or(0, |(at, _)| *at);
        acks.push_back((whole(way(said.into())).max(last), number));
        passed.push(Passed {
            written: now,
            came,
            bytes: u32::try_from(bytes).unwrap(),
        });
    }
    passed
}

fn judge(case: Case) -> Outcome {
    let passed = play(case);
    let mut ages: Vec<_> = passed
        .windows(2)
        .filter(|pair| pair[0].came >= FROM)
        .flat_map(|pair| pair[0].came - pair[0].written..pair[1].came - pair[0].written)
        .collect();
    ages.sort_unstable();
    let p99 = ages[ages.len() * 99 / 100];
    let later = passed.iter().filter(|passed| passed.came >= FROM);
    let bytes: u32 = later.clone().map(|passed| passed.bytes).sum();
    let time = passed.last().unwrap().came - FROM;
    Outcome {
        over: i64::from(p99) - 2 * i64::from(case.way),
        used: f64::from(bytes) / f64::from(case.rate) * 8.0 / f64::from(time),
    }
}

/// The worst of all rhythms.
fn worst(way: u32, rate: u32, interval: u32, demand: f64) -> Outcome {
    let outcomes = RHYTHMS.map(|rhythm| {
        judge(Case {
            way,
            rate,
            interval,
            demand,
            rhythm,
        })
    });
    outcomes
        .into_iter()
        .reduce(|a, b| Outcome {
            over: a.over.max(b.over),
            used: a.used.min(b.used),
        })
        .unwrap()
}

#[test]
fn on_any_narrow_link_what_is_shown_is_fresh_and_the_link_is_used() {
    let mut lines = vec![format!("ms beyond the round trip / used{WAYS:9?}")];
    let mut all = Vec::new();
    for rate in RATES {
        for interval in INTERVALS {
            for demand in DEMANDS {
                let row = WAYS.map(|way| worst(way, rate, interval, demand));
                let cells: Vec<_> = row.iter().map(ToString::to_string).collect();
                let what = format!("{rate} kbit/s, {} Hz, {demand} times", 60 / interval);
                lines.push(format!("{what:29} {}", cells.join(" ")));
                all.extend(row);
            }
        }
    }
    let table = lines.join("\n");
    for outcome in all {
        assert!(
            outcome.over <= MOST.into(),
            "{outcome} is too old:\n{table}"
        );
        assert!(outcome.used >= USED, "{outcome} is too little:\n{table}");
    }
}
