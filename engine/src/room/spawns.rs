//! Players' clients learn what became of their commands: which entities they brought about, and how shots were judged.

use tickwire_protocol::message::ServerControl;

use super::{Room, TOO_SLOW};
use crate::ecs::EcsGame;
use crate::spawned::Told;

impl<G: EcsGame> Room<G> {
    /// The events lane goes ahead of the snapshot of the same tick: a client knows of a spawn before it gets the row.
    pub(super) fn file_spawns(&mut self) {
        let tick = self.sim.now();
        let mut behind = Vec::new();
        for told in &self.sim.spawned {
            let Told {
                player,
                index,
                ahead,
                id,
            } = *told;
            let mut sessions = self.sessions.iter_mut();
            let session = sessions.find(|(_, session)| session.plays() == Some(player));
            if let Some((number, session)) = session {
                session.tell(&ServerControl::Spawned {
                    tick,
                    index,
                    ahead,
                    id,
                });
                behind.extend(session.is_behind().then_some(*number));
            }
        }
        for session in behind {
            self.throw_out(session, TOO_SLOW);
        }
    }

    /// For the figures that each client is told once a second.
    pub(super) fn count_looks(&mut self) {
        for session in self.sessions.values_mut() {
            let look = session.entity.and_then(|entity| self.sim.looked(entity));
            if let Some(clamped) = look {
                session.note_look(clamped);
            }
        }
    }
}
