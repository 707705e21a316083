//! Who waits when not all rows have a place.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::compose::{Page, Scene};
use super::deltas::SharedDeltas;
use super::plan::Plan;
use crate::codec::share::weigh_group;
use crate::limits::HISTORY_TICKS;
use crate::sight::SeenRows;
use crate::tick::Tick;

/// What naming a row costs beside the row itself, about: its place among those who wait, or its id.
const NAME_BITS: u32 = 6;

/// What a message costs that tells of no row, about.
const EMPTY_BITS: u32 = 48;

/// The priority of the own entity.
const OWN: u32 = u32::MAX;

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
    let mut any = false;
    for candidate in &candidates {
        left -= i64::from(candidate.bits + NAME_BITS);
        let is_own = candidate.priority == OWN;
        // One other row goes in any case: otherwise a row that is larger than the limit would wait for ever.
        if is_own || left >= 0 || !std::mem::replace(&mut any, true) {
            any |= !is_own;
            continue;
        }
        if plan.new.contains(candidate.slot) {
            plan.new.remove(candidate.slot);
        } else {
            plan.back.insert(candidate.slot);
        }
        if plan.expired.contains(candidate.slot) {
            plan.starved.insert(candidate.slot);
        }
    }
    let Scene { seen, now, .. } = page.scene;
    plan.split(&page.sender.held, seen, &page.sender.cadence, now);
}

fn candidates(page: &Page<'_>, plan: &Plan, deltas: &mut SharedDeltas) -> Vec<Candidate> {
    let mut list = Vec::new();
    let mut weights = page.scene.seen.weights.clone();
    weights.sort_unstable();
    for batch in plan.batches() {
        let age = page.scene.now.since(batch.base).unsigned_abs();
        page.with_group(batch, deltas, |classes, group, press| {
            weigh_group(classes, group, press, |slot, bits| {
                list.push(page.candidate(slot, age, bits, &weights));
            });
        });
    }
    let waiting = &page.sender.held.wanted;
    for slot in plan.new.iter().chain(plan.expired.iter()) {
        let since = waiting.get(&slot).map(|since| page.scene.now.since(*since));
        let age = match since {
            Some(age) => age.unsigned_abs(),
            None if plan.new.contains(slot) => 1,
            None => HISTORY_TICKS,
        };
        let mut bits = 0;
        let hidden = page.scene.seen.veils.of(slot);
        deltas.with_whole(hidden, page.scene.history, |wholes, from, press| {
            bits = wholes.bits(from, press, slot);
        });
        list.push(page.candidate(slot, age, bits, &weights));
    }
    list
}

impl Page<'_> {
    /// `weights` are sorted.
    fn candidate(&self, slot: usize, age: u32, bits: u32, weights: &[(usize, u8)]) -> Candidate {
        let at = weights.binary_search_by_key(&slot, |(of, _)| *of);
        let weight = at.ok().and_then(|at| weights.get(at));
        let weight = weight.map_or(1, |(_, weight)| u32::from(*weight));
        let is_own = self.sender.own.is_some_and(|own| own.0 as usize == slot);
        Candidate {
            priority: if is_own {
                OWN
            } else {
                age.saturating_mul(weight).min(OWN - 1)
            },
            slot,
            bits,
        }
    }
}

/// Takes note of who has no place yet, and since when: whom the client sees and does not have, and whose version is so old that
/// history has forgotten it. Without the latter all who have waited for long would be equal, and the same would go each time.
pub(crate) fn note_wanted(
    wanted: &mut BTreeMap<usize, Tick>,
    seen: &SeenRows,
    plan: &Plan,
    now: Tick,
) {
    let is_told = |slot: usize| {
        plan.new.contains(slot) || (plan.due.contains(slot) && !plan.back.contains(slot))
    };
    wanted.retain(|slot, _| seen.slots.contains(*slot) && !is_told(*slot));
    for slot in plan.missing(seen) {
        wanted.entry(slot).or_insert(now);
    }
    for slot in plan.starved.iter() {
        wanted.entry(slot).or_insert(now - HISTORY_TICKS);
    }
}
