//! Arena, the demo game of Tickwire: a top-down arena shooter.
//!
//! The rules are shared by server and browser: [`components`], [`Event`], the [`map`] and [`predict`](Game::predict), which
//! moves the own player in both. They need nothing but `tickwire-protocol`. With the feature `sim` comes the match, `build`:
//! the systems of a tick and the bots. With `server` (the default) comes the program `arena`.

mod centimetres;
pub mod components;
mod event;
pub mod map;
mod predict;
mod ray;
pub mod rules;
mod vec2;

#[cfg(feature = "sim")]
mod bots;
#[cfg(feature = "sim")]
mod sim;

use tickwire_protocol::{Around, Game, NetId, Spawn};

pub use components::{Body, Health, Input, Pickup, PickupKind, Rocket, Score, Weapon};
pub use event::{Event, Pose, RosterEntry, Verdict, WeaponKind};
pub use map::Map;
pub use ray::Ray;
#[cfg(feature = "sim")]
pub use sim::build;
pub use vec2::Vec2;

/// The game.
#[derive(Debug)]
pub struct Arena;

impl Game for Arena {
    const TICK_RATE: u32 = rules::TICK_RATE;
    const TABLES: &'static [u8] = include_bytes!("../../assets/tables/arena.twt");
    type Input = Input;
    type Replicated = (Body, Health, Weapon, Score, Rocket, Pickup);
    type Predicted = (Body, Weapon);
    type Event = Event;
    type Level = Map;

    fn names(event: &Event) -> Vec<NetId> {
        event.names()
    }

    fn predict((body, weapon): &mut Self::Predicted, input: &Input, around: &Around<'_, Self>) {
        predict::walk(body, input, around.level);
        predict::pull_triggers(weapon, input);
    }

    fn spawns((body, weapon): &Self::Predicted, around: &Around<'_, Self>) -> Vec<Spawn> {
        let rocket = weapon.fired_rocket().then(|| {
            let mut rocket = predict::launch(body, around.own, around.level);
            predict::fly(&mut rocket, around.level);
            Spawn::new(around.schema(), &(rocket,))
        });
        rocket.into_iter().collect()
    }

    fn move_spawned(spawn: &mut Spawn, around: &Around<'_, Self>) {
        if let Some(mut rocket) = spawn.get() {
            predict::fly(&mut rocket, around.level);
            spawn.set(&rocket);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tickwire_protocol::GameSchema;

    #[test]
    fn the_schema_is_within_the_limits() {
        let schema = GameSchema::of::<Arena>();
        assert_eq!(schema.name, "Arena");
        assert_eq!(schema.rows.components().len(), 6);
    }

    #[test]
    fn the_tables_are_of_these_components() {
        let unused = GameSchema::of::<Arena>().unused;
        assert_eq!(unused, None, "train them anew: assets/tables/README.md");
    }
}
