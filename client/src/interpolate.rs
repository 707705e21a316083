//! Interpolation: all other entities are drawn on one timeline, a little in the past, between two snapshots.

use std::time::Duration;

use tickwire_protocol::{EXTRAPOLATION_MS, History, Moment, Snapshot};

use crate::clock::{JUMP, Origin, Timeline};
use crate::wakes::Wakes;
use crate::window::Window;

/// Arrivals to remember: six seconds' worth, but enough for a 99th percentile.
const SECONDS: f64 = 6.0;
const LEAST_SAMPLES: usize = 128;
/// The interpolation delay in snapshot intervals.
const LEAST_DELAY: f64 = 2.0;
const MOST_DELAY: f64 = 6.0;
/// So many of 1,000 snapshots are waited for, whatever else the delay is to be good for.
const USUALLY: usize = 850;

/// The timeline of the view: it follows the arrival of snapshots, far enough behind that the next one is nearly always there.
#[derive(Debug)]
pub(crate) struct ViewClock {
    origin: Origin,
    tick_rate: u32,
    /// Ticks from one snapshot to the next.
    interval: f64,
    /// Local time at a snapshot's arrival minus its position, in ticks.
    arrivals: Window,
    /// Of those that may have waited for the program, until it has caught up.
    waited: Option<Waited>,
    timeline: Option<Timeline>,
    interpolating: bool,
    /// The longest delay that is of use, in ticks.
    longest: Option<f64>,
    /// The newest snapshot's position.
    newest: Option<f64>,
}

/// Snapshots that came when the program had stood still.
#[derive(Debug, Clone, Copy)]
struct Waited {
    /// When it woke.
    woke: Duration,
    /// The least of their arrivals.
    least: f64,
    /// The same of the time before, if it has not caught up in between.
    earlier: Option<f64>,
}

