//! The server's half: the systems of a tick.

mod pickups;
mod players;
mod rifle;
mod rockets;
mod shoot;
mod wounds;

use bevy_ecs::prelude::*;
use tickwire_engine::{LevelRes, Sim, move_players};
use tickwire_protocol::NetId;

use crate::bots::think;
use crate::components::Score;
use crate::{Arena, Map};
use wounds::Wounds;

/// The map, as systems ask for it.
pub(crate) type ArenaMap<'w> = Res<'w, LevelRes<Arena>>;

/// Sets a match up: pick-ups, what happens when players come and go, and the steps of a tick.
pub fn build(sim: &mut Sim<Arena>) {
    pickups::lay_out(sim);
    sim.insert_resource(Wounds::default())
        .observe(players::welcome)
        .observe(players::welcome_back)
        .observe(players::farewell)
        .observe(players::hide)
        .add_systems(
            (
                think,
                move_players::<Arena>,
                shoot::shoot,
                rockets::fly,
                wounds::wound,
                pickups::collect,
                players::respawn,
            )
                .chain(),
        )
        .score_by(|player| player.get::<Score>().map_or(0, Score::points));
}

/// The items by ascending network id: the ECS promises no order, and the match must not depend on it.
pub(crate) fn in_order<T>(items: impl Iterator<Item = (NetId, T)>) -> Vec<(NetId, T)> {
    let mut items: Vec<_> = items.collect();
    items.sort_unstable_by_key(|(id, _)| *id);
    items
}
