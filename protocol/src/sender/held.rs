//! What a client has after its last message.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::cadence::{Cadence, Lineage};
use crate::codec::past::DEPTH;
use crate::codec::slots::{SlotSet, Slots};
use crate::limits::{HISTORY_TICKS, MAX_TIERS};
use crate::sight::{SeenRows, Veils};
use crate::tick::Tick;

/// What a client has, without a single word of it: those are in the history of the match.
#[derive(Debug, Default, Clone)]
pub(crate) struct Held {
    pub(crate) lineage: Lineage,
    pub(crate) slots: SlotSet,
    /// Rows of tiers 1 and above.
    pub(crate) tiers: [SlotSet; MAX_TIERS - 1],
    pub(crate) veils: Veils,
    pub(crate) exact: Exact,
    /// Rows that had no place in the budget yet, and since when they are wanted.
    pub(crate) wanted: BTreeMap<usize, Tick>,
    /// What became of rows lately that cannot be seen in the sets, oldest first.
    past: VecDeque<Bygone>,
    /// Rows that the client has got wrong: they are told as if it had lost them.
    pub(crate) broken: SlotSet,
}

/// A row that was lost, or changed its tier.
#[derive(Debug, Clone, Copy)]
struct Bygone {
    /// The snapshot that said so.
    tick: Tick,
    slot: usize,
    lost: Option<Lost>,
}

/// What the client had of a row until it lost it.
#[derive(Debug, Clone, Copy)]
struct Lost {
    /// Bit `i` says that it had it exactly `i` ticks before. `None` as long as the sets still say so.
    exact: Option<u64>,
    hidden: u32,
}

/// More of them are not remembered: a client that loses its way then starts anew.
const MAX_BYGONES: usize = 4096;

impl Held {
    /// The tick whose words the client has of a slot: `None` when history has forgotten it.
    pub(crate) fn version(&self, slot: usize) -> Option<Tick> {
        let mut ticks = self.exact.ticks(self.lineage.last()?);
        ticks
            .find(|(_, rows)| rows.contains(slot))
            .map(|(tick, _)| tick)
    }

    /// The tick whose words the client has of all rows that it sees, when it has those rows and no other, and the same is hidden:
    /// that of the last message. `None` also for who has no row at all: without rows there is no group.
    pub(crate) fn steady_on(&self, seen: &SeenRows, world: &SlotSet) -> Option<Tick> {
        let last = self.lineage.last()?;
        let exact = self.exact.at(last)?;
        let rare = self.broken.is_empty() && self.wanted.is_empty();
        if !rare || self.slots.is_empty() {
            return None;
        }
        let words = self.slots.words().len().max(seen.slots.words().len());
        let mut differ = (0..words).fold(0, |differ, at| {
            let has = self.slots.word(at);
            differ | has ^ seen.slots.word(at) & world.word(at) | has ^ exact.word(at)
        });
        if !(self.veils.is_empty() && seen.veils.is_empty()) {
            let unlike = |at| self.slots.word(at) & !self.veils.alike(&seen.veils, at);
            differ |= (0..words).fold(0, |differ, at| differ | unlike(at));
        }
        (differ == 0).then_some(last)
    }

    /// The snapshot of `now` told of all rows, and of nothing else.
    pub(crate) fn keep_all(&mut self, cadence: &Cadence, now: Tick) {
        self.forget_bygones(now);
        let due = self.lineage.due(cadence, now);
        self.lineage.note(now, due);
        self.exact.start(now).copy(&self.slots);
    }

    /// Whom the client had exactly one, two and three strides before the baseline.
    pub(crate) fn before(&self, base: Tick, stride: u32) -> [&Slots; DEPTH] {
        let mut before: [&Slots; DEPTH] = [&[]; DEPTH];
        for (k, slots) in (1..).zip(&mut before) {
            if let Some(rows) = self.exact.at(base - k * stride) {
                *slots = rows.words();
            }
        }
        before
    }

    /// What is so old that no history has it does not matter any more.
    fn forget_bygones(&mut self, now: Tick) {
        let lasts = |since: Tick| now.since(since) < HISTORY_TICKS.cast_signed();
        while self.past.front().is_some_and(|first| !lasts(first.tick)) {
            self.past.pop_front();
        }
    }

