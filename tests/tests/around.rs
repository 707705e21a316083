//! What influences a predicted entity is what its client has, on both ends.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test knows its numbers, and may fail"
)]

use tickwire_client::Client;
use tickwire_engine::prelude::*;
use tickwire_protocol::{Around, Game, Wire};
use tickwire_tests::{Link, Match};

/// A player, or a beacon.
#[derive(Component, Wire, Debug, Clone, Copy, PartialEq)]
struct Place {
    #[wire(min = -500.0, max = 500.0, step = 0.01, lerp)]
    x: f32,
}

/// How hard a beacon pulls, in metres per tick.
#[derive(Component, Wire, Debug, Clone, Copy, PartialEq)]
struct Pull {
    #[wire(min = 0.0, max = 1.0, step = 0.01)]
    strength: f32,
}

#[derive(Wire, Debug, Clone, Copy, Default, PartialEq)]
struct Idle {}

struct Beacons;

impl Game for Beacons {
    const TICK_RATE: u32 = 60;
    type Input = Idle;
    type Replicated = (Place, Pull);
    type Predicted = (Place,);
    type Event = ();
    type Level = ();

    /// All beacons pull, however far away they are.
    fn predict((own,): &mut (Place,), _: &Idle, around: &Around<'_, Self>) {
        for (_, pull) in around.others::<Pull>() {
            own.x += pull.strength;
        }
    }
}

const SIGHT: f32 = 50.0;

fn build(sim: &mut Sim<Beacons>) {
    sim.observe(enter).add_systems(move_players::<Beacons>);
    sim.interest(Interest::radius(SIGHT, SIGHT + 5.0).place(|place: &Place| [place.x, 0.0]));
    for (x, strength) in [(100.0, 0.03), (-300.0, 0.5)] {
        let beacon = (Place { x }, Pull { strength }, Replicated::default());
        sim.world_mut().spawn(beacon);
    }
}

fn enter(new: On<Add<Player>>, mut commands: Commands) {
    commands.entity(new.entity).insert(Place { x: 20.0 });
}

fn x(game: &Match<Beacons>, client: usize) -> f32 {
    let own = game.client(client).own().unwrap();
    let row = game.room().sim().snapshot().row(own);
    row.unwrap().get::<Place>().unwrap().x
}

#[test]
fn who_is_out_of_the_clients_sight_does_not_pull_on_the_server_either() {
    for (name, link) in [("P0", Link::P0), ("P2", Link::P2)] {
        let mut game: Match<Beacons> = Match::new(7, link, build);
        game.join("Ada", |_: &mut Client<Beacons>, _| Idle {});
        game.run_seconds(10);
        assert_eq!(x(&game, 0), 20.0, "{name}: both beacons are too far away");
        assert_eq!(game.client(0).stats().corrections, 0, "{name}");
        // Now one comes near.
        let world = game.room_mut().sim_mut().world_mut();
        let mut beacons = world.query::<(&mut Place, &Pull)>();
        let near = beacons
            .iter_mut(world)
            .find(|(_, pull)| pull.strength < 0.1);
        near.unwrap().0.x = 40.0;
        game.run_seconds(5);
        let pulled = x(&game, 0);
        // Out of sight again after some 1,700 ticks; until then nothing but its coming was a surprise.
        assert!((25.0..40.0).contains(&pulled), "{name}: {pulled}");
        let wrong = game.client(0).stats().mispredictions;
        assert!(wrong <= 12, "{name}: {wrong}");
        let before = game.client(0).stats().mispredictions;
        game.run_seconds(10);
        let wrong = game.client(0).stats().mispredictions - before;
        assert!(x(&game, 0) > pulled && wrong == 0, "{name}: {wrong}");
    }
}
