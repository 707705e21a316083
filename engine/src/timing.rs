//! How steadily ticks come.

use std::time::Duration;

/// Ticks that are remembered: enough to say what one in a thousand is like, half a minute at 60 Hz.
const REMEMBERED: usize = 2048;

/// Of the last ticks, how late each began and how long it took.
#[derive(Debug, Default)]
pub(crate) struct Timing {
    late_us: Vec<u32>,
    took_us: Vec<u32>,
    /// Where the next one goes.
    next: usize,
}

impl Timing {
    /// A tick began so long after its time, and took so long.
    pub(crate) fn note(&mut self, late: Duration, took: Duration) {
        for (list, time) in [(&mut self.late_us, late), (&mut self.took_us, took)] {
            let us = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
            match list.get_mut(self.next) {
                Some(place) => *place = us,
                None => list.push(us),
            }
        }
        self.next = (self.next + 1) % REMEMBERED;
    }

    /// The 99.9th percentiles of lateness and length, in µs; 0 as long as nothing was measured.
    pub(crate) fn p999(&self) -> (u32, u32) {
        (p999(&self.late_us), p999(&self.took_us))
    }
}

fn p999(times: &[u32]) -> u32 {
    let mut times = times.to_vec();
    let place = times.len().saturating_sub(1) * 999 / 1000;
    if times.is_empty() {
        return 0;
    }
    *times.select_nth_unstable(place).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_last_two_thousand_the_third_worst_counts() {
        let mut timing = Timing::default();
        assert_eq!(timing.p999(), (0, 0));
        let us = Duration::from_micros;
        timing.note(us(70), us(900));
        assert_eq!(timing.p999(), (70, 900));
        for i in 0..5000 {
            timing.note(us(i % 2048), us(5));
        }
        assert_eq!(timing.p999(), (2044, 5), "2045, 2046 and 2047 are worse");
    }
}
