//! Which ticks a set of chunks looks at, and which of their rows a client has.

use crate::codec::past::{DEPTH, Past, RowWords};
use crate::codec::slots::{Slots, contains};

/// The tables that one set of chunks is made from. A slot is the same entity in all of them.
#[derive(Debug)]
pub struct Ticks<'a, R> {
    /// The newest.
    pub now: &'a R,
    /// The baseline.
    pub base: &'a R,
    /// One, two and three strides before the baseline.
    pub before: [Option<&'a R>; DEPTH],
    /// How often the stride fits between the baseline and now.
    pub steps: u32,
    /// Slots whose rows may differ between any two of these tables; all others rest, and nobody need look at them.
    pub moved: &'a Slots,
}

impl<R> Clone for Ticks<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Ticks<'_, R> {}

/// A table of rows by slot.
pub trait Rows {
    /// The row in a slot, if there is one.
    fn row(&self, slot: usize) -> Option<RowWords<'_>>;
}

impl<'a, R: Rows> Ticks<'a, R> {
    /// The past of a slot as a client knows it that has had it for `depth` strides before the baseline.
    #[inline]
    #[must_use]
    pub fn past(&self, slot: usize, depth: usize) -> Option<Past<'a>> {
        let base = self.base.row(slot)?;
        let before = self.before.iter().take(depth);
        let before = before.map_while(|rows| rows.and_then(|rows| rows.row(slot)));
        Some(Past::new(base, before, self.steps))
    }
}

/// Rows of one client that have the same baseline.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// Which.
    pub rows: &'a Slots,
    /// Whom the client has exactly as they were one, two and three strides before the baseline.
    pub before: [&'a Slots; DEPTH],
}

impl Group<'_> {
    /// For how many strides before the baseline a slot was had without a break.
    #[inline]
    #[must_use]
    pub fn depth(&self, slot: usize) -> usize {
        let had = |slots: &&&Slots| contains(slots, slot);
        self.before.iter().take_while(had).count()
    }
}
