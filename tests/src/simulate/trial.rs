//! What a game tells of itself so that a simulation can check it.

use std::time::Duration;

use tickwire_client::{Client, Delivered};
use tickwire_engine::prelude::*;
use tickwire_protocol::{NetId, Row};

/// What players get to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variety {
    /// Everything.
    Open,
    /// What is near.
    Near,
    /// What is near, and less often what is not quite so near.
    Tiers,
}

/// A game for simulations.
pub trait Trial: EcsGame + Sized {
    /// What sets a match up.
    fn builder(variety: Variety) -> fn(&mut Sim<Self>);

    /// A player.
    fn play(rng: fastrand::Rng)
    -> impl FnMut(&mut Client<Self>, Duration) -> Self::Input + 'static;

    /// The number of an event, if events are numbered: those to all from the beginning of the match, and those to each player
    /// ("at once") from its joining.
    fn number(event: &Delivered<Self::Event>) -> Option<u32> {
        let _ = event;
        None
    }

    /// How many numbered events went to all so far, and how many to this player.
    fn told(sim: &Sim<Self>, player: PlayerId) -> (u32, u32) {
        let _ = (sim, player);
        (0, 0)
    }

    /// Whether the player of the row `own` sees this row; `None` when that depends on what it saw before.
    fn must_see(variety: Variety, own: Row<'_>, row: Row<'_>) -> Option<bool> {
        let _ = (variety, own, row);
        Some(true)
    }

    /// Whether the row has something that the player of the entity `own` must not know.
    fn is_secret(variety: Variety, own: NetId, row: Row<'_>) -> bool {
        let _ = (variety, own, row);
        false
    }
}
