//! Where to step next: sixteen ways to go, and standing still, are weighed against each other.

use super::{Fighter, Flight, Surroundings};
use crate::rules::{PLAYER_RADIUS, PLAYER_SPEED, ROCKET_SPEED, SPLASH_RADIUS};
use crate::vec2::Vec2;

const DIRECTIONS: usize = 16;
/// cos and sin of a sixteenth of a turn.
const SIXTEENTH: (f32, f32) = (0.923_879_5, 0.382_683_43);

/// What a bot wants of its next steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wishes<'a> {
    /// Where to go; the length says how much it matters, 1 being the usual.
    pub(super) way: Vec2,
    /// Rockets to get out of the way of.
    pub(super) threats: &'a [Flight],
    /// Whose sight to get out of.
    pub(super) hide_from: Option<Vec2>,
}

/// The direction to go, of length 1; nothing to stand still.
pub(super) fn choose_step(me: &Fighter, around: &Surroundings<'_>, wishes: &Wishes<'_>) -> Vec2 {
    let mut best = (rate(Vec2::ZERO, me, around, wishes), Vec2::ZERO);
    let mut direction = if wishes.way == Vec2::ZERO {
        Vec2::new(1.0, 0.0)
    } else {
        wishes.way.normalised()
    };
    for _ in 0..DIRECTIONS {
        let rating = rate(direction, me, around, wishes);
        if rating > best.0 {
            best = (rating, direction);
        }
        let (cos, sin) = SIXTEENTH;
        direction = direction * cos + direction.turned() * sin;
    }
    best.1
}

fn rate(direction: Vec2, me: &Fighter, around: &Surroundings<'_>, wishes: &Wishes<'_>) -> f32 {
    let wished = direction.dot(wishes.way);
    wished
        - obstruction(direction, me, around)
        - crowd(direction, me, around)
        - danger(direction, me, wishes.threats)
        - exposure(direction, me, around, wishes)
}

/// Walls and cover in the way.
fn obstruction(direction: Vec2, me: &Fighter, around: &Surroundings<'_>) -> f32 {
    const NEAR: f32 = 0.35;
    const FAR: f32 = 0.9;
    let has_room = |way: f32| around.map.has_room_at(me.at() + direction * way);
    if direction == Vec2::ZERO {
        0.0
    } else if !has_room(NEAR) {
        1.5
    } else if !has_room(FAR) {
        0.3
    } else {
        0.0
    }
}

/// Others that one would walk into.
fn crowd(direction: Vec2, me: &Fighter, around: &Surroundings<'_>) -> f32 {
    const ELBOW_ROOM: f32 = 1.5;
    const AHEAD: f32 = 0.7;
    let at = me.at() + direction * AHEAD;
    let others = around.fighters.iter().filter(|other| other.id != me.id);
    let gaps = others.map(|other| other.at().distance(at));
    gaps.map(|gap| 0.6 * (ELBOW_ROOM - gap).max(0.0)).sum()
}

/// How much of the splash of the rockets underway one would get, wherever on their way they explode.
fn danger(direction: Vec2, me: &Fighter, threats: &[Flight]) -> f32 {
    /// No need to think farther ahead than this, in seconds.
    const SOON: f32 = 0.4;
    const MARGIN: f32 = 0.4;
    let dangers = threats.iter().map(|threat| {
        let time = (threat.at.distance(me.at()) / ROCKET_SPEED).min(SOON);
        let at = me.at() + direction * (PLAYER_SPEED * time);
        let along = (at - threat.at)
            .dot(threat.direction)
            .clamp(0.0, threat.way);
        let nearest = threat.at + threat.direction * along;
        (SPLASH_RADIUS + PLAYER_RADIUS + MARGIN - nearest.distance(at)).max(0.0)
    });
    dangers.sum()
}

/// Being seen by whom one hides from.
fn exposure(direction: Vec2, me: &Fighter, around: &Surroundings<'_>, wishes: &Wishes<'_>) -> f32 {
    const AHEAD: f32 = 1.5;
    let at = me.at() + direction * AHEAD;
    let is_seen = |from: Vec2| around.map.has_line_of_fire(from, at);
    if wishes.hide_from.is_some_and(is_seen) {
        0.5
    } else {
        0.0
    }
}
