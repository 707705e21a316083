//! Rockets fly and explode.

use bevy_ecs::prelude::*;
use tickwire_engine::{Events, Replicated};
use tickwire_protocol::NetId;

use super::wounds::{Wound, Wounds};
use super::{ArenaMap, Map, in_order};
use crate::components::{Body, Health, Rocket};
use crate::event::{Event, WeaponKind};
use crate::rules::{
    OWN_DAMAGE_SHARE, PLAYER_RADIUS, ROCKET_DAMAGE, ROCKET_IMPACT_GAP, ROCKET_SPEED, SPLASH_RADIUS,
    TICK_SECONDS,
};
use crate::vec2::Vec2;

/// The living, by ascending network id.
type Living<'a> = [(NetId, (Entity, &'a Body, &'a Health))];

/// Advances every rocket by a tick, or to what is in its way. Those of who has left are gone with them.
pub(super) fn fly(
    mut rockets: Query<(Entity, &Replicated, &mut Rocket)>,
    bodies: Query<(Entity, &Replicated, &Body, &Health)>,
    map: ArenaMap<'_>,
    mut wounds: ResMut<Wounds>,
    mut events: ResMut<Events<Event>>,
    mut commands: Commands,
) {
    if rockets.is_empty() {
        return;
    }
    let living = in_order(bodies.iter().map(|(e, r, b, h)| (r.id(), (e, b, h))));
    let flying = rockets
        .iter_mut()
        .map(|(e, r, rocket)| (r.id(), (e, rocket)));
    for (_, (entity, mut rocket)) in in_order(flying) {
        let Some(owner) = rocket.owner else {
            commands.entity(entity).despawn();
            continue;
        };
        let direction = Vec2::from_angle(rocket.heading);
        let step = ROCKET_SPEED * TICK_SECONDS;
        let way = free_way(&map, &living, &rocket, direction, step);
        let ahead = rocket.at() + direction * way.unwrap_or(step);
        (rocket.x, rocket.y) = (ahead.x, ahead.y);
        if way.is_some() {
            let at = ahead - direction * ROCKET_IMPACT_GAP;
            wounds.extend(splash(&map, &living, owner, at));
            events.send(Event::Explosion {
                who: owner,
                x: at.x,
                y: at.y,
            });
            commands.entity(entity).despawn();
        }
    }
}

/// How far the rocket gets before it hits a wall or somebody other than its owner; `None` if nothing is within `step`.
fn free_way(
    map: &Map,
    living: &Living<'_>,
    rocket: &Rocket,
    direction: Vec2,
    step: f32,
) -> Option<f32> {
    let wall = map.shot_reach(rocket.at(), direction, step);
    let skins = living
        .iter()
        .filter(|(id, (_, _, health))| Some(*id) != rocket.owner && !health.guarded)
        .filter_map(|(_, (_, body, _))| {
            rocket
                .at()
                .ray_to_circle(direction, body.at(), PLAYER_RADIUS)
        });
    let way = skins.fold(wall, f32::min);
    (way < step).then_some(way)
}

/// The wounds of an explosion: the nearer the worse, none behind walls, half of it for the owner.
fn splash<'a>(
    map: &'a Map,
    living: &'a Living<'_>,
    owner: NetId,
    at: Vec2,
) -> impl Iterator<Item = Wound> + 'a {
    living.iter().filter_map(move |(id, (victim, body, _))| {
        let share = if *id == owner { OWN_DAMAGE_SHARE } else { 1.0 };
        let damage = rounded(splash_damage(at.distance(body.at())) * share);
        (damage > 0 && map.has_line_of_fire(at, body.at())).then_some(Wound {
            victim: *victim,
            by: owner,
            weapon: WeaponKind::Rocket,
            damage,
            from: at,
        })
    })
}

/// Damage to a player whose centre is `distance` metres from the explosion: full at the skin, then falling evenly.
fn splash_damage(distance: f32) -> f32 {
    let gap = (distance - PLAYER_RADIUS - ROCKET_IMPACT_GAP).clamp(0.0, SPLASH_RADIUS);
    ROCKET_DAMAGE * (1.0 - gap / SPLASH_RADIUS)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "damage is 0 to 70"
)]
fn rounded(damage: f32) -> u8 {
    (damage + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::tests::map;

    #[test]
    fn splash_falls_from_the_skin_outwards() {
        assert_eq!(splash_damage(0.0), ROCKET_DAMAGE);
        assert_eq!(splash_damage(PLAYER_RADIUS), ROCKET_DAMAGE);
        let half = splash_damage(PLAYER_RADIUS + ROCKET_IMPACT_GAP + SPLASH_RADIUS / 2.0);
        assert!((half - ROCKET_DAMAGE / 2.0).abs() < 1e-4);
        assert_eq!(splash_damage(40.0), 0.0);
    }

    #[test]
    fn walls_shield_cover_does_not_and_the_owner_takes_half() {
        let map = map(&[
            "#########",
            "#S..#...#",
            "#...=...#",
            "#.......#",
            "#########",
        ]);
        let health = Health::default();
        let body = |x, y| Body::standing(Vec2::new(x, y), 0.0);
        let bodies = [body(2.5, 1.5), body(5.5, 1.5), body(5.5, 2.5)];
        let living: Vec<_> = (0..)
            .zip(&bodies)
            .map(|(id, body)| (NetId(id), (Entity::PLACEHOLDER, body, &health)))
            .collect();
        let hurt = |at| -> Vec<_> {
            splash(&map, &living, NetId(0), at)
                .map(|w| w.damage)
                .collect()
        };
        assert_eq!(
            hurt(Vec2::new(3.9, 1.5)),
            [22],
            "only the owner, on this side of the wall"
        );
        assert_eq!(
            hurt(Vec2::new(3.9, 2.5)),
            [17, 38],
            "over the cover, but not round the wall"
        );
    }
}
