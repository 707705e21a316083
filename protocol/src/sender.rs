//! The server's end of one client's snapshots.

use std::sync::Arc;

use crate::bits::BitWriter;
use crate::delta;
use crate::history::History;
use crate::limits::HISTORY_TICKS;
use crate::message::{SnapshotHeader, encode_snapshot};
use crate::schema::Schema;
use crate::sight::Sight;
use crate::snapshot::{Row, Snapshot};
use crate::tick::Tick;
use crate::view::View;

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
            .filter(|tick| is_baseline(*tick, now.tick()))
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

/// What a client got last. On an ordered, reliable connection what was written will arrive, so that is the next snapshot's
/// baseline, and no acknowledgement is needed.
#[derive(Debug, Default)]
pub struct Sender {
    written: Option<Tick>,
    /// What the client holds, if it was not all of the snapshot written last.
    view: Option<View>,
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

    /// The message that brings the client to what `sight` shows of the newest snapshot of `deltas`; `None` when it is there
    /// already, or when there is no snapshot yet. The caller has a place for the message: it counts as written.
    ///
    /// # Panics
    /// When the rows of `sight` are not ascending, or are not rows of the newest snapshot.
    pub fn write(
        &mut self,
        slack: Option<i16>,
        sight: Sight<'_>,
        history: &History,
        deltas: &mut SharedDeltas,
    ) -> Option<Vec<u8>> {
        let now = Arc::clone(deltas.now.as_ref()?);
        if self
            .written
            .is_some_and(|written| !now.tick().is_after(written))
        {
            return None;
        }
        let (baseline, delta) = match sight {
            Sight::All if self.view.is_none() => {
                let (_, baseline, delta) = deltas.get(self.written, history)?;
                (baseline, delta)
            }
            sight => self.write_view(sight, &now, history),
        };
        let tick = now.tick();
        self.written = Some(tick);
        let header = SnapshotHeader {
            tick,
            baseline,
            slack,
        };
        Some(encode_snapshot(header, &delta))
    }

    /// The delta of a client that sees, or saw, less than everything.
    fn write_view(
        &mut self,
        sight: Sight<'_>,
        now: &Snapshot,
        history: &History,
    ) -> (Option<Tick>, Arc<[u8]>) {
        let saw_all = |tick: Tick| history.get(tick).map(|all| View::of_all(all));
        let held = self.view.take().or_else(|| saw_all(self.written?));
        let held = held.filter(|view| is_baseline(view.tick(), now.tick()));
        let baseline = held.as_ref().map(View::tick);
        let held = held.unwrap_or_else(|| View::empty(now));
        let (next, keep) = match sight {
            Sight::All => (View::of_all(now), false),
            Sight::Rows(rows) => (held.next(now, rows), true),
        };
        let delta = next.delta_from(&held, now).into();
        self.view = keep.then_some(next);
        (baseline, delta)
    }

    /// The rows that the client has after the last message, by ascending id, each with the tick whose words it has: an older
    /// one than [`Self::written`] for rows that were held back. `None` when it has all of the snapshot written last.
    pub fn view(&self) -> Option<impl Iterator<Item = (Row<'_>, Tick)>> {
        Some(self.view.as_ref()?.rows())
    }
}

/// Whether a client can still have a snapshot of `tick` when that of `now` is written.
fn is_baseline(tick: Tick, now: Tick) -> bool {
    (1..HISTORY_TICKS.cast_signed()).contains(&now.since(tick))
}
