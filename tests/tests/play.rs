//! Arena over bad links: both ends hold the same world, players see each other, and everyone comes back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers, and may fail"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use arena::{Arena, Body, Event, Input};
use tickwire_client::{Client, Connection};
use tickwire_engine::RoomConfig;
use tickwire_protocol::NetId;
use tickwire_tests::{Link, Match, wander};

const SEED: u64 = 7;

fn arena(link: Link) -> Match<Arena> {
    Match::new(SEED, link, arena::build)
}

fn stand(_: &mut Client<Arena>, _: Duration) -> Input {
    Input::default()
}

/// Goes round in a small polygon without shooting: it meets no pick-up, so nothing but its own commands changes it.
fn circle(_: &mut Client<Arena>, now: Duration) -> Input {
    let turn = (now.as_millis() / 250) as f32;
    Input {
        move_x: libm::cosf(turn),
        move_y: libm::sinf(turn),
        aim: turn,
        ..Input::default()
    }
}

fn all_play(game: &Match<Arena>) -> bool {
    (0..game.client_count()).all(|i| *game.client(i).connection() == Connection::Playing)
}

#[test]
fn every_client_holds_the_servers_world_on_every_link() {
    for (name, link) in Link::ALL {
        let mut game = arena(link);
        game.join_many(4, wander);
        let mut compared = 0;
        for _ in 0..80 {
            game.run(Duration::from_millis(250));
            compared += game.assert_views_match();
        }
        assert!(all_play(&game), "{name}: seed {SEED}");
        assert!(
            compared > 200,
            "{name}: only {compared} of 320 views were recent enough to compare"
        );
    }
}

/// How often the server corrected a lone walker in a minute, after five seconds to settle.
fn corrections_in_a_minute(seed: u64, link: Link) -> u64 {
    let mut game: Match<Arena> = Match::new(seed, link, arena::build);
    let me = game.join("Ada", circle);
    game.run_seconds(5);
    let before = game.client(me).stats().corrections;
    game.run_seconds(60);
    game.client(me).stats().corrections - before
}

#[test]
fn prediction_agrees_with_the_server_when_nothing_interferes() {
    for seed in 1..=8 {
        for (name, link) in [("P0", Link::P0), ("P1", Link::P1)] {
            let corrections = corrections_in_a_minute(seed, link);
            assert_eq!(
                corrections, 0,
                "{name}, seed {seed}: corrections in a minute"
            );
        }
    }
}

#[test]
fn the_own_body_answers_at_once_and_the_server_agrees_later() {
    let mut game = arena(Link::P4);
    let go = Duration::from_secs(5);
    let me = game.join("Ada", move |_, now| Input {
        move_x: if now >= go { 1.0 } else { 0.0 },
        ..Input::default()
    });
    game.run(go);
    let body = |game: &Match<Arena>| {
        let own = game.client(me).own().unwrap();
        game.client(me).scene(game.now()).get::<Body>(own).unwrap()
    };
    let start = body(&game).x;
    game.run(Duration::from_millis(34));
    let moved = body(&game).x - start;
    assert!(
        moved.abs() > 0.001,
        "nothing moved on the screen within 2 pictures"
    );
    let own = game.client(me).own().unwrap();
    let server_x = |game: &Match<Arena>| {
        game.room()
            .sim()
            .snapshot()
            .row(own)
            .unwrap()
            .get::<Body>()
            .unwrap()
            .x
    };
    assert!(
        (server_x(&game) - start).abs() < 0.001,
        "the server cannot know yet"
    );
    game.run(Duration::from_millis(400));
    assert!((server_x(&game) - start).abs() > 0.1);
}

#[test]
fn others_glide_where_they_were_on_the_server() {
    let mut game = arena(Link::P2);
    let walker = game.join("Ada", circle);
    let watcher = game.join("Bob", stand);
    game.run_seconds(5);
    let them = game.client(walker).own().unwrap();
    let mut path: BTreeMap<u32, (f32, f32)> = BTreeMap::new();
    let mut worst = 0.0_f32;
    let mut seen = 0;
    for _ in 0..2_000 {
        game.run(Duration::from_millis(4));
        let now = game.room().sim().snapshot();
        if let Some(body) = now.row(them).and_then(|row| row.get::<Body>()) {
            path.insert(now.tick().0, (body.x, body.y));
        }
        let scene = game.client(watcher).scene(game.now());
        let (Some(drawn), Some(view)) = (scene.get::<Body>(them), scene.view()) else {
            continue;
        };
        let at = view.from.0 as f32
            + (view.to.0 - view.from.0) as f32 * f32::from(view.fraction) / 256.0;
        let Some((before, after)) = path
            .get(&(at.floor() as u32))
            .zip(path.get(&(at.floor() as u32 + 1)))
        else {
            continue;
        };
        let share = at.fract();
        let truth = (
            before.0 + (after.0 - before.0) * share,
            before.1 + (after.1 - before.1) * share,
        );
        worst = worst.max((drawn.x - truth.0).hypot(drawn.y - truth.1));
        seen += 1;
    }
    assert!(seen > 1_500, "the walker was in sight: {seen}");
    assert!(worst < 0.05, "seed {SEED}: drawn {worst} m beside the path");
}

