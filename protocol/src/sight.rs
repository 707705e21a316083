//! What one client gets to see of a snapshot.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::codec::slots::SlotSet;
use crate::limits::MAX_TIERS;
use crate::snapshot::{NetId, Row};

/// What a client gets to see of the newest snapshot.
#[derive(Debug, Clone, Copy)]
pub enum Sight<'a> {
    /// Everything, at the full rate.
    All,
    /// These rows.
    Rows(&'a SeenRows),
}

/// How a client sees one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Bit `i`: component `i` is kept from the client, mask and words. Name only components that the row has: those who see
    /// the same of it share its bytes.
    pub hidden: u32,
    /// How often the client is told of it: an index into [`Cadence::periods`](crate::Cadence::periods).
    pub tier: u8,
    /// How fast its priority grows while it waits for a place in a full budget, 1 to 255.
    pub weight: u8,
}

impl Default for Seen {
    /// All of it, in every snapshot, no more important than others.
    fn default() -> Self {
        Self {
            hidden: 0,
            tier: 0,
            weight: 1,
        }
    }
}

/// The rows that a client gets to see.
#[derive(Debug, Clone, Default)]
pub struct SeenRows {
    pub(crate) slots: SlotSet,
    /// Tiers 1 and above.
    pub(crate) tiers: [SlotSet; MAX_TIERS - 1],
    /// Rows of which components are hidden, by what is hidden.
    pub(crate) veils: Veils,
    /// Weights other than 1.
    pub(crate) weights: Vec<(usize, u8)>,
    stamp: Stamp,
}

impl SeenRows {
    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes all out and keeps the memory.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.tiers.iter_mut().for_each(SlotSet::clear);
        self.veils.clear();
        self.weights.clear();
        self.stamp.remove();
    }

    /// Adds the row of `id`; each is added once. Rows that are not in the newest snapshot do not count.
    #[inline]
    pub fn see(&mut self, id: NetId, seen: Seen) {
        let slot = id.0 as usize;
        self.slots.insert(slot);
        if let Some(tier) = self.tiers.get_mut(usize::from(seen.tier).wrapping_sub(1)) {
            tier.insert(slot);
        }
        if seen.hidden != 0 {
            self.veils.insert(seen.hidden, slot);
        }
        if seen.weight != 1 {
            self.weights.push((slot, seen.weight));
        }
        self.stamp.remove();
    }

    /// The same for a row that is seen as most are: [`Seen::default`].
    #[inline]
    pub fn see_whole(&mut self, id: NetId) {
        self.slots.insert(id.0 as usize);
        self.stamp.remove();
    }

    /// The same for the rows in all these slots.
    pub fn see_all(&mut self, slots: &SlotSet) {
        self.slots.add(slots);
        self.stamp.remove();
    }

    /// Whether the row of `id` is in.
    #[must_use]
    pub fn contains(&self, id: NetId) -> bool {
        self.slots.contains(id.0 as usize)
    }

    /// Whether a client that sees this sees what the other one shows, weights aside. Sets that were found to be alike are known to be
    /// until one of them changes.
    #[inline]
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.stamp.is_that_of(&other.stamp) || self.is_found_like(other)
    }

    #[inline(never)]
    fn is_found_like(&self, other: &Self) -> bool {
        let mut tiers = self.tiers.iter().zip(&other.tiers);
        let mut veils = self.veils.0.iter().zip(&other.veils.0);
        let alike = self.slots == other.slots
            && tiers.all(|(ours, theirs)| ours == theirs)
            && self.veils.0.len() == other.veils.0.len()
            && veils.all(|(ours, theirs)| ours == theirs);
        if alike {
            other.stamp.become_that_of(&self.stamp);
        }
        alike
    }

    /// A copy, of which others know that they are like it once they were found to be.
    pub(crate) fn stamped(&self) -> Self {
        self.stamp.ensure();
        self.clone()
    }

    /// All rows, by ascending id, and how each is seen.
    pub fn rows(&self) -> impl Iterator<Item = (NetId, Seen)> {
        self.ids().map(|id| (id, self.seen(id.0 as usize)))
    }

    fn seen(&self, slot: usize) -> Seen {
        let tier = self.tiers.iter().position(|rows| rows.contains(slot));
        let weight = self.weights.iter().find(|(of, _)| *of == slot);
        Seen {
            hidden: self.veils.of(slot),
            tier: tier.and_then(|i| u8::try_from(i + 1).ok()).unwrap_or(0),
            weight: weight.map_or(1, |(_, weight)| *weight),
        }
    }

    /// The ids of all rows, ascending.
    pub fn ids(&self) -> impl Iterator<Item = NetId> {
        let slots = self.slots.iter();
        slots.filter_map(|slot| u32::try_from(slot).ok().map(NetId))
    }
}

/// A number that only sets which are alike have, or 0. In a crowd that stands together, to compare each client's set in each tick would
/// take longer than all the rest.
#[derive(Debug, Default)]
struct Stamp(AtomicU64);

