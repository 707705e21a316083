//! The server's end: chunks that are made once for all.

mod group;

pub use group::{Class, weigh_group, write_group};

use crate::codec::chunk::ChunkEncoder;
use crate::codec::chunks::{Chunk, Chunks, Short, Shorts};
use crate::codec::forecast::Forecaster;
use crate::codec::layout::Layout;
use crate::codec::msb::BitWriter;
use crate::codec::past::{DEPTH, Past};
use crate::codec::places::bits;
use crate::codec::row::Task;
use crate::codec::sight::{Group, Rows, Ticks};
use crate::codec::slots::{SlotSet, word};
use crate::codec::tables::Tables;

/// A row is *asked about* when it probably enough changed: then its chunk says whether it did, and nobody else has to. This is
/// that probability in units of 2⁻¹⁵: 1/8.
pub const ASKED: u32 = 1 << 12;

/// What chunks are made from.
#[derive(Debug)]
pub struct Source<'a, R> {
    /// Of the rows.
    pub layout: &'a Layout,
    /// Probabilities and modes.
    pub tables: &'a Tables,
    /// The rows.
    pub ticks: Ticks<'a, R>,
}

impl<R> Source<'_, R> {
    /// Whether rows are asked about that rest.
    #[inline]
    fn asks_resting(&self) -> bool {
        self.tables.share(Forecaster::rests(), 1).size >= ASKED
    }
}

/// What makes chunks, one after the other.
#[derive(Debug)]
pub struct Press {
    encoder: ChunkEncoder,
    zeros: Vec<u32>,
    own: Vec<Own>,
    made: usize,
}

impl Press {
    /// For rows of this layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            encoder: ChunkEncoder::new(layout),
            zeros: vec![0; layout.row_words()],
            own: Vec::new(),
            made: 0,
        }
    }

    /// How many chunks were made.
    #[must_use]
    pub fn made(&self) -> usize {
        self.made
    }
}

/// All chunks from one baseline, by one stride, to the newest tick; made when the first client needs them.
///
/// Every call must bring the same [`Source`], until [`Self::clear`].
#[derive(Debug, Default)]
pub struct Shared {
    /// Slots at full depth: close together, for they are what nearly every client needs.
    known: SlotSet,
    asked: SlotSet,
    changed: SlotSet,
    full: Chunks,
    /// By 64 slots: those that one client was told of, and their chunks in one string once another is told of the same.
    runs: Vec<(u64, Chunk)>,
    /// Slots at other depths.
    short: Shorts,
}

/// Strings of fewer chunks are not worth the while.
const LEAST_RUN: u32 = 3;

/// One client's slots, 64 of them.
#[derive(Debug, Clone, Copy, Default)]
struct Own {
    asked: u64,
    /// Not asked about, and which of those changed.
    calm: u64,
    surprises: u64,
    /// Not had for all the strides.
    short: u64,
}

/// Whether a slot is asked about, and whether it changed.
fn compare<R: Rows>(source: &Source<'_, R>, slot: usize, depth: usize) -> (bool, bool) {
    let ticks = &source.ticks;
    let (Some(past), Some(now)) = (ticks.past(slot, depth), ticks.now.row(slot)) else {
        return (false, false);
    };
    let asked = source.tables.share(Forecaster::changed(&past), 1).size >= ASKED;
    (asked, past.differs(now))
}

impl Shared {
    /// Forgets everything but the memory it took.
    pub fn clear(&mut self) {
        self.known.clear();
        self.asked.clear();
        self.changed.clear();
        self.full.clear();
        self.runs.clear();
        self.short.clear();
    }

    /// Appends the chunks of some of 64 slots in one go, if another client was told of just these; else takes note of them.
    #[inline]
    fn append_run(&mut self, (at, told): (usize, u64), out: &mut BitWriter) -> bool {
        if told.count_ones() < LEAST_RUN {
            return false;
        }
        if at >= self.runs.len() {
            self.runs.resize(at + 1, Default::default());
        }
        let Some((of, run)) = self.runs.get_mut(at) else {
            return false;
        };
        if *of != told {
            if !run.is_made() {
                *of = told;
            }
            return false;
        }
        if !run.is_made() {
            let Some(joined) = self.full.join(at, told) else {
                return false;
            };
            *run = joined;
        }
        self.full.append(*run, out);
        true
    }

    /// Looks at those of 64 slots that nobody has looked at before.
    #[inline]
    fn look<R: Rows>(&mut self, source: &Source<'_, R>, at: usize, slots: u64) {
        let unknown = slots & !self.known.word(at);
        if unknown == 0 {
            return;
        }
        let moved = word(source.ticks.moved, at);
        if source.asks_resting() {
            *self.asked.word_mut(at) |= unknown & !moved;
        }
        for bit in bits(unknown & moved) {
            let (asked, changed) = compare(source, at * 64 + bit, DEPTH);
            *self.asked.word_mut(at) |= u64::from(asked) << bit;
            *self.changed.word_mut(at) |= u64::from(changed) << bit;
        }
        *self.known.word_mut(at) |= unknown;
    }

