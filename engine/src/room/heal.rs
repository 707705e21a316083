//! Views of clients that have gone wrong.

use tickwire_protocol::{Audit, Finding};

use super::Room;
use crate::ecs::EcsGame;
use crate::session::SessionId;

/// Findings that are remembered.
const MAX_FINDINGS: usize = 16;

impl<G: EcsGame> Room<G> {
    /// A client's view has gone wrong: finds out where, and repairs that with the next snapshot.
    pub(super) fn heal(&mut self, id: SessionId, audit: &Audit) {
        let now = self.sim.now();
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        // An audit costs as much as a snapshot; an honest client asks once a second at most.
        let pause = i32::try_from(G::TICK_RATE / 2).unwrap_or(0);
        if session.audited.is_some_and(|last| now.since(last) < pause) {
            return;
        }
        session.audited = Some(now);
        let (sender, history) = (&mut session.sender, self.sim.history());
        let findings = sender.audit(audit, history, &mut self.deltas);
        session.snapshot_due = true;
        for Finding { id: entity, fields } in &findings {
            let fields = fields.join(", ");
            tracing::warn!(session = %id, %entity, fields, "a client's view had gone wrong: its row is repaired");
        }
        if findings.is_empty() {
            tracing::warn!(session = %id, "a client's view had gone wrong: it is sent anew");
        }
        self.findings
            .extend(findings.into_iter().map(|finding| (id, finding)));
        let surplus = self.findings.len().saturating_sub(MAX_FINDINGS);
        self.findings.drain(..surplus);
    }

    /// What was found wrong with clients' views lately, and is repaired: the last 16, oldest first.
    pub fn findings(&self) -> impl Iterator<Item = &(SessionId, Finding)> {
        self.findings.iter()
    }
}
