//! What a shooter is shown of the past.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers, and may fail"
)]

use std::time::Duration;

use tickwire_engine::prelude::*;
use tickwire_engine::{Lane, RewindLimit, Room, RoomConfig, SessionId};
use tickwire_protocol::message::{ClientControl, PROTOCOL_VERSION, ServerControl, View, Welcome};
use tickwire_protocol::message::{Command, Commands, ServerMessage, decode_server};
use tickwire_protocol::{Game, GameSchema, Tick, Wire};

#[derive(Component, Wire, Clone, Copy, Debug, Default, PartialEq)]
struct Place {
    #[wire(min = 0.0, max = 1000.0, step = 0.01, lerp)]
    x: f32,
}

struct Range;

impl Game for Range {
    const TICK_RATE: u32 = 60;
    type Input = Idle;
    type Replicated = (Place,);
    type Predicted = ();
    type Event = ();
    type Level = ();
}

#[derive(Wire, Clone, Copy, Debug, Default, PartialEq)]
struct Idle;

/// Whom the shooter sees, and who is only in its picture any more.
#[derive(Resource, Default)]
struct Seen(Vec<f32>, Vec<f32>);

/// Everybody stands at x = tick number.
fn run(tick: Res<CurrentTick>, mut places: Query<&mut Place>) {
    for mut place in &mut places {
        place.x = tick.0.0 as f32;
    }
}

fn look(shooters: Query<Entity, With<Player>>, past: Rewind<Place>, mut seen: ResMut<Seen>) {
    seen.0.clear();
    for shooter in &shooters {
        seen.1 = past.gone(shooter).iter().map(|(_, it)| it.x).collect();
        seen.0.extend(
            past.seen_by(shooter)
                .filter(|(them, _)| *them != shooter)
                .map(|(_, there)| there.x),
        );
    }
}

fn build(sim: &mut Sim<Range>) {
    sim.insert_resource(Seen::default())
        .add_systems((run, look).chain());
}

/// What a player sees at tick 40 with such a view; the target is there since tick 0.
fn seen(view: Option<View>) -> Vec<f32> {
    let mut sim = Sim::new(1, build);
    let shooter = sim.join("shooter");
    sim.world_mut()
        .spawn((Replicated::default(), Place::default()));
    for _ in 0..39 {
        sim.tick();
    }
    sim.set_view(shooter, view);
    sim.tick();
    sim.world().resource::<Seen>().0.clone()
}

fn view(from: u32, to: u32, fraction: u8) -> Option<View> {
    Some(View {
        from: Tick(from),
        to: Tick(to),
        fraction,
    })
}

#[test]
fn without_a_view_there_is_the_present() {
    assert_eq!(seen(None), [40.0]);
}

#[test]
fn a_view_is_a_point_between_two_snapshots() {
    assert_eq!(seen(view(30, 34, 0)), [30.0]);
    assert_eq!(seen(view(30, 34, 128)), [32.0]);
    assert_eq!(seen(view(30, 30, 200)), [30.0]);
}

#[test]
fn a_view_before_the_limit_is_moved_to_it() {
    // It is tick 40; 200 ms are 12 ticks, and one is for looking.
    assert_eq!(seen(view(27, 28, 0)), [27.0]);
    assert_eq!(seen(view(26, 27, 128)), [27.0]);
    assert_eq!(seen(view(20, 24, 128)), [27.0]);
    assert_eq!(
        seen(view(24, 32, 192)),
        [30.0],
        "the point counts, not the older snapshot"
    );
}

#[test]
fn a_snapshot_that_was_carried_on_may_be_little_older_than_the_limit() {
    // 20 ms are 1.2 ticks; `x` stays where it is beyond the newest snapshot.
    assert_eq!(seen(view(26, 26, 128)), [26.0]);
    assert_eq!(seen(view(25, 25, 128)), [26.0], "the moment is allowed");
    assert_eq!(seen(view(20, 20, 255)), [26.0]);
}

#[test]
fn a_view_of_the_future_is_moved_to_the_newest_snapshot() {
    assert_eq!(seen(view(45, 50, 0)), [39.0]);
    assert_eq!(seen(view(38, 45, 0)), [38.0]);
    assert_eq!(seen(view(38, 45, 128)), [39.0]);
}

