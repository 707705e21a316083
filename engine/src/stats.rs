//! What a room tells about itself to other threads.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::spread::Spread;

/// A tick that begins within this of its time is on time.
pub(crate) const ON_TIME: Duration = Duration::from_millis(1);

/// Live figures of a room, written by its host after every tick.
#[derive(Debug, Default)]
pub struct RoomStats {
    ticks: AtomicU64,
    tick_us: AtomicU32,
    worst_tick_us: AtomicU32,
    busy_ns: AtomicU64,
    late_ticks: AtomicU64,
    slowdowns: AtomicU64,
    skipped_snapshots: AtomicU64,
    held_back_rows: AtomicU64,
    players: AtomicU32,
    kept_seats: AtomicU32,
    starts: Spread,
    ticks_took: Spread,
    next_tick_ns: AtomicU64,
}

impl RoomStats {
    /// What a room's clients were not sent so far: snapshots for want of a place, rows for want of a budget.
    pub(crate) fn note_unsent(&self, skipped: u64, held_back: u64) {
        self.skipped_snapshots.store(skipped, Ordering::Relaxed);
        self.held_back_rows.store(held_back, Ordering::Relaxed);
    }

    /// Players on connections, and seats of those whose connections are lost.
    pub(crate) fn note_players(&self, players: usize, kept_seats: usize) {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.players.store(number(players), Ordering::Relaxed);
        self.kept_seats.store(number(kept_seats), Ordering::Relaxed);
    }

    pub(crate) fn note_tick(&self, took: Duration) {
        self.ticks_took.note(took);
        let us = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.busy_ns.fetch_add(ns, Ordering::Relaxed);
        self.tick_us.store(us, Ordering::Relaxed);
        self.worst_tick_us.fetch_max(us, Ordering::Relaxed);
        self.ticks.fetch_add(1, Ordering::Release);
    }

    /// A tick began so long after its time.
    pub(crate) fn note_start(&self, late: Duration) {
        self.starts.note(late);
        if late > ON_TIME {
            self.late_ticks.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The next tick is due this long after its host's start.
    pub(crate) fn note_next(&self, next: Duration) {
        let ns = u64::try_from(next.as_nanos()).unwrap_or(u64::MAX);
        self.next_tick_ns.store(ns, Ordering::Relaxed);
    }

    pub(crate) fn next_tick(&self) -> Duration {
        Duration::from_nanos(self.next_tick_ns.load(Ordering::Relaxed))
    }

    pub(crate) fn note_slowdown(&self) {
        self.slowdowns.fetch_add(1, Ordering::Relaxed);
    }

    /// Ticks simulated so far. A room is healthy as long as this grows.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        self.ticks.load(Ordering::Acquire)
    }

    /// How long the last tick took, its messages included.
    #[must_use]
    pub fn tick_time(&self) -> Duration {
        Duration::from_micros(u64::from(self.tick_us.load(Ordering::Relaxed)))
    }

    /// How long the slowest tick took.
    #[must_use]
    pub fn worst_tick_time(&self) -> Duration {
        Duration::from_micros(u64::from(self.worst_tick_us.load(Ordering::Relaxed)))
    }

    /// The time that all ticks took together, their messages included.
    #[must_use]
    pub fn busy(&self) -> Duration {
        Duration::from_nanos(self.busy_ns.load(Ordering::Relaxed))
    }

    /// Ticks that began more than a millisecond after their time.
    #[must_use]
    pub fn late_ticks(&self) -> u64 {
        self.late_ticks.load(Ordering::Relaxed)
    }

    /// How late ticks began: what `per_mille` of a thousand did not exceed (999: the 99.9th percentile), rounded up by a sixteenth
    /// at most.
    #[must_use]
    pub fn start_late(&self, per_mille: u64) -> Duration {
        self.starts.per_mille(per_mille)
    }

    /// How long ticks took, their messages included: what `per_mille` of a thousand did not exceed, likewise.
    #[must_use]
    pub fn tick_took(&self, per_mille: u64) -> Duration {
        self.ticks_took.per_mille(per_mille)
    }

    /// How late the latest of all ticks began.
    #[must_use]
    pub fn latest_start(&self) -> Duration {
        self.starts.longest()
    }

    /// Forgets the times so far, to measure from now on: [`start_late`](Self::start_late), [`tick_took`](Self::tick_took),
    /// [`latest_start`](Self::latest_start) and [`worst_tick_time`](Self::worst_tick_time).
    pub fn forget_times(&self) {
        self.starts.clear();
        self.ticks_took.clear();
        self.worst_tick_us.store(0, Ordering::Relaxed);
    }

    /// How often the match had to slow down because ticks came too late.
    #[must_use]
    pub fn slowdowns(&self) -> u64 {
        self.slowdowns.load(Ordering::Relaxed)
    }

    /// Snapshots that found no place in their client's outbox.
    #[must_use]
    pub fn skipped_snapshots(&self) -> u64 {
        self.skipped_snapshots.load(Ordering::Relaxed)
    }

    /// Rows that waited for a later snapshot because their client's budget was used up.
    #[must_use]
    pub fn held_back_rows(&self) -> u64 {
        self.held_back_rows.load(Ordering::Relaxed)
    }

    /// Players on connections.
    #[must_use]
    pub fn players(&self) -> u32 {
        self.players.load(Ordering::Relaxed)
    }

    /// Seats that are kept for players whose connections are lost.
    #[must_use]
    pub fn kept_seats(&self) -> u32 {
        self.kept_seats.load(Ordering::Relaxed)
    }
}
