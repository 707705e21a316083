//! One bot's mind, from what it sees to its command.

use bevy_ecs::component::Component;
use tickwire_protocol::NetId;

use super::aim::{Aim, intercept, rifle_tolerance};
use super::legs::{Course, Legs};
use super::plan::{Plan, choose_foe, choose_plan};
use super::skill::Skill;
use super::{Fighter, Surroundings};
use crate::components::Input;
use crate::rules::SPLASH_RADIUS;
use crate::vec2::Vec2;

/// Ticks between two thoughts about whom to fight and where to go.
const THOUGHT: u16 = 6;
/// Nearer than this to its explosion nobody fires a rocket, metres.
const SAFE: f32 = SPLASH_RADIUS + 1.0;
/// From farther off nobody hits with one, metres.
const ROCKET_RANGE: f32 = 13.0;

/// What a bot remembers from tick to tick.
#[derive(Component, Debug)]
pub(crate) struct Brain {
    skill: Skill,
    rng: fastrand::Rng,
    aim: Aim,
    legs: Legs,
    plan: Plan,
    foe: Option<NetId>,
    /// Next corner on the way to where the plan leads.
    waypoint: Option<Vec2>,
    wants_rocket: bool,
    /// Ticks until the next thought.
    next_thought: u16,
}

/// The foe, and whether a shot would get there.
type Target<'a> = Option<(&'a Fighter, bool)>;

impl Brain {
    /// A newborn with gifts of its own.
    pub(crate) fn new(mut rng: fastrand::Rng) -> Self {
        Self {
            skill: Skill::draw(&mut rng),
            aim: Aim::new(),
            legs: Legs::new(&mut rng),
            plan: Plan::Fight,
            foe: None,
            waypoint: None,
            wants_rocket: false,
            // Not all bots think in the same tick.
            next_thought: rng.u16(1..=THOUGHT),
            rng,
        }
    }

    /// The command for this tick.
    pub(super) fn think(&mut self, id: NetId, around: &Surroundings<'_>) -> Input {
        let Some(me) = around.fighters.iter().find(|fighter| fighter.id == id) else {
            self.start_over();
            return Input {
                aim: self.aim.heading,
                ..Input::default()
            };
        };
        if is_due(&mut self.next_thought, THOUGHT) {
            self.decide(me, around);
        }
        let foe = self.foe_in(around);
        let target = foe.map(|foe| (foe, around.map.has_line_of_fire(me.at(), foe.at())));
        let step = self.walk(me, target, around);
        let (rifle, rocket) = self.handle_weapons(me, target, around);
        Input {
            move_x: step.x,
            move_y: step.y,
            aim: self.aim.heading,
            rifle,
            rocket,
            ..Input::default()
        }
    }

    /// The dead forget.
    fn start_over(&mut self) {
        self.aim.lose();
        self.legs.rest();
        self.plan = Plan::Fight;
        self.foe = None;
        self.waypoint = None;
        self.wants_rocket = false;
    }

    fn foe_in<'a>(&self, around: &'a Surroundings<'_>) -> Option<&'a Fighter> {
        let foe = self.foe?;
        around.fighters.iter().find(|fighter| fighter.id == foe)
    }

    /// Whom to fight, where to go, which weapon to take.
    fn decide(&mut self, me: &Fighter, around: &Surroundings<'_>) {
        let foe = choose_foe(me, around, self.foe);
        if foe.map(|foe| foe.id) != self.foe {
            self.aim.lose();
            self.wants_rocket = false;
        }
        self.foe = foe.map(|foe| foe.id);
        let fighter = self.foe_in(around);
        let target = fighter.zip(foe.map(|foe| foe.in_sight));
        self.plan = choose_plan(me, target, around, &self.skill, self.plan);
        self.find_way(me, around);
        self.wants_rocket |= me.weapon.rockets > 0
            && target.is_some_and(|(foe, in_sight)| in_sight && self.is_chance(me, foe, around));
    }

