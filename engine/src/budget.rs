//! What may still be sent to one client.

use std::time::Duration;

/// For so long a client may be sent nothing and then all of it at once; also for how long it pays back what had to go.
const DEPTH: f64 = 0.25;

/// A bucket that fills at the rate of the budget, and from which every byte to the client is taken, those of events and control
/// messages too. These are never held back: only snapshots ask for what is left.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Bits per second; `None` without a limit.
    rate: Option<f64>,
    /// Bits.
    level: f64,
    filled: Duration,
}

impl Budget {
    /// A full bucket. `kbits`: 1000 bits per second; 0 for no limit.
    pub(crate) fn new(kbits: u32, now: Duration) -> Self {
        let rate = f64::from(kbits) * 1000.0;
        Self {
            rate: (kbits > 0).then_some(rate),
            level: rate * DEPTH,
            filled: now,
        }
    }

    /// The bits that a message may have now; `None` without a limit.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates: less than nothing is nothing"
    )]
    pub(crate) fn limit(&mut self, now: Duration) -> Option<u32> {
        let rate = self.rate?;
        let passed = now.saturating_sub(self.filled).as_secs_f64();
        self.filled = now;
        self.level = (self.level + rate * passed).min(rate * DEPTH);
        Some(self.level as u32)
    }

    /// A message of so many bytes goes.
    pub(crate) fn spend(&mut self, bytes: usize) {
        if let Some(rate) = self.rate {
            let bits = 8.0 * (bytes + header(bytes)) as f64;
            self.level = (self.level - bits).max(-rate * DEPTH);
        }
    }
}

/// Bytes that the WebSocket puts before a message of the server's.
fn header(bytes: usize) -> usize {
    match bytes {
        0..126 => 2,
        126..65_536 => 4,
        _ => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn what_is_spent_comes_back_with_time() {
        let mut budget = Budget::new(256, ms(0));
        assert_eq!(budget.limit(ms(0)), Some(64_000));
        budget.spend(7_996);
        assert_eq!(budget.limit(ms(0)), Some(0));
        assert_eq!(budget.limit(ms(100)), Some(25_600));
        assert_eq!(budget.limit(ms(10_000)), Some(64_000), "no more than full");
        budget.spend(1_000_000);
        assert_eq!(budget.limit(ms(10_000)), Some(0));
        assert_eq!(budget.limit(ms(10_500)), Some(64_000), "debts are limited");
    }

    #[test]
    fn nothing_is_no_limit() {
        let mut budget = Budget::new(0, ms(0));
        budget.spend(1_000_000);
        assert_eq!(budget.limit(ms(1)), None);
    }
}
