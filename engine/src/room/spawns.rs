//! Players' clients learn which entities their commands brought about.

use tickwire_protocol::message::ServerControl;

use super::Room;
use crate::ecs::EcsGame;
use crate::spawned::Told;

impl<G: EcsGame> Room<G> {
    /// The events lane goes ahead of the snapshot of the same tick: a client knows of a spawn before it gets the row.
    pub(super) fn file_spawns(&mut self) {
        let tick = self.sim.now();
        for Told { player, index, id } in &self.sim.spawned {
            let mut sessions = self.sessions.values_mut();
            if let Some(session) = sessions.find(|session| session.plays() == Some(*player)) {
                session.tell(&ServerControl::Spawned {
                    tick,
                    index: *index,
                    id: *id,
                });
            }
        }
    }
}
