//! The client's end of its snapshots.

use std::sync::Arc;

use crate::bits::BitReader;
use crate::delta;
use crate::error::DecodeError;
use crate::history::History;
use crate::message::SnapshotHeader;
use crate::schema::Schema;
use crate::snapshot::Snapshot;
use crate::tick::Tick;

/// Rebuilds snapshots from deltas and keeps the last 64 ticks of them.
#[derive(Debug)]
pub struct Receiver {
    empty: Snapshot,
    history: History,
}

impl Receiver {
    /// For snapshots of this schema.
    #[must_use]
    pub fn new(schema: Arc<Schema>) -> Self {
        Self {
            empty: Snapshot::new(schema, Tick(0)),
            history: History::new(),
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
        let snapshot = delta::decode(baseline, header.tick, &mut bits)?;
        bits.finish()?;
        self.history.push(Arc::new(snapshot));
        self.history.latest().ok_or(DecodeError::Truncated)
    }

    /// What was received.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }
}
