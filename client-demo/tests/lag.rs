//! A rocket of a player who sees the past sets out ahead, and passes through nobody on that way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_truncation,
    reason = "a test knows its numbers, and may fail"
)]

use std::time::Duration;

use arena::{Arena, Body, Event, Health, Input, Rocket, Vec2, build, rules};
use tickwire_engine::{FastForward, PlayerId, Sim};
use tickwire_protocol::message::View;
use tickwire_protocol::{LoadedLevel, Tick};

/// A hall 20 m long, with a wall in the upper half of it.
const HALL: &str = "\
######################
#S.......#...........#
#S...................#
#S...................#
#S...................#
######################";

/// The muzzle's place on a step of the rocket, in metres from the shooter.
fn after(steps: u8) -> f32 {
    rules::ROCKET_MUZZLE + f32::from(steps) * rules::ROCKET_SPEED * rules::TICK_SECONDS
}

struct Duel {
    sim: Sim<Arena>,
    shooter: PlayerId,
    victim: PlayerId,
}

impl Duel {
    /// The shooter stands at (1.5, `y`) and aims to the right; the victim stands at `victim`.
    fn new(y: f32, victim: Vec2) -> Self {
        let level = LoadedLevel::parse("hall", HALL).unwrap();
        let mut sim = Sim::with_level(1, level, build);
        let (shooter, other) = (sim.join("Ada"), sim.join("Bob"));
        let mut duel = Self {
            sim,
            shooter,
            victim: other,
        };
        // Until nobody is guarded any more.
        for _ in 0..100 {
            duel.place(shooter, Vec2::new(1.5, y));
            duel.place(other, victim);
            duel.sim.tick();
        }
        duel.sim.take_events();
        duel
    }

    fn place(&mut self, player: PlayerId, at: Vec2) {
        let entity = self.sim.entity_of(player).unwrap();
        let body = Body::standing(at, 0.0);
        self.sim.world_mut().entity_mut(entity).insert(body);
    }

    /// Fires a rocket in the next tick with a picture that is `age` ticks old, and gives what happens in that tick.
    fn fire(&mut self, age: u32) -> Vec<Event> {
        let now = self.sim.now().next();
        let view = (age > 0).then(|| View {
            from: now - age,
            to: now - age,
            fraction: 0,
        });
        self.sim.set_view(self.shooter, view);
        let rocket = Input {
            rocket: true,
            ..Input::default()
        };
        self.sim.set_input(self.shooter, rocket);
        self.sim.tick();
        let events = self.sim.take_events().into_iter();
        events.map(|(_, event)| event).collect()
    }

    /// How far from the shooter the one rocket is.
    fn flown(&self) -> Option<f32> {
        let mut rows = self.sim.snapshot().rows();
        Some(rows.find_map(|row| row.get::<Rocket>())?.x - 1.5)
    }

    fn lost(&self) -> u8 {
        let victim = self.sim.entity_of(self.victim).unwrap();
        rules::FULL_HEALTH - self.sim.world().get::<Health>(victim).unwrap().hp
    }
}

fn burst(events: &[Event]) -> Option<Vec2> {
    events.iter().find_map(|event| match event {
        Event::Explosion { x, y, .. } => Some(Vec2::new(*x, *y)),
        _ => None,
    })
}

/// Out of everybody's way.
const ASIDE: Vec2 = Vec2::new(15.5, 4.5);

#[test]
fn a_rocket_makes_up_for_the_age_of_the_picture_but_not_for_more_than_the_limit() {
    let flown = |age, limit_ms| {
        let mut duel = Duel::new(2.5, ASIDE);
        let limit = FastForward(Duration::from_millis(limit_ms));
        duel.sim.insert_resource(limit);
        duel.fire(age);
        duel.flown().unwrap()
    };
    // One step is for the tick itself.
    for (age, limit_ms, steps) in [
        (0, 100, 1),
        (3, 100, 4),
        (6, 100, 7),
        (11, 100, 7),
        (11, 50, 4),
        (11, 0, 1),
    ] {
        let (is, should) = (flown(age, limit_ms), after(steps));
        assert!(
            (is - should).abs() < 0.01,
            "{age} ticks, {limit_ms} ms: {is} m, not {should} m"
        );
    }
}

#[test]
fn it_passes_through_nobody_on_the_way_it_makes_up_for() {
    for gap in [0.6, 1.0, 1.5, 2.0] {
        let mut duel = Duel::new(2.5, Vec2::new(1.5 + gap, 2.5));
        let at = burst(&duel.fire(11)).unwrap_or_else(|| panic!("{gap} m: it did not explode"));
        let skin = 1.5 + gap - rules::PLAYER_RADIUS - rules::ROCKET_IMPACT_GAP;
        assert!(
            (at.x - skin.max(2.0 - rules::ROCKET_IMPACT_GAP)).abs() < 0.01,
            "{gap} m: {at:?}"
        );
        assert_eq!(duel.flown(), None, "{gap} m");
        assert!(duel.lost() > 60, "{gap} m: {}", duel.lost());
    }
}

#[test]
fn walls_stop_it_on_the_way_it_makes_up_for() {
    let mut duel = Duel::new(1.5, ASIDE);
    duel.place(duel.shooter, Vec2::new(7.9, 1.5));
    let at = burst(&duel.fire(11)).expect("a wall is near");
    assert!(
        (at.x - (9.0 - rules::ROCKET_IMPACT_GAP)).abs() < 0.01,
        "{at:?}"
    );
}

/// The victim has stepped out of the way, or into it, while the shot was on its way to the server.
#[test]
fn on_that_way_the_others_are_where_they_were() {
    let in_the_way = Vec2::new(2.7, 2.5);
    let move_at = |ago: u32, from: Vec2, to: Vec2| {
        let mut duel = Duel::new(2.5, from);
        for _ in 0..8 - ago {
            duel.sim.tick();
        }
        duel.place(duel.victim, to);
        for _ in 0..ago {
            duel.sim.tick();
        }
        let burst = burst(&duel.fire(11));
        (burst, duel.lost())
    };
    // The rocket gets there in its third step, four ticks ago.
    let (at, lost) = move_at(2, in_the_way, ASIDE);
    assert!(
        at.is_some() && lost > 60,
        "there when it passed: {at:?}, {lost}"
    );
    let (at, lost) = move_at(6, in_the_way, ASIDE);
    assert!(at.is_none() && lost == 0, "gone before: {at:?}, {lost}");
    let (at, lost) = move_at(1, ASIDE, in_the_way);
    assert!(
        at.is_none() && lost == 0,
        "there only afterwards: {at:?}, {lost}"
    );
}

#[test]
fn who_is_guarded_by_now_or_dead_is_in_nobodys_way() {
    let mut duel = Duel::new(2.5, Vec2::new(2.7, 2.5));
    let victim = duel.sim.entity_of(duel.victim).unwrap();
    let mut health = duel.sim.world_mut().get_mut::<Health>(victim).unwrap();
    health.guarded = true;
    assert_eq!(burst(&duel.fire(11)), None, "guarded");
    assert_eq!(duel.lost(), 0);
    let mut duel = Duel::new(2.5, Vec2::new(2.7, 2.5));
    let victim = duel.sim.entity_of(duel.victim).unwrap();
    duel.sim.world_mut().entity_mut(victim).remove::<Body>();
    assert_eq!(burst(&duel.fire(11)), None, "dead");
    assert_eq!(Tick(101), duel.sim.now());
}
