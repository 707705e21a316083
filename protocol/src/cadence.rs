//! When which rows are sent, and what both ends know of when they were.

use crate::codec::past::DEPTH;
use crate::limits::{HISTORY_TICKS, MAX_TIERS};
use crate::tick::Tick;

/// How often snapshots come, and which of them tell of the rows of which tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cadence {
    interval: u8,
    periods: Vec<u8>,
    check_ticks: u32,
}

/// Ticks from one checksum to the next, unless said otherwise: a second at the usual rate.
const CHECK_TICKS: u32 = 60;

impl Cadence {
    /// A snapshot every `interval` ticks (1 to 32) that tells of everything.
    ///
    /// # Panics
    /// When the interval is out of range.
    #[must_use]
    pub fn every(interval: u8) -> Self {
        Self::with_tiers(interval, &[1])
    }

    /// The same, but rows of tier `i` are told of only in every `periods[i]`th snapshot. Tier 0 is for what matters most.
    ///
    /// # Panics
    /// When [`Self::checked`] would refuse.
    #[must_use]
    #[expect(clippy::expect_used, reason = "documented above")]
    pub fn with_tiers(interval: u8, periods: &[u8]) -> Self {
        Self::checked(interval, periods).expect(
            "a snapshot every 1 to 32 ticks; 1 to 4 tiers, the first with every snapshot and each at least once in 63 ticks",
        )
    }

    /// The same; `None` when the interval is not 1 to 32, when there is no tier or more than [`MAX_TIERS`], when tier 0 is not
    /// told of in every snapshot, or a tier so seldom that no baseline lasts: in 64 ticks or more.
    #[must_use]
    pub fn checked(interval: u8, periods: &[u8]) -> Option<Self> {
        let lasts =
            |period: &u8| *period > 0 && u32::from(*period) * u32::from(interval) < HISTORY_TICKS;
        let good = (1..=32).contains(&interval)
            && (1..=MAX_TIERS).contains(&periods.len())
            && periods.first() == Some(&1)
            && periods.iter().all(lasts);
        good.then(|| Self {
            interval,
            periods: periods.to_vec(),
            check_ticks: CHECK_TICKS,
        })
    }

    /// The same with a checksum of what the client has every so many ticks (at least 1); 60 unless this says otherwise.
    #[must_use]
    pub fn checking_every(self, ticks: u32) -> Self {
        let check_ticks = ticks.max(1);
        Self {
            check_ticks,
            ..self
        }
    }

    /// Ticks from one checksum to the next. Only the server needs to know.
    pub(crate) fn check_ticks(&self) -> u32 {
        self.check_ticks
    }

    /// What a [`Welcome`](crate::message::Welcome) says; `None` when that cannot be.
    #[must_use]
    pub fn of_welcome(interval: u8, tiers: [u8; MAX_TIERS]) -> Option<Self> {
        let used = tiers.iter().position(|period| *period == 0);
        let (periods, rest) = tiers.split_at_checked(used.unwrap_or(MAX_TIERS))?;
        let rest_is_empty = rest.iter().all(|period| *period == 0);
        Self::checked(interval, periods).filter(|_| rest_is_empty)
    }

    /// The tiers for a [`Welcome`](crate::message::Welcome).
    #[must_use]
    pub fn welcome_tiers(&self) -> [u8; MAX_TIERS] {
        let mut tiers = [0; MAX_TIERS];
        for (to, period) in tiers.iter_mut().zip(&self.periods) {
            *to = *period;
        }
        tiers
    }

    /// Ticks from one snapshot to the next.
    #[must_use]
    pub fn interval(&self) -> u8 {
        self.interval
    }

    /// For each tier, how many snapshots there are to one that tells of it.
    #[must_use]
    pub fn periods(&self) -> &[u8] {
        &self.periods
    }

    /// How many tiers there are.
    #[must_use]
    pub fn tiers(&self) -> usize {
        self.periods.len()
    }

    /// Bits that name a tier.
    pub(crate) fn tier_bits(&self) -> u32 {
        (self.tiers() - 1)
            .checked_ilog2()
            .map_or(0, |bits| bits + 1)
    }

    /// Which tiers a snapshot of `now` tells of, when the one before was of `last`: those whose time lies between.
    fn due(&self, last: Option<Tick>, now: Tick) -> [bool; MAX_TIERS] {
        let mut due = [false; MAX_TIERS];
        for (due, period) in due.iter_mut().zip(&self.periods) {
            let ticks = u32::from(self.interval) * u32::from(*period);
            *due = *period == 1 || last.is_none_or(|last| last.0 / ticks != now.0 / ticks);
        }
        due
    }
}

/// What was written to a client when. Both ends keep it, and so agree on what a snapshot builds on without a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Lineage {
    last: Option<Tick>,
    /// For each tier, bit `i`: rows of it were told of `i` ticks before the last snapshot.
    written: [u64; MAX_TIERS],
}

/// How far apart the ticks lie that a row's chunk looks back on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stride {
    pub(crate) ticks: u32,
    /// How often it fits between the baseline and now.
    pub(crate) steps: u32,
}

impl Stride {
    /// The oldest tick that chunks on a baseline look at.
    pub(crate) fn reach(self, base: Tick) -> Tick {
        (0..DEPTH).fold(base, |tick, _| tick - self.ticks)
    }
}

