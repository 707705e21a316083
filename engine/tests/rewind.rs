//! What a shooter is shown of the past.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers, and may fail"
)]

use tickwire_engine::prelude::*;
use tickwire_protocol::message::View;
use tickwire_protocol::{Game, Tick, Wire};

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
fn a_view_of_the_future_is_moved_to_the_newest_snapshot() {
    assert_eq!(seen(view(45, 50, 0)), [39.0]);
    assert_eq!(seen(view(38, 45, 0)), [38.0]);
    assert_eq!(seen(view(38, 45, 128)), [39.0]);
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
