//! Pick-ups: laid out once, taken, and back after a while.

use bevy_ecs::prelude::*;
use tickwire_engine::{CurrentTick, Events, Replicated, Sim};
use tickwire_protocol::Tick;

use super::in_order;
use crate::Arena;
use crate::components::{Body, Health, Pickup, PickupKind, Weapon};
use crate::event::Event;
use crate::rules::{
    FULL_HEALTH, MAX_ROCKETS, PICKUP_HEALTH, PICKUP_REACH, PICKUP_ROCKETS, PICKUP_TICKS,
};

/// When a pick-up that was taken is back.
#[derive(Component, Debug, Default)]
pub(super) struct Restock(Tick);

pub(super) fn lay_out(sim: &mut Sim<Arena>) {
    let level = sim.level().clone();
    for (kind, at) in level.level.pickups() {
        let pickup = Pickup {
            x: at.x,
            y: at.y,
            kind,
            ready: true,
        };
        sim.world_mut()
            .spawn((Replicated::default(), Restock::default(), pickup));
    }
}

/// Gives what lies about to whoever stands on it and can use it.
pub(super) fn collect(
    mut pickups: Query<(&Replicated, &mut Pickup, &mut Restock)>,
    mut players: Query<(Entity, &Replicated, &Body, &mut Health, &mut Weapon)>,
    now: Res<CurrentTick>,
    mut events: ResMut<Events<Event>>,
) {
    let walkers = players
        .iter()
        .map(|(e, r, body, ..)| (r.id(), (e, body.at())));
    let walkers = in_order(walkers);
    let pickups = pickups
        .iter_mut()
        .map(|(r, p, restock)| (r.id(), (p, restock)));
    for (_, (mut pickup, mut restock)) in in_order(pickups) {
        if !pickup.ready {
            pickup.ready = now.0.since(restock.0) >= 0;
            continue;
        }
        for (who, (entity, _)) in walkers
            .iter()
            .filter(|(_, (_, at))| at.distance(pickup.at()) < PICKUP_REACH)
        {
            let Ok((.., mut health, mut weapon)) = players.get_mut(*entity) else {
                continue;
            };
            if take(pickup.kind, &mut health, &mut weapon) {
                pickup.ready = false;
                restock.0 = now.0 + PICKUP_TICKS;
                events.send(Event::Picked {
                    who: *who,
                    kind: pickup.kind,
                });
                break;
            }
        }
    }
}

/// Whether the player had any use for it.
fn take(kind: PickupKind, health: &mut Health, weapon: &mut Weapon) -> bool {
    let (have, gain, most) = match kind {
        PickupKind::Health => (&mut health.hp, PICKUP_HEALTH, FULL_HEALTH),
        PickupKind::Rockets => (&mut weapon.rockets, PICKUP_ROCKETS, MAX_ROCKETS),
    };
    let wanted = *have < most;
    *have = have.saturating_add(gain).min(most);
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_what_is_of_use_and_no_more_than_fits() {
        let (mut health, mut weapon) = (Health::default(), Weapon::default());
        assert!(!take(PickupKind::Health, &mut health, &mut weapon));
        health.hp = 30;
        assert!(take(PickupKind::Health, &mut health, &mut weapon));
        assert_eq!(health.hp, 70);
        for _ in 0..3 {
            assert!(take(PickupKind::Rockets, &mut health, &mut weapon));
        }
        assert_eq!(weapon.rockets, MAX_ROCKETS);
        assert!(!take(PickupKind::Rockets, &mut health, &mut weapon));
    }
}
