//! Where the connection stands, and when to try again.

use std::time::Duration;

/// Where the connection to the server stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// There is none; the next try is at `at`.
    Waiting {
        /// When to dial: `poll_connect` says so.
        at: Duration,
        /// Tries that failed since the last one that led to a match.
        attempt: u32,
        /// Why the last one ended; `None` before the first.
        reason: Option<String>,
    },
    /// The driver opens a socket.
    Dialling,
    /// The socket is open, and the server has been asked to let the player in.
    Handshaking,
    /// The player is in, but the level's text is missing: hand it to `handle_level`.
    NeedsLevel {
        /// The level's name.
        name: String,
        /// Hash of its text.
        hash: u64,
    },
    /// The player plays.
    Playing,
    /// The connection ended for good: there will be no further try. The driver closes its socket.
    Refused {
        /// Why.
        reason: String,
    },
}

const FIRST_WAIT: f64 = 0.5;
const LONGEST_WAIT: f64 = 10.0;

/// A connection that stood for so long and breaks is dialled again at once. One that breaks as soon as it stands would be
/// dialled without end.
pub(crate) const LASTED: Duration = Duration::from_secs(5);

/// Each wait is up to this share longer or shorter, so that a server that comes back is not stormed by all at once.
const JITTER: f64 = 0.3;

/// Doubles the wait with each failure.
#[derive(Debug)]
pub(crate) struct Retry {
    failures: u32,
    rng: fastrand::Rng,
}

impl Retry {
    /// `seed` decides the jitter.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            failures: 0,
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    /// A try failed: how long to wait before the next.
    pub(crate) fn next_wait(&mut self) -> Duration {
        let doublings = self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        let wait = (FIRST_WAIT * f64::from(1_u32 << doublings)).min(LONGEST_WAIT);
        Duration::from_secs_f64(wait * (1.0 + JITTER * (2.0 * self.rng.f64() - 1.0)))
    }

    /// Failures since the last success.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// A try succeeded.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_ten_seconds_and_vary() {
        let mut retry = Retry::new(7);
        let mut varied = 0;
        for nominal in [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0] {
            let wait = retry.next_wait().as_secs_f64();
            assert!((nominal * 0.7..=nominal * 1.3).contains(&wait));
            varied += u32::from((wait - nominal).abs() > 0.01);
        }
        assert!(varied > 4);
        assert_eq!(retry.failures(), 8);
        retry.reset();
        assert!(retry.next_wait() <= Duration::from_millis(650));
        for _ in 0..100 {
            assert!(retry.next_wait() <= Duration::from_secs(13));
        }
    }
}