#[test]
fn a_shot_is_heard_once_by_everyone() {
    let mut game = arena(Link::P3);
    let shooter = game.join("Ada", |_, now| Input {
        rifle: now > Duration::from_secs(3),
        ..Input::default()
    });
    let listener = game.join("Bob", stand);
    game.run_seconds(10);
    let own = game.client(shooter).own().unwrap();
    let shots = |game: &Match<Arena>, client: usize| -> Vec<u32> {
        let shots = game
            .heard(client)
            .iter()
            .filter(|heard| matches!(heard.event, Event::Shot { who, .. } if who == own));
        shots.map(|heard| heard.tick.0).collect()
    };
    // The clients' views are not equally far: compare what both have seen.
    let (mine, theirs) = (shots(&game, shooter), shots(&game, listener));
    let both = mine.len().min(theirs.len());
    assert!(both > 20, "{mine:?}");
    assert_eq!(mine[..both], theirs[..both], "seed {SEED}");
    assert!(
        mine.windows(2).all(|pair| pair[0] < pair[1]),
        "each once, in order"
    );
}

#[test]
fn players_come_back_after_a_cut_and_after_a_restart() {
    let mut game = arena(Link::P1);
    game.join_many(3, wander);
    game.run_until(Duration::from_secs(5), "everyone playing", all_play);
    game.cut(1);
    assert!(matches!(
        game.client(1).connection(),
        Connection::Waiting {
            reason: Some(_),
            ..
        }
    ));
    game.run_until(
        Duration::from_secs(5),
        "the one that was cut off playing again",
        all_play,
    );
    assert_eq!(game.room().player_count(), 3);
    game.kill_server();
    game.run_seconds(20);
    assert!((0..3).all(|i| !matches!(game.client(i).connection(), Connection::Playing)));
    game.start_server();
    game.run_until(
        Duration::from_secs(20),
        "everyone playing on the new server",
        all_play,
    );
    game.run_seconds(2);
    assert_eq!(game.assert_views_match(), 3);
}

#[test]
fn a_full_server_lets_one_in_when_another_leaves() {
    let config = RoomConfig {
        max_players: 1,
        ..RoomConfig::default()
    };
    let mut game: Match<Arena> = Match::with_config(SEED, Link::P1, arena::build, config);
    game.join("Ada", stand);
    game.run_until(Duration::from_secs(3), "Ada playing", all_play);
    let bob = game.join("Bob", stand);
    game.run_seconds(3);
    let Connection::Waiting {
        reason: Some(reason),
        ..
    } = game.client(bob).connection()
    else {
        panic!("Bob waits")
    };
    assert!(reason.contains("full: 1 of 1"), "{reason}");
    game.client_mut(0).goodbye();
    game.run_until(Duration::from_secs(15), "Bob playing", |game| {
        *game.client(bob).connection() == Connection::Playing
    });
}

#[test]
fn a_narrow_link_gets_fewer_but_fresh_snapshots() {
    let mut game: Match<Arena> = Match::with_config(
        SEED,
        Link::P6,
        arena::build,
        RoomConfig {
            snapshot_interval: 1,
            ..RoomConfig::default()
        },
    );
    game.join_many(16, wander);
    for i in 0..16 {
        game.room_mut().sim_mut().join_bot(&format!("bot {i}"));
    }
    game.run_seconds(20);
    let mut ages = Vec::new();
    for _ in 0..400 {
        game.run(Duration::from_millis(25));
        for i in 0..16 {
            let held = game.client(i).newest().map_or(0, |s| s.tick().0);
            ages.push((game.room().sim().now().0 - held) * 1000 / 60);
        }
    }
    ages.sort_unstable();
    let p99 = ages[ages.len() * 99 / 100];
    assert!(
        p99 <= 50 + 150,
        "seed {SEED}: 99 % of the time the newest snapshot is at most {p99} ms old"
    );
}

#[test]
fn names_reach_everyone() {
    let mut game = arena(Link::P1);
    let ada = game.join("Ada", stand);
    game.run_seconds(1);
    let bob = game.join("Bob", stand);
    game.run_seconds(2);
    let names = |game: &Match<Arena>, client: usize| {
        let mut names: BTreeMap<NetId, String> = BTreeMap::new();
        for heard in game.heard(client) {
            match &heard.event {
                Event::Roster { players } => {
                    names.extend(players.iter().map(|p| (p.id, p.name.clone())))
                }
                Event::Joined { id, name, .. } => drop(names.insert(*id, name.clone())),
                _ => {}
            }
        }
        names.into_values().collect::<Vec<_>>()
    };
    assert_eq!(names(&game, ada), ["Ada", "Bob"]);
    assert_eq!(names(&game, bob), ["Ada", "Bob"]);
}
