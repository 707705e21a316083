//! What tests ask a room about its sessions.

use tickwire_protocol::Sender;

use super::Room;
use crate::ecs::EcsGame;
use crate::player::PlayerId;
use crate::session::{SessionId, Stage};

/// What a session keeps until it can be sent or is used up. All of it is bounded, whatever the client does.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Control messages.
    pub control: usize,
    /// Events.
    pub events: usize,
    /// Pings without an answer.
    pub pings: usize,
    /// Commands.
    pub commands: usize,
}

impl<G: EcsGame> Room<G> {
    /// The player that a session's client takes part as.
    #[must_use]
    pub fn player_of(&self, session: SessionId) -> Option<PlayerId> {
        match self.sessions.get(&session)?.stage {
            Stage::Playing(player) => Some(player),
            _ => None,
        }
    }

    /// What a session's client was sent of the world.
    #[must_use]
    pub fn sender_of(&self, session: SessionId) -> Option<&Sender> {
        Some(&self.sessions.get(&session)?.sender)
    }

    /// What waits in a session.
    #[must_use]
    pub fn waiting(&self, session: SessionId) -> Option<Waiting> {
        Some(self.sessions.get(&session)?.waiting())
    }
}
