//! The last 64 ticks of snapshots: the only history there is.

use std::sync::Arc;

use crate::codec::sight::Rows;
use crate::codec::slots::SlotSet;
use crate::limits::HISTORY_TICKS;
use crate::renewal::Renewal;
use crate::snapshot::Snapshot;
use crate::tick::Tick;

const LEN: usize = HISTORY_TICKS as usize;

/// Ticks of an era, and how many eras are remembered: as many as history reaches into, and more.
const ERA_TICKS: u32 = 16;
const ERAS: usize = 8;
const _: () = assert!(ERAS > LEN / ERA_TICKS as usize);

/// A ring of snapshots by tick: delta baselines, rewind store and interpolation source in one.
///
/// The server puts every tick in, a client every snapshot that it receives.
#[derive(Debug, Clone)]
pub struct History {
    ring: [Option<Arc<Snapshot>>; LEN],
    /// For each snapshot, the rows that are not as in the one before it.
    moved: [SlotSet; LEN],
    /// The same, put together of each era, by its number. So nobody has to go through the sets of all ticks in each tick.
    eras: [(u32, SlotSet); ERAS],
    latest: Option<Tick>,
}

impl Default for History {
    fn default() -> Self {
        Self {
            ring: [const { None }; LEN],
            moved: std::array::from_fn(|_| SlotSet::default()),
            eras: std::array::from_fn(|_| Default::default()),
            latest: None,
        }
    }
}

