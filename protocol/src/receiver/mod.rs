//! The client's end of its snapshots.

mod exact;
mod read;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::audit::{Audit, Sums};
use crate::cadence::{Cadence, Lineage};
use crate::codec::layout::Layout;
use crate::codec::slots::SlotSet;
use crate::codec::tables::TableSet;
use crate::codec::view::GroupReader;
use crate::error::DecodeError;
use crate::explain::Witness;
use crate::history::History;
use crate::limits::{HISTORY_TICKS, MAX_ROWS};
use crate::message::{SnapshotHeader, Start};
use crate::schema::Schema;
use crate::snapshot::{NetId, Snapshot};
use crate::tick::Tick;
use exact::{Exact, Rows};

/// Rebuilds snapshots from what comes and keeps the last 64 ticks of them.
#[derive(Debug)]
pub struct Receiver {
    empty: Arc<Snapshot>,
    layout: Layout,
    tables: Arc<TableSet>,
    cadence: Cadence,
    history: History,
    lineage: Lineage,
    exact: Exact,
    reader: GroupReader,
    /// Who left the view and when, oldest first.
    left: VecDeque<(Tick, NetId)>,
    broken: bool,
}

/// Departures that a receiver remembers, at most.
const MAX_LEFT: usize = MAX_ROWS;

/// A snapshot that was read, not yet kept.
struct Reading {
    snapshot: Snapshot,
    rows: Rows,
    left: Vec<NetId>,
    /// Rows that may not be as in the baseline.
    touched: SlotSet,
    /// What the server says the checksum of it all is.
    sum: Option<u32>,
}

impl Receiver {
    /// For snapshots of this schema, coded by these tables, that come in this cadence.
    #[must_use]
    pub fn new(schema: Arc<Schema>, tables: Arc<TableSet>, cadence: Cadence) -> Self {
        let layout = Layout::of(&schema);
        Self {
            empty: Arc::new(Snapshot::new(schema, Tick(0))),
            reader: GroupReader::new(&layout),
            layout,
            tables,
            cadence,
            history: History::new(),
            lineage: Lineage::default(),
            exact: Exact::default(),
            left: VecDeque::new(),
            broken: false,
        }
    }

    /// The tick of a snapshot with this header.
    ///
    /// # Errors
    /// When it counts from a last snapshot and there is none.
    pub fn tick_of(&self, header: SnapshotHeader) -> Result<Tick, DecodeError> {
        let tick = header.start.tick(self.lineage.last());
        tick.ok_or(DecodeError::Contradiction(
            "a snapshot that builds on the last, and there is none",
        ))
    }

    /// Reads the body of a snapshot message.
    ///
    /// # Errors
    /// When it is malformed, builds on a snapshot that is not held, or is not newer than the last. The receiver is as before
    /// then.
    pub fn read(
        &mut self,
        header: SnapshotHeader,
        body: &[u8],
    ) -> Result<&Arc<Snapshot>, DecodeError> {
        self.read_explained(header, body, &mut ())
    }

    /// The same, and tells `witness` what every bit of the body was for. Of a body that is malformed it may hear a part.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_explained<W: Witness>(
        &mut self,
        header: SnapshotHeader,
        body: &[u8],
        witness: &mut W,
    ) -> Result<&Arc<Snapshot>, DecodeError> {
        let tick = self.tick_of(header)?;
        let newest = self.history.latest().map(|latest| latest.tick());
        if newest.is_some_and(|newest| !tick.is_after(newest)) {
            return Err(DecodeError::Contradiction(
                "a snapshot that is older than the last",
            ));
        }
        let (base, lineage) = self.base(header.start)?;
        let reading = self.read_body((tick, &base, &lineage), body, witness)?;
        self.lineage = lineage;
        self.keep(tick, reading, header.start);
        self.history.latest().ok_or(DecodeError::Truncated)
    }

    /// What a snapshot builds on, and what was written until then.
    fn base(&self, start: Start) -> Result<(Arc<Snapshot>, Lineage), DecodeError> {
        let mut lineage = self.lineage;
        let baseline = match start {
            Start::Empty(_) => return Ok((Arc::clone(&self.empty), Lineage::default())),
            Start::Next(_) => lineage.last(),
            Start::Rebased { baseline, .. } => {
                lineage.rewind(baseline);
                Some(baseline)
            }
        };
        let base = baseline.and_then(|tick| self.history.get(tick));
        let base = base.ok_or(DecodeError::UnknownBaseline(baseline.map_or(0, |b| b.0)))?;
        Ok((Arc::clone(base), lineage))
    }

    fn keep(&mut self, tick: Tick, reading: Reading, start: Start) {
        match start {
            Start::Next(_) => {}
            Start::Empty(_) => self.exact.clear(),
            Start::Rebased { baseline, .. } => self.exact.forget_after(baseline),
        }
        self.note_left(&reading);
        let due = self.lineage.due(&self.cadence, tick);
        self.lineage.note(tick, due);
        for id in reading.rows.gone() {
            self.exact.forget(*id, &self.history);
        }
        self.broken = reading
            .sum
            .is_some_and(|sum| sum != sum_of(&reading.snapshot));
        self.exact.put(tick, reading.rows);
        let snapshot = Arc::new(reading.snapshot);
        match start {
            Start::Next(_) => self.history.push_touched(snapshot, &reading.touched),
            // What it builds on is not the newest.
            Start::Empty(_) | Start::Rebased { .. } => self.history.push(snapshot),
        };
    }

    /// Whether the last snapshot's checksum says that it is not what the server meant.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// What the newest snapshot is like: for the server, when that [is broken](Self::is_broken) or the next could not be read.
    /// `None` as long as there is none.
    #[must_use]
    pub fn audit(&self) -> Option<Audit> {
        let newest = self.history.latest()?;
        let mut sums = Sums::new(newest.schema());
        newest.rows().for_each(|row| sums.add(&row));
        Some(Audit {
            tick: newest.tick(),
            sums: sums.bytes(),
        })
    }

    /// For tests: flips the lowest bit of a word of the newest snapshot, as a fault of the machine may. Whether there is such a
    /// word.
    #[doc(hidden)]
    pub fn flip(&mut self, id: NetId, column: usize) -> bool {
        let flip = |snapshot: &mut Snapshot| {
            let (_, words) = snapshot.at_mut(snapshot.find(id)?)?;
            *words.get_mut(column)? ^= 1;
            Some(())
        };
        self.history.latest_mut().and_then(flip).is_some()
    }

    fn note_left(&mut self, reading: &Reading) {
        let (now, left) = (&reading.snapshot, &reading.left);
        let tick = now.tick();
        let is_recent = |since: Tick| tick.since(since) < HISTORY_TICKS.cast_signed();
        self.left
            .retain(|(since, id)| is_recent(*since) && now.row(*id).is_none());
        // Who is lost and there again is only seen in another way.
        let out_of_sight = left.iter().filter(|id| now.row(**id).is_none());
        self.left.extend(out_of_sight.map(|id| (tick, *id)));
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

/// The tick and the checksums of all rows, added up.
fn sum_of(snapshot: &Snapshot) -> u32 {
    let mut bytes = Vec::new();
    let sums = snapshot.rows().map(|row| row.sum(&mut bytes));
    sums.fold(snapshot.tick().0, u32::wrapping_add)
}
