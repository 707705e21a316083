//! The next snapshot, made out of the last: nobody looks at rows that were not written to.

use std::sync::Arc;

use crate::codec::motion::differ;
use crate::codec::slots::SlotSet;
use crate::snapshot::{NetId, Snapshot};
use crate::tick::Tick;

/// A snapshot of the same rows as the last of a [`History`](crate::History); [`Self::write`] those that have changed, then
/// [`History::push_renewed`](crate::History::push_renewed).
///
/// It lies in the memory of the snapshot that history is about to forget. Of that one, rows are brought up to date that have moved
/// since, as history knows, and no others; and it notes which of the written rows are not as they were. So a tick costs what
/// moves in 64 ticks, not what there is.
#[derive(Debug)]
pub struct Renewal {
    last: Arc<Snapshot>,
    next: Snapshot,
    /// The slots of rows that may still be as they were long ago. They are brought up to date in the end: by then most have been
    /// written, and need no copy.
    stale: SlotSet,
    /// The slots of the rows that are not as in the last snapshot.
    moved: SlotSet,
}

impl Renewal {
    /// `old` is a snapshot of which only the rows in `stale` have changed until `last`, unless somebody has come or gone; `moved` is
    /// an empty set in memory that has been used.
    pub(crate) fn new(
        last: Arc<Snapshot>,
        old: Option<Snapshot>,
        mut stale: SlotSet,
        (tick, moved): (Tick, SlotSet),
    ) -> Self {
        let mut next = old.unwrap_or_else(|| Snapshot::with_room_like(&last, tick));
        next.bring_up_to(&last, &mut stale, tick);
        Self {
            last,
            next,
            stale,
            moved,
        }
    }

