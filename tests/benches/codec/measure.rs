//! What a run of a coder gives.

use std::time::Duration;

/// Sums over a run.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) bytes: usize,
    pub(crate) ticks: usize,
    /// Rows that were not as in the baseline.
    pub(crate) changed: usize,
    pub(crate) encode: Duration,
    pub(crate) decode: Duration,
    /// Over the snapshots of one run of the shareable coder.
    pub(crate) hash: u64,
    /// Whether every word of every tick came back.
    pub(crate) ok: bool,
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            bytes: 0,
            ticks: 0,
            changed: 0,
            encode: Duration::ZERO,
            decode: Duration::ZERO,
            hash: 0,
            ok: true,
        }
    }
}

impl Outcome {
    pub(crate) fn add(&mut self, other: &Self) {
        self.bytes += other.bytes;
        self.ticks += other.ticks;
        self.changed += other.changed;
        self.encode += other.encode;
        self.decode += other.decode;
        self.ok &= other.ok;
    }

    /// The shorter times of two passes, which must have given the same.
    pub(crate) fn faster(self, other: Self) -> Self {
        Self {
            encode: self.encode.min(other.encode),
            decode: self.decode.min(other.decode),
            ok: self.ok && other.ok && (self.bytes, self.hash) == (other.bytes, other.hash),
            ..self
        }
    }

    pub(crate) fn bytes_per_tick(&self) -> f64 {
        self.bytes as f64 / self.ticks.max(1) as f64
    }

    pub(crate) fn changed_per_tick(&self) -> f64 {
        self.changed as f64 / self.ticks.max(1) as f64
    }

    /// Nanoseconds for each changed row, whatever else the time went into.
    pub(crate) fn per_row(&self, took: Duration) -> f64 {
        took.as_nanos() as f64 / self.changed.max(1) as f64
    }
}
