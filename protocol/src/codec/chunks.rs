//! Chunks that were made, by slot.

use crate::codec::msb::{BitString, BitWriter};
use crate::codec::past::DEPTH;
use crate::codec::places::bits;
use crate::codec::slots::SlotSet;

/// A chunk in the store: the last up to 63 bits in `head`, the words before them elsewhere. Nothing at all: not made yet.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Chunk {
    pub(crate) head: u64,
    width: u8,
    /// The width of a chunk that is made and all in `head`; else 0.
    pub(crate) short: u8,
    words: u16,
    first: u32,
}

impl Chunk {
    pub(crate) fn is_made(self) -> bool {
        self.width > 0 || self.words > 0
    }

    pub(crate) fn bits(self) -> u32 {
        u32::from(self.words) * u64::BITS + u32::from(self.width)
    }
}

/// Chunks by slot.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    /// Whose chunk is made. What the list has of others is left from ticks before: to clear a place for each entity of the match
    /// would touch more memory than the few chunks that a tick needs.
    made: SlotSet,
    list: Vec<Chunk>,
    long: Vec<u64>,
}

impl Chunks {
    pub(crate) fn clear(&mut self) {
        self.made.clear();
        self.long.clear();
    }

    #[inline]
    pub(crate) fn get(&self, slot: usize) -> Option<Chunk> {
        let made = self.made.contains(slot);
        made.then(|| self.list.get(slot).copied())?
    }

    /// Of 64 slots, those whose chunks are made, and the places of all.
    #[inline]
    pub(crate) fn block(&self, at: usize) -> (u64, &[Chunk]) {
        let list = self.list.get(at * 64..).unwrap_or_default();
        (self.made.word(at), list)
    }

    pub(crate) fn put(&mut self, slot: usize, chunk: Chunk) {
        if slot >= self.list.len() {
            self.list.resize(slot + 1, Chunk::default());
        }
        if let Some(place) = self.list.get_mut(slot).filter(|_| chunk.is_made()) {
            *place = chunk;
            self.made.insert(slot);
        }
    }

    /// Keeps a chunk's bits.
    pub(crate) fn keep(&mut self, (words, head, width): (&[u64], u64, u32)) -> Chunk {
        let first = u32::try_from(self.long.len()).unwrap_or(0);
        self.long.extend_from_slice(words);
        let width = u8::try_from(width).unwrap_or(0);
        Chunk {
            head,
            width,
            short: if words.is_empty() { width } else { 0 },
            words: u16::try_from(words.len()).unwrap_or(0),
            first,
        }
    }

    /// Keeps the chunks of some of 64 slots as one. `None` when one of them is not made, or so long that nothing is gained.
    pub(crate) fn join(&mut self, at: usize, slots: u64) -> Option<Chunk> {
        let mut joined = BitString::default();
        let (made, chunks) = self.block(at);
        if slots & !made != 0 {
            return None;
        }
        for bit in bits(slots) {
            let chunk = chunks.get(bit).filter(|chunk| chunk.short > 0)?;
            let width = u32::from(chunk.short);
            joined.push(chunk.head >> (u64::BITS - width), width);
        }
        Some(self.keep(joined.bits()))
    }

    #[inline]
    pub(crate) fn append(&self, chunk: Chunk, out: &mut BitWriter) {
        if chunk.words > 0 {
            let first = chunk.first as usize;
            let words = self.long.get(first..first + usize::from(chunk.words));
            for word in words.unwrap_or_default() {
                out.append(*word, u64::BITS);
            }
        }
        out.append(chunk.head, u32::from(chunk.width));
    }
}

/// What is known of a slot for clients that have not had it for as long as most have.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Short {
    pub(crate) asked: bool,
    pub(crate) changed: bool,
    pub(crate) chunk: Chunk,
}

/// The same by slot and depth. Few slots have any, so those are listed, and an index says where.
#[derive(Debug, Default)]
pub(crate) struct Shorts {
    /// By slot: its place in the list, counted from 1.
    places: Vec<u32>,
    pub(crate) list: Vec<(usize, [Option<Short>; DEPTH])>,
}

impl Shorts {
    pub(crate) fn clear(&mut self) {
        for (slot, _) in self.list.drain(..) {
            if let Some(place) = self.places.get_mut(slot) {
                *place = 0;
            }
        }
    }

    pub(crate) fn get(&self, slot: usize, depth: usize) -> Option<&Short> {
        let place = self.places.get(slot)?.checked_sub(1)?;
        let (_, depths) = self.list.get(place as usize)?;
        depths.get(depth)?.as_ref()
    }

    /// The place for a slot at a depth; `None` for a depth that there is not.
    pub(crate) fn place(&mut self, slot: usize, depth: usize) -> Option<&mut Option<Short>> {
        if slot >= self.places.len() {
            self.places.resize(slot + 1, 0);
        }
        let place = self.places.get_mut(slot)?;
        if *place == 0 {
            self.list.push((slot, [None; DEPTH]));
            *place = u32::try_from(self.list.len()).unwrap_or(0);
        }
        let (_, depths) = self.list.get_mut(place.checked_sub(1)? as usize)?;
        depths.get_mut(depth)
    }
}
