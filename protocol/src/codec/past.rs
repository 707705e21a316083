//! What a chunk may depend on: the rows of one entity at fixed ticks, all of which the client holds.

use crate::codec::motion::differ;

/// How many ticks before the baseline a chunk may look at: one, two and three strides.
pub const DEPTH: usize = 3;

/// A row as the codec sees it.
#[derive(Debug, Clone, Copy, Eq)]
pub struct RowWords<'a> {
    /// Bit `i`: the entity has component `i`.
    pub mask: u32,
    /// A word for every column; 0 where the component is missing.
    pub words: &'a [u32],
}

impl PartialEq for RowWords<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.words, other.words);
        self.mask == other.mask && a.len() == b.len() && !differ(a, b)
    }
}

/// An entity's row in the baseline, and the two last rows before it that were different.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// The components that the baseline's row has.
    pub mask: u32,
    /// The baseline's row.
    pub base: &'a [u32],
    /// The row before the last change.
    pub recent: &'a [u32],
    /// The row before the change before that.
    pub older: &'a [u32],
    /// Strides for which the row has been as in the baseline: 0 when the last one changed it, [`DEPTH`] when none did.
    pub age: usize,
    /// How often the stride fits between the baseline and now.
    pub steps: u32,
}

impl<'a> Past<'a> {
    /// `before` gives the rows one, two and three strides before the baseline, as far as there are any. It is asked for no more of them
    /// than are needed, two for a row that moves all the time: each is memory that nobody else has touched lately.
    ///
    /// Rows that repeat are passed over: a world that moves an entity only every second tick still shows its speed. Where the
    /// entity had other components the past ends: what is missing did not move.
    #[inline]
    #[must_use]
    pub fn new(
        base: RowWords<'a>,
        before: impl IntoIterator<Item = RowWords<'a>>,
        steps: u32,
    ) -> Self {
        let RowWords { mask, words: base } = base;
        let mut past = Self {
            mask,
            base,
            recent: base,
            older: base,
            age: DEPTH,
            steps,
        };
        for (i, RowWords { mask, words: row }) in before.into_iter().take(DEPTH).enumerate() {
            if mask != past.mask {
                break;
            }
            if past.age == DEPTH {
                if differ(row, base) {
                    (past.recent, past.older, past.age) = (row, row, i);
                }
            } else if differ(row, past.recent) {
                past.older = row;
                break;
            }
        }
        past
    }

    /// Whether a row is another than the baseline's.
    #[inline]
    #[must_use]
    pub fn differs(&self, row: RowWords<'_>) -> bool {
        row.mask != self.mask || differ(row.words, self.base)
    }

    /// An entity that the client does not hold.
    #[must_use]
    pub fn none(zeros: &'a [u32]) -> Self {
        let nothing = RowWords {
            mask: 0,
            words: zeros,
        };
        Self::new(nothing, [], 1)
    }
}
