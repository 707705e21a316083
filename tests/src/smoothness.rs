//! How smooth a match of Arena looks on a link: figures of prediction and interpolation, from one seed.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use arena::{Arena, Body, Input, Pickup, Vec2};
use tickwire_client::Client;
use tickwire_engine::{RewindLimit, RoomConfig};
use tickwire_protocol::Game;

use crate::{Link, Match};

/// Two people run about, glance around and shoot at nobody, away from pick-ups: nothing but their own commands moves them.
/// What is measured of both goes together.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Smoothness {
    /// Share of pictures with nothing newer to blend to, 0 to 1.
    pub starved: f64,
    /// The interpolation delay: its mean.
    pub delay: Duration,
    /// Its largest value, in snapshot intervals.
    pub delay_intervals: f64,
    /// How often the server's word changed a player's present, per minute.
    pub corrections_per_minute: f64,
    /// By how much such a correction moved the player at most, in metres.
    pub largest_correction: f64,
    /// The share of snapshots that were not as predicted for their tick, 0 to 1.
    pub mispredicted: f64,
    /// How far snapshots were from the prediction for their tick: the 99th percentile, in quanta of the worst column.
    pub prediction_error_p99: f64,
    /// Ticks that were predicted again, per minute.
    pub replayed_per_minute: f64,
    /// How far the other player was drawn from where the server had it at the moment that is drawn: 99th percentile, in metres.
    /// Pictures that go on beyond the newest snapshot count too.
    pub drawn_error_p99: f64,
    /// Share of commands that came after their tick had begun, 0 to 1.
    pub late_commands: f64,
}

/// Seconds for the clocks to settle.
const SETTLE: u64 = 8;

/// How far from pick-ups a player turns round, in metres.
const SHY: f32 = 2.0;

/// Runs about like a person: another direction every 0.3 to 1.2 s, a rest now and then, and a glance that never rests.
pub fn stroll(seed: u64) -> impl FnMut(&mut Client<Arena>, Duration) -> Input {
    let mut rng = fastrand::Rng::with_seed(seed);
    let (mut input, mut until) = (Input::default(), Duration::ZERO);
    move |client, now| {
        input.aim += rng.f32() * 0.2 - 0.1;
        if now >= until {
            until = now + Duration::from_millis(rng.u64(300..1200));
            let way = Vec2::from_angle(rng.f32() * std::f32::consts::TAU);
            let speed = if rng.u32(0..6) == 0 { 0.0 } else { 1.0 };
            (input.move_x, input.move_y) = (way.x * speed, way.y * speed);
        }
        let scene = client.scene(now);
        let Some(at) = client.own().and_then(|own| scene.get::<Body>(own)) else {
            return input;
        };
        let pickups = scene.rows().filter_map(|row| row.get::<Pickup>());
        let mut near = pickups.map(|pickup| at.at() - pickup.at());
        if let Some(away) = near.find(|away| away.length() < SHY) {
            let way = away * (1.0 / away.length().max(0.01));
            (input.move_x, input.move_y) = (way.x, way.y);
        }
        input
    }
}

/// Plays for so many seconds with a snapshot every `interval` ticks, and so far back that shots may be judged.
#[must_use]
pub fn measure(
    link: Link,
    seed: u64,
    seconds: u64,
    interval: u8,
    limit: RewindLimit,
) -> Smoothness {
    let config = RoomConfig {
        snapshot_interval: interval,
        ..RoomConfig::default()
    };
    let mut game: Match<Arena> = Match::with_config(seed, link, arena::build, config);
    game.room_mut().sim_mut().insert_resource(limit);
    game.join_many(2, |i| stroll(seed * 2 + i as u64));
    game.run_seconds(SETTLE);
    let before = [0, 1].map(|i| game.client(i).stats());
    let commands = game.room().command_count();
    let mut paths = Paths::default();
    let (mut errors, mut drawn, mut delays) = (Vec::new(), Vec::new(), Vec::new());
    let (mut told, mut largest) = (before.map(|stats| stats.snapshots), 0.0_f32);
    for step in 0..seconds * 1000 / 2 {
        game.run(Duration::from_millis(2));
        paths.note(&game);
        for (i, told) in told.iter_mut().enumerate() {
            let stats = game.client(i).stats();
            if stats.snapshots > *told {
                *told = stats.snapshots;
                errors.push(f64::from(stats.prediction_error));
                largest = largest.max(stats.correction_size);
            }
            if step % 8 == 0 {
                drawn.extend(paths.drawn_error(&game, i, 1 - i));
                delays.push(stats.interpolation_delay.as_secs_f64());
            }
        }
    }
    let after = [0, 1].map(|i| game.client(i).stats());
    let grown = |of: fn(&tickwire_client::Stats) -> u64| {
        let pairs = before.iter().zip(&after);
        pairs
            .map(|(before, after)| of(after) - of(before))
            .sum::<u64>() as f64
    };
    let now = game.room().command_count();
    let minutes = 2.0 * seconds as f64 / 60.0;
    let mean = delays.iter().sum::<f64>() / delays.len().max(1) as f64;
    let ticks = f64::from(Arena::TICK_RATE) / f64::from(interval);
    Smoothness {
        starved: grown(|s| s.starved) / grown(|s| s.pictures).max(1.0),
        delay: Duration::from_secs_f64(mean),
        delay_intervals: delays.iter().copied().fold(0.0, f64::max) * ticks,
        corrections_per_minute: grown(|s| s.corrections) / minutes,
        largest_correction: f64::from(largest),
        mispredicted: grown(|s| s.mispredictions) / grown(|s| s.snapshots).max(1.0),
        prediction_error_p99: p99(&mut errors),
        replayed_per_minute: grown(|s| s.replayed_ticks) / minutes,
        drawn_error_p99: p99(&mut drawn),
        late_commands: (now.late - commands.late) as f64
            / (now.total - commands.total).max(1) as f64,
    }
}

