//! What a room tells about itself to other threads.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// Live figures of a room, written by its host after every tick.
#[derive(Debug, Default)]
pub struct RoomStats {
    ticks: AtomicU64,
    tick_us: AtomicU32,
    worst_tick_us: AtomicU32,
    slowdowns: AtomicU64,
    skipped_snapshots: AtomicU64,
    players: AtomicU32,
}

impl RoomStats {
    pub(crate) fn note_tick(&self, took: Duration, players: usize, skipped: u64) {
        let us = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        self.tick_us.store(us, Ordering::Relaxed);
        self.worst_tick_us.fetch_max(us, Ordering::Relaxed);
        self.players.store(
            u32::try_from(players).unwrap_or(u32::MAX),
            Ordering::Relaxed,
        );
        self.skipped_snapshots.store(skipped, Ordering::Relaxed);
        self.ticks.fetch_add(1, Ordering::Release);
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

    /// Players on connections.
    #[must_use]
    pub fn players(&self) -> u32 {
        self.players.load(Ordering::Relaxed)
    }
}