impl Lineage {
    /// The tick of the last snapshot.
    pub(crate) fn last(&self) -> Option<Tick> {
        self.last
    }

    /// For each tier, bit `i`: rows of it were told of `i` ticks before the last snapshot.
    pub(crate) fn written(&self) -> [u64; MAX_TIERS] {
        self.written
    }

    /// Which tiers a snapshot of `now` tells of.
    pub(crate) fn due(&self, cadence: &Cadence, now: Tick) -> [bool; MAX_TIERS] {
        cadence.due(self.last, now)
    }

    /// A snapshot of `now` is written that tells of these tiers.
    pub(crate) fn note(&mut self, now: Tick, due: [bool; MAX_TIERS]) {
        let passed = self.last.map_or(0, |last| now.since(last).unsigned_abs());
        for (written, due) in self.written.iter_mut().zip(due) {
            *written = written.unbounded_shl(passed) | u64::from(due);
        }
        self.last = Some(now);
    }

    /// Forgets all snapshots after that of `tick`.
    pub(crate) fn rewind(&mut self, tick: Tick) {
        let over = self.last.map_or(0, |last| last.since(tick).unsigned_abs());
        for written in &mut self.written {
            *written = written.unbounded_shr(over);
        }
        self.last = Some(tick);
    }

    /// The stride for a row of a tier whose last version is that of `base`: the shortest that goes with most of the strides
    /// before, and that all of the history still reaches.
    pub(crate) fn stride(&self, now: Tick, base: Tick, tier: usize) -> Stride {
        let back = now.since(base).unsigned_abs();
        let lag = self.last.map_or(0, |last| last.since(base).unsigned_abs());
        let written = self.written.get(tier).copied().unwrap_or(0);
        let has = |ago: u32| written.unbounded_shr(ago) & 1 == 1;
        for strides in (1..=3).rev() {
            let fits = |ticks: &u32| {
                back.is_multiple_of(*ticks)
                    && back + strides * ticks < HISTORY_TICKS
                    && (1..=strides).all(|k| has(lag + k * ticks))
            };
            if let Some(ticks) = (1..=back).find(fits) {
                let steps = back / ticks;
                return Stride { ticks, steps };
            }
        }
        Stride {
            ticks: back.max(1),
            steps: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [bool; MAX_TIERS] = [true; MAX_TIERS];

    fn written(ticks: &[u32]) -> Lineage {
        let mut lineage = Lineage::default();
        for tick in ticks {
            lineage.note(Tick(*tick), ALL);
        }
        lineage
    }

    fn stride(ticks: &[u32], now: u32) -> (u32, u32) {
        let base = Tick(*ticks.last().unwrap());
        let Stride { ticks, steps } = written(ticks).stride(Tick(now), base, 0);
        (ticks, steps)
    }

    #[test]
    fn a_regular_client_looks_back_by_the_interval() {
        assert_eq!(stride(&[2, 4, 6, 8], 10), (2, 1));
        assert_eq!(stride(&[1, 2, 3, 4], 10), (1, 6));
    }

    #[test]
    fn after_a_skip_the_stride_is_one_that_fits() {
        assert_eq!(stride(&[2, 4, 6, 8], 12), (2, 2));
        // 10 was skipped: of 12, 8, 6 … two strides of 4 are there.
        assert_eq!(stride(&[2, 4, 6, 8, 12], 16), (4, 1));
        assert_eq!(stride(&[8], 10), (2, 1));
        assert_eq!(stride(&[7, 8], 11), (1, 3));
    }

    #[test]
    fn no_stride_reaches_beyond_history() {
        // The tick 12 is the oldest that history has at 75, and gone at 76.
        assert_eq!(stride(&[4, 8, 12, 16], 72), (4, 14));
        assert_eq!(stride(&[4, 8, 12, 16], 76), (60, 1));
        assert_eq!(stride(&[1, 2, 3, 4], 67), (63, 1));
    }

    #[test]
    fn ticks_wrap() {
        let ticks = [u32::MAX - 3, u32::MAX - 1, 1, 3];
        assert_eq!(stride(&ticks, 5), (2, 1));
    }

    #[test]
    fn tiers_are_due_when_their_time_has_passed() {
        let cadence = Cadence::with_tiers(2, &[1, 2, 6]);
        let due = |last, now| {
            let [a, b, c, _] = cadence.due(Some(Tick(last)), Tick(now));
            (a, b, c)
        };
        assert_eq!(due(10, 12), (true, true, true));
        assert_eq!(due(12, 14), (true, false, false));
        assert_eq!(due(14, 16), (true, true, false));
        assert_eq!(due(14, 26), (true, true, true));
        assert_eq!(cadence.tier_bits(), 2);
        assert_eq!(Cadence::every(2).tier_bits(), 0);
        assert_eq!(Cadence::checked(0, &[1]), None);
        assert_eq!(Cadence::checked(8, &[1, 8]), None);
    }

    #[test]
    fn a_rewound_lineage_is_as_it_was() {
        let mut lineage = written(&[2, 4, 6, 8, 10]);
        lineage.rewind(Tick(6));
        assert_eq!(lineage.written, written(&[2, 4, 6]).written);
        assert_eq!(lineage.last(), Some(Tick(6)));
    }
}
