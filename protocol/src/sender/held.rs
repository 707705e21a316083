//! What a client has after its last message.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Deref;
use std::sync::Arc;

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::exact::Step;
use crate::cadence::{Cadence, Lineage};
use crate::codec::slots::SlotSet;
use crate::limits::{HISTORY_TICKS, MAX_TIERS};
use crate::sight::Veils;
use crate::tick::Tick;

/// What a client has, without a single word of it: those are in the history of the match.
#[derive(Debug, Default, Clone)]
pub(crate) struct Held {
    pub(crate) lineage: Lineage,
    /// Shared by all clients that have the same. The lineage is apart because each message adds to it, and most change nothing
    /// else: so nothing is copied, and a client in a crowd goes on without a change to the count of who shares.
    rows: Arc<HeldRows>,
}

/// Which rows a client has, and as they were when.
#[derive(Debug, Default, Clone)]
pub(crate) struct HeldRows {
    pub(crate) slots: SlotSet,
    /// Rows of tiers 1 and above.
    pub(crate) tiers: [SlotSet; MAX_TIERS - 1],
    pub(crate) veils: Veils,
    /// Rows that it does not have as they were at the last message.
    pub(super) behind: SlotSet,
    /// From each message to the next, whom the client came to have exactly or ceased to: see [`super::exact`].
    pub(super) steps: VecDeque<Step>,
    /// Rows that had no place in the budget yet, and since when they are wanted.
    pub(crate) wanted: BTreeMap<usize, Tick>,
    /// What became of rows lately that cannot be seen in the sets, oldest first.
    past: VecDeque<Bygone>,
    /// Those of them that were lost and have not come back: hardly anybody who is new is one, and this says so without a look at all.
    gone: SlotSet,
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

impl Deref for Held {
    type Target = HeldRows;

    fn deref(&self) -> &HeldRows {
        &self.rows
    }
}

impl Held {
    /// Whether another client shares the rows.
    pub(crate) fn is_shared(&self) -> bool {
        Arc::strong_count(&self.rows) > 1
    }

