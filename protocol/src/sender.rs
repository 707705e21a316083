//! The server's end of one client's snapshots.

use std::sync::Arc;

use crate::bits::BitWriter;
use crate::delta;
use crate::history::History;
use crate::limits::HISTORY_TICKS;
use crate::message::{SnapshotHeader, encode_snapshot};
use crate::schema::Schema;
use crate::snapshot::Snapshot;
use crate::tick::Tick;

/// The deltas to the newest snapshot, each worked out once and shared by all clients that hold the same baseline.
///
/// There are at most as many as the ring has ticks, and one for the empty baseline.
#[derive(Debug)]
pub struct SharedDeltas {
    empty: Snapshot,
    now: Option<Arc<Snapshot>>,
    made: Vec<(Option<Tick>, Arc<[u8]>)>,
}

impl SharedDeltas {
    /// For snapshots of this schema.
    #[must_use]
    pub fn new(schema: Arc<Schema>) -> Self {
        Self {
            empty: Snapshot::new(schema, Tick(0)),
            now: None,
            made: Vec::new(),
        }
    }

    /// From now on deltas lead to `now`.
    pub fn set(&mut self, now: Arc<Snapshot>) {
        self.made.clear();
        self.now = Some(now);
    }

    /// How many deltas were worked out for the present snapshot.
    #[must_use]
    pub fn made(&self) -> usize {
        self.made.len()
    }

    /// The delta from `baseline` and the tick it really builds on: a baseline that fell out of the ring is as good as none.
    fn get(
        &mut self,
        baseline: Option<Tick>,
        history: &History,
    ) -> Option<(Tick, Option<Tick>, Arc<[u8]>)> {
        let now = self.now.as_ref()?;
        let held = baseline
            .filter(|tick| (1..HISTORY_TICKS.cast_signed()).contains(&now.tick().since(*tick)))
            .and_then(|tick| history.get(tick));
        let baseline = held.map(|snapshot| snapshot.tick());
        if let Some((_, delta)) = self.made.iter().find(|(tick, _)| *tick == baseline) {
            return Some((now.tick(), baseline, Arc::clone(delta)));
        }
        let mut bits = BitWriter::new();
        delta::encode(
            held.map_or(&self.empty, |snapshot| snapshot),
            now,
            &mut bits,
        );
        let delta: Arc<[u8]> = bits.finish().into();
        self.made.push((baseline, Arc::clone(&delta)));
        Some((now.tick(), baseline, delta))
    }
}

/// Which snapshot a client got last. On an ordered, reliable connection what was written will arrive, so that is the next
/// one's baseline, and no acknowledgement is needed.
#[derive(Debug, Default)]
pub struct Sender {
    written: Option<Tick>,
}

impl Sender {
    /// A client that has nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The tick of the last snapshot written.
    #[must_use]
    pub fn written(&self) -> Option<Tick> {
        self.written
    }

    /// The message that brings the client to the newest snapshot of `deltas`; `None` when it is there already, or when there
    /// is no snapshot yet. The caller has a place for the message: it counts as written.
    pub fn write(
        &mut self,
        slack: Option<i16>,
        history: &History,
        deltas: &mut SharedDeltas,
    ) -> Option<Vec<u8>> {
        let now = deltas.now.as_ref()?.tick();
        if self.written.is_some_and(|written| !now.is_after(written)) {
            return None;
        }
        let (tick, baseline, delta) = deltas.get(self.written, history)?;
        self.written = Some(tick);
        Some(encode_snapshot(
            SnapshotHeader {
                tick,
                baseline,
                slack,
            },
            &delta,
        ))
    }
}
