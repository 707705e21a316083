//! Which rows of a received snapshot are of its very tick.

use crate::codec::past::RowWords;
use crate::codec::sight;
use crate::history::History;
use crate::limits::HISTORY_TICKS;
use crate::snapshot::{NetId, Snapshot};
use crate::tick::Tick;

/// What is known of the rows of a snapshot beside their words; by their place in it.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Whether the words are of the snapshot's tick, and not of an older one.
    pub(super) exact: Vec<bool>,
    /// How often the server tells of them.
    pub(super) tiers: Vec<u8>,
    gone: Vec<NetId>,
}

impl Rows {
    /// Rows that the snapshot before had and that this one lacks, or has anew.
    pub(super) fn gone(&self) -> &[NetId] {
        &self.gone
    }

    pub(super) fn go(&mut self, id: NetId) {
        self.gone.push(id);
    }

    /// Adds a row behind the others.
    pub(super) fn push(&mut self, tier: u8, exact: bool) {
        self.exact.push(exact);
        self.tiers.push(tier);
    }
}

/// The same of the last ticks.
#[derive(Debug, Default)]
pub(super) struct Exact {
    ring: Vec<(Option<Tick>, Rows)>,
}

impl Exact {
    fn place(tick: Tick) -> usize {
        (tick.0 % HISTORY_TICKS) as usize
    }

    pub(super) fn at(&self, tick: Tick) -> Option<&Rows> {
        let (of, rows) = self.ring.get(Self::place(tick))?;
        (*of == Some(tick)).then_some(rows)
    }

    #[expect(clippy::indexing_slicing, reason = "it has grown to that")]
    pub(super) fn put(&mut self, tick: Tick, rows: Rows) {
        let place = Self::place(tick);
        if place >= self.ring.len() {
            self.ring.resize_with(place + 1, Default::default);
        }
        self.ring[place] = (Some(tick), rows);
    }

    pub(super) fn clear(&mut self) {
        self.ring.clear();
    }

    pub(super) fn forget_after(&mut self, tick: Tick) {
        for (of, _) in &mut self.ring {
            of.take_if(|of| of.is_after(tick));
        }
    }

    /// The client does not have an entity any more as it was: what comes next under this id builds on nothing.
    pub(super) fn forget(&mut self, id: NetId, history: &History) {
        for (of, rows) in &mut self.ring {
            let snapshot = of.and_then(|of| history.get(of));
            let at = snapshot.and_then(|snapshot| snapshot.find(id));
            if let Some(exact) = at.and_then(|at| rows.exact.get_mut(at)) {
                *exact = false;
            }
        }
    }
}

/// A snapshot's rows that are of its tick.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExactRows<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) rows: &'a Rows,
}

impl ExactRows<'_> {
    /// Whether there is such a row.
    pub(super) fn has(&self, id: NetId) -> bool {
        let at = self.snapshot.find(id);
        at.is_some_and(|at| self.rows.exact.get(at) == Some(&true))
    }
}

impl sight::Rows for ExactRows<'_> {
    #[inline]
    fn row(&self, slot: usize) -> Option<RowWords<'_>> {
        let id = NetId(u32::try_from(slot).ok()?);
        let at = self.snapshot.find(id)?;
        let row = self.snapshot.at(at)?;
        self.rows.exact.get(at).filter(|exact| **exact)?;
        Some(RowWords {
            mask: row.mask,
            words: row.words,
        })
    }
}
