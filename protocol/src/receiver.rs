//! The client's end of its snapshots.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::bits::BitReader;
use crate::delta;
use crate::error::DecodeError;
use crate::explain::{Cause, Reason, Witness};
use crate::history::History;
use crate::limits::{HISTORY_TICKS, MAX_ROWS};
use crate::message::SnapshotHeader;
use crate::schema::Schema;
use crate::snapshot::{NetId, Snapshot};
use crate::tick::Tick;

/// Rebuilds snapshots from deltas and keeps the last 64 ticks of them.
#[derive(Debug)]
pub struct Receiver {
    empty: Snapshot,
    history: History,
    /// Who left the view and when, oldest first.
    left: VecDeque<(Tick, NetId)>,
}

/// Departures that a receiver remembers, at most.
const MAX_LEFT: usize = MAX_ROWS;

impl Receiver {
    /// For snapshots of this schema.
    #[must_use]
    pub fn new(schema: Arc<Schema>) -> Self {
        Self {
            empty: Snapshot::new(schema, Tick(0)),
            history: History::new(),
            left: VecDeque::new(),
        }
    }

    /// Reads a snapshot message.
    ///
    /// # Errors
    /// When the delta is malformed, builds on a snapshot that is not held, or is not newer than the last. The receiver is
    /// as before then.
    pub fn read(
        &mut self,
        header: SnapshotHeader,
        delta: &[u8],
    ) -> Result<&Arc<Snapshot>, DecodeError> {
        self.read_explained(header, delta, &mut ())
    }

    /// The same, and tells what each bit of the delta was for.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_explained(
        &mut self,
        header: SnapshotHeader,
        delta: &[u8],
        witness: &mut impl Witness,
    ) -> Result<&Arc<Snapshot>, DecodeError> {
        witness.add(Cause::of(Reason::Change), 8 * delta.len() as u64);
        if self
            .history
            .latest()
            .is_some_and(|latest| !header.tick.is_after(latest.tick()))
        {
            return Err(DecodeError::Contradiction(
                "a snapshot that is older than the last",
            ));
        }
        let baseline = match header.baseline {
            None => &self.empty,
            Some(tick) => self
                .history
                .get(tick)
                .ok_or(DecodeError::UnknownBaseline(tick.0))?,
        };
        let mut bits = BitReader::new(delta);
        let mut left = Vec::new();
        let snapshot = delta::decode_view(baseline, header.tick, &mut left, &mut bits)?;
        bits.finish()?;
        self.note_left(&snapshot, &left);
        self.history.push(Arc::new(snapshot));
        self.history.latest().ok_or(DecodeError::Truncated)
    }

    fn note_left(&mut self, now: &Snapshot, left: &[NetId]) {
        let tick = now.tick();
        let is_recent = |since: Tick| tick.since(since) < HISTORY_TICKS.cast_signed();
        self.left
            .retain(|(since, id)| is_recent(*since) && now.row(*id).is_none());
        self.left.extend(left.iter().map(|id| (tick, *id)));
        let surplus = self.left.len().saturating_sub(MAX_LEFT);
        self.left.drain(..surplus);
    }

    /// Whether an entity that the newest snapshot lacks has left the view in the last 63 ticks: it lives on, out of sight.
    /// One that was there and has not left is despawned.
    #[must_use]
    pub fn has_left(&self, id: NetId) -> bool {
        self.left.iter().any(|(_, left)| *left == id)
    }

    /// What was received.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }
}
