//! Triggers that were pulled in this tick: rifle shots hit at once, rockets set out.

use bevy_ecs::prelude::*;
use tickwire_engine::{CurrentTick, Events, Player, Receipts, Replicated, Rewind, SpawnedBy};

use super::rifle::judge;
use super::rockets::Fresh;
use super::wounds::{Wound, Wounds};
use super::{ArenaMap, in_order};
use crate::components::{Body, Health, Weapon};
use crate::event::{Event, WeaponKind};
use crate::predict::launch;
use crate::rules::RIFLE_DAMAGE;

/// Whether a trigger was pulled is decided in `predict`, so that the shooter's own screen knows it first. What was hit is
/// decided here, with everybody where the shooter saw them.
pub(super) fn shoot(
    shooters: Query<(Entity, &Replicated, &Body, &Weapon)>,
    mut targets: Query<(&Replicated, &mut Health)>,
    (mut curious, now): (Query<(&Player, &mut Receipts)>, Res<CurrentTick>),
    (past, map): (Rewind<Body>, ArenaMap<'_>),
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
        if weapon.fired_rocket() {
            let (rocket, lag) = (launch(body, who, &map), past.lag(me));
            let by = SpawnedBy::new(me).ahead(lag);
            commands.spawn((Replicated::default(), by, Fresh { lag }, rocket));
        }
        if !weapon.fired_rifle() {
            continue;
        }
        let shot = judge(me, body, &past, &targets, &map);
        let hit = shot.hit();
        wounds.extend(hit.map(|(victim, _)| Wound {
            victim,
            by: who,
            weapon: WeaponKind::Rifle,
            damage: RIFLE_DAMAGE,
            from: shot.from,
        }));
        events.send(Event::Shot {
            who,
            x0: shot.from.x,
            y0: shot.from.y,
            x1: shot.end.x,
            y1: shot.end.y,
            hit: hit.map(|(_, id)| id),
        });
        if let Ok((player, mut receipts)) = curious.get_mut(me)
            && receipts.take(now.0)
        {
            events.send_to(player.id, shot.receipt(me, &past));
        }
    }
}