impl ViewClock {
    /// For a snapshot every `interval` ticks.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few hundred"
    )]
    pub(crate) fn new(origin: Origin, tick_rate: u32, interval: u8) -> Self {
        let (rate, interval) = (f64::from(tick_rate), f64::from(interval.max(1)));
        let samples = LEAST_SAMPLES.max((SECONDS * rate / interval) as usize);
        Self {
            origin,
            tick_rate,
            interval,
            arrivals: Window::new(samples),
            waited: None,
            timeline: None,
            interpolating: true,
            longest: None,
            newest: None,
        }
    }

    /// Whether the view is behind, as it has to be for interpolation, or at the newest snapshot.
    pub(crate) fn set_interpolating(&mut self, on: bool) {
        self.interpolating = on;
    }

    /// From now on the delay is so many ticks at most, but two intervals at least: what is late beyond it is extrapolated.
    pub(crate) fn set_longest(&mut self, ticks: Option<f64>) {
        self.longest = ticks;
    }

    /// A snapshot has arrived; `wakes` has noted `now`.
    ///
    /// Each time that the program has stood still, only the snapshot that waited least says when snapshots arrive: with the others
    /// a page that was busy for seconds would show the past for as long.
    pub(crate) fn handle_snapshot(&mut self, snapshot: &Snapshot, wakes: &Wakes, now: Duration) {
        let position = self.origin.position(snapshot.tick());
        self.newest = Some(position);
        let arrival = now.as_secs_f64() * f64::from(self.tick_rate) - position;
        if wakes.catches_up(now) {
            self.note_waited(arrival, wakes.woke());
        } else {
            self.catch_up();
            self.arrivals.push(arrival);
        }
        // The delay itself may swing by four intervals, which is no reason to jump.
        let jump = JUMP + MOST_DELAY * self.interval;
        if self.timeline.is_none() || self.arrivals.is_empty() {
            let (start, rate) = (self.target(now), f64::from(self.tick_rate));
            self.timeline = Some(Timeline::new(start, now, rate, jump));
        }
    }

    fn note_waited(&mut self, arrival: f64, woke: Duration) {
        let before = self.waited;
        let waited = match before.filter(|before| before.woke == woke) {
            Some(before) => Waited {
                least: before.least.min(arrival),
                ..before
            },
            None => {
                self.take_earlier();
                Waited {
                    woke,
                    least: arrival,
                    earlier: before.map(|before| before.least),
                }
            }
        };
        self.waited = Some(waited);
    }

    fn catch_up(&mut self) {
        self.take_earlier();
        if let Some(waited) = self.waited.take() {
            self.arrivals.push(waited.least);
        }
    }

    /// What came the time before counts, too. Not if it had waited longer by snapshots: then the program stood still again before
    /// it had taken all.
    fn take_earlier(&mut self) {
        if let Some(waited) = &mut self.waited
            && let Some(earlier) = waited.earlier.take()
            && earlier - waited.least <= self.interval
        {
            self.arrivals.push(earlier);
        }
    }

    /// When snapshots usually arrive: local time minus position, in ticks.
    fn usual(&self) -> f64 {
        match self.waited {
            Some(waited) if self.arrivals.is_empty() => waited.least,
            _ => self.arrivals.median(),
        }
    }

    /// How far the view is behind the newest snapshot at its usual arrival, in ticks.
    pub(crate) fn delay(&self) -> f64 {
        if !self.interpolating {
            return 0.0;
        }
        let wanted = self.bridge(self.arrivals.lateness());
        // Shots are worth going on without a few of the snapshots, but not that the others stand still again and again.
        self.longest.map_or(wanted, |longest| {
            wanted.min(longest.max(self.least_delay()))
        })
    }

    /// The delay that bridges what is late time and again: it is no shorter, whatever is of use.
    pub(crate) fn least_delay(&self) -> f64 {
        self.bridge(self.arrivals.per_mille(USUALLY) - self.arrivals.median())
    }

    fn bridge(&self, late: f64) -> f64 {
        let [least, most] = [LEAST_DELAY, MOST_DELAY].map(|delay| delay * self.interval);
        (self.interval + late).clamp(least, most)
    }

    /// Ticks per second.
    pub(crate) fn tick_rate(&self) -> u32 {
        self.tick_rate
    }

    /// Where the view would be without any delay: at what usually arrives `now`.
    pub(crate) fn present(&self, now: Duration) -> f64 {
        now.as_secs_f64() * f64::from(self.tick_rate) - self.usual()
    }

    fn target(&self, now: Duration) -> f64 {
        self.present(now) - self.delay()
    }

    /// Moves to `now`, which `wakes` has noted.
    pub(crate) fn advance(&mut self, wakes: &Wakes, now: Duration) {
        if !wakes.catches_up(now) {
            self.catch_up();
        }
        let target = self.target(now);
        if let Some(timeline) = &mut self.timeline {
            timeline.advance(now, target);
        }
    }

    /// Where the view is; `None` before the first snapshot.
    pub(crate) fn position(&self, now: Duration) -> Option<f64> {
        if !self.interpolating {
            return self.newest;
        }
        Some(self.timeline.as_ref()?.at(now))
    }

    /// What to draw at `now`. `None` before the first snapshot.
    pub(crate) fn moment<'a>(&self, history: &'a History, now: Duration) -> Option<Moment<'a>> {
        self.moment_at(history, self.position(now)?)
    }

    /// What is to be seen at `position`.
    pub(crate) fn moment_at<'a>(&self, history: &'a History, position: f64) -> Option<Moment<'a>> {
        let newest: &Snapshot = history.latest()?;
        let late = position - self.origin.position(newest.tick());
        if late >= 0.0 {
            let most = f64::from(EXTRAPOLATION_MS * self.tick_rate) / 1000.0;
            return Some(self.at(newest, newest, late / most));
        }
        let tick = self.origin.tick(position);
        let Some(from) = history.at_or_before(tick) else {
            // The very first pictures: the view has not reached the oldest snapshot yet, which is still better than nothing.
            return history
                .after(tick)
                .map(|oldest| self.at(oldest, oldest, 0.0));
        };
        let to = history.after(from.tick()).unwrap_or(from);
        let start = self.origin.position(from.tick());
        let span = (self.origin.position(to.tick()) - start).max(1.0);
        Some(self.at(from, to, (position - start) / span))
    }

    /// In the steps that a claim can name: what is drawn is then just what the server looks back to.
    #[expect(clippy::cast_possible_truncation, reason = "from 0 to 1")]
    fn at<'a>(&self, from: &'a Snapshot, to: &'a Snapshot, share: f64) -> Moment<'a> {
        Moment {
            from,
            to,
            share: ((share * 256.0).floor().clamp(0.0, 255.0) / 256.0) as f32,
            tick_rate: self.tick_rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tickwire_protocol::{Schema, Tick};

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// 20 Hz of 60: the snapshot of tick 3k arrives `late(k)` ms after its time. Returns what is drawn every 10 ms.
    fn watch(late: impl Fn(u32) -> u64, snapshots: u32) -> (ViewClock, Vec<(u64, u32, u32, u8)>) {
        watch_while(late, snapshots, |_| false)
    }

    /// The same on a machine that stands still at times, in ms.
    fn watch_while(
        late: impl Fn(u32) -> u64,
        snapshots: u32,
        is_still: impl Fn(u64) -> bool,
    ) -> (ViewClock, Vec<(u64, u32, u32, u8)>) {
        let schema = Arc::new(Schema::of::<()>());
        let mut clock = ViewClock::new(Origin(Tick(0)), 60, 3);
        let mut wakes = Wakes::new(ms(0));
        let mut history = History::new();
        let mut seen = Vec::new();
        let mut next = 0;
        for t in (0..u64::from(snapshots) * 50).step_by(10) {
            if is_still(t) {
                continue;
            }
            wakes.note(ms(t));
            while u64::from(next) * 50 + late(next) <= t {
                let snapshot = Arc::new(Snapshot::new(Arc::clone(&schema), Tick(next * 3)));
                clock.handle_snapshot(&snapshot, &wakes, ms(t));
                history.push(snapshot);
                next += 1;
            }
            clock.advance(&wakes, ms(t));
            if let Some(view) = clock.moment(&history, ms(t)).map(|m| m.view()) {
                seen.push((t, view.from.0, view.to.0, view.fraction));
            }
        }
        (clock, seen)
    }

    #[test]
    fn the_view_is_two_intervals_behind_and_moves_evenly() {
        let (clock, seen) = watch(|_| 40, 100);
        assert_eq!(clock.delay(), 6.0);
        for (t, from, to, fraction) in &seen[40..] {
            assert_eq!(to - from, 3, "always something newer");
            let position = f64::from(*from) + f64::from(*fraction) / 256.0 * 3.0;
            let right = (*t - 140) as f64 * 0.06;
            assert!((position - right).abs() < 0.05, "{position} at {t} ms");
        }
    }

    #[test]
    fn before_two_intervals_are_over_the_first_snapshot_is_shown() {
        let (_, seen) = watch(|_| 40, 10);
        assert_eq!(seen[0], (40, 0, 0, 0));
        assert_eq!(seen[5], (90, 0, 0, 0));
    }

    #[test]
    fn late_snapshots_lengthen_the_delay_up_to_six_intervals() {
        let (clock, seen) = watch(|k| if k % 10 == 9 { 130 } else { 40 }, 200);
        assert!((clock.delay() - 8.4).abs() < 1.0, "{}", clock.delay());
        let starved = seen[1500 / 10..]
            .iter()
            .filter(|(_, from, to, _)| from == to);
        assert_eq!(starved.count(), 0);
        let (clock, _) = watch(|k| if k % 30 == 29 { 900 } else { 40 }, 200);
        assert_eq!(clock.delay(), 18.0);
    }

    #[test]
    fn the_delay_is_no_longer_than_is_of_use_and_two_intervals_at_least() {
        let (mut clock, _) = watch(|k| if k % 50 == 49 { 240 } else { 40 }, 200);
        for (longest, delay) in [(Some(7.5), 7.5), (Some(2.0), 6.0), (None, 15.0)] {
            clock.set_longest(longest);
            let found = clock.delay();
            assert!((found - delay).abs() < 0.1, "{longest:?}: {found}");
        }
    }

    #[test]
    fn the_delay_bridges_what_is_late_time_and_again_whatever_is_of_use() {
        let (mut clock, _) = watch(|k| if k % 5 == 4 { 130 } else { 40 }, 200);
        clock.set_longest(Some(2.0));
        assert!((clock.delay() - 8.4).abs() < 1.0, "{}", clock.delay());
    }

    #[test]
    fn what_waited_for_a_busy_machine_was_not_late() {
        // At the very start, and in the middle.
        for still in [10..4000, 6000..8000] {
            let end = still.end;
            let (clock, seen) = watch_while(|_| 40, 200, |t| still.contains(&t));
            assert_eq!(clock.delay(), 6.0);
            for (t, from, _, fraction) in seen.iter().filter(|seen| seen.0 > end + 300) {
                let position = f64::from(*from) + f64::from(*fraction) / 256.0 * 3.0;
                let right = (*t - 140) as f64 * 0.06;
                assert!((position - right).abs() < 0.7, "{position} at {t} ms");
            }
        }
    }

    #[test]
    fn what_waited_is_taken_in_pieces_and_only_the_last_of_them_counts() {
        let schema = Arc::new(Schema::of::<()>());
        let (mut clock, mut wakes) = (ViewClock::new(Origin(Tick(0)), 60, 3), Wakes::new(ms(0)));
        let mut take = |snapshots: std::ops::Range<u32>, t| {
            wakes.note(ms(t));
            for k in snapshots {
                let snapshot = Snapshot::new(Arc::clone(&schema), Tick(k * 3));
                clock.handle_snapshot(&snapshot, &wakes, ms(t));
            }
            clock.advance(&wakes, ms(t));
            (clock.usual(), clock.delay())
        };
        // Each takes 40 ms; the program is there from 4 s on, and stands still again when it has taken half of them.
        take(0..41, 4000);
        take(41..81, 4120);
        take(81..82, 4140);
        for k in 82..100 {
            let (usual, delay) = take(k..k + 1, u64::from(k) * 50 + 40);
            assert!((usual - 2.4).abs() < 0.1, "{usual} ticks");
            assert_eq!(delay, 6.0);
        }
    }

    #[test]
    fn a_machine_that_stands_still_again_and_again_learns_what_the_link_does() {
        // It draws every 150 ms, and takes what has come by then; from 10 s on that is 200 ms older.
        let late = |k| if k < 200 { 40 } else { 240 };
        let (_, seen) = watch_while(late, 800, |t| t % 150 != 0);
        for (t, from, to, fraction) in seen.iter().filter(|seen| seen.0 > 30_000) {
            let span = f64::from(to - from);
            let position = f64::from(*from) + f64::from(*fraction) / 256.0 * span;
            let right = (*t - 340) as f64 * 0.06;
            assert!((position - right).abs() < 3.0, "{position} at {t} ms");
        }
    }

    #[test]
    fn when_nothing_newer_comes_the_newest_goes_on_for_100_ms_at_most() {
        let (_, seen) = watch(|k| if k < 20 { 40 } else { 100_000 }, 100);
        let last: Vec<_> = seen.iter().filter(|seen| seen.1 == 57).collect();
        let step = |pair: &[&(u64, u32, u32, u8)]| i16::from(pair[1].3) - i16::from(pair[0].3);
        let mut steps = last.windows(2).map(step);
        assert!(steps.all(|step| (0..=27).contains(&step)), "{last:?}");
        assert_eq!(seen.last(), Some(&(4990, 57, 57, 255)));
    }
}
