//! What players' commands brought about: told to the player's client, which has drawn it already.

use std::collections::BTreeMap;

use bevy_ecs::lifecycle::HookContext;
use bevy_ecs::prelude::*;
use bevy_ecs::world::DeferredWorld;
use tickwire_protocol::NetId;

use crate::ids::Replicated;
use crate::player::{Player, PlayerId};

/// Put this on what a system spawns for [`Game::spawns`](tickwire_protocol::Game::spawns), beside [`Replicated`]: the player's client
/// has drawn it since the very tick of the command, and learns which entity it is. Several in a tick are spawned in the order in
/// which `spawns` gives them. One that is gone again by the end of the tick is told as such.
#[derive(Component, Debug, Clone, Copy)]
#[component(on_insert = note)]
pub struct SpawnedBy {
    player: Entity,
    ahead: u8,
}

impl SpawnedBy {
    /// Spawned for a command of `player`, the player's entity.
    #[must_use]
    pub const fn new(player: Entity) -> Self {
        Self { player, ahead: 0 }
    }

    /// It has been on its way for so many `ticks` when it is spawned, 255 at most: see [`Rewind::lag`](crate::Rewind::lag).
    #[must_use]
    pub fn ahead(self, ticks: u32) -> Self {
        Self {
            ahead: u8::try_from(ticks).unwrap_or(u8::MAX),
            ..self
        }
    }
}

/// The spawns of the present tick.
#[derive(Resource, Debug, Default)]
pub(crate) struct NewSpawns(Vec<(Entity, SpawnedBy)>);

fn note(mut world: DeferredWorld<'_>, at: HookContext) {
    let by = world.get::<SpawnedBy>(at.entity).copied();
    if let (Some(by), Some(mut new)) = (by, world.get_resource_mut::<NewSpawns>()) {
        new.0.push((at.entity, by));
    }
}

/// A spawn that a player's client is to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) player: PlayerId,
    /// Which of the player's spawns of the tick.
    pub(crate) index: u8,
    pub(crate) ahead: u8,
    /// `None`: it is gone again.
    pub(crate) id: Option<NetId>,
}

/// The spawns since the last tick, in the order in which they came.
pub(crate) fn take_spawns(world: &mut World) -> Vec<Told> {
    let new = std::mem::take(&mut world.resource_mut::<NewSpawns>().0);
    let mut counts: BTreeMap<PlayerId, u8> = BTreeMap::new();
    let told = new.into_iter().filter_map(|(entity, by)| {
        let player = world.get::<Player>(by.player)?.id;
        let count = counts.entry(player).or_default();
        let index = *count;
        *count = count.saturating_add(1);
        let id = world.get::<Replicated>(entity).map(Replicated::id);
        let ahead = by.ahead;
        Some(Told {
            player,
            index,
            ahead,
            id,
        })
    });
    told.collect()
}