    /// The snapshot of `now` says that rows are lost, that others change their tier, and that others are new.
    pub(crate) fn let_go(&mut self, lost: &SlotSet, moved: &SlotSet, new: &SlotSet, now: Tick) {
        self.forget_bygones(now);
        let bygone = |slot, lost| Bygone {
            tick: now,
            slot,
            lost,
        };
        let veils = &self.veils;
        let hidden = |slot| Lost {
            exact: None,
            hidden: veils.of(slot),
        };
        self.past
            .extend(lost.iter().map(|slot| bygone(slot, Some(hidden(slot)))));
        self.past
            .extend(moved.iter().map(|slot| bygone(slot, None)));
        let surplus = self.past.len().saturating_sub(MAX_BYGONES);
        for bygone in self.past.drain(..surplus) {
            self.exact.forget(bygone.slot, bygone.tick);
        }
        for slot in new.iter() {
            self.forget(slot);
        }
    }

    /// A row is new. What the client had of it before it lost it does not count any more: it may have been another entity, or
    /// have hidden something else.
    fn forget(&mut self, slot: usize) {
        for bygone in &mut self.past {
            let Some(lost) = bygone.lost.as_mut().filter(|lost| lost.exact.is_none()) else {
                continue;
            };
            if bygone.slot == slot {
                lost.exact = Some(self.exact.forget(slot, bygone.tick));
            }
        }
    }

    /// The rows that the client had after the snapshot of `tick`. `None` when nobody knows any more.
    pub(crate) fn view_at(&self, tick: Tick) -> Option<Vec<Had>> {
        self.exact.at(tick)?;
        if self.past.len() == MAX_BYGONES
            || self.slots.iter().any(|slot| self.version(slot).is_none())
        {
            return None;
        }
        let version = |slot: usize| {
            let mut ticks = self.exact.ticks(tick);
            ticks.find(|(_, rows)| rows.contains(slot))
        };
        // Who came later has no version then.
        let kept = self.slots.iter().filter_map(|slot| {
            let (version, _) = version(slot)?;
            let hidden = self.veils.of(slot);
            Some(Had {
                slot,
                version,
                hidden,
            })
        });
        let lost = self.past.iter().filter_map(|bygone| {
            let Lost { exact, hidden } = bygone.lost.filter(|_| bygone.tick.is_after(tick))?;
            let slot = bygone.slot;
            let version = if let Some(exact) = exact {
                let exact = exact.unbounded_shr(bygone.tick.since(tick).unsigned_abs());
                (exact != 0).then(|| tick - exact.trailing_zeros())?
            } else {
                version(slot)?.0
            };
            Some(Had {
                slot,
                version,
                hidden,
            })
        });
        let mut view: Vec<_> = kept.chain(lost).collect();
        view.sort_unstable_by_key(|had| had.slot);
        Some(view)
    }

    /// Goes back to what the client had after the snapshot of `tick`, as [`Self::view_at`] gave it. The rows in `broken` are
    /// told anew, and so are those of which something else than words has changed since.
    pub(crate) fn rewind(&mut self, tick: Tick, view: &[Had], broken: &[usize]) {
        let is_later = |bygone: &Bygone| bygone.tick.is_after(tick);
        let later = self.past.iter().filter(|bygone| is_later(bygone));
        let bygones: Vec<_> = later.map(|bygone| bygone.slot).collect();
        self.past.retain(|bygone| !is_later(bygone));
        self.lineage.rewind(tick);
        self.exact.forget_after(tick);
        self.slots.clear();
        view.iter().for_each(|had| self.slots.insert(had.slot));
        for slot in broken.iter().chain(&bygones) {
            if self.slots.contains(*slot) {
                self.broken.insert(*slot);
            }
        }
    }
}

impl Held {
    /// A hash of which rows the client has.
    pub(crate) fn hint(&self, bytes: &mut Vec<u8>) -> u64 {
        bytes.clear();
        bytes.extend(
            self.slots
                .words()
                .iter()
                .flat_map(|word| word.to_le_bytes()),
        );
        xxh3_64(bytes)
    }

