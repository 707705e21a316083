//! A lost connection costs neither score nor place.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test knows its numbers, and may fail"
)]

use std::time::Duration;

use arena::{Arena, Body, Event, Health, Score};
use tickwire_client::Connection;
use tickwire_engine::{Away, RoomConfig};
use tickwire_protocol::NetId;
use tickwire_tests::{Link, Match, wander};

const TICK: Duration = Duration::from_nanos(16_666_667);
const FRAME: Duration = TICK;

/// What the server knows of a player.
fn own(game: &Match<Arena>, id: NetId) -> Option<(Score, Health, Option<Body>)> {
    let row = game.room().sim().snapshot().row(id)?;
    Some((row.get()?, row.get()?, row.get()))
}

fn plays(game: &Match<Arena>, client: usize) -> bool {
    let client = game.client(client);
    let shown = client.own().zip(client.newest());
    *client.connection() == Connection::Playing
        && shown.is_some_and(|(own, newest)| newest.row(own).is_some())
}

fn is_away(game: &Match<Arena>, id: NetId) -> bool {
    let sim = game.room().sim();
    let mut players = sim.players();
    let player = players.find(|player| sim.net_id_of(*player) == Some(id));
    let entity = player.and_then(|player| sim.entity_of(player));
    entity.is_some_and(|entity| sim.world().get::<Away>(entity).is_some())
}

/// Two players fight for 20 s. Some deaths and kills come of it.
fn fight(seed: u64, link: Link) -> Match<Arena> {
    let mut game: Match<Arena> = Match::new(seed, link, arena::build);
    game.join_many(2, wander);
    for i in 0..6 {
        game.room_mut().sim_mut().join_bot(&format!("bot {i}"));
    }
    game.run_seconds(20);
    game
}

#[test]
fn the_same_player_plays_on_within_two_round_trips_a_tick_and_a_picture() {
    for (name, link) in [("P0", Link::P0), ("P2", Link::P2)] {
        let mut had_scores = 0;
        for seed in 0..8 {
            let mut game = fight(seed, link);
            let me = game.client(0).own().unwrap();
            let (score, ..) = own(&game, me).unwrap();
            had_scores += u32::from(score.kills + score.deaths > 0);
            let cut = game.now();
            game.cut(0);
            game.run_until(Duration::from_secs(5), "playing again", |g| plays(g, 0));
            let took = game.now() - cut;
            let round_trips = (link.rtt + link.jitter) * 2;
            // Time passes by the millisecond here.
            let most = round_trips + TICK + FRAME + Duration::from_millis(1);
            assert!(took <= most, "{name}, seed {seed}: {took:?} of {most:?}");
            assert_eq!(game.client(0).own(), Some(me), "{name}, seed {seed}");
            let (now, ..) = own(&game, me).unwrap();
            let came = (now.kills - score.kills) + (now.deaths - score.deaths);
            assert!(came <= 1, "{name}, seed {seed}: {score:?} became {now:?}");
            assert_eq!(game.room().sim().players().count(), 8);
            game.run_seconds(3);
            assert!(game.assert_views_match() >= 1, "{name}, seed {seed}");
            let away = is_away(&game, me);
            assert!(plays(&game, 0) && !away, "{name}, seed {seed}");
        }
        assert!(had_scores >= 4, "{name}: there was something to lose");
    }
}

#[test]
fn who_is_away_for_a_while_stands_and_learns_of_those_who_came_meanwhile() {
    let mut game: Match<Arena> = Match::new(7, Link::P2, arena::build);
    game.join_many(2, wander);
    game.run_seconds(10);
    let me = game.client(0).own().unwrap();
    game.cut(0);
    game.freeze(0, Duration::from_secs(12));
    game.run_seconds(2);
    assert!(is_away(&game, me));
    // No command is repeated for longer than 150 ms, and then the body rolls to a stop.
    let stood = own(&game, me).unwrap().2;
    game.room_mut().sim_mut().join_bot("Late");
    game.run_seconds(2);
    let stands = own(&game, me).unwrap().2;
    let is_there = |body: Option<Body>| body.map(|body| (body.x, body.y));
    assert!(is_there(stood).is_some() && is_there(stood) == is_there(stands));
    game.run_until(Duration::from_secs(20), "playing again", |g| plays(g, 0));
    game.run_seconds(1);
    assert_eq!(game.client(0).own(), Some(me));
    let knows = |event: &Event| match event {
        Event::Roster { players } => players.iter().any(|player| player.name == "Late"),
        _ => false,
    };
    let heard = game.heard(0).iter();
    assert_eq!(heard.filter(|heard| knows(&heard.event)).count(), 1);
}

