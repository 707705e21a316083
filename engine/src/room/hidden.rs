//! Players whose page is hidden: nobody looks.

use super::Room;
use crate::ecs::EcsGame;
use crate::session::SessionId;

impl<G: EcsGame> Room<G> {
    /// Whoever looks again is shown the present at once, and is back in play.
    pub(super) fn set_hidden(&mut self, session: SessionId, hidden: bool) {
        let Some(session) = self.sessions.get_mut(&session) else {
            return;
        };
        if std::mem::replace(&mut session.hidden, hidden) == hidden {
            return;
        }
        session.flight.clear();
        session.snapshot_due |= !hidden;
        let stands = self.config.hidden_stands.filter(|_| hidden);
        session.out_at = stands.map(|stands| self.ticked.saturating_add(stands));
        if let Some(entity) = session.entity.filter(|_| !hidden) {
            self.sim.set_hidden(entity, false);
        }
    }

    /// Takes those out of play whose time on the field is up.
    pub(super) fn take_out(&mut self) {
        for session in self.sessions.values_mut() {
            let is_due = session.out_at.is_some_and(|at| at <= self.ticked);
            if let Some(entity) = session.entity.filter(|_| is_due) {
                session.out_at = None;
                self.sim.set_hidden(entity, true);
            }
        }
    }
}
