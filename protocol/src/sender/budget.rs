//! Who waits when not all rows have a place.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::compose::Page;
use super::deltas::SharedDeltas;
use super::plan::Plan;
use crate::codec::share::weigh_group;
use crate::codec::sight::Group;
use crate::limits::HISTORY_TICKS;
use crate::sight::SeenRows;
use crate::tick::Tick;

/// What naming a row costs beside the row itself, about: its place among those who wait, or its id.
const NAME_BITS: u32 = 6;

/// What a message costs that tells of no row, about.
const EMPTY_BITS: u32 = 48;

/// A row that wants a place.
struct Candidate {
    /// The more, the sooner.
    priority: u32,
    slot: usize,
    bits: u32,
}

/// Takes the rows out of the plan for which `limit` bits have no place.
pub(crate) fn choose(page: &mut Page<'_>, plan: &mut Plan, deltas: &mut SharedDeltas, limit: u32) {
    let mut candidates = candidates(page, plan, deltas);
    candidates.sort_unstable_by_key(|c| (Reverse(c.priority), c.slot));
    let mut left = i64::from(limit) - i64::from(EMPTY_BITS);
    for (i, candidate) in candidates.iter().enumerate() {
        left -= i64::from(candidate.bits + NAME_BITS);
        // One row goes in any case: otherwise a row that is larger than the limit would wait for ever.
        if left >= 0 || i == 0 || candidate.priority == u32::MAX {
            continue;
        }
        if plan.new.contains(candidate.slot) {
            plan.new.remove(candidate.slot);
        } else {
            plan.back.insert(candidate.slot);
        }
    }
    plan.split(&page.sender.held, page.seen, &page.sender.cadence, page.now);
}

fn candidates(page: &Page<'_>, plan: &Plan, deltas: &mut SharedDeltas) -> Vec<Candidate> {
    let mut list = Vec::new();
    for batch in plan.batches() {
        let age = page.now.since(batch.base).unsigned_abs();
        let group = Group {
            rows: batch.rows.words(),
            before: page.before(batch),
        };
        page.with_classes(batch, deltas, |classes, press| {
            weigh_group(classes, &group, press, |slot, bits| {
                list.push(page.candidate(slot, age, bits));
            });
        });
    }
    let waiting = &page.sender.held.wanted;
    for slot in plan.new.iter().chain(plan.expired.iter()) {
        let since = waiting.get(&slot).map(|since| page.now.since(*since));
        let age = match since {
            Some(age) => age.unsigned_abs(),
            None if plan.new.contains(slot) => 1,
            None => HISTORY_TICKS,
        };
        let mut bits = 0;
        let hidden = page.seen.veils.of(slot);
        deltas.with_whole(hidden, page.history, |wholes, from, press| {
            bits = wholes.bits(from, press, slot);
        });
        list.push(page.candidate(slot, age, bits));
    }
    list
}

impl Page<'_> {
    fn candidate(&self, slot: usize, age: u32, bits: u32) -> Candidate {
        let weights = &self.seen.weights;
        let weight = weights.iter().find(|(of, _)| *of == slot);
        let weight = weight.map_or(1, |(_, weight)| u32::from(*weight));
        let is_own = self.sender.own.is_some_and(|own| own.0 as usize == slot);
        Candidate {
            priority: if is_own {
                u32::MAX
            } else {
                age.saturating_mul(weight).min(u32::MAX - 1)
            },
            slot,
            bits,
        }
    }
}

/// Takes note of who is seen and still not there.
pub(crate) fn note_wanted(
    wanted: &mut BTreeMap<usize, Tick>,
    seen: &SeenRows,
    plan: &Plan,
    now: Tick,
) {
    let is_missing = |slot: usize| {
        seen.slots.contains(slot) && !plan.new.contains(slot) && !plan.kept.contains(slot)
    };
    wanted.retain(|slot, _| is_missing(*slot));
    for slot in plan.missing(seen) {
        wanted.entry(slot).or_insert(now);
    }
}