    /// The same for one slot at another depth.
    fn look_short<R: Rows>(&mut self, source: &Source<'_, R>, slot: usize, depth: usize) -> Short {
        if let Some(short) = self.short.get(slot, depth) {
            return *short;
        }
        let (asked, changed) = compare(source, slot, depth);
        let short = Short {
            asked,
            changed,
            chunk: Chunk::default(),
        };
        self.note_short(slot, depth, short);
        short
    }

    fn note_short(&mut self, slot: usize, depth: usize, short: Short) {
        if let Some(place) = self.short.place(slot, depth) {
            *place = Some(short);
        }
    }

    /// Sorts those of a group's 64 slots whose chunks are here.
    #[inline]
    fn sort<R: Rows>(
        &mut self,
        source: &Source<'_, R>,
        group: &Group<'_>,
        (at, rows): (usize, u64),
        own: &mut Own,
    ) {
        let moved = word(source.ticks.moved, at);
        // Nobody is asked about, and nobody changed: so it is with most rows of a world at rest.
        if rows & moved == 0 && !source.asks_resting() {
            own.calm |= rows;
            return;
        }
        let [a, b, c] = group.before.map(|slots| word(slots, at));
        let long = rows & a & b & c;
        self.look(source, at, long);
        let mut asked = long & self.asked.word(at);
        let mut changed = long & self.changed.word(at);
        let short = rows & !long;
        if source.asks_resting() {
            asked |= short & !moved;
        }
        for bit in bits(short & moved) {
            let slot = at * 64 + bit;
            let short = self.look_short(source, slot, group.depth(slot));
            asked |= u64::from(short.asked) << bit;
            changed |= u64::from(short.changed) << bit;
        }
        own.asked |= asked;
        own.calm |= rows & !asked;
        own.surprises |= changed & !asked;
        own.short |= short;
    }

    /// The chunk of a slot that the client has had for long, made if it has to be.
    #[inline]
    fn chunk<R: Rows>(
        &mut self,
        source: &Source<'_, R>,
        press: &mut Press,
        slot: usize,
        asked: bool,
    ) -> Chunk {
        if let Some(chunk) = self.full.get(slot) {
            return chunk;
        }
        let past = source.ticks.past(slot, DEPTH);
        let chunk = make(source, press, slot, past, asked, &mut self.full);
        self.full.put(slot, chunk);
        chunk
    }

    /// The same for a slot at any other depth.
    #[cold]
    fn short_chunk<R: Rows>(
        &mut self,
        source: &Source<'_, R>,
        press: &mut Press,
        (slot, depth): (usize, usize),
        asked: bool,
    ) -> Chunk {
        let known = self.look_short(source, slot, depth).chunk;
        if known.is_made() {
            return known;
        }
        let past = source.ticks.past(slot, depth);
        let chunk = make(source, press, slot, past, asked, &mut self.full);
        let known = self.look_short(source, slot, depth);
        self.note_short(slot, depth, Short { chunk, ..known });
        chunk
    }
}

fn make<R: Rows>(
    source: &Source<'_, R>,
    press: &mut Press,
    slot: usize,
    past: Option<Past<'_>>,
    asked: bool,
    keep: &mut Chunks,
) -> Chunk {
    let (Some(past), Some(row)) = (past, source.ticks.now.row(slot)) else {
        return Chunk::default();
    };
    let task = Task {
        layout: source.layout,
        tables: source.tables,
        past,
        whole: false,
    };
    press.made += 1;
    keep.keep(press.encoder.encode(task, row, asked))
}

/// Whole rows of the newest tick, for clients that do not have them; made when the first client needs them.
#[derive(Debug, Default)]
pub struct Wholes(Chunks);

impl Wholes {
    /// Forgets everything but the memory it took.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn chunk<R: Rows>(
        &mut self,
        (layout, tables, now): (&Layout, &Tables, &R),
        press: &mut Press,
        slot: usize,
    ) -> Chunk {
        if let Some(chunk) = self.0.get(slot) {
            return chunk;
        }
        let Some(row) = now.row(slot) else {
            return Chunk::default();
        };
        let task = Task {
            layout,
            tables,
            past: Past::none(&press.zeros),
            whole: true,
        };
        press.made += 1;
        let chunk = self.0.keep(press.encoder.encode(task, row, false));
        self.0.put(slot, chunk);
        chunk
    }

    /// Appends the whole row of a slot.
    pub fn append<R: Rows>(
        &mut self,
        from: (&Layout, &Tables, &R),
        press: &mut Press,
        slot: usize,
        out: &mut BitWriter,
    ) {
        let chunk = self.chunk(from, press, slot);
        self.0.append(chunk, out);
    }

    /// How many bits that takes.
    pub fn bits<R: Rows>(
        &mut self,
        from: (&Layout, &Tables, &R),
        press: &mut Press,
        slot: usize,
    ) -> u32 {
        self.chunk(from, press, slot).bits()
    }
}

impl Shared {
    /// Whether a slot that was looked at changed, and whether it is asked about.
    fn is_changed(&self, slot: usize, depth: usize) -> (bool, bool) {
        if depth == DEPTH {
            return (self.changed.contains(slot), self.asked.contains(slot));
        }
        // Who rests is not looked at.
        self.short
            .get(slot, depth)
            .map_or((false, false), |short| (short.changed, short.asked))
    }
}
