//! Where in a row a symbol stands, and what is known there: the key to its probabilities.

use crate::codec::layout::{Layout, WordKind};

/// What kind of symbol a class has: the neutral tables go by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClassKind {
    /// Whether a row that may have changed did.
    Changed,
    /// Whether a group is as in the baseline.
    Quiet,
    /// A word.
    Word(WordKind),
    /// The magnitude of a large difference.
    Magnitude(WordKind),
}

/// Sizes of `0`, `1`, `2`, `3–4`, `5–8`, `9–16`, `17–64` and above: the eight levels of a size.
pub(crate) const LEVELS: usize = 8;
/// Levels of a speed: `0`, `1–2`, `3–8` and above.
pub(crate) const SPEEDS: usize = 4;
/// Whole words, of rows or groups without a past, have a place of their own behind all others.
pub(crate) const WHOLE: usize = LEVELS * LEVELS * LEVELS * SPEEDS;

impl ClassKind {
    /// Whether the symbols are signed differences.
    #[must_use]
    pub const fn has_signs(self) -> bool {
        match self {
            Self::Word(kind) => !matches!(kind, WordKind::Flag | WordKind::RotationLargest),
            _ => false,
        }
    }

    /// How many different situations a class of this kind tells apart.
    #[must_use]
    pub const fn sites(self) -> usize {
        match self {
            Self::Changed => 4 * 5 * 4,
            Self::Quiet => 3 * 4 * 4 * 3,
            Self::Word(WordKind::RotationLargest) => LEVELS * LEVELS + 1,
            Self::Word(_) => WHOLE + 1,
            Self::Magnitude(_) => LEVELS + 1,
        }
    }
}

/// A class and a situation in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// Which class of [`classes`].
    pub class: usize,
    /// Below [`ClassKind::sites`].
    pub place: usize,
}

/// The classes of a layout: the row's, one for each group, then two for each column.
#[must_use]
pub fn classes(layout: &Layout) -> Vec<ClassKind> {
    let mut list = vec![ClassKind::Changed];
    list.extend(layout.groups().iter().map(|_| ClassKind::Quiet));
    for column in layout.columns() {
        list.extend([
            ClassKind::Word(column.kind),
            ClassKind::Magnitude(column.kind),
        ]);
    }
    list
}

/// The level of a size, 0 to 7.
#[inline]
pub(crate) fn level(size: u64) -> usize {
    #[expect(clippy::indexing_slicing, reason = "worked out by the compiler")]
    const OF: [u8; 66] = {
        let mut of = [7; 66];
        let mut size = 0;
        while size < 65 {
            of[size] = match size {
                0 => 0,
                1 => 1,
                2 => 2,
                3..=4 => 3,
                5..=8 => 4,
                9..=16 => 5,
                _ => 6,
            };
            size += 1;
        }
        of
    };
    // One look into a table instead of branches that nobody can predict.
    usize::from(
        OF.get(usize::try_from(size.min(65)).unwrap_or(65))
            .copied()
            .unwrap_or(7),
    )
}

/// The level of a speed, 0 to 3.
#[inline]
pub(crate) fn speed(size: u64) -> usize {
    usize::from(size > 0) + usize::from(size > 2) + usize::from(size > 8)
}
