//! What a room has to say to its clients.

use tickwire_protocol::Sight;

use super::Room;
use crate::ecs::EcsGame;
use crate::host::Lane;
use crate::session::SessionId;

impl<G: EcsGame> Room<G> {
    /// The next message for a session, on a lane that has a place for it; `None` when there is nothing to say.
    pub fn poll_transmit(&mut self, session: SessionId, lane: Lane) -> Option<Vec<u8>> {
        let session = self.sessions.get_mut(&session)?;
        if lane == Lane::Events {
            let message = session.poll_reliable()?;
            session.budget.spend(message.len());
            return Some(message);
        }
        let (now, history) = (self.sim.snapshot(), self.sim.history());
        session.snapshot_left(now);
        if !session.wants_snapshot() {
            return None;
        }
        // Only here is it certain that the snapshot will be sent: nobody's sight is worked out in vain.
        let sight = match (&mut self.relevance, &mut session.viewer) {
            (Some(relevance), Some(viewer)) => {
                relevance.advance(now);
                Sight::Rows(relevance.sight(viewer))
            }
            _ => Sight::All,
        };
        let (slack, limit) = (session.take_slack(), session.budget.limit(self.ticked));
        let sender = &mut session.sender;
        let message = sender.write(slack, sight, limit, history, &mut self.deltas)?;
        self.held_back += sender.held_back() as u64;
        session.budget.spend(message.len());
        session.snapshot_due = false;
        session.snapshot_written(sight, now);
        Some(message)
    }

    /// On which lanes a session has something to say in this tick, as (events, state): nobody needs to look for a place on the
    /// others.
    #[must_use]
    pub fn wants(&self, session: SessionId) -> (bool, bool) {
        let session = self.sessions.get(&session);
        session.map_or((false, false), |session| {
            let state = session.wants_snapshot() || session.events.holds_back();
            (session.is_told() || state, state)
        })
    }

    /// Tells the room that a session's state lane has no place. If a snapshot was due it is skipped, and counted; the next
    /// one will be fresher.
    pub fn skip(&mut self, session: SessionId) {
        if let Some(session) = self.sessions.get_mut(&session) {
            self.skipped += u64::from(session.snapshot_due);
            let health = &mut session.health;
            health.skipped += u16::from(session.snapshot_due);
            session.events.snapshot_stuck(self.sim.now());
        }
    }
}
