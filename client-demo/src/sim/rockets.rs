//! Rockets fly and explode.

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use tickwire_engine::{Capsule, Events, Replicated, Rewind};
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

/// How far a rocket flies in a tick, in metres.
const STEP: f32 = ROCKET_SPEED * TICK_SECONDS;

/// On a rocket in the tick in which it sets out: how many ticks of flight it makes up for first, because its player saw the others
/// of so long ago.
#[derive(Component, Debug)]
pub(super) struct Fresh {
    pub(super) lag: u32,
}

/// Somebody who can be hit.
#[derive(Debug, Clone, Copy)]
struct Living {
    id: NetId,
    entity: Entity,
    at: Vec2,
    guarded: bool,
}

/// What rockets meet, now and in the past.
#[derive(SystemParam)]
pub(super) struct Targets<'w, 's> {
    past: Rewind<'w, 's, Body>,
    healths: Query<'w, 's, (&'static Replicated, &'static Health)>,
    map: ArenaMap<'w>,
}

impl Targets<'_, '_> {
    /// Whom a rocket can hit or hurt on the next step of its way, `ago` ticks before the present, by ascending network id. Who has
    /// died since, or is guarded now, cannot be hurt.
    fn near(&self, rocket: &Rocket, ago: u32) -> Vec<Living> {
        let from = rocket.at();
        let to = from + Vec2::from_angle(rocket.heading) * STEP;
        let way = Capsule {
            from: [from.x, from.y],
            to: [to.x, to.y],
            radius: PLAYER_RADIUS + SPLASH_RADIUS + ROCKET_IMPACT_GAP,
        };
        let near = self.past.ago_near(ago, &way).into_iter();
        let near = near.filter_map(|(entity, there)| {
            let (replicated, health) = self.healths.get(entity).ok()?;
            Some(Living {
                id: replicated.id(),
                entity,
                at: there.at(),
                guarded: health.guarded,
            })
        });
        near.collect()
    }
}

/// Advances every rocket by a tick, or to what is in its way. Those of who has left are gone with them.
pub(super) fn fly(
    mut rockets: Query<(Entity, &Replicated, &mut Rocket, Option<&Fresh>)>,
    targets: Targets<'_, '_>,
    mut wounds: ResMut<Wounds>,
    mut events: ResMut<Events<Event>>,
    mut commands: Commands,
) {
    if rockets.is_empty() {
        return;
    }
    let flying = rockets
        .iter_mut()
        .map(|(e, r, rocket, fresh)| (r.id(), (e, rocket, fresh.map(|fresh| fresh.lag))));
    for (_, (entity, mut rocket, fresh)) in in_order(flying) {
        let Some(owner) = rocket.owner else {
            commands.entity(entity).despawn();
            continue;
        };
        // One step for each tick that it makes up for, and one for the present.
        let burst = (0..=fresh.unwrap_or_default()).rev().find_map(|ago| {
            let living = targets.near(&rocket, ago);
            let at = step(&mut rocket, &living, &targets.map)?;
            Some((at, living))
        });
        let Some((at, living)) = burst else {
            if fresh.is_some() {
                commands.entity(entity).remove::<Fresh>();
            }
            continue;
        };
        wounds.extend(splash(&targets.map, &living, owner, at));
        events.send(Event::Explosion {
            who: owner,
            x: at.x,
            y: at.y,
        });
        commands.entity(entity).despawn();
    }
}

/// Lets the rocket fly for a tick, or to a wall or somebody other than its owner: then it explodes, at the place that is returned.
fn step(rocket: &mut Rocket, living: &[Living], map: &Map) -> Option<Vec2> {
    let direction = Vec2::from_angle(rocket.heading);
    let wall = map.shot_reach(rocket.at(), direction, STEP);
    let skins = living
        .iter()
        .filter(|it| Some(it.id) != rocket.owner && !it.guarded)
        .filter_map(|it| rocket.at().ray_to_circle(direction, it.at, PLAYER_RADIUS));
    let way = skins.fold(wall, f32::min);
    let ahead = rocket.at() + direction * way.min(STEP);
    (rocket.x, rocket.y) = (ahead.x, ahead.y);
    (way < STEP).then(|| ahead - direction * ROCKET_IMPACT_GAP)
}

/// The wounds of an explosion: the nearer the worse, none behind walls, half of it for the owner.
fn splash<'a>(
    map: &'a Map,
    living: &'a [Living],
    owner: NetId,
    at: Vec2,
) -> impl Iterator<Item = Wound> + 'a {
    living.iter().filter_map(move |it| {
        let share = if it.id == owner {
            OWN_DAMAGE_SHARE
        } else {
            1.0
        };
        let damage = rounded(splash_damage(at.distance(it.at)) * share);
        (damage > 0 && map.has_line_of_fire(at, it.at)).then_some(Wound {
            victim: it.entity,
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
        let places = [(2.5, 1.5), (5.5, 1.5), (5.5, 2.5)];
        let living: Vec<_> = (0..)
            .zip(places)
            .map(|(id, (x, y))| Living {
                id: NetId(id),
                entity: Entity::PLACEHOLDER,
                at: Vec2::new(x, y),
                guarded: false,
            })
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
