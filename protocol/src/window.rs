//! The last few measurements of one thing, for both ends: what a link usually does, and how far it strays.

use std::collections::VecDeque;

/// Measurements in the order they came and in the order of size: medians and percentiles shrug off the spikes of a stalled
/// link, which an average would follow.
#[derive(Debug)]
pub struct Window {
    recent: VecDeque<f64>,
    sorted: Vec<f64>,
    /// See [`Self::lateness`].
    lateness: f64,
    capacity: usize,
    /// Measurements that may pass until they are put in order, and those that have.
    every: usize,
    passed: usize,
}

impl Window {
    /// Remembers `capacity` measurements.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self::renewed(capacity, 1)
    }

    /// The same, but once it is full only every `every`th measurement (1 or more) puts them in order; until then medians and
    /// percentiles stay as they were. For a server with thousands of windows: to find the place of each single measurement costs
    /// several misses of the processor's cache.
    #[must_use]
    pub fn renewed(capacity: usize, every: usize) -> Self {
        Self {
            recent: VecDeque::with_capacity(capacity),
            sorted: Vec::with_capacity(capacity),
            lateness: 0.0,
            capacity,
            every,
            passed: 0,
        }
    }

    /// Adds one, forgetting the oldest when there is no place.
    pub fn push(&mut self, value: f64) {
        let oldest = if self.recent.len() == self.capacity {
            self.recent.pop_front()
        } else {
            None
        };
        self.recent.push_back(value);
        if self.every == 1 || oldest.is_none() {
            if let Some(oldest) = oldest {
                self.sorted.remove(self.rank(oldest));
            }
            self.sorted.insert(self.rank(value), value);
        } else {
            self.passed += 1;
            if self.passed < self.every {
                return;
            }
            self.passed = 0;
            self.sorted.clear();
            self.sorted.extend(&self.recent);
            self.sorted.sort_unstable_by(f64::total_cmp);
        }
        self.lateness = self.per_mille(990) - self.median();
    }

    /// How many are smaller than `value`.
    fn rank(&self, value: f64) -> usize {
        self.sorted.partition_point(|v| v.total_cmp(&value).is_lt())
    }

    /// Measurements that are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.recent.len()
    }

    /// The one that is larger than `share` thousandths of the others; 0 when there is none.
    #[must_use]
    pub fn per_mille(&self, share: usize) -> f64 {
        let last = self.sorted.len().saturating_sub(1);
        let place = (last * share).div_ceil(1000).min(last);
        self.sorted.get(place).copied().unwrap_or(0.0)
    }

    /// The one in the middle.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.per_mille(500)
    }

    /// How much later than the median the latest are: the 99th percentile minus the median.
    #[must_use]
    pub fn lateness(&self) -> f64 {
        self.lateness
    }

    /// Whether nothing was measured yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.recent.is_empty()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.recent.clear();
        self.sorted.clear();
        (self.lateness, self.passed) = (0.0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_moves_the_percentile_but_not_the_median() {
        let mut window = Window::new(20);
        assert_eq!(window.median(), 0.0);
        for i in 0..40 {
            window.push(if i == 30 { 900.0 } else { f64::from(i % 3) });
        }
        assert_eq!(window.len(), 20);
        assert_eq!(window.median(), 1.0);
        assert_eq!(window.lateness(), 899.0);
        for _ in 0..20 {
            window.push(5.0);
        }
        assert_eq!((window.median(), window.lateness()), (5.0, 0.0));
    }

    #[test]
    fn one_that_is_renewed_now_and_then_says_what_was_true_then() {
        let (mut window, mut then) = (Window::renewed(20, 8), Window::new(20));
        for i in 0..100 {
            let value = f64::from(i * 37 % 41);
            window.push(value);
            if i < 20 || (i - 19) % 8 == 0 {
                then = Window::new(20);
                window.recent.iter().for_each(|value| then.push(*value));
            }
            assert_eq!(window.sorted, then.sorted, "after {i}");
        }
    }
}
