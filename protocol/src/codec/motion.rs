//! How words move, and how they may go on. Integers only.

use crate::codec::layout::{Word, WordKind};
use crate::codec::site::{LEVELS, SPEEDS, level, speed};

/// How a word goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Mode {
    /// It stays.
    Hold,
    /// It moves on half as fast.
    Half,
    /// It moves on.
    Linear,
    /// It moves on, and its speed changes on.
    Bend,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Hold, Self::Half, Self::Linear, Self::Bend];

    /// What a column of this kind does when nobody has looked at the game.
    #[must_use]
    pub const fn neutral(kind: WordKind) -> Self {
        match kind {
            WordKind::Fixed | WordKind::Angle => Self::Linear,
            _ => Self::Hold,
        }
    }
}

/// The modes of a column, by the levels of its acceleration and its speed.
pub type Modes = [Mode; LEVELS * SPEEDS];

/// How a word moved: over the last stride, and how much more than over the one before.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Motion {
    pub(crate) by: i64,
    pub(crate) bend: i64,
    /// `bend`, as far as it tells of the time from the baseline to now.
    pub(crate) force: u64,
}

impl Motion {
    /// Of a word of this column, whose last three values these are; a change of speed counts `weight` times.
    #[inline]
    pub(crate) fn of(column: &Word, [base, recent, older]: [u32; 3], weight: u64) -> Self {
        let wrap = column.kind == WordKind::Angle;
        let by = difference(base, recent, column.max, wrap);
        let bend = by - difference(recent, older, column.max, wrap);
        Self {
            by,
            bend,
            force: bend.unsigned_abs() * weight,
        }
    }

    /// Where the word will be that is `base` now, and whether it goes or bends towards smaller ones.
    #[inline]
    pub(crate) fn expect(
        &self,
        column: &Word,
        base: u32,
        modes: &Modes,
        steps: u32,
    ) -> (u32, bool) {
        let mode = modes.get(self.mode_place()).copied();
        let by = self.ahead(mode.unwrap_or(Mode::Hold), steps);
        let toward = if self.bend == 0 { self.by } else { self.bend };
        (carry_on(base, by, column.max, column.kind), toward < 0)
    }

    /// How far a mode sees the word go.
    #[inline]
    pub(crate) fn ahead(&self, mode: Mode, steps: u32) -> i64 {
        let steps = i64::from(steps);
        match mode {
            Mode::Hold => 0,
            Mode::Half => self.by * steps / 2,
            Mode::Linear => self.by * steps,
            Mode::Bend => self.by * steps + self.bend * steps / 2,
        }
    }

    /// Which of a column's modes applies.
    #[inline]
    pub(crate) fn mode_place(&self) -> usize {
        level(self.bend.unsigned_abs()) * SPEEDS + speed(self.by.unsigned_abs())
    }
}

/// Slices of a few words: a loop beats a call.
#[inline]
pub(crate) fn differ(a: &[u32], b: &[u32]) -> bool {
    a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) != 0
}

/// `to − from`; the short way round when the words wrap.
#[inline]
#[must_use]
pub fn difference(to: u32, from: u32, max: u32, wrap: bool) -> i64 {
    let plain = i64::from(to) - i64::from(from);
    if !wrap {
        return plain;
    }
    let turn = i64::from(max) + 1;
    if plain > turn / 2 {
        plain - turn
    } else if plain < -(turn / 2) {
        plain + turn
    } else {
        plain
    }
}

/// `base` moved by `by`, within its range.
#[inline]
#[must_use]
pub fn carry_on(base: u32, by: i64, max: u32, kind: WordKind) -> u32 {
    let word = i64::from(base) + by;
    let word = if kind == WordKind::Angle {
        word.rem_euclid(i64::from(max) + 1)
    } else {
        word.clamp(0, i64::from(max))
    };
    u32::try_from(word).unwrap_or(0)
}
