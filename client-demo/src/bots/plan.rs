//! Whom to fight and where to go.

use tickwire_protocol::NetId;

use super::skill::Skill;
use super::{Fighter, Surroundings};
use crate::components::{Pickup, PickupKind};
use crate::vec2::Vec2;

/// What a bot is up to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Plan {
    /// Get at the target and shoot it.
    Fight,
    /// Get what lies there.
    Fetch(Vec2),
    /// Get out of the target's sight.
    Retreat(Vec2),
    /// Nobody is there: look around.
    Roam(Vec2),
}

/// An enemy worth the attention.
#[derive(Debug, Clone, Copy)]
pub(super) struct Foe {
    pub(super) id: NetId,
    pub(super) in_sight: bool,
}

/// The enemy that is the easiest to get: in sight, near, weak. Who was the target stays it, other things being equal.
pub(super) fn choose_foe(
    me: &Fighter,
    around: &Surroundings<'_>,
    current: Option<NetId>,
) -> Option<Foe> {
    const HIDDEN: f32 = 12.0;
    const GUARDED: f32 = 12.0;
    const LOYALTY: f32 = 4.0;
    const PER_HEALTH: f32 = 0.06;
    let enemies = around.fighters.iter().filter(|other| other.id != me.id);
    let rated = enemies.map(|other| {
        let in_sight = around.map.has_line_of_fire(me.at(), other.at());
        let penalty = |applies: bool, penalty: f32| if applies { penalty } else { 0.0 };
        let trouble = me.at().distance(other.at())
            + f32::from(other.health.hp) * PER_HEALTH
            + penalty(!in_sight, HIDDEN)
            + penalty(other.health.guarded, GUARDED)
            - penalty(current == Some(other.id), LOYALTY);
        (trouble, other.id, in_sight)
    });
    let easiest = rated.min_by(|(a, ..), (b, ..)| a.total_cmp(b));
    easiest.map(|(_, id, in_sight)| Foe { id, in_sight })
}

/// The plan with the greatest promise. What is already under way gets a bonus, so that nobody dithers.
pub(super) fn choose_plan(
    me: &Fighter,
    foe: Option<(&Fighter, bool)>,
    around: &Surroundings<'_>,
    skill: &Skill,
    current: Plan,
) -> Plan {
    const PERSEVERANCE: f32 = 0.2;
    let same_kind = |plan: &Plan| std::mem::discriminant(plan) == std::mem::discriminant(&current);
    let fight = foe.map(|(_, in_sight)| (Plan::Fight, if in_sight { 1.0 } else { 0.7 }));
    let health = need_for_health(me, skill).and_then(|need| {
        let (at, distance) = nearest(me, around, PickupKind::Health)?;
        Some((Plan::Fetch(at), need * (1.0 - distance / 60.0)))
    });
    let rockets = need_for_rockets(me).and_then(|need| {
        let (at, distance) = nearest(me, around, PickupKind::Rockets)?;
        Some((Plan::Fetch(at), need * (1.0 - distance / 40.0)))
    });
    let retreat = foe
        .filter(|(foe, in_sight)| *in_sight && is_outmatched(me, foe, skill))
        .and_then(|(foe, _)| Some((Plan::Retreat(refuge(me, foe, around, current)?), 1.3)));
    let plans = [fight, health, rockets, retreat].into_iter().flatten();
    let promising = plans.map(|(plan, promise)| {
        let bonus = if same_kind(&plan) { PERSEVERANCE } else { 0.0 };
        (plan, promise + bonus)
    });
    let best = promising.max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map_or_else(|| roam(me, around, current), |(plan, _)| plan)
}

/// From 0 for the healthy to 2 for the dying; the cautious feel it earlier.
fn need_for_health(me: &Fighter, skill: &Skill) -> Option<f32> {
    let missing = 100.0 - f32::from(me.health.hp);
    (missing > 0.0).then(|| (missing / 100.0) * (1.4 + skill.caution / 75.0))
}

fn need_for_rockets(me: &Fighter) -> Option<f32> {
    const ENOUGH: u8 = 5;
    let missing = ENOUGH.saturating_sub(me.weapon.rockets);
    (missing > 0).then(|| 0.5 + 0.15 * f32::from(missing))
}

fn is_outmatched(me: &Fighter, foe: &Fighter, skill: &Skill) -> bool {
    let (mine, theirs) = (f32::from(me.health.hp), f32::from(foe.health.hp));
    mine < skill.caution && mine < theirs
}

/// The pick-up of that kind that is there and the nearest on foot, and metres to it.
fn nearest(me: &Fighter, around: &Surroundings<'_>, kind: PickupKind) -> Option<(Vec2, f32)> {
    let routes = around.map.routes();
    let wanted = |pickup: &&Pickup| pickup.ready && pickup.kind == kind;
    let ready = around.pickups.iter().filter(wanted);
    let ways = ready.filter_map(|p| Some((p.at(), routes.distance(me.at(), p.at())?)));
    ways.min_by(|(_, a), (_, b)| a.total_cmp(b))
}

/// A place that the foe does not see, nearer to oneself than to the foe. Once chosen it is kept until it is reached or seen.
fn refuge(me: &Fighter, foe: &Fighter, around: &Surroundings<'_>, current: Plan) -> Option<Vec2> {
    const CLOSE: f32 = 1.5;
    let (map, routes) = (around.map, around.map.routes());
    let is_hidden = |at: Vec2| !map.has_line_of_fire(foe.at(), at);
    if let Plan::Retreat(at) = current
        && is_hidden(at)
        && me.at().distance(at) > CLOSE
    {
        return Some(at);
    }
    let places = map.spawns().chain(map.pickups().map(|(_, at)| at));
    let hidden = places.filter(|at| is_hidden(*at));
    let rated = hidden.filter_map(|at| {
        let head_start = routes.distance(foe.at(), at)? - routes.distance(me.at(), at)?;
        Some((at, head_start - 0.5 * me.at().distance(at)))
    });
    let best = rated.max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map(|(at, _)| at)
}

/// Once round the spawn points: each time to the one that is the farthest.
fn roam(me: &Fighter, around: &Surroundings<'_>, current: Plan) -> Plan {
    const CLOSE: f32 = 1.5;
    if let Plan::Roam(at) = current
        && me.at().distance(at) > CLOSE
    {
        return current;
    }
    let distance = |at: &Vec2| me.at().distance(*at);
    let farthest = around
        .map
        .spawns()
        .max_by(|a, b| distance(a).total_cmp(&distance(b)));
    Plan::Roam(farthest.unwrap_or(me.at()))
}
