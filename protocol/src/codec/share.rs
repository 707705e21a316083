//! The server's end: chunks that are made once for all, and a client's snapshot put together from them.

use crate::codec::chunk::ChunkEncoder;
use crate::codec::forecast::Forecaster;
use crate::codec::layout::Layout;
use crate::codec::motion::differ;
use crate::codec::msb::BitWriter;
use crate::codec::past::{DEPTH, Past};
use crate::codec::places::{bits, count, write_places};
use crate::codec::row::Task;
use crate::codec::sight::{Rows, Sight, Ticks};
use crate::codec::tables::Tables;

/// A row is *asked about* when it probably enough changed: then its chunk says whether it did, and nobody else has to. This is
/// that probability in units of 2⁻¹⁵: 1/8.
pub const ASKED: u32 = 1 << 12;

/// A chunk in the store: the last up to 63 bits in `head`, the words before them elsewhere. Nothing at all: not made yet.
#[derive(Debug, Clone, Copy, Default)]
struct Chunk {
    head: u64,
    width: u16,
    words: u16,
    first: u32,
}

/// What is known of a slot that a client has not seen for as long as most have, for one depth.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    known: bool,
    asked: bool,
    changed: bool,
    chunk: Chunk,
}

/// The place of whole rows among the entries: that of full depth, which has a store of its own.
const WHOLE: usize = DEPTH;

/// All chunks from one baseline, by one stride, to the newest tick; made when the first client needs them.
#[derive(Debug)]
pub struct Shared<'a, R> {
    layout: &'a Layout,
    tables: &'a Tables,
    ticks: Ticks<'a, R>,
    encoder: ChunkEncoder,
    /// Slots at full depth: close together, for they are what nearly every client needs.
    asked: Vec<u64>,
    changed: Vec<u64>,
    chunks: Vec<Chunk>,
    /// Slots at all other depths.
    entries: Vec<[Entry; DEPTH + 1]>,
    long: Vec<u64>,
    zeros: Vec<u32>,
    own: Vec<Own>,
    made: usize,
}

/// One client's slots, 64 of them.
#[derive(Debug, Clone, Copy, Default)]
struct Own {
    base: u64,
    /// Seen in the baseline and not now; seen now and not in the baseline.
    lost: u64,
    new: u64,
    asked: u64,
    /// Not asked about, and which of those changed.
    calm: u64,
    surprises: u64,
    /// Seen now and in the baseline, but not for all the strides before.
    short: u64,
}

impl<'a, R: Rows> Shared<'a, R> {
    /// For `slots` slots. This looks at every row once; chunks are made later.
    #[must_use]
    pub fn new(layout: &'a Layout, tables: &'a Tables, ticks: Ticks<'a, R>, slots: usize) -> Self {
        let words = slots.div_ceil(64);
        let mut shared = Self {
            layout,
            tables,
            ticks,
            encoder: ChunkEncoder::new(layout),
            entries: vec![[Entry::default(); DEPTH + 1]; slots],
            chunks: vec![Chunk::default(); slots],
            asked: vec![0; words],
            changed: vec![0; words],
            long: Vec::new(),
            zeros: vec![0; layout.row_words()],
            own: Vec::new(),
            made: 0,
        };
        for slot in 0..slots {
            let (asked, changed) = shared.compare(slot, DEPTH);
            for (set, is) in [(&mut shared.asked, asked), (&mut shared.changed, changed)] {
                if let Some(word) = set.get_mut(slot / 64) {
                    *word |= u64::from(is) << (slot % 64);
                }
            }
        }
        shared
    }

    /// How many chunks were made.
    #[must_use]
    pub fn made(&self) -> usize {
        self.made
    }

    /// Whether a slot is asked about, and whether it changed.
    fn compare(&self, slot: usize, depth: usize) -> (bool, bool) {
        let (Some(past), Some(now)) = (self.ticks.past(slot, depth), self.ticks.now.row(slot))
        else {
            return (false, false);
        };
        let asked = self.tables.share(Forecaster::changed(&past), 1).size >= ASKED;
        (asked, differ(now, past.base))
    }

    /// The same, for a slot that a client has not seen for as long as most have.
    fn look(&mut self, slot: usize, depth: usize) -> Entry {
        let known = |e: &[Entry; DEPTH + 1]| e.get(depth).copied().filter(|e| e.known);
        if let Some(entry) = self.entries.get(slot).and_then(known) {
            return entry;
        }
        let (asked, changed) = self.compare(slot, depth);
        let entry = Entry {
            known: true,
            asked,
            changed,
            chunk: Chunk::default(),
        };
        if let Some(place) = self.entries.get_mut(slot).and_then(|e| e.get_mut(depth)) {
            *place = entry;
        }
        entry
    }

    /// Appends the chunk of a slot that the client has seen for long.
    #[inline]
    fn append(&mut self, slot: usize, asked: bool, out: &mut BitWriter) {
        // Field by field: a copy of the whole would go over the stack.
        match self.chunks.get(slot) {
            Some(Chunk {
                head,
                width,
                words: 0,
                ..
            }) if *width > 0 => out.append(*head, u32::from(*width)),
            _ => self.append_first(slot, asked, out),
        }
    }