    /// A name for all of it: who has the same name after the snapshot of `now` will be told the same as long as it sees the same.
    pub(crate) fn name(&self, now: Tick, bytes: &mut Vec<u8>) -> u128 {
        bytes.clear();
        let mut put = |set: &SlotSet| {
            let words = set.words();
            let len = words
                .iter()
                .rposition(|word| *word != 0)
                .map_or(0, |at| at + 1);
            bytes.extend(len.to_le_bytes());
            let words = words.iter().take(len);
            bytes.extend(words.flat_map(|word| word.to_le_bytes()));
        };
        put(&self.slots);
        put(&self.broken);
        self.tiers.iter().for_each(&mut put);
        self.veils.iter().for_each(|(_, rows)| put(rows));
        let none = SlotSet::default();
        for ago in 0..HISTORY_TICKS {
            put(self.exact.at(now - ago).unwrap_or(&none));
        }
        bytes.extend(
            self.veils
                .iter()
                .flat_map(|(hidden, _)| hidden.to_le_bytes()),
        );
        let waiting = self.wanted.iter();
        bytes.extend(
            waiting
                .flat_map(|(slot, since)| [slot.to_le_bytes(), (since.0 as usize).to_le_bytes()])
                .flatten(),
        );
        let bygones = self.past.iter().map(|bygone| {
            let exact = bygone.lost.map(|lost| lost.exact.unwrap_or(0));
            let hidden = bygone.lost.map_or(u64::MAX, |lost| lost.hidden.into());
            [
                u64::from(bygone.tick.0),
                bygone.slot as u64,
                exact.unwrap_or(0),
                hidden,
            ]
        });
        bytes.extend(bygones.flatten().flat_map(u64::to_le_bytes));
        bytes.extend(
            self.lineage
                .written()
                .iter()
                .flat_map(|written| written.to_le_bytes()),
        );
        xxh3_128(bytes)
    }
}

/// A row that a client had at some time: since when its words are, and what was hidden of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Had {
    pub(crate) slot: usize,
    pub(crate) version: Tick,
    pub(crate) hidden: u32,
}

/// For each of the last ticks that were written, whom the client had exactly as it was then.
#[derive(Debug, Default, Clone)]
pub(crate) struct Exact {
    ring: Vec<(Option<Tick>, Arc<SlotSet>)>,
}

impl Exact {
    fn place(tick: Tick) -> usize {
        (tick.0 % HISTORY_TICKS) as usize
    }

    /// The rows of one tick.
    pub(crate) fn at(&self, tick: Tick) -> Option<&SlotSet> {
        let (of, rows) = self.ring.get(Self::place(tick))?;
        (*of == Some(tick)).then_some(rows)
    }

    /// All ticks from `last` back, as long as history remembers them.
    pub(crate) fn ticks(&self, last: Tick) -> impl Iterator<Item = (Tick, &SlotSet)> {
        (0..HISTORY_TICKS)
            .map(move |back| last - back)
            .filter_map(|tick| Some((tick, self.at(tick)?)))
    }

    /// A place for the rows of a new tick.
    #[expect(clippy::indexing_slicing, reason = "it has grown to that")]
    pub(crate) fn start(&mut self, tick: Tick) -> &mut SlotSet {
        let place = Self::place(tick);
        if place >= self.ring.len() {
            self.ring.resize_with(place + 1, Default::default);
        }
        let (of, rows) = &mut self.ring[place];
        *of = Some(tick);
        match Arc::get_mut(rows) {
            Some(rows) => rows.clear(),
            None => *rows = Arc::default(),
        }
        Arc::make_mut(rows)
    }

    /// Takes a slot out of all sets; bit `i` of what this gives says that it was in that of `i` ticks before `now`.
    fn forget(&mut self, slot: usize, now: Tick) -> u64 {
        let mut exact = 0;
        for (of, rows) in &mut self.ring {
            if rows.contains(slot) {
                Arc::make_mut(rows).remove(slot);
                let ago = of.map_or(HISTORY_TICKS, |of| now.since(of).unsigned_abs());
                exact |= 1_u64.unbounded_shl(ago);
            }
        }
        exact
    }

    fn forget_after(&mut self, tick: Tick) {
        for (of, _) in &mut self.ring {
            of.take_if(|of| of.is_after(tick));
        }
    }
}
