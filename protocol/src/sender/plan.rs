//! What a client's next message is about, as sets of slots.

use super::budget::note_wanted;
use super::held::Held;
use crate::cadence::{Cadence, Stride};
use crate::codec::places::bits;
use crate::codec::slots::SlotSet;
use crate::limits::{HISTORY_TICKS, MAX_TIERS};
use crate::sight::SeenRows;
use crate::tick::Tick;

/// Rows that have the same baseline.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) base: Tick,
    pub(crate) stride: Stride,
    pub(crate) rows: SlotSet,
}

/// The sets. All memory is used again for the next client.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Rows that the client has and does not see any more, or not in the same way.
    pub(crate) lost: SlotSet,
    /// Rows that it goes on seeing, and those of them that change their tier.
    pub(crate) kept: SlotSet,
    pub(crate) moved: SlotSet,
    /// Rows that it does not have.
    pub(crate) new: SlotSet,
    /// Kept rows whose tier's turn it is, and those of them that find no place in the budget.
    pub(crate) due: SlotSet,
    pub(crate) back: SlotSet,
    /// Due rows that are told of, by baseline; those that history has forgotten; how many batches count.
    batches: Vec<Batch>,
    used: usize,
    pub(crate) expired: SlotSet,
    /// Those of the forgotten that find no place either.
    pub(crate) starved: SlotSet,
    /// Whom the client had exactly at one of the last messages.
    exact: SlotSet,
    /// Whose tiers are due.
    pub(crate) turns: [bool; MAX_TIERS],
}

impl Plan {
    /// Compares what the client has with what it sees.
    pub(crate) fn compare(&mut self, held: &Held, seen: &SeenRows, world: &SlotSet) {
        let len = held.slots.words().len().max(seen.slots.words().len());
        let all_open = held.veils.is_empty() && seen.veils.is_empty();
        let any_broken = !held.broken.is_empty();
        self.lost.clear();
        self.new.clear();
        self.kept.clear();
        // One pass, and no look at what is rarely there: this is done for each client.
        for at in 0..len {
            let (has, sees) = (held.slots.word(at), seen.slots.word(at) & world.word(at));
            let mut kept = has & sees;
            if !all_open {
                kept &= held.veils.alike(&seen.veils, at);
            }
            if any_broken {
                kept &= !held.broken.word(at);
            }
            self.lost.push_word(has & !kept);
            self.new.push_word(sees & !kept);
            self.kept.push_word(kept);
        }
        self.back.clear();
        self.starved.clear();
    }

    /// Finds out whose turn it is.
    pub(crate) fn turn(&mut self, held: &Held, seen: &SeenRows, cadence: &Cadence, now: Tick) {
        self.turns = held.lineage.due(cadence, now);
        self.moved.clear();
        if cadence.tiers() == 1 {
            self.due.copy(&self.kept);
            return;
        }
        let tiers = cadence.tiers() - 1;
        let [full, turns @ ..] = self.turns;
        let kept = self.kept.words().iter().enumerate();
        self.moved.fill(kept.clone().map(|(at, kept)| {
            let mut pairs = held.tiers.iter().zip(&seen.tiers).take(tiers);
            kept & pairs
                .by_ref()
                .fold(0, |moved, (was, is)| moved | was.word(at) ^ is.word(at))
        }));
        self.due.fill(kept.map(|(at, kept)| {
            let mut due = if full { *kept } else { 0 };
            for (rows, turn) in seen.tiers.iter().zip(turns).take(tiers) {
                due &= if turn { u64::MAX } else { !rows.word(at) };
            }
            due
        }));
    }

    /// Splits the due rows by tier and baseline.
    pub(crate) fn split(&mut self, held: &Held, seen: &SeenRows, cadence: &Cadence, now: Tick) {
        self.used = 0;
        let due = self.due.words().iter().enumerate();
        self.expired
            .fill(due.map(|(at, due)| due & !self.back.word(at)));
        let mut rows = std::mem::take(&mut self.exact);
        for tier in 0..cadence.tiers() {
            held.look_back(&mut rows, |base, exact| {
                if now.since(base).unsigned_abs() >= HISTORY_TICKS {
                    return false;
                }
                if self.take(tier, seen, cadence, exact) {
                    let stride = held.lineage.stride(now, base, tier);
                    if let Some(batch) = self.batches.get_mut(self.used) {
                        (batch.base, batch.stride) = (base, stride);
                    }
                    self.used += 1;
                }
                !self.expired.is_empty()
            });
            if self.expired.is_empty() {
                break;
            }
        }
        self.exact = rows;
    }

    /// Takes those of the rows that are left which are of this tier and exact into the next batch; whether there are any.
    fn take(&mut self, tier: usize, seen: &SeenRows, cadence: &Cadence, exact: &SlotSet) -> bool {
        if self.batches.len() <= self.used {
            self.batches.push(Batch::default());
        }
        let Some(batch) = self.batches.get_mut(self.used) else {
            return false;
        };
        let above = || seen.tiers.iter().take(cadence.tiers() - 1);
        let of_tier = |at: usize| match tier.checked_sub(1) {
            Some(tier) => seen.tiers.get(tier).map_or(0, |rows| rows.word(at)),
            None => !above().fold(0, |any, rows| any | rows.word(at)),
        };
        let left = self.expired.words().iter().enumerate();
        let mut any = 0;
        batch.rows.fill(left.map(|(at, left)| {
            let taken = left & exact.word(at) & of_tier(at);
            any |= taken;
            taken
        }));
        if any == 0 {
            return false;
        }
        for (at, taken) in batch.rows.words().iter().enumerate() {
            *self.expired.word_mut(at) &= !taken;
        }
        true
    }

    /// Due rows that are told of, by baseline: by tier, the newest first.
    pub(crate) fn batches(&self) -> &[Batch] {
        self.batches.get(..self.used).unwrap_or_default()
    }

    /// Rows that the client sees, lacks and is not sent.
    pub(crate) fn missing(&self, seen: &SeenRows) -> impl Iterator<Item = usize> {
        let slots = seen.slots.words().iter().enumerate();
        slots.flat_map(|(at, sees)| {
            let missing = sees & !self.new.word(at) & !self.kept.word(at);
            bits(missing).map(move |bit| at * 64 + bit)
        })
    }

    /// The client has it now.
    pub(crate) fn keep(&self, held: &mut Held, seen: &SeenRows, now: Tick) {
        let (lineage, rows) = held.parts_mut();
        note_wanted(&mut rows.wanted, seen, self, now);
        let sets = (self.lost.iter(), self.moved.iter(), self.new.iter());
        rows.let_go(lineage, sets, now);
        rows.broken.clear();
        let words = self.kept.words().iter().zip(self.new.words()).enumerate();
        rows.note_told(
            now,
            words.map(|(at, (kept, new))| {
                let told = self.due.word(at) & !self.back.word(at) | new;
                (kept | new, told)
            }),
        );
        lineage.note(now, self.turns);
        for (to, from) in rows.tiers.iter_mut().zip(&seen.tiers) {
            to.copy(from);
        }
        rows.veils.copy(&seen.veils);
    }
}
