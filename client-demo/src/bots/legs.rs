//! How a bot moves about: to where it wants to go, round its foe, out of the way of rockets.

use tickwire_protocol::NetId;

use super::brain::is_due;
use super::plan::Plan;
use super::steer::{Wishes, choose_step};
use super::{Fighter, Flight, Surroundings};
use crate::vec2::Vec2;

/// Ticks between two choices of a step.
const STEP: u16 = 3;

/// What the mind tells the legs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course<'a> {
    pub(super) plan: Plan,
    /// Next corner on the way.
    pub(super) waypoint: Option<Vec2>,
    pub(super) foe_in_sight: Option<&'a Fighter>,
    /// Share of rockets that are noticed.
    pub(super) alertness: f32,
}

/// The steps underway.
#[derive(Debug)]
pub(super) struct Legs {
    /// Direction of the present steps.
    direction: Vec2,
    next_step: u16,
    /// Round the foe to the left (−1) or to the right (1), and for how many ticks yet.
    side: f32,
    side_for: u16,
    stay: Stay,
}

/// Notices when a bot does not get anywhere.
#[derive(Debug, Default)]
struct Stay {
    /// Where it was when it last got somewhere.
    at: Vec2,
    /// Ticks since then.
    ticks: u16,
    /// Any way out, once that was long ago.
    escape: Option<Vec2>,
}

impl Legs {
    pub(super) fn new(rng: &mut fastrand::Rng) -> Self {
        Self {
            direction: Vec2::ZERO,
            next_step: rng.u16(1..=STEP),
            side: 1.0,
            side_for: 0,
            stay: Stay::default(),
        }
    }

    /// Forgets where it has been.
    pub(super) fn rest(&mut self) {
        self.stay = Stay::default();
    }

    /// The direction to go in this tick, of length 1; nothing to stand still.
    pub(super) fn step(
        &mut self,
        me: &Fighter,
        course: &Course<'_>,
        around: &Surroundings<'_>,
        rng: &mut fastrand::Rng,
    ) -> Vec2 {
        if !is_due(&mut self.next_step, STEP) {
            return self.direction;
        }
        let way = match self.stay.watch(me, rng) {
            Some(escape) => escape,
            None => self.way(me, course, rng),
        };
        let threats = noticed(me, around, course.alertness);
        let hides = matches!(course.plan, Plan::Retreat(_));
        let wishes = Wishes {
            way,
            threats: &threats,
            hide_from: course.foe_in_sight.filter(|_| hides).map(Fighter::at),
        };
        self.direction = choose_step(me, around, &wishes);
        if self.direction.dot(way) < 0.2 * way.length() {
            // Something is in the way: try the other side.
            self.side_for = 0;
        }
        self.direction
    }

    fn way(&mut self, me: &Fighter, course: &Course<'_>, rng: &mut fastrand::Rng) -> Vec2 {
        let waypoint = course.waypoint.unwrap_or(me.at());
        let on = (waypoint - me.at()).normalised();
        match (course.foe_in_sight, course.plan) {
            (Some(foe), Plan::Fight) => self.duel(me, foe, on, rng),
            // Under fire nobody runs in a straight line.
            (Some(foe), _) => on + self.sideways(me, foe, rng) * 0.35,
            (None, _) => {
                // Whoever strafed behind a corner comes out of it the other way.
                self.side_for = 0;
                on
            }
        }
    }

    /// Round the foe, at the distance where the rifle is good and rockets can be dodged.
    fn duel(&mut self, me: &Fighter, foe: &Fighter, on: Vec2, rng: &mut fastrand::Rng) -> Vec2 {
        const PREFERRED: f32 = 7.5;
        const SLACK: f32 = 4.0;
        let to_foe = foe.at() - me.at();
        let closing = ((to_foe.length() - PREFERRED) / SLACK).clamp(-1.0, 1.0);
        // Nearer by the way that leads there, away straight back.
        let along = if closing > 0.0 {
            on
        } else {
            to_foe.normalised()
        };
        along * (0.8 * closing) + self.sideways(me, foe, rng) * 0.9
    }

    /// To one side of the foe for a while, then to the other.
    fn sideways(&mut self, me: &Fighter, foe: &Fighter, rng: &mut fastrand::Rng) -> Vec2 {
        self.side_for = self.side_for.saturating_sub(STEP);
        if self.side_for == 0 {
            self.side = -self.side;
            self.side_for = rng.u16(24..84);
        }
        (foe.at() - me.at()).normalised().turned() * self.side
    }
}

impl Stay {
    /// Who has not got anywhere for a while goes off at random until it has.
    fn watch(&mut self, me: &Fighter, rng: &mut fastrand::Rng) -> Option<Vec2> {
        const FAR: f32 = 0.9;
        const LONG: u16 = 45;
        self.ticks += STEP;
        if self.at.distance(me.at()) > FAR {
            *self = Self {
                at: me.at(),
                ticks: 0,
                escape: None,
            };
        } else if self.ticks >= LONG {
            self.escape = Some(Vec2::from_angle(rng.f32() * std::f32::consts::TAU) * 1.2);
            self.ticks = LONG / 2;
        }
        self.escape
    }
}

/// The rockets of others that come near enough to matter, as far as the bot has an eye for them.
fn noticed(me: &Fighter, around: &Surroundings<'_>, alertness: f32) -> Vec<Flight> {
    const HORIZON: f32 = 14.0;
    let comes_near = |flight: &&Flight| {
        let to_me = me.at() - flight.at;
        flight.owner != Some(me.id)
            && to_me.length() < HORIZON
            && to_me.dot(flight.direction) > 0.0
            && luck(flight.id, me.id) < f64::from(alertness)
    };
    around.flights.iter().filter(comes_near).copied().collect()
}

/// A number from 0 to 1, the same for the same two ids: whether a bot notices a rocket is decided once.
fn luck(rocket: NetId, bot: NetId) -> f64 {
    // Odd multipliers spread neighbouring ids over all numbers.
    let mixed = rocket
        .0
        .wrapping_mul(0x9E37_79B1)
        .wrapping_add(bot.0.wrapping_mul(0x85EB_CA77))
        .rotate_left(13)
        .wrapping_mul(0xC2B2_AE3D);
    f64::from(mixed) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luck_is_spread_evenly() {
        let lucks =
            (0..100).flat_map(|rocket| (0..8).map(move |bot| luck(NetId(rocket), NetId(bot))));
        let below = lucks.filter(|luck| *luck < 0.3).count();
        assert!((180..300).contains(&below), "{below} of 800");
    }
}
