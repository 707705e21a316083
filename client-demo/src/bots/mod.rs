//! Bots: they see what players see, and answer with the same commands.
//!
//! Once a tick the [`Surroundings`] are gathered for all of them. Ten times a second each [`Brain`] chooses whom to fight and
//! where to go ([`plan`]); in between it turns its aim ([`aim`]) and picks its next steps ([`legs`], [`steer`]). How well it
//! does all that is its [`skill`].

mod aim;
mod brain;
mod legs;
mod plan;
mod skill;
mod steer;

use bevy_ecs::prelude::*;
use tickwire_engine::{Bot, PlayerInput, Replicated};
use tickwire_protocol::NetId;

use crate::components::{Body, Health, Input, Pickup, Rocket, Weapon};
use crate::map::Map;
use crate::rules::{ROCKET_SPEED, TICK_SECONDS};
use crate::sim::{ArenaMap, in_order};
use crate::vec2::Vec2;
pub(crate) use brain::Brain;

/// A living player.
#[derive(Debug, Clone, Copy)]
struct Fighter {
    id: NetId,
    body: Body,
    health: Health,
    weapon: Weapon,
}

impl Fighter {
    const fn at(&self) -> Vec2 {
        self.body.at()
    }
}

/// A rocket and where it will go within the next second.
#[derive(Debug, Clone, Copy)]
struct Flight {
    id: NetId,
    owner: Option<NetId>,
    at: Vec2,
    direction: Vec2,
    /// Metres.
    way: f32,
}

/// What bots see of the match, all by ascending network id.
#[derive(Debug)]
struct Surroundings<'a> {
    map: &'a Map,
    fighters: Vec<Fighter>,
    flights: Vec<Flight>,
    pickups: Vec<Pickup>,
}

type Players<'w, 's> = Query<
    'w,
    's,
    (
        &'static Replicated,
        &'static Body,
        &'static Health,
        &'static Weapon,
    ),
>;

/// Gives every bot its command for this tick.
pub(crate) fn think(
    mut bots: Query<(&Replicated, &mut Brain, &mut PlayerInput<Input>), With<Bot>>,
    players: Players<'_, '_>,
    rockets: Query<(&Replicated, &Rocket)>,
    pickups: Query<(&Replicated, &Pickup)>,
    map: ArenaMap<'_>,
) {
    let fighters = players.iter().map(|(replicated, body, health, weapon)| {
        let id = replicated.id();
        let fighter = Fighter {
            id,
            body: *body,
            health: *health,
            weapon: *weapon,
        };
        (id, fighter)
    });
    let flights = rockets
        .iter()
        .map(|(r, rocket)| (r.id(), foresee(&map, r.id(), rocket)));
    let pickups = pickups.iter().map(|(r, pickup)| (r.id(), *pickup));
    let surroundings = Surroundings {
        map: &map,
        fighters: values(fighters),
        flights: values(flights),
        pickups: values(pickups),
    };
    // Each brain has its own random numbers, so it does not matter who thinks first.
    for (replicated, mut brain, mut input) in &mut bots {
        input.0 = brain.think(replicated.id(), &surroundings);
    }
}

fn values<T>(items: impl Iterator<Item = (NetId, T)>) -> Vec<T> {
    let items = in_order(items);
    items.into_iter().map(|(_, value)| value).collect()
}

fn foresee(map: &Map, id: NetId, rocket: &Rocket) -> Flight {
    let direction = Vec2::from_angle(rocket.heading);
    Flight {
        id,
        owner: rocket.owner,
        at: rocket.at(),
        direction,
        way: map.shot_reach(rocket.at(), direction, ROCKET_SPEED),
    }
}

/// Seconds as ticks.
const fn seconds(ticks: u16) -> f32 {
    ticks as f32 * TICK_SECONDS
}
