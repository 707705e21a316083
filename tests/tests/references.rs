//! Entities that name entities, over bad links: what a client is told of can always be looked up.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test knows its numbers, and may fail"
)]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tickwire_client::Client;
use tickwire_engine::RoomConfig;
use tickwire_engine::prelude::*;
use tickwire_protocol::{Around, Game, NetId, Wire};
use tickwire_tests::{Link, Match};

const SEED: u64 = 5;
const ENTER: f32 = 20.0;
const LEAVE: f32 = 22.0;

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Body {
    #[wire(min = -512.0, max = 511.0, step = 0.01, lerp)]
    x: f32,
}

/// On turrets, and on players: predicted, so that their own references go through prediction.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Aim {
    at: Option<NetId>,
}

#[derive(Wire, Clone, Copy, Default, Debug, PartialEq)]
struct Walk {
    right: bool,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
enum Event {
    /// To all, with the picture.
    Born(NetId),
    /// To each, at once.
    Beware(NetId),
    /// Names nobody.
    Count(u32),
}

struct Range;

impl Game for Range {
    const TICK_RATE: u32 = 60;
    type Input = Walk;
    type Replicated = (Body, Aim);
    type Predicted = (Body, Aim);
    type Event = Event;
    type Level = ();

    fn predict((own, _): &mut (Body, Aim), input: &Walk, _: &Around<'_, Self>) {
        own.x += 0.1 * f32::from(u8::from(input.right));
    }

