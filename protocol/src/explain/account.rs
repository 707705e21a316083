//! What one client was told: since the beginning, and lately.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use serde::Serialize;

use super::{Ledger, Node};
use crate::schema::Schema;

/// What "lately" means: long enough for figures that hold still, short enough to see a fight begin.
const WINDOW: Duration = Duration::from_secs(5);

/// The window moves on in such steps.
const STEP: Duration = Duration::from_millis(500);

/// A ledger of everything since the beginning, and one of the last five seconds.
#[derive(Debug, Clone)]
pub struct Account {
    since: Duration,
    now: Duration,
    /// Everything but the present step.
    settled: Ledger,
    /// The window's steps that are over, each with its start, oldest first.
    over: VecDeque<(Duration, Ledger)>,
    /// The present step and its start.
    present: Ledger,
    began: Duration,
}

impl Account {
    /// Begins at `now`, the time since any fixed start.
    #[must_use]
    pub fn new(now: Duration) -> Self {
        Self {
            since: now,
            now,
            settled: Ledger::new(),
            over: VecDeque::new(),
            present: Ledger::new(),
            began: now,
        }
    }

    /// The ledger for what is sent at `now`.
    pub fn at(&mut self, now: Duration) -> &mut Ledger {
        self.advance(now);
        &mut self.present
    }

    /// Lets time pass: what the window leaves behind counts for the whole only.
    pub fn advance(&mut self, now: Duration) {
        self.now = self.now.max(now);
        if self.now - self.began < STEP {
            return;
        }
        self.settled.merge(&self.present);
        let step = (self.began, mem::take(&mut self.present));
        self.over.push_back(step);
        self.began = self.now;
        let start = self.now.saturating_sub(WINDOW);
        self.over.retain(|(began, _)| *began >= start);
    }

    /// Everything, and in how long a time.
    #[must_use]
    pub fn all(&self) -> (Ledger, Duration) {
        let mut all = self.settled.clone();
        all.merge(&self.present);
        (all, self.now - self.since)
    }

    /// What came in the last five seconds, or as long as there was.
    #[must_use]
    pub fn recent(&self) -> (Ledger, Duration) {
        let mut recent = self.present.clone();
        self.over.iter().for_each(|(_, step)| recent.merge(step));
        let start = self.over.front().map_or(self.began, |(began, _)| *began);
        (recent, self.now - start)
    }
}

/// What the bits of some time were for, to be shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// How long that time was.
    pub seconds: f64,
    /// What they were for.
    pub tree: Node,
}

impl Report {
    /// Of a ledger and its time.
    #[must_use]
    pub fn new((ledger, time): &(Ledger, Duration), schema: &Schema) -> Self {
        Self {
            seconds: time.as_secs_f64(),
            tree: ledger.tree(schema),
        }
    }
}