/// The value that 99 of 100 do not exceed; 0 for none.
fn p99(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get(last * 99 / 100).copied().unwrap_or(0.0)
}

/// Where the players were on the server in the last second, by tick.
#[derive(Default)]
struct Paths(BTreeMap<u32, [Option<Body>; 2]>);

impl Paths {
    fn note(&mut self, game: &Match<Arena>) {
        let snapshot = game.room().sim().snapshot();
        let bodies = [0, 1].map(|i| snapshot.row(game.client(i).own()?)?.get());
        self.0.insert(snapshot.tick().0, bodies);
        while self.0.len() > 120 {
            self.0.pop_first();
        }
    }

    /// How far from the truth `watcher` sees `other`, in metres; `None` while it cannot be told.
    fn drawn_error(&self, game: &Match<Arena>, watcher: usize, other: usize) -> Option<f64> {
        let scene = game.client(watcher).scene(game.now());
        let drawn: Body = scene.get(game.client(other).own()?)?;
        let view = scene.view()?;
        let at = f64::from(view.from.0) + view.reach(f64::from(Arena::TICK_RATE));
        let (before, share) = (at.floor(), at.fract());
        let body = |tick: f64| {
            let (_, bodies) = self
                .0
                .iter()
                .find(|(known, _)| f64::from(**known) == tick)?;
            let body: Body = (*bodies.get(other)?)?;
            Some((f64::from(body.x), f64::from(body.y)))
        };
        let (from, to) = (body(before)?, body(before + 1.0)?);
        let (x, y) = (
            from.0 + (to.0 - from.0) * share,
            from.1 + (to.1 - from.1) * share,
        );
        Some((f64::from(drawn.x) - x).hypot(f64::from(drawn.y) - y))
    }
}

/// How long it takes from a key to a picture in which the own player has answered, in ticks: one value for each of `presses`
/// moments spread over a tick and a picture. The keys come between pictures, as keys do; pictures come at 60 Hz.
#[must_use]
pub fn input_to_picture(link: Link, seed: u64, presses: u64) -> Vec<f64> {
    let picture = Duration::from_secs(1) / 60;
    let mut waits = Vec::new();
    for press in 0..presses {
        let mut rng = fastrand::Rng::with_seed(seed ^ press << 8);
        let pressed = Duration::from_secs(5) + picture.mul_f64(rng.f64() * 4.0);
        let pictures = std::rc::Rc::new(std::cell::RefCell::new(VecDeque::new()));
        let drawn = std::rc::Rc::clone(&pictures);
        let mut game: Match<Arena> = Match::new(seed ^ press, link, arena::build);
        let me = game.join("Ada", move |_, now| {
            drawn.borrow_mut().push_back(now);
            Input {
                move_x: if now >= pressed { 1.0 } else { 0.0 },
                ..Input::default()
            }
        });
        game.run(Duration::from_secs(4));
        pictures.borrow_mut().clear();
        let own = |game: &Match<Arena>| {
            let scene = game.client(me).scene(game.now());
            scene.get::<Body>(game.client(me).own()?)
        };
        let start = own(&game).map_or(0.0, |body| body.x);
        let mut seen = None;
        while seen.is_none() && game.now() < pressed + Duration::from_secs(1) {
            game.run(Duration::from_millis(1));
            let now = game.now();
            let is_picture = pictures.borrow_mut().pop_front().is_some();
            let moved = own(&game).is_some_and(|body| (body.x - start).abs() > 1e-4);
            seen = (is_picture && moved).then_some(now);
        }
        let seen = seen.unwrap_or(Duration::MAX);
        waits.push(seen.saturating_sub(pressed).as_secs_f64() * f64::from(Arena::TICK_RATE));
    }
    waits
}
