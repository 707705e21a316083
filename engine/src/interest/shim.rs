//! Stands in for the protocol's own until that is here.

use tickwire_protocol::NetId;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub hidden: u32,
    pub tier: u8,
    pub weight: u8,
}
impl Default for Seen {
    fn default() -> Self {
        Self {
            hidden: 0,
            tier: 0,
            weight: 1,
        }
    }
}
#[derive(Debug, Clone, Default)]
pub struct SeenRows {
    pub(crate) slots: SlotSet,
    pub(crate) tiers: [SlotSet; 3],
    pub(crate) veils: Vec<(u32, SlotSet)>,
    pub(crate) weights: Vec<(usize, u8)>,
}
impl SeenRows {
    pub fn clear(&mut self) {
        self.slots.clear();
        self.tiers.iter_mut().for_each(SlotSet::clear);
        self.veils.iter_mut().for_each(|(_, s)| s.clear());
        self.weights.clear();
    }
    #[inline]
    pub fn see(&mut self, id: NetId, seen: Seen) {
        let slot = id.0 as usize;
        self.slots.insert(slot);
        if let Some(tier) = self.tiers.get_mut(usize::from(seen.tier).wrapping_sub(1)) {
            tier.insert(slot);
        }
        if seen.hidden != 0 {
            if let Some((_, rows)) = self.veils.iter_mut().find(|(h, _)| *h == seen.hidden) {
                rows.insert(slot);
            } else {
                let mut rows = SlotSet::default();
                rows.insert(slot);
                self.veils.push((seen.hidden, rows));
            }
        }
        if seen.weight != 1 {
            self.weights.push((slot, seen.weight));
        }
    }
    pub fn hidden(&self, id: NetId) -> u32 {
        self.veils
            .iter()
            .find(|(_, s)| s.contains(id.0 as usize))
            .map_or(0, |(h, _)| *h)
    }
    pub fn contains(&self, id: NetId) -> bool {
        self.slots.contains(id.0 as usize)
    }
    pub fn ids(&self) -> impl Iterator<Item = NetId> {
        self.slots.iter().map(|s| NetId(s as u32))
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SlotSet(Vec<u64>);
impl SlotSet {
    pub fn clear(&mut self) {
        self.0.clear();
    }
    #[inline]
    pub fn insert(&mut self, slot: usize) {
        let at = slot / 64;
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        self.0[at] |= 1 << (slot % 64);
    }
    #[inline]
    pub fn contains(&self, slot: usize) -> bool {
        self.0
            .get(slot / 64)
            .is_some_and(|w| w >> (slot % 64) & 1 == 1)
    }
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(i, word)| {
            let mut w = *word;
            std::iter::from_fn(move || {
                if w == 0 {
                    return None;
                }
                let bit = w.trailing_zeros() as usize;
                w &= w - 1;
                Some(i * 64 + bit)
            })
        })
    }
}
