//! When the program itself stood still: what came meanwhile was not late, nobody was there to take it.

use std::time::Duration;

/// A program that does nothing for so long has stood still: a page whose browser did something else.
const STILL: Duration = Duration::from_millis(100);
/// For so long after that it catches up with what came meanwhile.
const CATCHES_UP: Duration = Duration::from_millis(100);

/// Knows when the program began to run, or last did so again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wakes {
    ran: Duration,
    woke: Duration,
}

impl Wakes {
    /// It begins to run `now`.
    pub(crate) const fn new(now: Duration) -> Self {
        Self {
            ran: now,
            woke: now,
        }
    }

    /// It runs `now`.
    pub(crate) fn note(&mut self, now: Duration) {
        if now.saturating_sub(self.ran) > STILL {
            self.woke = now;
        }
        self.ran = self.ran.max(now);
    }

    /// Whether what is there `now` may have waited for the program.
    pub(crate) fn catches_up(&self, now: Duration) -> bool {
        now.saturating_sub(self.woke) < CATCHES_UP
    }

    /// When it began to run, or last did so again.
    pub(crate) fn woke(&self) -> Duration {
        self.woke
    }

    /// Whether the program has run all the time since `then`.
    pub(crate) fn ran_since(&self, then: Duration) -> bool {
        self.woke <= then
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_catches_up_after_standing_still_and_not_after_a_slow_picture() {
        let ms = Duration::from_millis;
        let mut wakes = Wakes::new(ms(1000));
        assert!(wakes.catches_up(ms(1050)), "it has just begun");
        for at in [1050, 1140, 1240] {
            wakes.note(ms(at));
        }
        assert!(!wakes.catches_up(ms(1240)) && wakes.ran_since(ms(1000)));
        wakes.note(ms(1400));
        assert!(wakes.catches_up(ms(1499)) && !wakes.ran_since(ms(1300)));
        wakes.note(ms(1500));
        assert!(!wakes.catches_up(ms(1500)));
        wakes.note(ms(1450));
        assert!(!wakes.catches_up(ms(1500)), "time does not go back");
    }
}