    /// The tick of the snapshot.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.next.tick()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.next.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.next.is_empty()
    }

    /// Where the row of `id` is, if it is there: 0 to [`Self::len`] − 1.
    #[must_use]
    pub fn find(&self, id: NetId) -> Option<usize> {
        self.next.find(id)
    }

    /// The components that the row at this index has.
    #[must_use]
    pub fn mask(&self, index: usize) -> Option<u32> {
        Some(self.last.at(index)?.mask)
    }

    /// Puts these components into the row at this index. `fill` gets its words, to write those of all these components; the others
    /// are 0. An index beyond the rows is ignored.
    #[inline]
    pub fn write(&mut self, index: usize, mask: u32, fill: impl FnOnce(&mut [u32])) {
        let (Some(was), Some((place, words))) = (self.last.at(index), self.next.at_mut(index))
        else {
            return;
        };
        if *place != mask {
            *place = mask;
            words.fill(0);
        }
        fill(words);
        let slot = was.id.0 as usize;
        self.stale.remove(slot);
        if *place != was.mask || differ(words, was.words) {
            self.moved.insert(slot);
        } else {
            self.moved.remove(slot);
        }
    }

    /// The memory, for a snapshot that has to be made anew.
    #[must_use]
    pub fn give_up(self) -> Snapshot {
        self.next
    }

    pub(crate) fn into_parts(mut self) -> (Arc<Snapshot>, Snapshot, SlotSet) {
        self.next.copy_rows(&self.last, &self.stale);
        (self.last, self.next, self.moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{History, Schema};

    #[derive(crate::Wire, Clone, Copy, Debug, PartialEq)]
    struct Body {
        x: u8,
        y: u8,
    }

    #[derive(crate::Wire, Clone, Copy, Debug, PartialEq)]
    struct Load {
        tons: u16,
    }

    /// A world, and the snapshot that is made of it from the first row to the last.
    struct World {
        schema: Arc<Schema>,
        rows: Vec<(u32, u32, [u32; 3])>,
        next: u32,
    }

    impl World {
        fn snapshot(&self, tick: Tick) -> Snapshot {
            let mut all = Snapshot::new(Arc::clone(&self.schema), tick);
            for (id, mask, words) in &self.rows {
                all.push(NetId(*id), *mask).copy_from_slice(words);
            }
            all
        }

        /// Changes some rows; which of them, and some that stay as they are.
        fn live(&mut self, rng: &mut fastrand::Rng) -> Vec<usize> {
            let mut written = Vec::new();
            for (at, (_, mask, words)) in self.rows.iter_mut().enumerate() {
                if rng.u8(0..4) > 0 {
                    continue;
                }
                written.push(at);
                match rng.u8(0..4) {
                    0 => {}
                    1 => *mask = rng.u32(0..4),
                    2 => words[0] = rng.u32(0..3),
                    _ => words[2] = rng.u32(0..3),
                }
                if *mask & 1 == 0 {
                    words[..2].fill(0);
                }
                if *mask & 2 == 0 {
                    words[2] = 0;
                }
            }
            written
        }

        fn come_and_go(&mut self, rng: &mut fastrand::Rng) {
            self.next += rng.u32(1..4);
            self.rows.push((self.next, 3, [1, 2, 3]));
            if rng.bool() && self.rows.len() > 1 {
                let at = rng.u32(0..u32::try_from(self.rows.len()).unwrap());
                self.rows.remove(at as usize);
            }
        }
    }

    fn moved(history: &History, first: Tick, last: Tick) -> Vec<usize> {
        let mut all = SlotSet::default();
        history.moved(first, last, &mut all);
        all.iter().collect()
    }

    #[test]
    fn what_is_renewed_is_as_what_is_made_anew() {
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut world = World {
            schema: Arc::new(Schema::of::<(Body, Load)>()),
            rows: Vec::new(),
            next: 0,
        };
        for _ in 0..20 {
            world.come_and_go(&mut rng);
        }
        let (mut renewing, mut anew) = (History::new(), History::new());
        let (mut tick, mut held, mut renewed) = (Tick(u32::MAX - 300), Vec::new(), 0);
        for _ in 0..1000 {
            let leap = rng.u8(0..40) == 0;
            tick += if leap { rng.u32(1..80) } else { 1 };
            let comes = rng.u8(0..100) == 0;
            let written = world.live(&mut rng);
            let renewal = renewing.renew(tick);
            let renewal = renewal.filter(|_| !comes && rng.u8(0..20) > 0);
            if let Some(mut renewal) = renewal {
                renewed += 1;
                for at in written {
                    let (id, mask, words) = world.rows[at];
                    assert_eq!(renewal.find(NetId(id)), Some(at));
                    // Written twice counts once.
                    renewal.write(at, rng.u32(0..4), |words| words.fill(0));
                    renewal.write(at, mask, |row| row.copy_from_slice(&words));
                }
                renewing.push_renewed(renewal);
            } else {
                if comes {
                    world.come_and_go(&mut rng);
                }
                renewing.push(Arc::new(world.snapshot(tick)));
            }
            anew.push(Arc::new(world.snapshot(tick)));
            assert_eq!(renewing.latest(), anew.latest());
            let first = tick - rng.u32(0..70);
            assert_eq!(moved(&renewing, first, tick), moved(&anew, first, tick));
            // Somebody keeps some of them: their memory is not to be had.
            if rng.u8(0..10) == 0 {
                held.extend(anew.latest().cloned().zip(renewing.latest().cloned()));
            }
        }
        assert!(renewed > 500, "{renewed} of 1000");
        assert!(held.iter().all(|(anew, renewed)| anew == renewed));
    }

    #[test]
    fn an_old_snapshot_of_other_rows_is_only_memory() {
        let mut rng = fastrand::Rng::with_seed(3);
        let mut world = World {
            schema: Arc::new(Schema::of::<(Body, Load)>()),
            rows: vec![(3, 3, [1, 2, 3])],
            next: 5,
        };
        let mut history = History::new();
        for tick in 0..200 {
            if tick == 70 {
                world.come_and_go(&mut rng);
                history.push(Arc::new(world.snapshot(Tick(tick))));
            } else if let Some(renewal) = history.renew(Tick(tick)) {
                history.push_renewed(renewal);
            } else {
                assert_eq!(tick, 0, "there is a last one");
                history.push(Arc::new(world.snapshot(Tick(tick))));
            }
            assert_eq!(**history.latest().unwrap(), world.snapshot(Tick(tick)));
        }
    }
}
