//! When ticks are due.

use std::time::Duration;

/// Ticks that are made up for at once after a stall. Beyond that the match slows down: running after a lost second would
/// only lose the next one.
const MAX_CATCH_UP: u32 = 3;

/// The times of ticks at a fixed rate, without drift: each is worked out from the anchor, not from the one before.
#[derive(Debug)]
pub(crate) struct Pace {
    anchor: Duration,
    rate: u32,
    /// Ticks since the anchor that have been given out.
    given: u64,
}

/// What to do now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// The scheduled times of the ticks to run.
    pub(crate) ticks: Vec<Duration>,
    /// How much time was given up, when the match had to slow down.
    pub(crate) lost: Option<Duration>,
}

impl Pace {
    /// The first tick is due one tick length after `now`.
    pub(crate) fn new(rate: u32, now: Duration) -> Self {
        Self {
            anchor: now,
            rate,
            given: 0,
        }
    }

    /// When the next tick is due.
    pub(crate) fn next(&self) -> Duration {
        self.time_of(self.given + 1)
    }

    fn time_of(&self, tick: u64) -> Duration {
        let rate = u64::from(self.rate);
        // Whole seconds apart, so that nothing overflows or rounds away in a match of months.
        self.anchor
            + Duration::from_secs(tick / rate)
            + Duration::from_nanos(tick % rate * 1_000_000_000 / rate)
    }

    /// The ticks that are due at `now`.
    pub(crate) fn due(&mut self, now: Duration) -> Due {
        let mut due = Due {
            ticks: Vec::new(),
            lost: None,
        };
        while self.next() <= now {
            if due.ticks.len() >= MAX_CATCH_UP as usize {
                let lost = now - self.next();
                self.anchor = now;
                self.given = 0;
                due.lost = Some(lost);
                break;
            }
            due.ticks.push(self.next());
            self.given += 1;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_thousand_hours_at_60_hz_do_not_drift() {
        let mut pace = Pace::new(60, ms(500));
        pace.given = 60 * 3600 * 1000 - 1;
        assert_eq!(pace.next(), ms(500) + Duration::from_secs(3600 * 1000));
    }

    #[test]
    fn a_short_stall_is_made_up_for() {
        let mut pace = Pace::new(100, ms(0));
        assert_eq!(
            pace.due(ms(9)),
            Due {
                ticks: vec![],
                lost: None
            }
        );
        assert_eq!(
            pace.due(ms(31)),
            Due {
                ticks: vec![ms(10), ms(20), ms(30)],
                lost: None
            }
        );
        assert_eq!(pace.next(), ms(40));
    }

    #[test]
    fn a_long_stall_slows_the_match() {
        let mut pace = Pace::new(100, ms(0));
        let due = pace.due(ms(1000));
        assert_eq!((due.ticks.len(), due.lost), (3, Some(ms(960))));
        assert_eq!(pace.next(), ms(1010));
    }
}
