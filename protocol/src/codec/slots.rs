//! Sets of slots: whom a client sees, whose chunk is made, who changed.

use crate::codec::places::bits;

/// Which slots are in a set: bit `i % 64` of word `i / 64`.
pub type Slots = [u64];

/// A set of slots that grows.
#[derive(Debug, Clone, Default, Eq)]
pub struct SlotSet(Vec<u64>);

impl PartialEq for SlotSet {
    /// The same slots in as many words.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        // Sets are often empty. What compares slices may load from where an empty one would be, and the processor takes hundreds
        // of cycles to find out that nothing of it was wanted.
        self.0.len() == other.0.len() && (self.0.is_empty() || self.0 == other.0)
    }
}

impl SlotSet {
    /// The first `len` slots.
    #[must_use]
    pub fn first(len: usize) -> Self {
        let mut words = vec![u64::MAX; len / 64];
        words.push((1 << (len % 64)) - 1);
        Self(words)
    }

    /// Takes all out and keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Makes room for so many slots, so that it need not grow when they are put in.
    pub fn make_room(&mut self, slots: usize) {
        let words = slots.div_ceil(64);
        if words > self.0.len() {
            self.0.resize(words, 0);
        }
    }

    /// Becomes the other, in its own memory.
    pub fn copy(&mut self, other: &Self) {
        self.0.clone_from(&other.0);
    }

    /// Puts a slot in.
    #[inline]
    pub fn insert(&mut self, slot: usize) {
        *self.word_mut(slot / 64) |= 1 << (slot % 64);
    }

    /// Takes a slot out.
    #[inline]
    pub fn remove(&mut self, slot: usize) {
        if let Some(word) = self.0.get_mut(slot / 64) {
            *word &= !(1 << (slot % 64));
        }
    }

    /// Whether a slot is in.
    #[inline]
    #[must_use]
    pub fn contains(&self, slot: usize) -> bool {
        contains(&self.0, slot)
    }

    /// Whether nobody is in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// How many are in.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Its slots, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + Clone {
        let words = self.0.iter().enumerate();
        words.flat_map(|(i, word)| bits(*word).map(move |bit| i * 64 + bit))
    }

    /// 64 slots; none where the set has not grown to.
    #[inline]
    #[must_use]
    pub fn word(&self, at: usize) -> u64 {
        self.0.get(at).copied().unwrap_or(0)
    }

    /// The same, to be changed.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "it has grown to that")]
    pub(crate) fn word_mut(&mut self, at: usize) -> &mut u64 {
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        &mut self.0[at]
    }

    /// Adds 64 slots behind those that are there.
    #[inline]
    pub(crate) fn push_word(&mut self, word: u64) {
        self.0.push(word);
    }

    /// All words; [`Self::word`] beyond them is 0.
    #[inline]
    #[must_use]
    pub fn words(&self) -> &Slots {
        &self.0
    }

    /// Puts in whoever is in the other.
    pub fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(to, from)| *to |= from);
    }

    /// Becomes those of `all` that are in `some` too; they are taken out of `all`.
    pub(crate) fn take_from(&mut self, all: &mut Self, some: &Self) {
        let pairs = || some.0.iter().chain(std::iter::repeat(&0));
        self.fill(all.0.iter().zip(pairs()).map(|(all, some)| all & some));
        all.0
            .iter_mut()
            .zip(&self.0)
            .for_each(|(all, taken)| *all &= !taken);
    }

    /// Puts in what `words` give from the first slot on, instead of what is there.
    pub(crate) fn fill(&mut self, words: impl IntoIterator<Item = u64>) {
        self.0.clear();
        self.0.extend(words);
    }
}

/// Whether a slot is in a set.
#[inline]
#[must_use]
pub(crate) fn contains(slots: &Slots, slot: usize) -> bool {
    slots
        .get(slot / 64)
        .is_some_and(|word| word >> (slot % 64) & 1 == 1)
}

/// 64 slots of a set.
#[inline]
#[must_use]
pub(crate) fn word(slots: &Slots, at: usize) -> u64 {
    slots.get(at).copied().unwrap_or(0)
}
