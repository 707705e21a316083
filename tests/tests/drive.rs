//! Players whose commands move more than themselves: each has a hound that runs where its owner points, predicted like the owner.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test knows its numbers, and may fail"
)]

use std::time::Duration;

use bevy_ecs::prelude::*;
use tickwire_client::Client;
use tickwire_engine::{Player, Replicated, Sim, move_players};
use tickwire_protocol::{Around, Game, NetId, Row, Wire};
use tickwire_tests::{Link, Match};

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq)]
struct Place {
    #[wire(min = 0.0, max = 4000.0, step = 0.01, lerp)]
    x: f32,
}

/// Whose hound it is.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq)]
struct Leash {
    owner: Option<NetId>,
}

#[derive(Wire, Clone, Copy, Debug, Default, PartialEq)]
struct Input {
    walk: bool,
    fetch: bool,
}

struct Kennel;

impl Game for Kennel {
    const TICK_RATE: u32 = 60;
    type Input = Input;
    type Replicated = (Place, Leash);
    type Predicted = (Place,);
    type Event = ();
    type Level = ();

    fn driver(row: &Row<'_>) -> Option<NetId> {
        row.get::<Leash>()?.owner
    }

    fn predict((place,): &mut (Place,), input: &Input, around: &Around<'_, Self>) {
        if around.own == around.player {
            place.x += if input.walk { 0.05 } else { 0.0 };
        } else {
            place.x += if input.fetch { 0.15 } else { 0.0 };
        }
    }
}

fn build(sim: &mut Sim<Kennel>) {
    sim.observe(welcome).add_systems(move_players::<Kennel>);
}

fn welcome(new: On<Add<Player>>, players: Query<&Replicated>, mut commands: Commands) {
    let owner = players.get(new.entity).unwrap().id();
    commands.entity(new.entity).insert(Place { x: 10.0 });
    let leash = Leash { owner: Some(owner) };
    commands.spawn((Replicated::default(), Place { x: 5.0 }, leash));
}

fn hound_of(game: &Match<Kennel>, client: usize) -> NetId {
    let own = game.client(client).own().unwrap();
    let rows = game.room().sim().snapshot();
    let mut hounds = rows.rows().filter(|row| Kennel::driver(row) == Some(own));
    hounds.next().unwrap().id
}

fn drawn(game: &Match<Kennel>, client: usize, id: NetId) -> f32 {
    let scene = game.client(client).scene(game.now());
    scene.get::<Place>(id).unwrap().x
}

fn on_server(game: &Match<Kennel>, id: NetId) -> f32 {
    let snapshot = game.room().sim().snapshot();
    snapshot.row(id).unwrap().get::<Place>().unwrap().x
}

/// Whistles from `go` on, and walks every other second.
fn whistle(go: Duration) -> impl FnMut(&mut Client<Kennel>, Duration) -> Input {
    move |_, now| Input {
        walk: now.as_secs() % 2 == 1,
        fetch: now >= go,
    }
}

#[test]
fn a_hound_runs_at_once_and_the_server_agrees() {
    let seed = 11;
    let mut game: Match<Kennel> = Match::new(seed, Link::P1, build);
    let go = Duration::from_secs(6);
    let me = game.join("Ada", whistle(go));
    let other = game.join("Bob", whistle(Duration::MAX));
    game.run(go);
    let hound = hound_of(&game, me);
    let start = drawn(&game, me, hound);
    game.run(Duration::from_millis(34));
    assert!(
        drawn(&game, me, hound) > start,
        "seed {seed}: it has not moved within two pictures"
    );
    assert!(
        (on_server(&game, hound) - start).abs() < 0.001,
        "the server cannot know yet"
    );
    assert!((drawn(&game, other, hound) - start).abs() < 0.001);
    game.run_seconds(20);
    let (mine, real, theirs) = (
        drawn(&game, me, hound),
        on_server(&game, hound),
        drawn(&game, other, hound),
    );
    assert!(
        mine > real && real > theirs,
        "seed {seed}: {mine} {real} {theirs}"
    );
    for client in [me, other] {
        let stats = game.client(client).stats();
        assert_eq!(
            (stats.corrections, stats.mispredictions),
            (0, 0),
            "seed {seed}: client {client}"
        );
    }
    assert_eq!(game.assert_views_match(), 2);
}

#[test]
fn who_loses_the_hound_sees_it_as_all_others_do() {
    let seed = 12;
    let mut game: Match<Kennel> = Match::new(seed, Link::P2, build);
    let me = game.join("Ada", whistle(Duration::ZERO));
    let other = game.join("Bob", whistle(Duration::ZERO));
    game.run_seconds(5);
    let hound = hound_of(&game, me);
    let thief = game.client(other).own();
    let sim = game.room_mut().sim_mut();
    let mut leashes = sim.world_mut().query::<(&Replicated, &mut Leash)>();
    for (replicated, mut leash) in leashes.iter_mut(sim.world_mut()) {
        if replicated.id() == hound {
            leash.owner = thief;
        }
    }
    game.run_seconds(3);
    let (before, after, real) = (
        drawn(&game, me, hound),
        drawn(&game, other, hound),
        on_server(&game, hound),
    );
    assert!(
        before < real && real < after,
        "seed {seed}: {before} {real} {after}: the thief is ahead of the server now"
    );
}