/// Stamps that were given.
static STAMPS: AtomicU64 = AtomicU64::new(0);

impl Stamp {
    // Whoever changes a set has it to itself, and any stamp that is put on it meanwhile is true: no order is needed.
    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    #[inline]
    fn is_that_of(&self, other: &Self) -> bool {
        self.get() != 0 && self.get() == other.get()
    }

    /// The set changes.
    #[inline]
    fn remove(&mut self) {
        *self.0.get_mut() = 0;
    }

    fn ensure(&self) {
        if self.get() == 0 {
            let stamp = STAMPS.fetch_add(1, Ordering::Relaxed) + 1;
            self.0.store(stamp, Ordering::Relaxed);
        }
    }

    fn become_that_of(&self, other: &Self) {
        self.0.store(other.get(), Ordering::Relaxed);
    }
}

impl Clone for Stamp {
    fn clone(&self) -> Self {
        Self(AtomicU64::new(self.get()))
    }
}

/// Whom a client has rows of, and what of them is kept from it: what its prediction can know.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub(crate) slots: SlotSet,
    pub(crate) veils: Veils,
}

impl Known {
    /// What a client has of a row, if it has one.
    pub(crate) fn part_of<'a>(&self, mut row: Row<'a>) -> Option<Row<'a>> {
        let slot = row.id.0 as usize;
        row.mask &= !self.veils.of(slot);
        self.slots.contains(slot).then_some(row)
    }
}

/// Rows by what is hidden of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Veils(Vec<(u32, SlotSet)>);

impl Veils {
    fn clear(&mut self) {
        self.0.iter_mut().for_each(|(_, rows)| rows.clear());
    }

    fn insert(&mut self, hidden: u32, slot: usize) {
        if let Some((_, rows)) = self.0.iter_mut().find(|(h, _)| *h == hidden) {
            rows.insert(slot);
        } else {
            let mut rows = SlotSet::default();
            rows.insert(slot);
            self.0.push((hidden, rows));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Becomes the other, in its own memory.
    pub(crate) fn copy(&mut self, other: &Self) {
        self.0.clone_from(&other.0);
    }

    /// What is hidden, and of whom.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &SlotSet)> {
        self.0.iter().map(|(hidden, rows)| (*hidden, rows))
    }

    /// Of 64 slots, those of which anything is hidden.
    pub(crate) fn any(&self, at: usize) -> u64 {
        self.0.iter().fold(0, |any, (_, rows)| any | rows.word(at))
    }

    /// What is hidden of a slot.
    pub(crate) fn of(&self, slot: usize) -> u32 {
        let veil = self.0.iter().find(|(_, rows)| rows.contains(slot));
        veil.map_or(0, |(hidden, _)| *hidden)
    }

    /// Of 64 slots, those of which the other hides the same.
    pub(crate) fn alike(&self, other: &Self, at: usize) -> u64 {
        if self.is_empty() && other.is_empty() {
            return u64::MAX;
        }
        let open = !self.any(at) & !other.any(at);
        self.0.iter().fold(open, |alike, (hidden, rows)| {
            let theirs = other.0.iter().find(|(h, _)| h == hidden);
            alike | rows.word(at) & theirs.map_or(0, |(_, rows)| rows.word(at))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(ids: &[u32]) -> SeenRows {
        let mut rows = SeenRows::new();
        ids.iter().for_each(|id| rows.see_whole(NetId(*id)));
        rows
    }

    #[test]
    fn sets_that_were_alike_are_not_once_one_of_them_changes() {
        let hidden = Seen {
            hidden: 1,
            ..Seen::default()
        };
        let mut slots = SlotSet::default();
        slots.insert(70);
        let changes: [&dyn Fn(&mut SeenRows); 5] = [
            &SeenRows::clear,
            &|rows| rows.see(NetId(3), Seen::default()),
            &|rows| rows.see(NetId(3), hidden),
            &|rows| rows.see_whole(NetId(3)),
            &|rows| rows.see_all(&slots),
        ];
        for change in changes {
            let known = seen(&[1, 2]).stamped();
            let mut rows = seen(&[1, 2]);
            assert!(!known.stamp.is_that_of(&rows.stamp));
            assert!(known.is_like(&rows));
            assert!(known.stamp.is_that_of(&rows.stamp), "nobody compares again");
            assert!(known.is_like(&rows.clone()));
            change(&mut rows);
            assert!(!known.is_like(&rows));
            assert!(!rows.stamped().is_like(&known));
        }
    }

    #[test]
    fn sets_with_stamps_of_their_own_come_to_share_one() {
        let (one, other) = (seen(&[1, 2]).stamped(), seen(&[1, 2]).stamped());
        assert!(!one.stamp.is_that_of(&other.stamp));
        assert!(one.is_like(&other));
        assert!(one.stamp.is_that_of(&other.stamp));
        let empty = SeenRows::new();
        assert!(!empty.stamp.is_that_of(&SeenRows::new().stamp));
    }
}
