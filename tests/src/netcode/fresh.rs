//! How old what a client shows is on a narrow link, how it comes back, and that a stalled reader disturbs nobody.

use std::time::Duration;

use arena::{Arena, Input};
use tickwire_client::{Client, Connection};
use tickwire_engine::{EcsGame, RoomConfig};
use tickwire_protocol::Game;

use super::{Effort, Row, Target, percentile, profiles};
use crate::sockets::{self, Dust, Idle};
use crate::{Link, Match, wander};

const SEED: u64 = 7;
/// Clients on narrow links.
const NARROW: usize = 4;

/// The same without shooting: what must not be lost is not what these figures are about.
fn peaceful(number: usize) -> impl FnMut(&mut Client<Arena>, Duration) -> Input {
    let mut play = wander(number);
    move |client, now| Input {
        rifle: false,
        rocket: false,
        ..play(client, now)
    }
}

/// Figures of those who get less than all.
pub(super) fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = narrow(effort);
    rows.extend(stalled(effort));
    rows
}

/// Figures of those who come back.
pub(super) fn resumptions(effort: Effort) -> Vec<Row> {
    let profiles = profiles(["P0", "P1", "P2", "P3", "P4"]);
    profiles
        .flat_map(|(name, link)| resume(name, link, effort))
        .collect()
}

fn ms(ticks: u32) -> f64 {
    f64::from(ticks) * 1000.0 / f64::from(Arena::TICK_RATE)
}

/// How far what a client has is behind the server, in ms.
fn age<G: EcsGame>(game: &Match<G>, client: usize) -> f64 {
    let held = game.client(client).newest().map_or(0, |held| held.tick().0);
    ms(game.room().sim().now().0.saturating_sub(held))
}

/// 600 motes that move without a pattern, a snapshot in each tick: more than the narrow link takes.
fn dusty(link: Link) -> Match<Dust> {
    let config = RoomConfig {
        snapshot_interval: 1,
        budget: 0,
        ..RoomConfig::default()
    };
    let mut game: Match<Dust> = Match::with_config(SEED, link, sockets::build, config);
    game.join_many(NARROW, |_| |_, _| Idle {});
    game.run_seconds(10);
    game
}

/// What such a client is sent where the link takes it all, in kbit/s.
fn demand() -> f64 {
    const SECONDS: u64 = 5;
    let mut game = dusty(Link::P1);
    let before = game.received(0);
    game.run_seconds(SECONDS);
    (game.received(0) - before) as f64 * 8.0 / 1000.0 / SECONDS as f64
}

fn narrow(effort: Effort) -> Vec<Row> {
    let mut game = dusty(Link::P6);
    let (mut ages, skipped) = (Vec::new(), game.room().skipped_snapshots());
    let seconds = effort.of(60);
    for _ in 0..seconds * 40 {
        game.run(Duration::from_millis(25));
        ages.extend((0..NARROW).map(|i| age(&game, i)));
    }
    let skipped = (game.room().skipped_snapshots() - skipped) as f64;
    let due = NARROW as f64 * f64::from(Arena::TICK_RATE) * seconds as f64;
    let p99 = percentile(&mut ages, 99.0);
    vec![
        Row::new(
            "P6",
            "the world asks for, of the link's 256",
            demand(),
            "kbit/s",
            Target::AtLeast(256.0),
        ),
        Row::new(
            "P6",
            "snapshot age p99, without a budget",
            p99,
            "ms",
            Target::AtMost(200.0),
        ),
        Row::new(
            "P6",
            "snapshots skipped, without a budget",
            100.0 * skipped / due,
            "%",
            Target::None,
        ),
    ]
}

