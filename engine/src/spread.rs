//! How times are spread, counted without a lock and without end.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Places for each doubling: a time is told to within a sixteenth.
const FINE: usize = 16;
/// Doublings of 16 µs: up to 16 s, what is longer counts as that.
const DOUBLINGS: usize = 20;
const PLACES: usize = FINE * (DOUBLINGS + 1);

/// Times, sorted into places that grow with them. One thread writes, any may read.
#[derive(Debug)]
pub(crate) struct Spread {
    places: [AtomicU64; PLACES],
    longest_us: AtomicU64,
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            places: array::from_fn(|_| AtomicU64::new(0)),
            longest_us: AtomicU64::new(0),
        }
    }
}

/// The place of so many µs: the first 16 have their own, then each doubling has 16.
fn place_of(us: u64) -> usize {
    let doubling = us.max(1).ilog2().saturating_sub(FINE.ilog2());
    // 0 to 31.
    let fine = usize::try_from(us >> doubling).unwrap_or(0);
    (doubling as usize * FINE + fine).min(PLACES - 1)
}

/// The longest time that has this place, in µs.
fn longest_at(place: usize) -> u64 {
    match (place / FINE).checked_sub(1) {
        None | Some(0) => place as u64,
        Some(doubling) => ((place % FINE + FINE + 1) as u64 * (1 << doubling)) - 1,
    }
}

impl Spread {
    pub(crate) fn note(&self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        if let Some(place) = self.places.get(place_of(us)) {
            place.fetch_add(1, Ordering::Relaxed);
        }
        self.longest_us.fetch_max(us, Ordering::Relaxed);
    }

    /// The time that so many of a thousand do not exceed, rounded up to the next sixteenth; zero when there are none.
    pub(crate) fn per_mille(&self, share: u64) -> Duration {
        let counts = self.places.each_ref().map(|n| n.load(Ordering::Relaxed));
        let all: u64 = counts.iter().sum();
        let wanted = (all * share).div_ceil(1000);
        let mut so_far = 0;
        let place = counts.iter().position(|count| {
            so_far += count;
            so_far >= wanted
        });
        let longest = self.longest();
        let time = Duration::from_micros(longest_at(place.unwrap_or(0)));
        time.min(longest)
    }

    pub(crate) fn longest(&self) -> Duration {
        Duration::from_micros(self.longest_us.load(Ordering::Relaxed))
    }

    /// Begins anew.
    pub(crate) fn clear(&self) {
        for place in &self.places {
            place.store(0, Ordering::Relaxed);
        }
        self.longest_us.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_has_the_place_that_tells_it_to_a_sixteenth() {
        for us in (0..100_000).chain([1_000_000, 16_000_000]) {
            let told = longest_at(place_of(us));
            assert!(told >= us && told <= us + us / 16, "{us} µs as {told}");
        }
        assert_eq!(place_of(u64::MAX), PLACES - 1);
    }

    #[test]
    fn quantiles_are_those_of_the_times() {
        let spread = Spread::default();
        assert_eq!(spread.per_mille(999), Duration::ZERO);
        for us in 1..=10_000 {
            spread.note(Duration::from_micros(us));
        }
        for (share, us) in [(500, 5_000), (990, 9_900), (999, 9_990)] {
            let told = u64::try_from(spread.per_mille(share).as_micros()).unwrap();
            assert!((us..=us + us / 16).contains(&told), "{share}: {told}");
        }
        assert_eq!(spread.per_mille(1000), Duration::from_micros(10_000));
        spread.clear();
        assert_eq!(spread.longest(), Duration::ZERO);
    }
}
