//! All harm of a tick, dealt at once: whoever shoots in the tick of their death has shot.

use bevy_ecs::prelude::*;
use tickwire_engine::{CurrentTick, Events, Player, Replicated};
use tickwire_protocol::NetId;

use super::players::Life;
use crate::components::{Body, Health, Score};
use crate::event::{Event, WeaponKind};
use crate::rules::RESPAWN_TICKS;
use crate::vec2::Vec2;

/// What is to be taken from a player.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wound {
    pub(super) victim: Entity,
    /// The attacker, who may have left.
    pub(super) by: NetId,
    pub(super) weapon: WeaponKind,
    /// Points of health.
    pub(super) damage: u8,
    /// Where it came from.
    pub(super) from: Vec2,
}

/// The wounds of this tick, in the order in which they came about.
#[derive(Resource, Debug, Default)]
pub(super) struct Wounds(Vec<Wound>);

impl Extend<Wound> for Wounds {
    fn extend<I: IntoIterator<Item = Wound>>(&mut self, wounds: I) {
        self.0.extend(wounds);
    }
}

type Players<'w, 's> = Query<
    'w,
    's,
    (
        &'static Replicated,
        &'static Player,
        &'static mut Health,
        &'static mut Score,
        &'static mut Life,
    ),
>;

/// Takes the health, counts the dead and tells those concerned.
pub(super) fn wound(
    mut wounds: ResMut<Wounds>,
    mut players: Players<'_, '_>,
    now: Res<CurrentTick>,
    mut events: ResMut<Events<Event>>,
    mut commands: Commands,
) {
    for wound in wounds.0.drain(..) {
        let Ok((replicated, player, mut health, mut score, mut life)) =
            players.get_mut(wound.victim)
        else {
            continue;
        };
        if health.guarded || health.hp == 0 {
            continue;
        }
        let (victim, damage) = (replicated.id(), wound.damage.min(health.hp));
        health.hp -= damage;
        let killed = health.hp == 0;
        let own = victim == wound.by;
        events.send_to(
            player.id,
            Event::Hurt {
                by: wound.by,
                damage,
                x: wound.from.x,
                y: wound.from.y,
            },
        );
        if killed {
            score.deaths = score.deaths.saturating_add(1);
            score.own_kills = score.own_kills.saturating_add(u16::from(own));
            life.out_until = Some(now.0 + RESPAWN_TICKS);
            commands.entity(wound.victim).remove::<Body>();
        }
        let attacker = players.iter_mut().find(|(r, ..)| r.id() == wound.by);
        let killer = attacker.map(|(_, attacker, _, mut score, _)| {
            if !own {
                let id = attacker.id;
                score.kills = score.kills.saturating_add(u16::from(killed));
                events.send_to(
                    id,
                    Event::Hit {
                        victim,
                        damage,
                        killed,
                    },
                );
            }
            wound.by
        });
        if killed {
            events.send(Event::Died {
                victim,
                killer,
                weapon: wound.weapon,
            });
        }
    }
}
