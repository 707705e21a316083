//! Ticks: the time of the simulation, as a counter that wraps.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// The number of a simulation step.
///
/// It wraps after 2³² steps (2.2 years at 60 Hz), so ticks have no total order and `Ord` is deliberately missing:
/// compare by [`Tick::since`].
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tick(pub u32);

impl Tick {
    /// Ticks from `earlier` to `self`; negative when `self` is the older. Right as long as both lie within 2³¹ ticks.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.wrapping_sub(earlier.0).cast_signed()
    }

    /// Whether `self` comes after `other`.
    #[must_use]
    pub const fn is_after(self, other: Self) -> bool {
        self.since(other) > 0
    }

    /// The tick after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

impl Add<u32> for Tick {
    type Output = Self;
    fn add(self, ticks: u32) -> Self {
        Self(self.0.wrapping_add(ticks))
    }
}

impl AddAssign<u32> for Tick {
    fn add_assign(&mut self, ticks: u32) {
        *self = *self + ticks;
    }
}

impl Sub<u32> for Tick {
    type Output = Self;
    fn sub(self, ticks: u32) -> Self {
        Self(self.0.wrapping_sub(ticks))
    }
}

impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_survive_the_wrap() {
        let before = Tick(u32::MAX);
        let after = before + 3;
        assert_eq!(after, Tick(2));
        assert_eq!(after.since(before), 3);
        assert_eq!(before.since(after), -3);
        assert!(after.is_after(before) && !before.is_after(after) && !after.is_after(after));
        assert_eq!(after - 3, before);
    }
}
