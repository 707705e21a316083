//! A hand and an eye: where a bot looks, how fast it turns there and how far it is off.

use tickwire_protocol::field::wrap_angle;

use super::seconds;
use super::skill::Skill;
use crate::rules::{PLAYER_RADIUS, ROCKET_SPEED};
use crate::vec2::Vec2;

/// Sightings that are remembered: more than the slowest eye's lag.
const SIGHTINGS: usize = 16;
/// Ticks between two twitches of the hand.
const TWITCH: u16 = 14;
/// Ticks of looking at the same target after which the hand is as steady as it gets.
const SETTLED: f32 = 90.0;
/// The part of the wobble that never settles.
const UNREST: f32 = 0.7;

/// What a bot knows of its target, and where it points.
#[derive(Debug)]
pub(super) struct Aim {
    /// Where it points, radians.
    pub(super) heading: f32,
    /// Ticks for which the target has been in sight.
    pub(super) seen_for: u16,
    /// Places and velocities of the target, one per tick, in a ring.
    sightings: [(Vec2, Vec2); SIGHTINGS],
    newest: usize,
    /// How far off the hand is, and where it drifts to, radians.
    error: f32,
    drift: f32,
    next_twitch: u16,
}

impl Aim {
    pub(super) const fn new() -> Self {
        Self {
            heading: 0.0,
            seen_for: 0,
            sightings: [(Vec2::ZERO, Vec2::ZERO); SIGHTINGS],
            newest: 0,
            error: 0.0,
            drift: 0.0,
            next_twitch: 0,
        }
    }

    /// The target is in sight.
    pub(super) fn see(&mut self, at: Vec2, velocity: Vec2) {
        if self.seen_for == 0 {
            self.sightings.fill((at, velocity));
        }
        self.seen_for = self.seen_for.saturating_add(1);
        self.newest = (self.newest + 1) % SIGHTINGS;
        if let Some(place) = self.sightings.get_mut(self.newest) {
            *place = (at, velocity);
        }
    }

    /// The target is out of sight, or another one.
    pub(super) const fn lose(&mut self) {
        self.seen_for = 0;
    }

    /// Where the eye believes the target to be, and its velocity: what it saw a moment ago, carried on in a straight line.
    /// Whoever turns in that moment is missed.
    pub(super) fn believed(&self, skill: &Skill) -> (Vec2, Vec2) {
        let index = (self.newest + SIGHTINGS - skill.lag.min(SIGHTINGS - 1)) % SIGHTINGS;
        let (at, velocity) = self.sightings.get(index).copied().unwrap_or_default();
        let lag = seconds(u16::try_from(skill.lag).unwrap_or(0));
        (at + velocity * lag, velocity)
    }

    /// Turns towards `direction`. Returns whether the hand believes that it points there, give or take `tolerance` radians.
    pub(super) fn turn(
        &mut self,
        direction: Vec2,
        tolerance: f32,
        skill: &Skill,
        rng: &mut fastrand::Rng,
    ) -> bool {
        /// Share of the way left that a relaxed hand turns in a tick.
        const EASE: f32 = 0.3;
        self.tremble(skill, rng);
        let left = wrap_angle(direction.angle() + self.error - self.heading);
        let turn = (left * EASE).clamp(-skill.turn, skill.turn);
        self.heading = wrap_angle(self.heading + turn);
        (left - turn).abs() < tolerance
    }

    /// Lets the error drift; the longer the target was in sight, the less.
    fn tremble(&mut self, skill: &Skill, rng: &mut fastrand::Rng) {
        const PULL: f32 = 0.12;
        self.next_twitch = self.next_twitch.saturating_sub(1);
        if self.next_twitch == 0 {
            let settled = (f32::from(self.seen_for) / SETTLED).min(1.0);
            let wobble = skill.wobble * (1.0 - (1.0 - UNREST) * settled);
            // The sum of two is mostly small and sometimes not, like the slips of a hand.
            self.drift = wobble * (rng.f32() + rng.f32() - 1.0);
            self.next_twitch = TWITCH;
        }
        self.error += (self.drift - self.error) * PULL;
    }
}

/// How far the heading may be off for a shot over `distance` to look right.
pub(super) fn rifle_tolerance(distance: f32) -> f32 {
    0.03 + 1.5 * PLAYER_RADIUS / distance.max(1.0)
}

/// Where to fire a rocket from `from`, so that it meets a target that keeps its velocity; its place if it never does.
pub(super) fn intercept(from: Vec2, at: Vec2, velocity: Vec2) -> Vec2 {
    // |at + velocity·t − from| = speed·t, solved for the earliest t. Players are slower than rockets, so `a` is below 0.
    let to = at - from;
    let a = velocity.length_squared() - ROCKET_SPEED * ROCKET_SPEED;
    let half_b = to.dot(velocity);
    let under_root = half_b * half_b - a * to.length_squared();
    if a >= 0.0 || under_root < 0.0 {
        return at;
    }
    let time = (-half_b - under_root.sqrt()) / a;
    at + velocity * time
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skill() -> Skill {
        Skill {
            reaction: 10,
            lag: 6,
            turn: 0.1,
            wobble: 0.1,
            alertness: 1.0,
            caution: 30.0,
            daring: 1.0,
        }
    }

    #[test]
    fn rockets_meet_those_who_run_straight_on() {
        let from = Vec2::new(1.0, 2.0);
        for (at, velocity) in [
            (Vec2::new(11.0, 2.0), Vec2::ZERO),
            (Vec2::new(11.0, 2.0), Vec2::new(0.0, 7.0)),
            (Vec2::new(5.0, -6.0), Vec2::new(-4.0, 3.0)),
            (Vec2::new(4.0, 2.0), Vec2::new(7.0, 0.0)),
        ] {
            let meet = intercept(from, at, velocity);
            let time = from.distance(meet) / ROCKET_SPEED;
            assert!(
                meet.distance(at + velocity * time) < 1e-3,
                "{at:?} {velocity:?}"
            );
        }
    }

    #[test]
    fn believes_in_straight_lines() {
        let mut aim = Aim::new();
        let velocity = Vec2::new(6.0, 0.0);
        let place = |tick: u16| Vec2::new(0.0, 5.0) + velocity * seconds(tick);
        for tick in 0..30 {
            aim.see(place(tick), velocity);
        }
        let (at, _) = aim.believed(&skill());
        assert!(at.distance(place(29)) < 1e-3, "{at:?}");
        for _ in 0..skill().lag {
            aim.see(place(29), Vec2::ZERO);
        }
        let (at, _) = aim.believed(&skill());
        assert!(at.distance(place(29)) > 0.5, "fooled by the stop: {at:?}");
    }

    #[test]
    fn turns_at_a_limited_rate_and_ends_up_near() {
        let (mut aim, skill, mut rng) = (Aim::new(), skill(), fastrand::Rng::with_seed(3));
        let direction = Vec2::new(-1.0, 0.1);
        let mut last = aim.heading;
        for tick in 0..120 {
            aim.see(direction, Vec2::ZERO);
            aim.turn(direction, 0.1, &skill, &mut rng);
            let turned = wrap_angle(aim.heading - last).abs();
            assert!(turned < skill.turn + 1e-4, "tick {tick}: {turned}");
            last = aim.heading;
        }
        let off = wrap_angle(aim.heading - direction.angle()).abs();
        assert!(off < skill.wobble, "{off}");
    }
}
