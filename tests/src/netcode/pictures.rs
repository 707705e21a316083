//! What a player sees of corrections, of silence, and of what the server looks back to.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use arena::{Arena, Body, Input};
use tickwire_engine::{NetIds, RewindLimit};
use tickwire_protocol::{Game, NetId};

use super::{Effort, Row, Target, percentile};
use crate::shots::{Trial, run};
use crate::{Link, Match, wander};

const SEED: u64 = 9;

/// All figures of this kind.
pub(super) fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for fps in [30, 144] {
        for (cm, right) in [(20, 150.0), (150, 70.0)] {
            let off = (fading(fps, cm as f32 / 100.0) - right).abs();
            let what =
                format!("at {fps} fps a correction of {cm} cm halves in {right} ms, give or take");
            rows.push(Row::new("P1", &what, off, "ms", Target::AtMost(3.0)));
        }
    }
    rows.push(Row::new(
        "P1",
        "others go on without news for, at most",
        carried_on(),
        "ms",
        Target::AtMost(100.0),
    ));
    for (rtt, limit) in [(0, 200), (100, 200), (250, 400)] {
        let what = format!("of 8 shots at the middle of what is seen hit, limit {limit} ms");
        let hits = aim(rtt, limit);
        let name = format!("RTT {rtt}");
        rows.push(Row::new(&name, &what, hits, "", Target::AtLeast(8.0)));
    }
    rows.extend(hindsight(effort));
    rows
}

/// In how many ms the drawn offset of a correction by so many metres halves, for a page of so many pictures a second.
fn fading(fps: u32, metres: f32) -> f64 {
    // Where a wall is in the way the player does not stay where it is put.
    let mut found = (0..50).filter_map(|seed| fading_of(fps, metres, SEED + seed));
    found.next().unwrap_or(f64::INFINITY)
}

fn fading_of(fps: u32, metres: f32, seed: u64) -> Option<f64> {
    let mut game: Match<Arena> = Match::new(seed, Link::P1, arena::build);
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    game.join("Ada", move |client, now| {
        let own = client.own();
        let body = own.and_then(|own| client.scene(now).get::<Body>(own));
        log.borrow_mut().extend(body.map(|body| (now, body.x)));
        Input::default()
    });
    game.set_draw_interval(0, Duration::from_secs(1) / fps);
    game.run_seconds(6);
    let own = game.client(0).own()?;
    let world = game.room_mut().sim_mut().world_mut();
    let entity = world.resource::<NetIds>().entity(own)?;
    world.get_mut::<Body>(entity)?.x += metres;
    seen.borrow_mut().clear();
    game.run_seconds(2);
    let seen = seen.borrow();
    let (first, last) = (seen.first()?.1, seen.last()?.1);
    if (last - first - metres).abs() > 0.01 {
        return None;
    }
    let offset = |(at, x): &(Duration, f32)| (at.as_secs_f64(), f64::from((last - x).abs()));
    let falling = seen.iter().map(offset);
    let of = |share: f64| {
        falling
            .clone()
            .find(|(_, left)| *left < share * f64::from(metres))
    };
    let (from, to) = (of(0.95)?, of(0.25)?);
    Some((to.0 - from.0) * 1000.0 / (from.1 / to.1).log2())
}

/// For how many ms after the newest snapshot another player is drawn moving while nothing comes.
fn carried_on() -> f64 {
    let mut longest: f64 = 0.0;
    for seed in 0..8 {
        let mut game: Match<Arena> = Match::new(SEED + seed, Link::P1, arena::build);
        game.join("Ada", |_, _| Input::default());
        game.join("Bob", |_, now| Input {
            move_x: if now.as_secs() % 2 == 0 { 1.0 } else { -1.0 },
            ..Input::default()
        });
        game.run(Duration::from_millis(6300 + 70 * seed));
        game.blackhole(0, Duration::from_secs(1));
        let mut drawn: Option<Body> = None;
        for _ in 0..900 {
            game.run(Duration::from_millis(1));
            let scene = game.client(0).scene(game.now());
            let other = game
                .client(1)
                .own()
                .and_then(|other| scene.get::<Body>(other));
            let view = scene.view().filter(|view| view.from == view.to);
            if let Some(view) = view.filter(|_| other != drawn) {
                let rate = f64::from(Arena::TICK_RATE);
                longest = longest.max(view.reach(rate) * 1000.0 / rate);
            }
            drawn = other;
        }
    }
    longest
}

/// How many of eight shots at the middle of a runner, as drawn, hit it on the server.
fn aim(rtt: u64, limit: u64) -> f64 {
    let rtt = Duration::from_millis(rtt);
    let trial = Trial {
        limit: RewindLimit(Duration::from_millis(limit)),
        spread: 0.0,
        ..Trial::new(Link { rtt, ..Link::P0 }, 8, 1)
    };
    let found = run(&trial).agreement;
    8.0 * found.confirmed as f64 / found.hit_on_screen.max(8) as f64
}

/// Rows that wait for a later snapshot, because the budget is used up, are drawn where they were; the server looks back to where
/// they had come. How far that is apart in a full house.
fn hindsight(effort: Effort) -> Vec<Row> {
    let mut game: Match<Arena> = Match::new(SEED, Link::P1, arena::build);
    game.join_many(16, wander);
    for i in 0..48 {
        game.room_mut().sim_mut().join_bot(&format!("bot {i}"));
    }
    game.run_seconds(8);
    let (mut apart, mut rows) = (Vec::new(), 0_u64);
    let (waiting, seconds) = (game.room().held_back_rows(), effort.of(60));
    for _ in 0..seconds * 20 {
        game.run(Duration::from_millis(50));
        let history = game.room().sim().history();
        for i in 0..16 {
            let (client, now) = (game.client(i), game.now());
            let scene = client.scene(now);
            let view = scene.view();
            let moment = view.and_then(|view| view.moment(history, Arena::TICK_RATE));
            let Some(moment) = moment else { continue };
            let others = (0..80).map(NetId).filter(|id| Some(*id) != client.own());
            for id in others {
                let both = moment.get::<Body>(id).zip(scene.get::<Body>(id));
                apart.extend(both.map(|(a, b)| 100.0 * f64::from((a.at() - b.at()).length())));
            }
        }
        rows += 1;
    }
    let snapshots = 16.0 * 1.5 * rows as f64;
    let waiting = (game.room().held_back_rows() - waiting) as f64 / snapshots;
    let beyond = apart.iter().filter(|cm| **cm > 10.0).count() as f64;
    let beyond = 100.0 * beyond / apart.len().max(1) as f64;
    let row = |metric: &str, value, unit| {
        let what = format!("64 players of Arena in its budget: {metric}");
        Row::new("P1", &what, value, unit, Target::None)
    };
    vec![
        row("rows that wait, per snapshot", waiting, ""),
        row(
            "others drawn elsewhere than shots are judged, p99",
            percentile(&mut apart, 99.0),
            "cm",
        ),
        row("by more than 10 cm", beyond, "%"),
    ]
}
