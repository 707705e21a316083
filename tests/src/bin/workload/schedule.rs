//! When a client sends: at a random moment of each period, so that clients and server never fall into step.

use std::time::{Duration, Instant};

use crate::generator::Draws;

/// Numbers that a client sends per second.
const PER_SECOND: f64 = 30.0;

/// A client's numbers and their moments.
#[derive(Debug)]
pub(crate) struct Schedule {
    start: Instant,
    sent: u32,
    /// Seconds after the start.
    next: f64,
    draws: Draws,
}

impl Schedule {
    /// Of client number `client`.
    pub(crate) fn new(client: u32, start: Instant) -> Self {
        let mut draws = Draws::new((client + 1).wrapping_mul(2_654_435_761) | 1);
        draws.next();
        let next = f64::from(draws.share()) / PER_SECOND;
        Self {
            start,
            sent: 0,
            next,
            draws,
        }
    }

    /// When the next number is due.
    pub(crate) fn next(&self) -> Instant {
        self.start + Duration::from_secs_f64(self.next)
    }

    /// The number that is due at `now`, if one is.
    pub(crate) fn due(&mut self, now: Instant) -> Option<u32> {
        let elapsed = (now - self.start).as_secs_f64();
        if elapsed < self.next {
            return None;
        }
        self.sent += 1;
        // What a stalled process missed is left out and not made up for.
        let period = f64::from(self.sent).max((elapsed * PER_SECOND).floor());
        self.next = (period + f64::from(self.draws.share())) / PER_SECOND;
        Some(self.sent)
    }
}
