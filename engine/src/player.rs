//! Players, as systems see them.

use std::fmt;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use std::ops::Deref;
use tickwire_protocol::{Around, Game};

use crate::ecs::{EcsComponents, EcsGame};
use crate::ids::{NetIds, Replicated};
use crate::rewind::Past;
use crate::sim::LevelRes;

/// A place at the table. Never given twice in a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlayerId(pub u32);

impl fmt::Display for PlayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// On every player's entity, beside [`Replicated`] and [`PlayerInput`]. Observe `On<Add<Player>>` to give newcomers their
/// components; leaving despawns the entity.
#[derive(Component, Debug, Clone)]
pub struct Player {
    /// Which player.
    pub id: PlayerId,
    /// What the player is called: 1 to 48 bytes without control characters.
    pub name: Arc<str>,
    /// Whether a system of the game plays it.
    pub bot: bool,
}

/// Marks players that a system of the game plays, by writing their [`PlayerInput`].
#[derive(Component, Debug, Clone, Copy)]
pub struct Bot;

/// What the player does in this tick.
#[derive(Component, Debug, Default, Clone, PartialEq)]
pub struct PlayerInput<I>(pub I);

impl<I> Deref for PlayerInput<I> {
    type Target = I;
    fn deref(&self) -> &I {
        &self.0
    }
}

/// The system that applies [`Game::predict`] to every player who has all the predicted components, by ascending network id:
/// what each client predicts, this decides.
pub fn move_players<G: EcsGame>(world: &mut World) {
    let players: Vec<_> = world.resource::<NetIds>().iter().collect();
    let level = Arc::clone(&world.resource::<LevelRes<G>>().0);
    let Some(snapshot) = world.resource::<Past>().history.latest().map(Arc::clone) else {
        return;
    };
    for (id, entity) in players {
        let Ok(mut entity) = world.get_entity_mut(entity) else {
            continue;
        };
        let Some(input) = entity
            .get::<PlayerInput<G::Input>>()
            .map(|input| input.0.clone())
        else {
            continue;
        };
        let Some(mut own) = G::Predicted::get(entity.as_readonly()) else {
            continue;
        };
        G::predict(
            &mut own,
            &input,
            &Around {
                level: &level,
                own: id,
                snapshot: &snapshot,
            },
        );
        own.set(&mut entity);
    }
}

/// Brings the predicted components of players to the values that the wire can carry, as the clients' prediction does:
/// then both ends compare integers.
pub(crate) fn snap_predicted<G: EcsGame>(world: &mut World, players: &[Entity]) {
    for player in players {
        let Ok(mut entity) = world.get_entity_mut(*player) else {
            continue;
        };
        if let Some(own) = G::Predicted::get(entity.as_readonly()) {
            tickwire_protocol::Components::quantised(&own).set(&mut entity);
        }
    }
}

/// The bundle that every player's entity starts with.
pub(crate) fn bundle<G: Game>(player: Player) -> impl Bundle {
    (
        PlayerInput::<G::Input>::default(),
        Replicated::default(),
        crate::rewind::Viewing::default(),
        player,
    )
}

/// A name for the `index`th bot.
#[must_use]
pub fn bot_name(index: usize) -> &'static str {
    const NAMES: [&str; 24] = [
        "Ada", "Bruno", "Cleo", "Dario", "Edda", "Fynn", "Gita", "Hugo", "Iris", "Jonas", "Kaja",
        "Liam", "Mira", "Nils", "Oona", "Pavel", "Quinn", "Rosa", "Sami", "Tess", "Ugo", "Vera",
        "Wim", "Yara",
    ];
    NAMES.get(index % NAMES.len()).copied().unwrap_or("Bot")
}