/// 64 clients, of which 8 read nothing for 30 s; what they cost in memory is measured on real sockets, in `sockets`. Nobody shoots: who
/// is told too much that must not be lost is thrown out.
fn stalled(effort: Effort) -> Vec<Row> {
    const CLIENTS: usize = 64;
    const STALLED: usize = 8;
    let mut game: Match<Arena> = Match::new(SEED, Link::P1, arena::build);
    game.join_many(CLIENTS, peaceful);
    game.run_seconds(5);
    let time = Duration::from_secs(effort.of(30).max(12));
    let calm = intervals(&mut game, time, STALLED..CLIENTS);
    for number in 0..STALLED {
        game.freeze(number, time);
    }
    let busy = intervals(&mut game, time, STALLED..CLIENTS);
    let back = game.now();
    let mut waited = [0.0; STALLED];
    let mut left = STALLED;
    while left > 0 && game.now() < back + Duration::from_secs(2) {
        game.run(Duration::from_millis(1));
        for (number, waited) in waited.iter_mut().enumerate() {
            // Fresh: no older than the way, an interval and a tick.
            if *waited == 0.0 && age(&game, number) <= 30.0 + ms(3) {
                *waited = (game.now() - back).as_secs_f64() * 1000.0;
                left -= 1;
            }
        }
    }
    let longest = waited
        .iter()
        .copied()
        .fold(if left > 0 { 2000.0 } else { 0.0 }, f64::max);
    let apart = (busy - calm).abs();
    let what = |what: &str| format!("8 of 64 stop reading: {what}");
    vec![
        Row::new(
            "P1",
            &what("the others' p99 interval changes by"),
            apart,
            "ms",
            Target::AtMost(1.0),
        ),
        // 1 RTT of 50 ± 10 ms and a tick.
        Row::new(
            "P1",
            &what("fresh again after"),
            longest,
            "ms",
            Target::AtMost(60.0 + ms(1)),
        ),
    ]
}

/// The 99th percentile of the time between two snapshots, in ms, over these clients.
fn intervals(game: &mut Match<Arena>, time: Duration, clients: std::ops::Range<usize>) -> f64 {
    let end = game.now() + time;
    let mut last: Vec<_> = clients.clone().map(|_| (None, game.now())).collect();
    let mut gaps = Vec::new();
    while game.now() < end {
        game.run(Duration::from_millis(1));
        for (number, (tick, at)) in clients.clone().zip(&mut last) {
            let newest = game.client(number).newest().map(|newest| newest.tick());
            if newest != *tick {
                if tick.is_some() {
                    gaps.push((game.now() - *at).as_secs_f64() * 1000.0);
                }
                (*tick, *at) = (newest, game.now());
            }
        }
    }
    percentile(&mut gaps, 99.0)
}

/// How long a client takes from losing its socket to playing again as the same player. A WebSocket's own handshake, a round trip
/// of TCP and one of HTTP, is not part of the simulation.
fn resume(name: &str, link: Link, effort: Effort) -> Vec<Row> {
    let mut worst: f64 = 0.0;
    for seed in 0..effort.of(50) {
        let mut game: Match<Arena> = Match::new(SEED + seed, link, arena::build);
        game.join("Ada", wander(0));
        game.run(Duration::from_millis(7000 + 7 * seed));
        let (own, cut) = (game.client(0).own(), game.now());
        game.cut(0);
        let limit = Duration::from_secs(10);
        let is = |game: &Match<Arena>, what: Connection| *game.client(0).connection() == what;
        game.run_until(limit, "playing", |game| {
            is(game, Connection::Playing) && game.client(0).newest().is_some()
        });
        let is_same = game.client(0).own() == own;
        let took = (game.now() - cut).as_secs_f64() * 1000.0;
        worst = worst.max(if is_same { took } else { f64::INFINITY });
    }
    // The server answers in its next tick, the client in its next picture.
    let rtt = (link.rtt + link.jitter).as_secs_f64() * 1000.0;
    let target = Target::AtMost(2.0 * rtt + ms(2));
    vec![Row::new(
        name,
        "the same player playing again after a lost socket",
        worst,
        "ms",
        target,
    )]
}