    fn names(event: &Event) -> Vec<NetId> {
        match event {
            Event::Born(id) | Event::Beware(id) => vec![*id],
            Event::Count(_) => Vec::new(),
        }
    }
}

/// Something that is shot at: comes from 40 m to the right at 0.05 m a tick.
#[derive(Component)]
struct Drone;

fn build(sim: &mut Sim<Range>) {
    sim.observe(welcome)
        .add_systems((move_players::<Range>, approach, aim).chain());
    sim.world_mut()
        .spawn((Replicated::default(), Body::default(), Aim::default()));
    sim.world_mut()
        .spawn((Replicated::default(), Body { x: 40.0 }, Drone));
}

fn build_near(sim: &mut Sim<Range>) {
    sim.interest(Interest::radius(ENTER, LEAVE).place(|body: &Body| [body.x, 0.0]));
    build(sim);
}

fn welcome(new: On<Add<Player>>, mut commands: Commands) {
    commands
        .entity(new.entity)
        .insert((Body::default(), Aim::default()));
}

fn approach(mut drones: Query<&mut Body, With<Drone>>) {
    for mut drone in &mut drones {
        drone.x -= 0.05;
    }
}

/// Whoever aims at nothing aims at the drone that was there first. Who aims stays with the target, whatever becomes of it.
fn aim(drones: Query<&Replicated, With<Drone>>, mut aims: Query<&mut Aim>) {
    let first = drones.iter().map(Replicated::id).min_by_key(|id| id.0);
    for mut aim in &mut aims {
        if aim.at.is_none() {
            aim.at = first;
        }
    }
}

/// What a client's pictures showed of references.
#[derive(Default)]
struct Seen {
    none: u32,
    some: u32,
}

/// Draws each picture, and checks that what it refers to is in it.
fn watch(seen: Rc<RefCell<Seen>>) -> impl FnMut(&mut Client<Range>, Duration) -> Walk {
    move |client, now| {
        let scene = client.scene(now);
        for row in scene.rows() {
            let Some(aim) = row.get::<Aim>() else {
                continue;
            };
            let mut seen = seen.borrow_mut();
            match aim.at {
                None => seen.none += 1,
                Some(target) => {
                    assert!(scene.row(target).is_some(), "{} aims at nothing", row.id);
                    seen.some += 1;
                }
            }
        }
        Walk::default()
    }
}

fn drone(game: &mut Match<Range>) -> (Entity, NetId) {
    let world = game.room_mut().sim_mut().world_mut();
    let mut drones = world.query_filtered::<(Entity, &Replicated), With<Drone>>();
    let (entity, replicated) = drones.single(world).unwrap();
    (entity, replicated.id())
}

#[test]
fn a_reference_is_filled_when_its_target_comes_into_view() {
    for (name, link) in Link::ALL {
        let mut game: Match<Range> = Match::new(SEED, link, build_near);
        let seen = Rc::new(RefCell::new(Seen::default()));
        game.join("Ada", watch(Rc::clone(&seen)));
        game.run_seconds(4);
        let (_, target) = drone(&mut game);
        let turret = NetId(0);
        let aim = |game: &Match<Range>| {
            let newest = game.client(0).newest().unwrap();
            newest.row(turret).unwrap().get::<Aim>().unwrap().at
        };
        let truth = game.room().sim().snapshot().row(turret).unwrap();
        assert_eq!(truth.get::<Aim>().unwrap().at, Some(target), "{name}");
        assert_eq!(aim(&game), None, "{name}: the target is not in view");
        assert_eq!(seen.borrow().some, 0, "{name}");
        // It comes near after 400 ticks.
        game.run_seconds(8);
        assert_eq!(aim(&game), Some(target), "{name}");
        let (none, some) = (seen.borrow().none, seen.borrow().some);
        assert!(none > 100 && some > 100, "{name}: {none}, {some}");
    }
}

#[test]
fn a_reference_never_comes_to_mean_another() {
    for (name, link) in [("P0", Link::P0), ("P3", Link::P3)] {
        let mut game: Match<Range> = Match::new(SEED, link, build);
        let seen = Rc::new(RefCell::new(Seen::default()));
        game.join("Ada", watch(Rc::clone(&seen)));
        game.run_seconds(2);
        let turret = NetId(0);
        let (entity, target) = drone(&mut game);
        let world = game.room_mut().sim_mut().world_mut();
        world.despawn(entity);
        // The very next tick, the components themselves included.
        game.room_mut().sim_mut().tick();
        let sim = game.room().sim();
        let aim = sim.snapshot().row(turret).unwrap().get::<Aim>();
        assert_eq!(aim, Some(Aim { at: None }), "{name}");
        let turret = sim.world().resource::<NetIds>().entity(turret).unwrap();
        assert_eq!(sim.world().get::<Aim>(turret), Some(&Aim { at: None }));
        assert_eq!(sim.world().resource::<NetIds>().entity(target), None);
        // Ids that are referred to rest for 640 ticks.
        game.run_seconds(11);
        let world = game.room_mut().sim_mut().world_mut();
        let next = world.spawn((Replicated::default(), Body { x: 1.0 })).id();
        let bearer = world.get::<Replicated>(next).unwrap().id();
        assert_eq!(bearer, target, "{name}: the number is given again");
        let before = seen.borrow().some;
        game.run_seconds(2);
        assert!(game.client(0).newest().unwrap().row(bearer).is_some());
        assert_eq!(seen.borrow().some, before, "{name}: nobody aims at it");
    }
}

/// Spawns a drone at `x` between two ticks, and sends three events behind it, of which the one in the middle is at once.
fn spawn_and_tell(game: &mut Match<Range>, x: f32, count: u32) -> NetId {
    let world = game.room_mut().sim_mut().world_mut();
    let id = world.spawn((Replicated::default(), Body { x }, Drone)).id();
    let id = world.get::<Replicated>(id).unwrap().id();
    let players: Vec<_> = game.room().sim().players().collect();
    let world = game.room_mut().sim_mut().world_mut();
    let mut events = world.resource_mut::<Events<Event>>();
    events.send(Event::Born(id));
    for player in players {
        events.send_to(player, Event::Beware(id));
    }
    events.send(Event::Count(count));
    id
}

/// Spawns and tells 60 times, at any moment, and checks each event when it comes.
fn play(link: Link, interval: u8, build: fn(&mut Sim<Range>), x: f32) -> Match<Range> {
    let config = RoomConfig {
        snapshot_interval: interval,
        ..RoomConfig::default()
    };
    let mut game: Match<Range> = Match::with_config(SEED, link, build, config);
    game.join("Ada", |_, _| Walk::default());
    game.run_seconds(2);
    let mut rng = fastrand::Rng::with_seed(SEED);
    let mut counted = game.heard(0).len();
    for count in 0..60 {
        spawn_and_tell(&mut game, x, count);
        for _ in 0..rng.u32(20..200) {
            game.run(Duration::from_millis(1));
            let heard: Vec<_> = game.heard(0).iter().skip(counted).cloned().collect();
            counted += heard.len();
            for delivered in heard {
                let (Event::Born(id) | Event::Beware(id)) = delivered.event else {
                    continue;
                };
                let newest = game.client(0).newest().unwrap();
                let alive = newest.row(id).is_some();
                assert_eq!(alive, x < ENTER, "{:?} at {}", delivered, newest.tick());
                let now = game.now();
                if alive && !delivered.at_once {
                    let scene = game.client_mut(0).scene(now);
                    assert!(scene.row(id).is_some(), "{delivered:?}");
                }
            }
        }
    }
    game.run_seconds(3);
    game
}

fn assert_all_told(game: &Match<Range>, name: &str) {
    let events = || game.heard(0).iter().map(|delivered| &delivered.event);
    let counts: Vec<_> = events()
        .filter_map(|event| match event {
            Event::Count(count) => Some(*count),
            _ => None,
        })
        .collect();
    assert_eq!(counts, (0..60).collect::<Vec<_>>(), "{name}: in order");
    assert_eq!(events().count(), 180, "{name}");
}

#[test]
fn an_event_comes_after_the_spawn_of_whom_it_names() {
    let narrow = Link {
        downstream: Some(1_000),
        ..Link::P1
    };
    for (name, link) in [("P0", Link::P0), ("P3", Link::P3), ("narrow", narrow)] {
        for interval in [1, 2, 6] {
            let name = format!("{name}, a snapshot every {interval} ticks");
            for build in [build, build_near] {
                let game = play(link, interval, build, 5.0);
                assert_all_told(&game, &name);
                let skipped = game.room().skipped_snapshots();
                assert!(link != narrow || interval > 2 || skipped > 10, "{skipped}");
            }
        }
    }
}

#[test]
fn whom_a_client_does_not_see_holds_nothing_up() {
    let told = |x: f32| {
        let game = play(Link::P1, 2, build_near, x);
        assert_all_told(&game, "out of sight");
        game
    };
    // Drones approach, but those from 400 m are never near.
    let game = told(400.0);
    let late = |delivered: &tickwire_client::Delivered<Event>| delivered.at_once;
    assert_eq!(game.heard(0).iter().filter(|d| late(d)).count(), 60);
}
