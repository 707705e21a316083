//! Which ticks a set of chunks looks at, and which of their rows a client has seen.

use crate::codec::past::{DEPTH, Past};

/// Which slots are in a set: bit `i % 64` of word `i / 64`.
pub type Slots = [u64];

/// The tables that one set of chunks is made from. All are as long; a slot is the same entity in all of them.
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
    fn row(&self, slot: usize) -> Option<&[u32]>;
}

impl<'a, R: Rows> Ticks<'a, R> {
    /// The past of a slot as a client knows it that has seen it for `depth` strides before the baseline.
    #[inline]
    #[must_use]
    pub fn past(&self, slot: usize, depth: usize) -> Option<Past<'a>> {
        let base = self.base.row(slot)?;
        let mut before = [None; DEPTH];
        for (to, rows) in before.iter_mut().zip(self.before).take(depth) {
            let Some(row) = rows.and_then(|rows| rows.row(slot)) else {
                break;
            };
            *to = Some(row);
        }
        Some(Past::new(base, before, self.steps))
    }
}

/// What a client sees now, and what it saw at the ticks that the chunks look back on.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// Now.
    pub now: &'a Slots,
    /// In the baseline.
    pub base: &'a Slots,
    /// One, two and three strides before.
    pub before: [&'a Slots; DEPTH],
}

impl Sight<'_> {
    /// For how many strides before the baseline a slot was seen without a break.
    #[inline]
    #[must_use]
    pub fn depth(&self, slot: usize) -> usize {
        let seen = |slots: &&&Slots| {
            slots
                .get(slot / 64)
                .is_some_and(|w| w >> (slot % 64) & 1 == 1)
        };
        self.before.iter().take_while(seen).count()
    }
}
