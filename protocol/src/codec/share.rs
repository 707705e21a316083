//! The server's end: chunks that are made once for all.

mod group;

pub use group::{Class, weigh_group, write_group};

use crate::codec::chunk::ChunkEncoder;
use crate::codec::chunks::{Chunk, Chunks, Short, Shorts};
use crate::codec::forecast::Forecaster;
use crate::codec::layout::Layout;
use crate::codec::memo::Memo;
use crate::codec::msb::BitWriter;
use crate::codec::past::{DEPTH, Past, RowWords};
use crate::codec::places::bits;
use crate::codec::row::Task;
use crate::codec::sight::{Group, Rows, Ticks};
use crate::codec::site::Site;
use crate::codec::slots::{SlotSet, Slots, word};
use crate::codec::tables::Tables;

/// What chunks are made from.
#[derive(Debug)]
pub struct Source<'a, R> {
    /// Of the rows.
    pub layout: &'a Layout,
    /// Probabilities and modes.
    pub tables: &'a Tables,
    /// The rows.
    pub ticks: Ticks<'a, R>,
    /// Of which slots chunks will be wanted, as far as one can tell.
    pub usual: &'a Slots,
    /// Whether chunks are taken from those of rows that moved alike, in other ticks too. All sources of a [`Press`] that say so have
    /// the same tables.
    pub remembers: bool,
}

/// What makes chunks, one after the other.
#[derive(Debug)]
pub struct Press {
    encoder: ChunkEncoder,
    memo: Memo,
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
            memo: Memo::new(layout),
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
    /// Whom clients have, of these: the others were looked at for neighbours.
    wanted: SlotSet,
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
    /// Which 64.
    at: usize,
    asked: u64,
    /// Not asked about, but changed.
    surprises: u64,
    /// Not had for all the strides.
    short: u64,
}

impl Own {
    fn of(at: usize) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }

    fn add(&mut self, other: Self) {
        self.asked |= other.asked;
        self.surprises |= other.surprises;
        self.short |= other.short;
    }
}

/// What is known of a slot once somebody has looked at it. Whoever has it is told of it when it is asked about or has changed, so
/// then its chunk is made at once, while its past is at hand.
#[inline]
fn look_at<R: Rows>(
    source: &Source<'_, R>,
    press: &mut Press,
    (slot, depth): (usize, usize),
    keep: &mut Chunks,
) -> Short {
    let ticks = &source.ticks;
    let (Some(past), Some(now)) = (ticks.past(slot, depth), ticks.now.row(slot)) else {
        return Short::default();
    };
    let situation = Forecaster::changed(&past);
    let asked = source.tables.asks(situation);
    let changed = past.differs(now);
    let chunk = if asked || changed {
        make(source, press, (past, now), (situation, asked), keep)
    } else {
        Chunk::default()
    };
    Short {
        asked,
        changed,
        chunk,
    }
}

impl Shared {
    /// Whom clients had at full depth.
    #[must_use]
    pub fn wanted(&self) -> &SlotSet {
        &self.wanted
    }

    /// Forgets everything but the memory it took.
    pub fn clear(&mut self) {
        self.known.clear();
        self.wanted.clear();
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

    /// Looks at those of 64 slots that nobody has looked at before, and at once at those that others will want: rows lie side by
    /// side, and one by one each would be waited for that the processor brings along with its neighbours.
    #[inline]
    fn look<R: Rows>(&mut self, source: &Source<'_, R>, press: &mut Press, at: usize, slots: u64) {
        *self.wanted.word_mut(at) |= slots;
        let known = self.known.word(at);
        if slots & !known == 0 {
            return;
        }
        let unknown = (slots | word(source.usual, at)) & !known;
        let moved = word(source.ticks.moved, at);
        if source.tables.asks_resting() {
            *self.asked.word_mut(at) |= unknown & !moved;
        }
        for bit in bits(unknown & moved) {
            let slot = at * 64 + bit;
            let seen = look_at(source, press, (slot, DEPTH), &mut self.full);
            *self.asked.word_mut(at) |= u64::from(seen.asked) << bit;
            *self.changed.word_mut(at) |= u64::from(seen.changed) << bit;
            self.full.put(slot, seen.chunk);
        }
        *self.known.word_mut(at) |= unknown;
    }

    /// The same for one slot at another depth.
    fn look_short<R: Rows>(
        &mut self,
        source: &Source<'_, R>,
        press: &mut Press,
        (slot, depth): (usize, usize),
    ) -> Short {
        if let Some(short) = self.short.get(slot, depth) {
            return *short;
        }
        let short = look_at(source, press, (slot, depth), &mut self.full);
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
        press: &mut Press,
        group: &Group<'_>,
        (at, rows): (usize, u64),
    ) -> Own {
        let moved = word(source.ticks.moved, at);
        let [a, b, c] = group.before.map(|slots| word(slots, at));
        let long = rows & a & b & c;
        self.look(source, press, at, long);
        let mut asked = long & self.asked.word(at);
        let mut changed = long & self.changed.word(at);
        let short = rows & !long;
        if source.tables.asks_resting() {
            asked |= short & !moved;
        }
        for bit in bits(short & moved) {
            let slot = at * 64 + bit;
            let short = self.look_short(source, press, (slot, group.depth(slot)));
            asked |= u64::from(short.asked) << bit;
            changed |= u64::from(short.changed) << bit;
        }
        Own {
            at,
            asked,
            surprises: changed & !asked,
            short,
        }
    }

    /// The chunk of a slot that the client has had for long. Of one that rests but is asked about it may have to be made.
    #[inline]
    fn chunk<R: Rows>(&mut self, source: &Source<'_, R>, press: &mut Press, slot: usize) -> Chunk {
        if let Some(chunk) = self.full.get(slot) {
            return chunk;
        }
        let chunk = look_at(source, press, (slot, DEPTH), &mut self.full).chunk;
        self.full.put(slot, chunk);
        chunk
    }

    /// The same for a slot at any other depth.
    #[cold]
    fn short_chunk<R: Rows>(
        &mut self,
        source: &Source<'_, R>,
        press: &mut Press,
        short: (usize, usize),
    ) -> Chunk {
        self.look_short(source, press, short).chunk
    }
}

fn make<R: Rows>(
    source: &Source<'_, R>,
    press: &mut Press,
    (past, row): (Past<'_>, RowWords<'_>),
    (situation, asked): (Site, bool),
    keep: &mut Chunks,
) -> Chunk {
    let task = Task {
        layout: source.layout,
        tables: source.tables,
        past,
        whole: false,
    };
    press.made += 1;
    let Press { encoder, memo, .. } = press;
    let site = asked.then_some(situation);
    let place = if source.remembers {
        memo.find(&task, row, situation.place, asked)
    } else {
        None
    };
    if let Some((head, width)) = place.and_then(|place| memo.get(place)) {
        let chunk = (&[][..], head, width);
        debug_assert_eq!(chunk, encoder.encode(task, row, site), "{task:?}");
        return keep.keep(chunk);
    }
    let chunk = encoder.encode(task, row, site);
    if let Some(place) = place {
        memo.put(place, chunk);
    }
    keep.keep(chunk)
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
        let chunk = self.0.keep(press.encoder.encode(task, row, None));
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
    /// Whether a slot that was looked at changed.
    fn is_changed(&self, slot: usize, depth: usize) -> bool {
        if depth == DEPTH {
            return self.changed.contains(slot);
        }
        // Who rests is not looked at.
        let short = self.short.get(slot, depth);
        short.is_some_and(|short| short.changed)
    }
}
