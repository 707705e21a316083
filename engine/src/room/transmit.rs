//! What a room has to say to its clients.

use std::sync::Arc;
use std::time::Duration;

use tickwire_protocol::{Bytes, Sight};

use super::Room;
use crate::ecs::EcsGame;
use crate::host::Lane;
use crate::session::SessionId;

impl<G: EcsGame> Room<G> {
    /// The next message for a session, on a lane that has a place for it; `None` when there is nothing to say.
    pub fn poll_transmit(&mut self, session: SessionId, lane: Lane) -> Option<Bytes> {
        let session = self.sessions.get_mut(&session)?;
        if lane == Lane::Events {
            let message = session.poll_reliable()?;
            session.budget.spend(message.len());
            return Some(message.into());
        }
        let (now, history) = (self.sim.snapshot(), self.sim.history());
        session.snapshot_left(now);
        if !session.wants_snapshot() {
            return None;
        }
        // A hidden page acknowledges nothing: its rhythm alone bounds what it is sent.
        if !session.hidden && !session.flight.has_room(self.ticked) {
            return None;
        }
        // Only here is it certain that the snapshot will be sent: nobody's sight is worked out in vain.
        let sight = match (&mut self.relevance, &mut session.viewer) {
            (Some(relevance), Some(viewer)) => {
                relevance.advance(history);
                Sight::Rows(relevance.sight(viewer))
            }
            _ => Sight::All,
        };
        let (slack, limit) = (session.take_slack(), session.limit(self.ticked));
        let sender = &mut session.sender;
        let message = sender.write(slack, sight, limit, history, &mut self.deltas)?;
        self.held_back += sender.held_back() as u64;
        session.budget.spend(message.len());
        session
            .flight
            .note_written(now.tick(), message.len(), self.ticked);
        session.snapshot_due = false;
        session.snapshot_written(sight, now);
        session.claims.note_sent(now.tick(), self.ticked);
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

    /// Tells the room that a session's state lane has no place. A snapshot that is due waits; when the next one is due it is
    /// left out, and counted.
    pub fn skip(&mut self, session: SessionId) {
        if let Some(session) = self.sessions.get_mut(&session) {
            session.events.snapshot_stuck(self.sim.now());
            session.flight.note_stuck();
        }
    }

    pub(super) fn mark_snapshots(&mut self) {
        self.deltas.set(Arc::clone(self.sim.snapshot()));
        let (now, rate) = (self.sim.now().0, u64::from(G::TICK_RATE));
        let is_due = now.is_multiple_of(u32::from(self.config.snapshot_interval));
        for (id, session) in &mut self.sessions {
            // Of the hidden ones each in another tick.
            let keeps_alive = || u64::from(now).wrapping_add(id.0).is_multiple_of(rate);
            if (is_due && !session.hidden) || (session.hidden && keeps_alive()) {
                self.skipped += u64::from(session.mark_snapshot());
            }
        }
    }

    /// The tick began so long after its time and took so long, messages included. A driver with a clock says so after each
    /// tick; the clients are told what one in a thousand is like.
    pub fn note_timing(&mut self, late: Duration, took: Duration) {
        self.timing.note(late, took);
    }

    /// Once a second, each session in another tick.
    pub(super) fn tell_health(&mut self) {
        let (rate, now) = (u64::from(G::TICK_RATE), u64::from(self.sim.now().0));
        let due = |id: &SessionId| now.wrapping_add(id.0).is_multiple_of(rate);
        let sessions = self.sessions.iter_mut().filter(|(id, _)| due(id));
        let mut p999 = None;
        for (_, session) in sessions.filter(|(_, session)| session.plays().is_some()) {
            session.tell_health(*p999.get_or_insert_with(|| self.timing.p999()));
        }
    }
}
