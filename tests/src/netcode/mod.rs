//! The figures that say how well the netcode does, each beside what it should be: a row for each, on each network profile.
//!
//! All of it comes from the [`Match`](crate::Match) harness and seeds: the same figures each time, on every machine.

mod clock;
mod fresh;
mod pictures;
mod row;
mod shots;
mod smooth;

pub use row::{Row, Target, json, table};

use crate::Link;

/// How thoroughly to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// In seconds, for a test: fewer shots, shorter matches, and not all profiles.
    Quick,
    /// As the report is made.
    Full,
}

impl Effort {
    /// `full`, or a tenth of it.
    fn of(self, full: u64) -> u64 {
        match self {
            Self::Quick => (full / 10).max(1),
            Self::Full => full,
        }
    }
}

/// A group of figures that are measured together.
pub struct Group {
    /// For the command line.
    pub name: &'static str,
    /// Whether a test can measure them each time.
    pub cheap: bool,
    /// Measures them.
    pub measure: fn(Effort) -> Vec<Row>,
}

const fn group(name: &'static str, cheap: bool, measure: fn(Effort) -> Vec<Row>) -> Group {
    Group {
        name,
        cheap,
        measure,
    }
}

/// All groups, in the order of the report.
pub const GROUPS: &[Group] = &[
    group("clock", true, clock::rows),
    group("smooth", false, smooth::rows),
    group("pictures", false, pictures::rows),
    group("shots", false, shots::rows),
    group("fresh", false, fresh::rows),
    group("resume", true, fresh::resumptions),
];

/// The profiles with these names.
fn profiles<const N: usize>(
    names: [&'static str; N],
) -> impl Iterator<Item = (&'static str, Link)> {
    let all = Link::ALL.into_iter();
    all.filter(move |(name, _)| names.contains(name))
}

/// The value that so many of a hundred do not exceed; 0 for none.
fn percentile(values: &mut [f64], percent: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list that fits the memory"
    )]
    let place = (last * percent / 100.0).ceil() as usize;
    values.get(place).copied().unwrap_or(0.0)
}
