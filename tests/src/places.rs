//! Where the players of an Arena match stand, for tests that need them there.

use std::f32::consts::TAU;

use arena::{Arena, Body, Map, Vec2};
use tickwire_engine::PlayerId;

use crate::Match;

/// Two places so many metres from each other, with nothing in between; `None` when the map has no such room around its spawn
/// points.
#[must_use]
pub fn apart(map: &Map, metres: f32) -> Option<(Vec2, Vec2)> {
    let ways = (0..16_u8).map(|i| Vec2::from_angle(f32::from(i) * TAU / 16.0));
    let mut pairs = map.spawns().flat_map(|from| {
        let ways = ways.clone();
        ways.map(move |way| (from, from + way * metres))
    });
    pairs.find(|(from, to)| map.has_straight_way(*from, *to))
}

/// Puts a player there, at rest and looking to the right. One that the match does not know stays away.
pub fn place(game: &mut Match<Arena>, player: PlayerId, at: Vec2) {
    let sim = game.room_mut().sim_mut();
    if let Some(entity) = sim.entity_of(player) {
        let body = Body::standing(at, 0.0);
        sim.world_mut().entity_mut(entity).insert(body);
    }
}