/// What the Welcome says of the limit, in ms.
fn told(build: fn(&mut Sim<Range>)) -> u16 {
    welcomed(build).1
}

/// A room with one player, and what the Welcome says of the limit.
fn welcomed(build: fn(&mut Sim<Range>)) -> (Room<Range>, u16) {
    let mut room = Room::new(Sim::new(1, build), RoomConfig::default());
    let schema = GameSchema::of::<Range>();
    let hello = ClientControl::Hello {
        protocol: PROTOCOL_VERSION,
        schema: schema.hash,
        tables: schema.tables.hash,
        game: schema.name.into(),
        name: "shooter".into(),
        token: None,
    };
    room.connect(SessionId(1));
    room.handle_message(SessionId(1), &hello.encode(), Duration::ZERO);
    let welcome = room.poll_transmit(SessionId(1), Lane::Events).unwrap();
    match decode_server(&welcome).unwrap() {
        ServerMessage::Control(ServerControl::Welcome(Welcome { rewind_limit, .. })) => {
            (room, rewind_limit)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn clients_are_told_how_far_back_the_game_looks_if_it_does() {
    assert_eq!(told(build), 200);
    let shorter = |sim: &mut Sim<Range>| {
        build(sim);
        sim.insert_resource(RewindLimit(Duration::from_millis(80)));
    };
    assert_eq!(told(shorter), 80);
    let blind = |sim: &mut Sim<Range>| {
        sim.add_systems(run);
    };
    assert_eq!(told(blind), 0);
}

#[test]
fn the_dead_are_in_the_picture_but_cannot_be_hit() {
    let mut sim = Sim::new(1, build);
    let shooter = sim.join("shooter");
    let new = (Replicated::default(), Place::default());
    let target = sim.world_mut().spawn(new).id();
    for _ in 0..19 {
        sim.tick();
    }
    sim.world_mut().entity_mut(target).remove::<Place>();
    sim.set_view(shooter, view(15, 17, 0));
    sim.tick();
    let seen = sim.world().resource::<Seen>();
    assert_eq!(
        (seen.0.as_slice(), seen.1.as_slice()),
        (&[][..], &[15.0][..])
    );
}

#[test]
fn the_newborn_are_not_in_the_past() {
    let mut sim = Sim::new(1, build);
    let shooter = sim.join("shooter");
    for _ in 0..20 {
        sim.tick();
    }
    sim.world_mut()
        .spawn((Replicated::default(), Place::default()));
    sim.tick();
    sim.set_view(shooter, view(15, 17, 0));
    sim.tick();
    assert!(sim.world().resource::<Seen>().0.is_empty());
}

/// How long the shooter's last command is taken to have waited.
#[derive(Resource, Default)]
struct Waited(Duration);

fn wait(shooters: Query<Entity, With<Player>>, past: Rewind<Place>, mut waited: ResMut<Waited>) {
    for shooter in &shooters {
        waited.0 = past.rewound(shooter).map_or(waited.0, |it| it.waited);
    }
}

/// The wait that counts for who sends each command two ticks early, and with it one for a tick so far ahead.
fn waited(besides: Option<u32>) -> Duration {
    let (mut room, _) = welcomed(|sim| {
        sim.insert_resource(Waited::default()).add_systems(wait);
    });
    let mut seen = None;
    for tick in 1..=120 {
        let now = Duration::from_secs(tick) / 60;
        room.tick(now);
        let present = room.sim().now();
        if room.poll_transmit(SessionId(1), Lane::State).is_some() {
            seen = Some(present);
        }
        let ahead = [Some(2), besides];
        for tick in ahead.into_iter().flatten().map(|ticks| present + ticks) {
            let view = seen.and_then(|seen| view(seen.0, seen.0, 0));
            let input = Idle;
            let list = vec![Command { tick, view, input }];
            let message = Commands { ack: seen, list };
            let bytes = message.encode(&GameSchema::of::<Range>().input);
            room.handle_message(SessionId(1), &bytes, now);
        }
    }
    room.sim().world().resource::<Waited>().0
}

#[test]
fn commands_that_are_dropped_lengthen_nobodys_wait() {
    let usual = waited(None);
    // Two ticks, and one to look.
    assert_eq!(usual.as_millis(), 50);
    assert_eq!(waited(Some(200)), usual);
}
