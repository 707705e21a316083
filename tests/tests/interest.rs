//! A world too large to see at once, over bad links: each player sees what is near, all of it and nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test knows its numbers, and may fail"
)]

use std::time::Duration;

use tickwire_client::Client;
use tickwire_engine::RoomConfig;
use tickwire_engine::prelude::*;
use tickwire_protocol::{Around, Game, NetId, Row, Wire};
use tickwire_tests::{Link, Match};

const SEED: u64 = 11;
const ENTER: f32 = 20.0;
const LEAVE: f32 = 24.0;

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Body {
    #[wire(min = -512.0, max = 511.0, step = 0.01, lerp)]
    x: f32,
    #[wire(min = -512.0, max = 511.0, step = 0.01, lerp)]
    y: f32,
}

/// Only its player knows it.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Purse {
    coins: u16,
}

#[derive(Wire, Clone, Copy, Default, Debug, PartialEq)]
struct Walk {
    right: bool,
    left: bool,
}

struct Plain;

impl Game for Plain {
    const TICK_RATE: u32 = 60;
    type Input = Walk;
    type Replicated = (Body, Purse);
    type Predicted = (Body,);
    type Event = ();
    type Level = ();

    fn predict((own,): &mut (Body,), input: &Walk, _: &Around<'_, Self>) {
        own.x += 0.3 * (f32::from(u8::from(input.right)) - f32::from(u8::from(input.left)));
    }
}

fn build(sim: &mut Sim<Plain>) {
    let interest = Interest::radius(ENTER, LEAVE)
        .place(|body: &Body| [body.x, body.y])
        .show::<Purse>(Audience::Owner);
    sim.interest(interest)
        .observe(welcome)
        .add_systems((move_players::<Plain>, earn, drift).chain());
    // A row of stones, one every 5 m, 100 m to each side.
    for i in -20_i16..=20 {
        let x = f32::from(i) * 5.0;
        sim.world_mut()
            .spawn((Replicated::default(), Body { x, y: 3.0 }));
    }
}

fn welcome(new: On<Add<Player>>, mut commands: Commands) {
    commands
        .entity(new.entity)
        .insert((Body::default(), Purse::default()));
}

fn earn(mut purses: Query<&mut Purse>) {
    for mut purse in &mut purses {
        purse.coins = purse.coins.wrapping_add(1);
    }
}

/// The stones move a little, or nothing but players would ever change.
fn drift(now: Res<CurrentTick>, mut stones: Query<&mut Body, Without<Player>>) {
    for mut stone in &mut stones {
        stone.y = 3.0 + f32::from(u8::from(now.0.0 % 60 < 30));
    }
}

/// To the right for some seconds, then back as long.
fn walk(number: usize) -> impl FnMut(&mut Client<Plain>, Duration) -> Walk {
    let turn = 4 + number as u64 % 3;
    move |_, now| {
        let right = (now.as_secs() / turn).is_multiple_of(2);
        Walk {
            right,
            left: !right,
        }
    }
}

fn body(row: Row<'_>) -> Body {
    row.get().expect("everything has a body here")
}

/// Checks every client's newest view against the server's world of that tick; returns how many rows were seen and left out.
fn check(game: &Match<Plain>, name: &str) -> (usize, usize) {
    let (mut seen, mut left_out) = (0, 0);
    for i in 0..game.client_count() {
        let (Some(view), Some(own)) = (game.client(i).newest(), game.client(i).own()) else {
            continue;
        };
        let Some(world) = game.room().sim().history().get(view.tick()) else {
            continue;
        };
        let from = body(world.row(own).expect("the own entity lives"));
        assert!(
            view.row(own).is_some(),
            "{name}: the own entity is always seen"
        );
        for row in world.rows() {
            let distance = (body(row).x - from.x).hypot(body(row).y - from.y);
            let is_seen = view.row(row.id).is_some();
            assert!(
                is_seen || distance > ENTER,
                "{name}: {distance} m away, unseen"
            );
            assert!(
                !is_seen || distance <= LEAVE,
                "{name}: {distance} m away, seen"
            );
            seen += usize::from(is_seen);
            left_out += usize::from(!is_seen);
        }
        for row in view.rows() {
            assert_eq!(
                row.get::<Purse>().is_some(),
                row.id == own,
                "{name}: purses are private"
            );
        }
    }
    (seen, left_out)
}

#[test]
fn each_player_sees_what_is_near_on_every_link() {
    for (name, link) in Link::ALL {
        let mut game: Match<Plain> = Match::new(SEED, link, build);
        game.join_many(4, walk);
        let (mut seen, mut left_out, mut compared) = (0, 0, 0);
        for _ in 0..60 {
            game.run(Duration::from_millis(250));
            compared += game.assert_views_match();
            let (more, less) = check(&game, name);
            seen += more;
            left_out += less;
        }
        assert!(
            compared > 150,
            "{name}: only {compared} of 240 views to compare"
        );
        assert!(
            seen > 1000 && left_out > 1000,
            "{name}: {seen} seen, {left_out} not"
        );
    }
}

