//! A token bucket: a rate that may be exceeded for a while, but not for long.

use std::time::Instant;

/// Fills at a steady rate up to its size; what goes through it takes tokens out.
#[derive(Debug)]
pub(crate) struct Bucket {
    tokens: f64,
    size: f64,
    per_second: f64,
    filled: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn new(size: u32, per_second: u32, now: Instant) -> Self {
        Self {
            tokens: f64::from(size),
            size: f64::from(size),
            per_second: f64::from(per_second),
            filled: now,
        }
    }

    /// Takes out `tokens`, or says that there are not as many.
    pub(crate) fn take(&mut self, tokens: u32, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.tokens = (self.tokens + passed * self.per_second).min(self.size) - f64::from(tokens);
        self.tokens >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_and_a_flood_does_not() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10, 5, start);
        assert!((0..10).all(|_| bucket.take(1, start)));
        assert!(!bucket.take(1, start), "the bucket is empty");
        let later = start + Duration::from_secs(1);
        assert!(bucket.take(4, later), "five came in, and one was owed");
        assert!(!bucket.take(1, later));
        let much_later = later + Duration::from_secs(3600);
        assert!(bucket.take(10, much_later));
        assert!(
            !bucket.take(1, much_later),
            "it holds no more than its size"
        );
    }
}