    fn find_way(&mut self, me: &Fighter, around: &Surroundings<'_>) {
        let goal = match self.plan {
            Plan::Fight => self.foe_in(around).map(Fighter::at),
            Plan::Fetch(at) | Plan::Retreat(at) | Plan::Roam(at) => Some(at),
        };
        let routes = around.map.routes();
        self.waypoint = goal.and_then(|goal| routes.waypoint(around.map, me.at(), goal));
    }

    /// Whether a rocket is worth it: in range, and the better if a wall close behind the foe catches those that miss.
    fn is_chance(&mut self, me: &Fighter, foe: &Fighter, around: &Surroundings<'_>) -> bool {
        const OPEN_FIELD: f32 = 0.3;
        let way = foe.at() - me.at();
        let distance = way.length();
        let burst = distance + SPLASH_RADIUS;
        let is_backed = around.map.shot_reach(me.at(), way.normalised(), burst) < burst;
        let odds = self.skill.daring * if is_backed { 1.0 } else { OPEN_FIELD };
        (SAFE..ROCKET_RANGE).contains(&distance) && self.rng.f32() < odds
    }

    fn walk(&mut self, me: &Fighter, target: Target<'_>, around: &Surroundings<'_>) -> Vec2 {
        const NEAR: f32 = 0.3;
        let arrived = |at: Vec2| at.distance(me.at()) < NEAR;
        if self.waypoint.is_some_and(arrived) {
            self.find_way(me, around);
        }
        let course = Course {
            plan: self.plan,
            waypoint: self.waypoint,
            foe_in_sight: target.filter(|(_, in_sight)| *in_sight).map(|(foe, _)| foe),
            alertness: self.skill.alertness,
        };
        self.legs.step(me, &course, around, &mut self.rng)
    }

    /// Where to point, and whether to pull the triggers: (rifle, rocket).
    fn handle_weapons(
        &mut self,
        me: &Fighter,
        target: Target<'_>,
        around: &Surroundings<'_>,
    ) -> (bool, bool) {
        let Some((foe, true)) = target else {
            self.aim.lose();
            self.wants_rocket = false;
            let ahead = self.look_ahead(me, target.map(|(foe, _)| foe));
            self.aim.turn(ahead, 0.0, &self.skill, &mut self.rng);
            return (false, false);
        };
        self.aim.see(foe.at(), foe.body.velocity());
        let (at, velocity) = self.aim.believed(&self.skill);
        let takes_rocket = self.wants_rocket && me.weapon.rocket_cooldown == 0;
        let (at, tolerance) = if takes_rocket {
            (intercept(me.at(), at, velocity), 0.08)
        } else {
            (at, rifle_tolerance(me.at().distance(at)))
        };
        let way = at - me.at();
        let points_there = self.aim.turn(way, tolerance, &self.skill, &mut self.rng);
        let ready = points_there && self.aim.seen_for >= self.skill.reaction && !foe.health.guarded;
        if !takes_rocket {
            return (ready, false);
        }
        let direction = Vec2::from_angle(self.aim.heading);
        let fires = ready && around.map.shot_reach(me.at(), direction, SAFE) >= SAFE;
        self.wants_rocket &= !fires;
        (false, fires)
    }

    /// With nobody in sight: towards a foe that may come round the corner, otherwise ahead.
    fn look_ahead(&self, me: &Fighter, foe: Option<&Fighter>) -> Vec2 {
        const ROUND_THE_CORNER: f32 = 9.0;
        let near = foe
            .map(|foe| foe.at() - me.at())
            .filter(|way| way.length() < ROUND_THE_CORNER);
        near.or_else(|| Some(self.waypoint? - me.at()))
            .filter(|way| *way != Vec2::ZERO)
            .unwrap_or_else(|| Vec2::from_angle(self.aim.heading))
    }
}

/// Counts down; true once every `period` ticks.
pub(super) const fn is_due(left: &mut u16, period: u16) -> bool {
    *left -= 1;
    let is_due = *left == 0;
    if is_due {
        *left = period;
    }
    is_due
}
