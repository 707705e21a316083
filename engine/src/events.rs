//! Events: what happens at an instant and is told once.

use bevy_ecs::prelude::*;

use crate::player::PlayerId;

/// Who hears of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// Everyone; each client shows it when its picture has reached the tick.
    All,
    /// One player, as soon as it arrives: "you hit", "you were hit".
    One(PlayerId),
}

/// Where systems put events of the game's type `E`. They are delivered reliably, in order, after the tick, and after the
/// entities that they [name](tickwire_protocol::Game::names).
#[derive(Resource, Debug)]
pub struct Events<E: Send + Sync + 'static> {
    sent: Vec<(Recipient, E)>,
}

impl<E: Send + Sync + 'static> Default for Events<E> {
    fn default() -> Self {
        Self { sent: Vec::new() }
    }
}

impl<E: Send + Sync + 'static> Events<E> {
    /// Tells everyone.
    pub fn send(&mut self, event: E) {
        self.sent.push((Recipient::All, event));
    }

    /// Tells one player. A bot or a player who has left hears nothing.
    pub fn send_to(&mut self, player: PlayerId, event: E) {
        self.sent.push((Recipient::One(player), event));
    }

    pub(crate) fn take(&mut self) -> Vec<(Recipient, E)> {
        std::mem::take(&mut self.sent)
    }
}
