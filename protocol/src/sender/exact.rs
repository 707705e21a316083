//! Whom a client had exactly as they were at each of the last messages.
//!
//! That is a set of rows for each message of the last 64 ticks. Most clients have all their rows exactly in every message, and few
//! rows come into view or leave it; so only the steps from one set to the next are kept, and older sets are worked out from
//! the newest. A ring of whole sets would be a hundred times as large, and hardly any of it in a cache when it is needed.

use super::held::{Had, Held, HeldRows};
use crate::cadence::Lineage;
use crate::codec::past::DEPTH;
use crate::codec::slots::SlotSet;
use crate::limits::HISTORY_TICKS;
use crate::tick::Tick;

/// How 64 slots of the set of a message differ from those of the message before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    tick: Tick,
    at: u32,
    differ: u64,
}

impl Step {
    /// The same bytes for who has the same, at `now`.
    pub(crate) fn bytes(&self, now: Tick) -> impl Iterator<Item = u8> {
        let ago = u64::from(now.since(self.tick).unsigned_abs());
        let numbers = [ago << 32 | u64::from(self.at), self.differ];
        numbers.into_iter().flat_map(u64::to_le_bytes)
    }

    pub(crate) fn lasts(&self, now: Tick) -> bool {
        ago(now, self.tick) + 1 < HISTORY_TICKS
    }

    fn undo(&self, rows: &mut SlotSet) {
        *rows.word_mut(self.at as usize) ^= self.differ;
    }
}

impl Held {
    /// Whether there was a message of this tick, at most 63 ticks before the last.
    pub(crate) fn is_written(&self, tick: Tick) -> bool {
        let last = self.lineage.last().filter(|last| !tick.is_after(*last));
        last.is_some_and(|last| written(&self.lineage).unbounded_shr(ago(last, tick)) & 1 == 1)
    }

    /// The tick whose words the client has of a slot: `None` when history has forgotten it.
    pub(crate) fn version(&self, slot: usize) -> Option<Tick> {
        self.version_at(slot, self.lineage.last()?)
    }

    /// The same after the message of `tick`.
    pub(crate) fn version_at(&self, slot: usize, tick: Tick) -> Option<Tick> {
        let exact = self.exactly(&self.lineage, slot);
        let exact = exact.unbounded_shr(ago(self.lineage.last()?, tick));
        (exact != 0).then(|| tick - exact.trailing_zeros())
    }

    /// Whom the client had exactly one, two and three strides before the baseline: nobody where there was no message.
    pub(crate) fn before(&self, base: Tick, stride: u32, before: &mut [SlotSet; DEPTH]) {
        let mut steps = self.steps.iter().rev().peekable();
        let mut tick = base;
        for k in 0..DEPTH {
            tick = tick - stride;
            let (later, rows) = before.split_at_mut(k);
            let Some(rows) = rows.first_mut() else {
                return;
            };
            match later.last() {
                Some(later) => rows.copy(later),
                None => self.copy_newest(rows),
            }
            while let Some(step) = steps.next_if(|step| step.tick.is_after(tick)) {
                step.undo(rows);
            }
        }
        for (k, rows) in (1..).zip(before) {
            if !self.is_written(base - k * stride) {
                rows.clear();
            }
        }
    }

    /// Calls `each` with the messages' ticks, the last first, and whom the client had exactly; until that says `false`. `rows` is
    /// memory.
    pub(crate) fn look_back(
        &self,
        rows: &mut SlotSet,
        mut each: impl FnMut(Tick, &SlotSet) -> bool,
    ) {
        let Some(last) = self.lineage.last() else {
            return;
        };
        self.copy_newest(rows);
        let mut steps = self.steps.iter().rev().peekable();
        for tick in (0..HISTORY_TICKS).map(|back| last - back) {
            if !self.is_written(tick) {
                continue;
            }
            while let Some(step) = steps.next_if(|step| step.tick.is_after(tick)) {
                step.undo(rows);
            }
            if !each(tick, rows) {
                return;
            }
        }
    }
}

impl HeldRows {
    /// Bit `i`: the client had the slot exactly `i` ticks before the last message, when there was one.
    fn exactly(&self, lineage: &Lineage, slot: usize) -> u64 {
        let Some(last) = lineage.last() else {
            return 0;
        };
        let has = self.slots.contains(slot) && !self.behind.contains(slot);
        let mut exact = if has { u64::MAX } else { 0 };
        for step in self.steps.iter().rev().filter(|step| step.is_of(slot)) {
            // It was otherwise before that message.
            exact ^= u64::MAX.unbounded_shl(ago(last, step.tick) + 1);
        }
        exact & written(lineage)
    }

