//! What a chunk may depend on: the rows of one entity at fixed ticks, all of which the client holds.

/// How many ticks before the baseline a chunk may look at: one, two and three strides.
pub const DEPTH: usize = 3;

/// An entity's row in the baseline, and the two last rows before it that were different.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
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
    /// `before` holds the rows one, two and three strides before the baseline, as far as there are any.
    ///
    /// Rows that repeat are passed over: a world that moves an entity only every second tick still shows its speed.
    #[inline]
    #[must_use]
    pub fn new(base: &'a [u32], before: [Option<&'a [u32]>; DEPTH], steps: u32) -> Self {
        let mut past = Self {
            base,
            recent: base,
            older: base,
            age: DEPTH,
            steps,
        };
        for (i, row) in before.into_iter().enumerate() {
            let Some(row) = row else { break };
            if past.age == DEPTH {
                if row != base {
                    (past.recent, past.older, past.age) = (row, row, i);
                }
            } else if row != past.recent {
                past.older = row;
                break;
            }
        }
        past
    }

    /// An entity that the client does not hold.
    #[must_use]
    pub fn none(zeros: &'a [u32]) -> Self {
        Self::new(zeros, [None; DEPTH], 1)
    }
}