    /// Whether both have the same, and share it.
    #[inline]
    pub(crate) fn is_twin_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rows, &other.rows) && self.lineage == other.lineage
    }

    /// Becomes the same as another.
    #[inline]
    pub(crate) fn follow(&mut self, other: &Self) {
        self.lineage = other.lineage;
        if !Arc::ptr_eq(&self.rows, &other.rows) {
            self.rows = Arc::clone(&other.rows);
        }
    }

    /// To be changed, the rows apart from those who have shared them until now.
    pub(crate) fn parts_mut(&mut self) -> (&mut Lineage, &mut HeldRows) {
        (&mut self.lineage, Arc::make_mut(&mut self.rows))
    }

    /// The snapshot of `now` told of all rows, and of nothing else; so did the one before.
    pub(crate) fn keep_all(&mut self, cadence: &Cadence, now: Tick) {
        if self.rows.is_any_forgotten(now) {
            let rows = Arc::make_mut(&mut self.rows);
            rows.forget_bygones(now);
            rows.forget_steps(now);
        }
        let due = self.lineage.due(cadence, now);
        self.lineage.note(now, due);
    }

    /// The rows that the client had after the snapshot of `tick`. `None` when nobody knows any more.
    pub(crate) fn view_at(&self, tick: Tick) -> Option<Vec<Had>> {
        if !self.is_written(tick) {
            return None;
        }
        if self.past.len() == MAX_BYGONES
            || self.slots.iter().any(|slot| self.version(slot).is_none())
        {
            return None;
        }
        let version = |slot: usize| self.version_at(slot, tick);
        // Who came later has no version then.
        let kept = self.slots.iter().filter_map(|slot| {
            let version = version(slot)?;
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
                version(slot)?
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
        let (lineage, rows) = self.parts_mut();
        let is_later = |bygone: &Bygone| bygone.tick.is_after(tick);
        let later = rows.past.iter().filter(|bygone| is_later(bygone));
        let bygones: Vec<_> = later.map(|bygone| bygone.slot).collect();
        rows.past.retain(|bygone| !is_later(bygone));
        rows.gone.clear();
        let open = rows.past.iter().filter(|bygone| bygone.is_open());
        open.for_each(|bygone| rows.gone.insert(bygone.slot));
        rows.rewind_exact(tick, view);
        lineage.rewind(tick);
        for slot in broken.iter().chain(&bygones) {
            if rows.slots.contains(*slot) {
                rows.broken.insert(*slot);
            }
        }
    }
}

impl HeldRows {
    /// Whether there is something so old that no history has it.
    fn is_any_forgotten(&self, now: Tick) -> bool {
        let bygone = self.past.front().is_some_and(|first| !first.lasts(now));
        bygone || self.steps.front().is_some_and(|first| !first.lasts(now))
    }

    /// What is so old that no history has it does not matter any more.
    fn forget_bygones(&mut self, now: Tick) {
        while let Some(old) = self.past.pop_front_if(|first| !first.lasts(now)) {
            self.close(old);
        }
    }

    /// A bygone is forgotten.
    fn close(&mut self, bygone: Bygone) {
        if bygone.is_open() {
            self.gone.remove(bygone.slot);
        }
    }

    /// Whether the client has all its rows as they were at the last message, none of them wrong, and none is still to come.
    pub(crate) fn is_exact(&self) -> bool {
        self.wanted.is_empty() && self.broken.is_empty() && self.behind.is_empty()
    }

    /// The snapshot of `now` says that rows are lost, that others change their tier, and that others are new.
    pub(crate) fn let_go(
        &mut self,
        lineage: &Lineage,
        (lost, moved, new): (
            impl Iterator<Item = usize> + Clone,
            impl Iterator<Item = usize>,
            impl Iterator<Item = usize>,
        ),
        now: Tick,
    ) {
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
        let bygones = lost.clone().map(|slot| bygone(slot, Some(hidden(slot))));
        self.past.extend(bygones);
        self.past.extend(moved.map(|slot| bygone(slot, None)));
        lost.for_each(|slot| self.gone.insert(slot));
        while self.past.len() > MAX_BYGONES {
            if let Some(bygone) = self.past.pop_front() {
                self.close(bygone);
                self.forget_exact(lineage, bygone.slot, bygone.tick);
            }
        }
        for slot in new {
            self.forget(lineage, slot);
        }
    }

    /// A row is new. What the client had of it before it lost it does not count any more: it may have been another entity, or
    /// have hidden something else.
    fn forget(&mut self, lineage: &Lineage, slot: usize) {
        if !self.gone.contains(slot) {
            return;
        }
        self.gone.remove(slot);
        let is_it = |bygone: &Bygone| bygone.slot == slot && bygone.is_open();
        let Some(at) = self.past.iter().position(is_it) else {
            return;
        };
        let tick = self.past.get(at).map(|bygone| bygone.tick);
        let exact = tick.map(|tick| self.forget_exact(lineage, slot, tick));
        if let Some(Bygone { lost, .. }) = self.past.get_mut(at)
            && let Some(lost) = lost
        {
            lost.exact = exact;
        }
    }
}

impl Bygone {
    fn lasts(&self, now: Tick) -> bool {
        now.since(self.tick) < HISTORY_TICKS.cast_signed()
    }

    /// It was lost, and what the client had of it the sets still say.
    fn is_open(&self) -> bool {
        self.lost.is_some_and(|lost| lost.exact.is_none())
    }
}

impl Held {
    /// A hash of which rows the client has.
    pub(crate) fn hint(&self, bytes: &mut Vec<u8>) -> u64 {
        bytes.clear();
        put(&self.slots, bytes);
        xxh3_64(bytes)
    }

    /// A name for all of it: who has the same name after the snapshot of `now` will be told the same as long as it sees the same.
    pub(crate) fn name(&self, now: Tick, bytes: &mut Vec<u8>) -> u128 {
        bytes.clear();
        put(&self.slots, bytes);
        put(&self.broken, bytes);
        put(&self.behind, bytes);
        self.tiers.iter().for_each(|rows| put(rows, bytes));
        self.veils.iter().for_each(|(_, rows)| put(rows, bytes));
        bytes.extend(self.steps.len().to_le_bytes());
        bytes.extend(self.steps.iter().flat_map(|step| step.bytes(now)));
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

/// The words of a set, for a hash: sets of the same rows have the same.
fn put(set: &SlotSet, bytes: &mut Vec<u8>) {
    let words = set.words();
    let len = words.iter().rposition(|word| *word != 0);
    let len = len.map_or(0, |at| at + 1);
    bytes.extend(len.to_le_bytes());
    let words = words.iter().take(len);
    bytes.extend(words.flat_map(|word| word.to_le_bytes()));
}

/// A row that a client had at some time: since when its words are, and what was hidden of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Had {
    pub(crate) slot: usize,
    pub(crate) version: Tick,
    pub(crate) hidden: u32,
}