    fn copy_newest(&self, rows: &mut SlotSet) {
        rows.copy(&self.slots);
        for (at, behind) in self.behind.words().iter().enumerate() {
            *rows.word_mut(at) &= !behind;
        }
    }

    /// The message of `now` tells of all rows that the client has then, as those before did; `differ` are the 64 slots, by their
    /// place, of which some are lost or new.
    pub(super) fn note_turnover(&mut self, now: Tick, differ: impl Iterator<Item = (usize, u64)>) {
        self.forget_steps(now);
        for (at, differ) in differ {
            *self.slots.word_mut(at) ^= differ;
            let (tick, at) = (now, u32::try_from(at).unwrap_or(u32::MAX));
            self.steps.push_back(Step { tick, at, differ });
        }
    }

    /// The message of `now` tells of some of the rows that the client has then; `words` are, by 64 slots, those it has and those it is
    /// told of.
    pub(crate) fn note_told(&mut self, now: Tick, words: impl Iterator<Item = (u64, u64)>) {
        self.forget_steps(now);
        for (at, (has, told)) in words.enumerate() {
            let (had, behind) = (self.slots.word(at), self.behind.word(at));
            let differ = had & !behind ^ told;
            if differ != 0 {
                let (tick, at) = (now, u32::try_from(at).unwrap_or(u32::MAX));
                self.steps.push_back(Step { tick, at, differ });
            }
            // Most stay as they are, and need not be written back to memory.
            if has != had {
                *self.slots.word_mut(at) = has;
            }
            if has & !told != behind {
                *self.behind.word_mut(at) = has & !told;
            }
        }
    }

    /// Steps from sets that nobody will ask for any more.
    pub(crate) fn forget_steps(&mut self, now: Tick) {
        while self.steps.pop_front_if(|step| !step.lasts(now)).is_some() {}
    }

    /// Takes a slot out of all sets; bit `i` of what this gives says that it was in that of `i` ticks before `now`.
    pub(crate) fn forget_exact(&mut self, lineage: &Lineage, slot: usize, now: Tick) -> u64 {
        let Some(last) = lineage.last() else {
            return 0;
        };
        let exact = self.exactly(lineage, slot);
        if self.slots.contains(slot) {
            self.behind.insert(slot);
        }
        for step in self.steps.iter_mut().filter(|step| step.is_of(slot)) {
            step.differ &= !(1 << (slot % 64));
        }
        self.steps.retain(|step| step.differ != 0);
        if now.is_after(last) {
            exact.unbounded_shl(ago(now, last))
        } else {
            exact.unbounded_shr(ago(last, now))
        }
    }

    /// Goes back to the sets as they were after the message of `tick`, when the client had the rows in `view`.
    pub(super) fn rewind_exact(&mut self, tick: Tick, view: &[Had]) {
        let mut rows = SlotSet::default();
        self.copy_newest(&mut rows);
        while let Some(step) = self.steps.pop_back_if(|step| step.tick.is_after(tick)) {
            step.undo(&mut rows);
        }
        self.slots.clear();
        self.behind.clear();
        for had in view {
            self.slots.insert(had.slot);
            if !rows.contains(had.slot) {
                self.behind.insert(had.slot);
            }
        }
    }
}

impl Step {
    fn is_of(&self, slot: usize) -> bool {
        self.at as usize == slot / 64 && self.differ >> (slot % 64) & 1 == 1
    }
}

/// Bit `i`: there was a message `i` ticks before the last. Tier 0 is told of in each.
fn written(lineage: &Lineage) -> u64 {
    let [each, ..] = lineage.written();
    each
}

