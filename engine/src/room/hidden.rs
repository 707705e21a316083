//! Players whose page is hidden: nobody looks.

use std::time::Duration;

use super::Room;
use crate::ecs::EcsGame;
use crate::session::SessionId;

/// Who returns again so soon waits for the next snapshot that is due anyway: each of those on return is one more than others get.
const RETURN_PAUSE: Duration = Duration::from_millis(250);

impl<G: EcsGame> Room<G> {
    /// Whoever looks again is shown the present at once, and is back in play.
    pub(super) fn set_hidden(&mut self, session: SessionId, hidden: bool) {
        let Some(session) = self.sessions.get_mut(&session) else {
            return;
        };
        if std::mem::replace(&mut session.hidden, hidden) == hidden {
            return;
        }
        let is_just_back = |at| self.ticked.saturating_sub(at) < RETURN_PAUSE;
        if !session.returned.is_some_and(is_just_back) {
            session.flight.clear();
            if !hidden {
                session.snapshot_due = true;
                session.returned = Some(self.ticked);
            }
        }
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
