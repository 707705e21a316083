//! Triggers that were pulled in this tick: rifle shots hit at once, rockets set out.

use bevy_ecs::prelude::*;
use tickwire_engine::{Events, Replicated, Rewind, SpawnedBy};

use super::wounds::{Wound, Wounds};
use super::{ArenaMap, in_order};
use crate::components::{Body, Health, Weapon};
use crate::event::{Event, WeaponKind};
use crate::predict::launch;
use crate::rules::{PLAYER_RADIUS, RIFLE_DAMAGE, RIFLE_REACH};
use crate::vec2::Vec2;

/// Whether a trigger was pulled is decided in `predict`, so that the shooter's own screen knows it first. What was hit is
/// decided here, with everybody where the shooter saw them.
pub(super) fn shoot(
    shooters: Query<(Entity, &Replicated, &Body, &Weapon)>,
    mut targets: Query<(&Replicated, &mut Health)>,
    past: Rewind<Body>,
    map: ArenaMap<'_>,
    mut wounds: ResMut<Wounds>,
    mut events: ResMut<Events<Event>>,
    mut commands: Commands,
) {
    let firing = shooters
        .iter()
        .filter(|(_, _, _, weapon)| weapon.fired_rifle() || weapon.fired_rocket())
        .map(|(me, replicated, body, weapon)| (replicated.id(), (me, body, weapon)));
    let firing = in_order(firing);
    for (_, (me, ..)) in &firing {
        if let Ok((_, mut health)) = targets.get_mut(*me) {
            health.guarded = false;
        }
    }
    for (who, (me, body, weapon)) in firing {
        let from = body.at();
        if weapon.fired_rocket() {
            let rocket = launch(body, who, &map);
            commands.spawn((Replicated::default(), SpawnedBy(me), rocket));
        }
        if !weapon.fired_rifle() {
            continue;
        }
        let direction = Vec2::from_angle(body.heading);
        let mut reach = map.shot_reach(from, direction, RIFLE_REACH);
        let mut hit = None;
        for (victim, there) in past.seen_by(me).filter(|(victim, _)| *victim != me) {
            let Ok((replicated, health)) = targets.get(victim) else {
                continue;
            };
            let distance = from.ray_to_circle(direction, there.at(), PLAYER_RADIUS);
            if let Some(distance) = distance.filter(|d| *d < reach && !health.guarded) {
                reach = distance;
                hit = Some((victim, replicated.id()));
            }
        }
        wounds.extend(hit.map(|(victim, _)| Wound {
            victim,
            by: who,
            weapon: WeaponKind::Rifle,
            damage: RIFLE_DAMAGE,
            from,
        }));
        let end = from + direction * reach;
        events.send(Event::Shot {
            who,
            x0: from.x,
            y0: from.y,
            x1: end.x,
            y1: end.y,
            hit: hit.map(|(_, id)| id),
        });
    }
}