/// Ticks between the two; `later` is not before `earlier`.
fn ago(later: Tick, earlier: Tick) -> u32 {
    later.since(earlier).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::limits::MAX_TIERS;

    const SLOTS: u32 = 200;

    /// What it should be: a whole set for each message.
    #[derive(Default)]
    struct Model {
        sets: BTreeMap<u32, BTreeSet<usize>>,
        has: BTreeSet<usize>,
    }

    impl Model {
        fn at(&self, tick: Tick) -> Vec<usize> {
            let set = self.sets.get(&tick.0).into_iter();
            set.flatten().copied().collect()
        }

        fn check(&self, held: &Held, rng: &mut fastrand::Rng) {
            let last = held.lineage.last().unwrap();
            let mut back = Vec::new();
            held.look_back(&mut SlotSet::default(), |tick, rows| {
                assert_eq!(rows.iter().collect::<Vec<_>>(), self.at(tick));
                back.push(tick.0);
                true
            });
            let known = |tick: &&u32| last.0 - **tick < HISTORY_TICKS;
            let known: Vec<_> = self.sets.keys().rev().filter(known).copied().collect();
            assert_eq!(back, known);
            let stride = rng.u32(1..20);
            let mut before = Default::default();
            held.before(last, stride, &mut before);
            for (k, rows) in (1..).zip(&before) {
                assert_eq!(rows.iter().collect::<Vec<_>>(), self.at(last - k * stride));
            }
            let slot = rng.u32(0..SLOTS) as usize;
            let mut ticks = known.iter();
            let version = ticks.find(|tick| self.sets[*tick].contains(&slot));
            assert_eq!(held.version(slot).map(|tick| tick.0), version.copied());
        }
    }

    fn word(set: &BTreeSet<usize>, at: usize) -> u64 {
        let bits = set.range(at * 64..(at + 1) * 64);
        bits.fold(0, |word, slot| word | 1 << (slot % 64))
    }

    #[test]
    fn older_sets_follow_from_the_newest_and_the_steps() {
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut rng = fastrand::Rng::with_seed(seed);
        let (mut held, mut model, mut now) = (Held::default(), Model::default(), Tick(100));
        for _ in 0..2000 {
            now += if rng.u8(0..30) == 0 {
                rng.u32(1..100)
            } else {
                rng.u32(1..4)
            };
            for _ in 0..rng.u8(0..4) {
                let slot = rng.u32(0..SLOTS) as usize;
                if !model.has.remove(&slot) {
                    model.has.insert(slot);
                }
            }
            let all = rng.bool();
            let told = model
                .has
                .iter()
                .copied()
                .filter(|_| all || rng.u8(0..3) > 0);
            let told: BTreeSet<_> = told.collect();
            let words = 0..SLOTS.div_ceil(64) as usize;
            held.parts_mut()
                .1
                .note_told(now, words.map(|at| (word(&model.has, at), word(&told, at))));
            held.lineage.note(now, [true; MAX_TIERS]);
            model.sets.insert(now.0, told);
            model.check(&held, &mut rng);
            if rng.u8(0..10) == 0 {
                let (slot, then) = (rng.u32(0..SLOTS) as usize, now - rng.u32(0..5));
                let (lineage, rows) = held.parts_mut();
                let exact = rows.forget_exact(lineage, slot, then);
                for ago in (0..40).filter(|ago| held.is_written(then - *ago)) {
                    let was_in = model.at(then - ago).contains(&slot);
                    assert_eq!(exact >> ago & 1 == 1, was_in, "{ago} ticks before");
                }
                model.sets.values_mut().for_each(|set| {
                    set.remove(&slot);
                });
                model.check(&held, &mut rng);
            }
            if rng.u8(0..20) == 0 {
                let ticks = model.sets.keys().rev().take(9).copied();
                let then = Tick(rng.choice(ticks).unwrap());
                let had: Vec<_> = model.at(then);
                let had = had.into_iter().map(|slot| Had {
                    slot,
                    version: then,
                    hidden: 0,
                });
                if held.is_written(then) {
                    held.parts_mut()
                        .1
                        .rewind_exact(then, &had.collect::<Vec<_>>());
                    held.lineage.rewind(then);
                    let known = now.0 - (HISTORY_TICKS - 1)..=then.0;
                    model.sets.retain(|tick, _| known.contains(tick));
                    model.has = model.sets[&then.0].clone();
                    now = then;
                    model.check(&held, &mut rng);
                }
            }
        }
    }

    #[test]
    fn who_has_everything_exactly_takes_no_steps() {
        let mut held = Held::default();
        for tick in (0..200).step_by(2).map(Tick) {
            held.parts_mut()
                .1
                .note_told(tick, [(0b111, 0b111)].into_iter());
            held.lineage.note(tick, [true; MAX_TIERS]);
        }
        assert!(held.steps.is_empty(), "the first is long forgotten");
        assert_eq!(held.version(2), Some(Tick(198)));
        assert!(held.behind.is_empty());
    }
}