#[test]
fn what_is_out_of_sight_is_told_apart_from_what_is_gone() {
    let mut game: Match<Plain> = Match::new(SEED, Link::P2, build);
    let me = game.join("Ada", |_, now| Walk {
        right: now > Duration::from_secs(3),
        left: false,
    });
    game.run_seconds(2);
    let stones: Vec<NetId> = game
        .client(me)
        .newest()
        .unwrap()
        .rows()
        .map(|row| row.id)
        .collect();
    let own = game.client(me).own().unwrap();
    let sim = game.room_mut().sim_mut();
    let mut query = sim.world_mut().query::<(Entity, &Replicated, &Body)>();
    let ahead = |(_, replicated, body): &(Entity, &Replicated, &Body)| {
        body.x > 9.0 && stones.contains(&replicated.id())
    };
    let (entity, replicated, _) = query.iter(sim.world()).find(ahead).unwrap();
    let (gone, entity) = (replicated.id(), entity);
    sim.world_mut().despawn(entity);
    game.run(Duration::from_millis(300));
    assert!(game.client(me).newest().unwrap().row(gone).is_none());
    assert!(!game.client(me).has_left(gone), "it is gone for good");
    let mut left = 0;
    for _ in 0..30 {
        game.run(Duration::from_millis(100));
        let client = game.client(me);
        let newest = client.newest().unwrap();
        assert!(newest.row(own).is_some());
        let behind = stones
            .iter()
            .filter(|id| newest.row(**id).is_none() && **id != gone);
        left = left.max(behind.filter(|id| client.has_left(**id)).count());
        assert!(!client.has_left(gone));
    }
    assert!(left > 2, "stones were left behind: {left}");
}

#[test]
fn whoever_comes_back_sees_anew() {
    let mut game: Match<Plain> = Match::new(SEED, Link::P1, build);
    game.join_many(2, walk);
    game.run_seconds(5);
    game.cut(0);
    game.run_seconds(5);
    let (seen, _) = check(&game, "after a cut");
    assert!(seen > 10);
    assert_eq!(game.assert_views_match(), 2);
}

/// 200 stones within sight, of which those farther away than 8 m are told of less often.
fn build_crowd(sim: &mut Sim<Plain>) {
    let interest = Interest::radius(ENTER, LEAVE)
        .place(|body: &Body| [body.x, body.y])
        .show::<Purse>(Audience::Owner)
        .tiers(&[1, 2, 6])
        .tier_beyond(8.0, 1)
        .tier_beyond(14.0, 2)
        .weight(|_: &Purse| 8);
    sim.interest(interest)
        .observe(welcome)
        .add_systems((move_players::<Plain>, earn, jitter).chain());
    for i in 0..200_i16 {
        let (x, y) = (f32::from(i % 20) - 10.0, f32::from(i / 20) - 5.0);
        sim.world_mut()
            .spawn((Replicated::default(), Body { x, y }));
    }
}

/// Every stone moves in every tick, and nobody can foresee where to.
fn jitter(mut rng: ResMut<Rng>, mut stones: Query<(&Replicated, &mut Body), Without<Player>>) {
    let mut stones: Vec<_> = stones.iter_mut().collect();
    stones.sort_unstable_by_key(|(replicated, _)| replicated.id());
    for (_, stone) in &mut stones {
        stone.x += rng.f32() * 0.4 - 0.2;
        stone.y += rng.f32() * 0.4 - 0.2;
    }
}

#[test]
fn a_budget_holds_on_every_link_and_nobody_is_forgotten() {
    const KBITS: u32 = 32;
    for (name, link) in Link::ALL {
        let config = RoomConfig {
            budget: KBITS,
            ..RoomConfig::default()
        };
        let mut game: Match<Plain> = Match::with_config(SEED, link, build_crowd, config);
        game.join_many(2, |_| |_: &mut Client<Plain>, _| Walk::default());
        let mut compared = 0;
        for _ in 0..40 {
            game.run(Duration::from_millis(250));
            compared += game.assert_views_match();
        }
        assert!(compared > 60, "{name}: {compared}");
        assert!(game.room().held_back_rows() > 1000, "{name}");
        for i in 0..2 {
            let client = game.client(i);
            let bits = client.stats().bytes_in * 8;
            // Ten seconds, and what a full bucket held at the start.
            let most = u64::from(KBITS) * (10_000 + 250);
            assert!(bits < most, "{name}: {bits} bits");
            assert!(
                bits > most / 2 || link.blackhole.is_some(),
                "{name}: only {bits} bits"
            );
            let (view, own) = (client.newest().unwrap(), client.own().unwrap());
            let purse: Purse = view.row(own).unwrap().get().unwrap();
            assert!(purse.coins > 400, "{name}: the own purse is never late");
            assert!(view.len() > 150, "{name}: {} of 200", view.len());
        }
    }
}