impl History {
    /// An empty ring.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn place(tick: Tick) -> usize {
        (tick.0 % HISTORY_TICKS) as usize
    }

    /// Adds a snapshot, which must be newer than all others, forgets what is now too old, and returns the one whose place it
    /// took, if it was there until now.
    ///
    /// # Panics
    /// When it is not newer.
    pub fn push(&mut self, snapshot: Arc<Snapshot>) -> Option<Arc<Snapshot>> {
        self.note_moved(&snapshot);
        self.put(snapshot)
    }

    /// The same for a snapshot whose rows are as in the newest, but for those in `touched`, which may be as they were, too.
    ///
    /// # Panics
    /// As [`Self::push`].
    pub fn push_touched(
        &mut self,
        snapshot: Arc<Snapshot>,
        touched: &SlotSet,
    ) -> Option<Arc<Snapshot>> {
        let Some(newest) = self.latest().map(Arc::clone) else {
            return self.push(snapshot);
        };
        if let Some(moved) = self.moved.get_mut(Self::place(snapshot.tick())) {
            moved.clear();
            for slot in touched.iter() {
                let [now, was] = [&snapshot, &newest].map(|table| Rows::row(&**table, slot));
                if now.is_some() && now != was {
                    moved.insert(slot);
                }
            }
            if cfg!(debug_assertions) {
                snapshot.each_unlike(Some(&newest), |slot| {
                    assert!(moved.contains(slot), "{slot}")
                });
            }
        }
        self.note_era(snapshot.tick());
        self.put(snapshot)
    }

    /// The same for a snapshot that was made out of the newest: which of its rows moved is known.
    ///
    /// # Panics
    /// As [`Self::push`].
    pub fn push_renewed(&mut self, renewal: Renewal) -> Option<Arc<Snapshot>> {
        let (last, next, moved) = renewal.into_parts();
        let next = Arc::new(next);
        if !self
            .latest()
            .is_some_and(|latest| Arc::ptr_eq(latest, &last))
        {
            return self.push(next);
        }
        if let Some(place) = self.moved.get_mut(Self::place(next.tick())) {
            *place = moved;
        }
        self.note_era(next.tick());
        self.put(next)
    }

    /// A snapshot of `tick` with the rows of the newest one, to be written to and put in. `None` without a newest one. The
    /// snapshot whose place it will take is given up for its memory.
    pub fn renew(&mut self, tick: Tick) -> Option<Renewal> {
        let last = Arc::clone(self.latest()?);
        let old = self.ring.get_mut(Self::place(tick))?;
        let old = old.take_if(|old| old.tick() != last.tick());
        let old = old.and_then(Arc::into_inner);
        // What moved since is known as far as the ring goes.
        let old = old.filter(|old| tick.since(old.tick()) == HISTORY_TICKS.cast_signed());
        let mut stale = SlotSet::default();
        if old.is_some() {
            self.moved_at_least(tick - HISTORY_TICKS, last.tick(), &mut stale);
        }
        let mut moved = std::mem::take(self.moved.get_mut(Self::place(tick))?);
        moved.clear();
        Some(Renewal::new(last, old, stale, (tick, moved)))
    }

    fn put(&mut self, snapshot: Arc<Snapshot>) -> Option<Arc<Snapshot>> {
        let tick = snapshot.tick();
        let latest = self.latest.replace(tick).unwrap_or(tick - 1);
        assert!(
            tick.is_after(latest),
            "history goes forward: {tick} after {latest}"
        );
        // Skipped ticks lose their places too: so everything in the ring is recent, and old tables do not linger.
        let skipped = tick.since(latest).unsigned_abs().min(HISTORY_TICKS) - 1;
        for back in 1..=skipped {
            if let Some(place) = self.ring.get_mut(Self::place(tick - back)) {
                *place = None;
            }
        }
        self.ring.get_mut(Self::place(tick))?.replace(snapshot)
    }

    fn note_moved(&mut self, now: &Snapshot) {
        let before = self
            .latest
            .and_then(|latest| self.ring.get(Self::place(latest)));
        let before = before.and_then(Option::as_ref);
        if let Some(moved) = self.moved.get_mut(Self::place(now.tick())) {
            moved.clear();
            now.each_unlike(before.map(|before| &**before), |slot| moved.insert(slot));
        }
        self.note_era(now.tick());
    }

    fn era(tick: Tick) -> (u32, usize) {
        let era = tick.0 / ERA_TICKS;
        (era, era as usize % ERAS)
    }

    fn note_era(&mut self, tick: Tick) {
        let (era, at) = Self::era(tick);
        if let (Some((of, all)), Some(moved)) =
            (self.eras.get_mut(at), self.moved.get(Self::place(tick)))
        {
            if *of != era {
                *of = era;
                all.clear();
            }
            all.add(moved);
        }
    }

    /// Puts the rows into `all` that are not the same in all snapshots from `first` to `last`, and perhaps some more.
    fn moved_at_least(&self, first: Tick, last: Tick, all: &mut SlotSet) {
        let eras = (0..=HISTORY_TICKS / ERA_TICKS).map(|back| last - back * ERA_TICKS);
        for (era, at) in eras.map(Self::era) {
            if let Some((_, moved)) = self.eras.get(at).filter(|(of, _)| *of == era) {
                all.add(moved);
            }
        }
        debug_assert!(
            last.since(first) < HISTORY_TICKS.cast_signed(),
            "the eras reach so far"
        );
    }

    /// Puts the rows into `all` that are not the same in all snapshots from `first` to `last`, as far as those are here.
    pub fn moved(&self, first: Tick, last: Tick, all: &mut SlotSet) {
        all.clear();
        let ticks = u32::try_from(last.since(first))
            .unwrap_or(0)
            .min(HISTORY_TICKS);
        for tick in (0..ticks).map(|back| last - back) {
            if self.get(tick).is_some()
                && let Some(moved) = self.moved.get(Self::place(tick))
            {
                all.add(moved);
            }
        }
    }

    /// The newest snapshot.
    #[must_use]
    pub fn latest(&self) -> Option<&Arc<Snapshot>> {
        self.get(self.latest?)
    }

    /// The same, to be changed. Who else holds it keeps it as it is.
    pub(crate) fn latest_mut(&mut self) -> Option<&mut Snapshot> {
        let latest = self.ring.get_mut(Self::place(self.latest?))?;
        latest.as_mut().map(Arc::make_mut)
    }

    /// The snapshot of exactly this tick, if it was put in and is at most 63 ticks older than the newest.
    #[must_use]
    pub fn get(&self, tick: Tick) -> Option<&Arc<Snapshot>> {
        self.ring
            .get(Self::place(tick))?
            .as_ref()
            .filter(|s| s.tick() == tick)
    }

    /// The newest snapshot at or before `tick`.
    #[must_use]
    pub fn at_or_before(&self, tick: Tick) -> Option<&Arc<Snapshot>> {
        let latest = self.latest?;
        let start = if tick.is_after(latest) { latest } else { tick };
        (0..HISTORY_TICKS).find_map(|back| self.get(start - back))
    }

    /// The oldest snapshot after `tick`.
    #[must_use]
    pub fn after(&self, tick: Tick) -> Option<&Arc<Snapshot>> {
        let ahead = u32::try_from(self.latest?.since(tick)).ok()?;
        let skip = ahead.saturating_sub(HISTORY_TICKS - 1).max(1);
        (skip..=ahead).find_map(|ahead| self.get(tick + ahead))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Schema;

    #[derive(crate::Wire, Clone, Copy, Debug, PartialEq)]
    struct Body {
        x: u8,
    }

    fn moved(history: &History, first: u32, last: u32) -> Vec<usize> {
        let mut all = SlotSet::default();
        history.moved(Tick(first), Tick(last), &mut all);
        all.iter().collect()
    }

    fn filled(ticks: impl IntoIterator<Item = u32>) -> History {
        let schema = Arc::new(Schema::of::<()>());
        let mut history = History::new();
        for tick in ticks {
            history.push(Arc::new(Snapshot::new(Arc::clone(&schema), Tick(tick))));
        }
        history
    }

    #[test]
    fn remembers_64_ticks_and_no_more() {
        let history = filled(0..100);
        assert!(history.get(Tick(35)).is_none());
        assert_eq!(history.get(Tick(36)).map(|s| s.tick()), Some(Tick(36)));
        assert_eq!(history.latest().map(|s| s.tick()), Some(Tick(99)));
        assert!(history.get(Tick(100)).is_none());
    }

    #[test]
    fn old_places_of_a_sparse_ring_do_not_come_back() {
        let mut history = filled([1, 2]);
        let next = |tick| Arc::new(Snapshot::new(Arc::new(Schema::of::<()>()), Tick(tick)));
        assert!(history.push(next(65)).is_some_and(|s| s.tick() == Tick(1)));
        assert!(
            history.get(Tick(2)).is_some(),
            "63 ticks before the newest, and 66 took another place"
        );
        assert!(history.push(next(67)).is_none());
        assert!(
            history.get(Tick(2)).is_none(),
            "the place of tick 66, which never came, was cleared"
        );
        let history = filled([1, 2, 200]);
        assert!(history.get(Tick(1)).is_none());
        assert!(history.at_or_before(Tick(150)).is_none());
        assert_eq!(history.after(Tick(2)).map(|s| s.tick()), Some(Tick(200)));
    }

    #[test]
    fn knows_which_rows_moved_between_two_ticks() {
        let schema = Arc::new(Schema::of::<(Body,)>());
        let mut history = History::new();
        let worlds: [&[(u32, u32)]; 5] = [
            &[(1, 5), (2, 5), (70, 5)],
            &[(1, 5), (2, 6), (70, 5)],
            &[(1, 5), (70, 5), (200, 5)],
            &[(1, 5), (70, 7), (200, 5)],
            &[(1, 5), (70, 7), (200, 5)],
        ];
        for (tick, world) in (10..).zip(worlds) {
            let mut now = Snapshot::new(Arc::clone(&schema), Tick(tick));
            for (id, x) in world {
                now.push(crate::NetId(*id), 1).copy_from_slice(&[*x]);
            }
            history.push(Arc::new(now));
        }
        let moved = |first, last| moved(&history, first, last);
        assert_eq!(moved(10, 11), [2]);
        assert_eq!(moved(11, 12), [200]);
        assert_eq!(moved(10, 14), [2, 70, 200]);
        assert_eq!(moved(13, 14), [0; 0]);
        assert_eq!(
            moved(9, 10),
            [1, 2, 70],
            "before the first there was nothing"
        );
    }

    #[test]
    fn whom_a_snapshot_touched_may_have_stayed() {
        let schema = Arc::new(Schema::of::<(Body,)>());
        let mut history = History::new();
        for (tick, xs) in [(10, [5, 5, 5]), (11, [5, 6, 5])] {
            let mut now = Snapshot::new(Arc::clone(&schema), Tick(tick));
            for (id, x) in (1..).zip(xs) {
                now.push(crate::NetId(id), 1).copy_from_slice(&[x]);
            }
            let mut touched = SlotSet::default();
            // The last is not there at all.
            [2, 3, 400]
                .into_iter()
                .for_each(|slot| touched.insert(slot));
            history.push_touched(Arc::new(now), &touched);
        }
        let moved = |first, last| moved(&history, first, last);
        assert_eq!(
            moved(9, 10),
            [1, 2, 3],
            "before the first there was nothing"
        );
        assert_eq!(moved(10, 11), [2]);
    }

    #[test]
    fn finds_the_neighbours_of_a_tick_across_the_wrap() {
        let wrap = u32::MAX - 2;
        let history = filled([wrap, wrap + 2, 1]);
        assert_eq!(
            history.at_or_before(Tick(u32::MAX)).map(|s| s.tick()),
            Some(Tick(u32::MAX))
        );
        assert_eq!(
            history.at_or_before(Tick(0)).map(|s| s.tick()),
            Some(Tick(u32::MAX))
        );
        assert_eq!(
            history.after(Tick(u32::MAX)).map(|s| s.tick()),
            Some(Tick(1))
        );
        assert!(history.after(Tick(1)).is_none());
        assert_eq!(
            history.at_or_before(Tick(1000)).map(|s| s.tick()),
            Some(Tick(1)),
            "however far ahead one asks"
        );
        assert!(history.at_or_before(Tick(wrap - 1)).is_none());
    }
}