#[test]
fn the_seat_goes_after_30_s_and_who_comes_then_is_new() {
    let mut game: Match<Arena> = Match::new(7, Link::P2, arena::build);
    game.join_many(2, wander);
    game.run_seconds(10);
    let me = game.client(0).own().unwrap();
    game.cut(0);
    game.freeze(0, Duration::from_secs(32));
    game.run(Duration::from_millis(29_900));
    assert!(own(&game, me).is_some());
    game.run(Duration::from_millis(200));
    assert!(own(&game, me).is_none());
    game.run_until(Duration::from_secs(20), "playing again", |g| plays(g, 0));
    assert_ne!(game.client(0).own(), Some(me));
    assert_eq!(game.room().sim().players().count(), 2);
}

#[test]
fn a_kept_seat_refuses_nobody_and_who_comes_too_late_for_it_is_new_or_waits() {
    let config = RoomConfig {
        max_players: 2,
        ..RoomConfig::default()
    };
    let mut game: Match<Arena> = Match::with_config(7, Link::P2, arena::build, config);
    game.join_many(2, wander);
    game.run_seconds(10);
    let me = game.client(0).own().unwrap();
    game.cut(0);
    game.freeze(0, Duration::from_secs(5));
    game.run_seconds(1);
    assert_eq!(game.room().kept_seats(), 1);
    let newcomer = game.join("Eve", wander(2));
    game.run_until(Duration::from_secs(1), "a place", |g| plays(g, newcomer));
    assert!(own(&game, me).is_none(), "the body is gone");
    assert_eq!(game.room().sim().players().count(), 2);
    // Now the room is full of players, and who comes back is told so until there is a place.
    let is_told = |g: &Match<Arena>| match g.client(0).connection() {
        Connection::Waiting { reason, .. } => reason
            .as_deref()
            .is_some_and(|why| why.contains("full: 2 of 2")),
        _ => false,
    };
    game.run_until(Duration::from_secs(8), "told that it is full", is_told);
    assert!(plays(&game, 1) && plays(&game, newcomer));
    game.client_mut(newcomer).goodbye();
    game.run_until(Duration::from_secs(20), "playing again", |g| plays(g, 0));
    assert_ne!(game.client(0).own(), Some(me));
    game.run_seconds(3);
    assert!(game.assert_views_match() >= 1);
}

#[test]
fn who_says_goodbye_leaves_at_once_and_a_restarted_server_knows_nobody() {
    let mut game: Match<Arena> = Match::new(7, Link::P2, arena::build);
    game.join_many(2, wander);
    game.run_seconds(10);
    game.client_mut(0).goodbye();
    game.run_seconds(1);
    assert_eq!(game.room().sim().players().count(), 1);
    game.kill_server();
    game.run_seconds(1);
    game.start_server();
    game.run_until(Duration::from_secs(20), "playing again", |g| plays(g, 1));
    assert_eq!(game.room().sim().players().count(), 1);
    assert_eq!(game.room().kept_seats(), 0);
}

#[test]
fn a_server_that_keeps_no_seats_tells_no_tokens() {
    let config = RoomConfig {
        seat_kept: Duration::ZERO,
        ..RoomConfig::default()
    };
    let mut game: Match<Arena> = Match::with_config(7, Link::P0, arena::build, config);
    game.join("Ada", wander(0));
    game.run_seconds(10);
    let me = game.client(0).own().unwrap();
    assert_eq!(game.client(0).token(), None);
    game.cut(0);
    game.run(Duration::from_millis(20));
    assert!(own(&game, me).is_none());
}

#[test]
fn a_connection_that_the_server_still_believes_in_is_taken_over() {
    // Nothing passes for 12 s: the client gives up after 10 and dials again, while the server has not noticed anything.
    let mut game = fight(7, Link::P2);
    let me = game.client(0).own().unwrap();
    game.blackhole(0, Duration::from_secs(12));
    let is_lost = |g: &Match<Arena>| g.client(0).own().is_none();
    game.run_until(Duration::from_secs(11), "giving up", is_lost);
    game.run_until(Duration::from_secs(5), "playing again", |g| plays(g, 0));
    assert_eq!(game.client(0).own(), Some(me));
    assert_eq!(game.room().sim().players().count(), 8);
}