    /// The same for a chunk that is not made yet, or very long.
    #[cold]
    fn append_first(&mut self, slot: usize, asked: bool, out: &mut BitWriter) {
        let mut chunk = self.chunks.get(slot).copied().unwrap_or_default();
        if chunk.width == 0 && chunk.words == 0 {
            chunk = self.make(slot, Some(DEPTH), asked);
            if let Some(place) = self.chunks.get_mut(slot) {
                *place = chunk;
            }
        }
        self.append_long(chunk, out);
        out.append(chunk.head, u32::from(chunk.width));
    }

    /// Appends the chunk of a slot at any other depth, or its whole row.
    #[cold]
    fn append_rare(&mut self, slot: usize, depth: usize, asked: bool, out: &mut BitWriter) {
        let entry = self
            .entries
            .get(slot)
            .and_then(|e| e.get(depth))
            .copied()
            .unwrap_or_default();
        let mut chunk = entry.chunk;
        if chunk.width == 0 && chunk.words == 0 {
            chunk = self.make(slot, Some(depth).filter(|depth| *depth != WHOLE), asked);
            if let Some(entry) = self.entries.get_mut(slot).and_then(|e| e.get_mut(depth)) {
                entry.chunk = chunk;
            }
        }
        self.append_long(chunk, out);
        out.append(chunk.head, u32::from(chunk.width));
    }

    #[cold]
    fn append_long(&self, chunk: Chunk, out: &mut BitWriter) {
        let first = chunk.first as usize;
        let words = self.long.get(first..first + usize::from(chunk.words));
        for word in words.unwrap_or_default() {
            out.append(*word, u64::BITS);
        }
    }

    #[cold]
    fn make(&mut self, slot: usize, depth: Option<usize>, asked: bool) -> Chunk {
        let whole = depth.is_none();
        let past = match depth {
            Some(depth) => self.ticks.past(slot, depth),
            None => Some(Past::none(&self.zeros)),
        };
        let (Some(past), Some(row)) = (past, self.ticks.now.row(slot)) else {
            return Chunk::default();
        };
        let task = Task {
            layout: self.layout,
            tables: self.tables,
            past,
            whole,
        };
        let (words, head, width) = self.encoder.encode(task, row, asked);
        self.made += 1;
        let first = u32::try_from(self.long.len()).unwrap_or(0);
        self.long.extend_from_slice(words);
        Chunk {
            head,
            width: u16::try_from(width).unwrap_or(0),
            words: u16::try_from(words.len()).unwrap_or(0),
            first,
        }
    }

    /// Writes what turns a client's baseline into what it sees now.
    pub fn write(&mut self, sight: Sight<'_>, out: &mut BitWriter) {
        let any = self.sort(&sight);
        let mut own = std::mem::take(&mut self.own);
        write_places(
            any.lost != 0,
            || own.iter().map(|own| (own.base, own.lost)),
            out,
        );
        write_places(
            any.surprises != 0,
            || own.iter().map(|own| (own.calm, own.surprises)),
            out,
        );
        self.entered(&own, any.new, out);
        for (i, own) in own.iter().enumerate() {
            for bit in bits(own.asked | own.surprises) {
                let slot = i * 64 + bit;
                let asked = own.asked >> bit & 1 == 1;
                if own.short >> bit & 1 == 0 {
                    self.append(slot, asked, out);
                } else {
                    self.append_rare(slot, sight.depth(slot), asked, out);
                }
            }
        }
        own.clear();
        self.own = own;
    }

    /// Finds out which of a client's slots are asked about, and so on; gives all of each kind, so that nobody looks for what is
    /// not there.
    fn sort(&mut self, sight: &Sight<'_>) -> Own {
        let mut any = Own::default();
        let [first, second, third] = sight.before;
        let before = first.iter().zip(second).zip(third);
        for (i, ((now, base), ((a, b), c))) in
            sight.now.iter().zip(sight.base).zip(before).enumerate()
        {
            let kept = now & base;
            let long = kept & a & b & c;
            let (mut asked, mut changed) = (
                long & self.asked.get(i).copied().unwrap_or(0),
                long & self.changed.get(i).copied().unwrap_or(0),
            );
            for bit in bits(kept & !long) {
                let entry = self.look(i * 64 + bit, sight.depth(i * 64 + bit));
                asked |= u64::from(entry.asked) << bit;
                changed |= u64::from(entry.changed) << bit;
            }
            let own = Own {
                base: *base,
                lost: base & !now,
                new: now & !base,
                asked,
                calm: kept & !asked,
                surprises: changed & !asked,
                short: kept & !long,
            };
            any.lost |= own.lost;
            any.new |= own.new;
            any.surprises |= own.surprises;
            self.own.push(own);
        }
        any
    }

    /// What is new to the client: ids and whole rows.
    fn entered(&mut self, own: &[Own], any: u64, out: &mut BitWriter) {
        let new = if any == 0 {
            0
        } else {
            count(own.iter().map(|own| own.new))
        };
        out.write_gamma(new);
        if new == 0 {
            return;
        }
        let mut next = 0;
        for (i, own) in own.iter().enumerate() {
            for bit in bits(own.new) {
                let slot = i * 64 + bit;
                out.write_gamma(u32::try_from(slot - next).unwrap_or(0));
                next = slot + 1;
                self.append_rare(slot, WHOLE, false, out);
            }
        }
    }
}
