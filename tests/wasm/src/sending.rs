//! The shareable coder as one client meets it that sees everything. Whoever calls has the clock, for in wasm there is none.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test knows its numbers, and may fail"
)]

use tickwire_protocol::DecodeError;
use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::msb::{BitReader, BitWriter};
use tickwire_protocol::codec::past::{DEPTH, RowWords};
use tickwire_protocol::codec::recording::{Recording, Sample};
use tickwire_protocol::codec::share::{Class, Press, Shared, Source, Wholes, write_group};
use tickwire_protocol::codec::sight::{Group, Rows, Ticks};
use tickwire_protocol::codec::slots::SlotSet;
use tickwire_protocol::codec::store;
use tickwire_protocol::codec::tables::Tables;
use tickwire_protocol::codec::view::{GroupReader, RowsMut};
use xxhash_rust::xxh3::Xxh3;

/// Tables as [`store::write`] writes them, steady ones being all there is to it; of no bytes the neutral ones.
///
/// # Panics
/// When the bytes are no tables of the layout.
#[must_use]
pub fn tables_of(layout: &Layout, bytes: &[u8]) -> Tables {
    if bytes.is_empty() {
        return Tables::neutral(layout);
    }
    let read = store::read(layout, 0, bytes);
    #[expect(clippy::expect_used, reason = "a test may fail")]
    read.expect("tables of this layout").steady
}

/// What a client has of one tick.
#[derive(Clone, Default)]
struct View {
    width: usize,
    masks: Vec<u32>,
    words: Vec<u32>,
}

impl View {
    fn new(layout: &Layout, slots: usize) -> Self {
        let width = layout.row_words();
        Self {
            width,
            masks: vec![0; slots],
            words: vec![0; slots * width],
        }
    }
}

impl Rows for View {
    fn row(&self, slot: usize) -> Option<RowWords<'_>> {
        Some(RowWords {
            mask: *self.masks.get(slot)?,
            words: self.words.get(slot * self.width..(slot + 1) * self.width)?,
        })
    }
}

impl RowsMut for View {
    fn row_mut(&mut self, slot: usize) -> Option<(&mut u32, &mut [u32])> {
        let words = self
            .words
            .get_mut(slot * self.width..(slot + 1) * self.width);
        Some((self.masks.get_mut(slot)?, words?))
    }
}

/// So many ticks may be looked at before they are encoded, and decoded before they are compared.
pub const CHUNK: usize = 16;

/// Views of so many ticks are kept: more than any baseline and its history take, and than are compared at a time.
const KEPT: usize = 32;

/// Both ends.
pub struct Sending {
    press: Press,
    shared: Shared,
    wholes: Wholes,
    everyone: SlotSet,
    reader: GroupReader,
    slots: Vec<usize>,
    views: Vec<View>,
    /// Whom the last snapshot told of.
    told: SlotSet,
    /// At each end.
    moves: [Moves; 2],
}

/// For each of the last ticks, which rows were not as in the tick before.
#[derive(Default)]
struct Moves {
    ring: [SlotSet; KEPT],
    all: SlotSet,
}

impl Moves {
    /// Notes those of a tick, which are `among` these.
    fn note<R: Rows>(&mut self, tick: usize, among: &SlotSet, before: Option<&R>, now: &R) {
        let ring = &mut self.ring[tick % KEPT];
        ring.clear();
        for slot in among.iter() {
            if before.is_none_or(|before| before.row(slot) != now.row(slot)) {
                ring.insert(slot);
            }
        }
    }

    /// Those of all ticks that a chunk on the tick `base` looks at, up to `last`.
    fn until(&mut self, sample: &Sample<'_>, base: usize, last: usize) -> &[u64] {
        let first = base.saturating_sub(DEPTH * sample.stride).max(sample.from);
        self.all.clear();
        for tick in first + 1..=last {
            self.all.add(&self.ring[tick % KEPT]);
        }
        self.all.words()
    }
}

/// What a client holds when a tick comes: the baseline, then one to three strides before it.
type Held = [Option<usize>; DEPTH + 1];

fn held(sample: &Sample<'_>, tick: usize) -> Held {
    std::array::from_fn(|k| {
        let back = sample.back + k * sample.stride;
        tick.checked_sub(back).filter(|tick| *tick >= sample.from)
    })
}

fn steps(sample: &Sample<'_>) -> u32 {
    (sample.back / sample.stride) as u32
}

impl Sending {
    /// Before the first tick.
    #[must_use]
    pub fn new(recording: &Recording) -> Self {
        let (layout, entities) = (recording.layout(), recording.entities());
        Self {
            press: Press::new(layout),
            shared: Shared::default(),
            wholes: Wholes::default(),
            everyone: SlotSet::first(entities),
            reader: GroupReader::new(layout),
            slots: (0..entities).collect(),
            views: vec![View::new(layout, entities); KEPT],
            told: SlotSet::default(),
            moves: Default::default(),
        }
    }

    /// Finds out which rows moved in a tick: at most [`CHUNK`] ticks before it is encoded.
    pub fn look(&mut self, sample: &Sample<'_>, tick: usize) {
        let [moves, _] = &mut self.moves;
        let at = |tick| sample.recording.table(tick);
        let last = tick.checked_sub(1).map(at);
        moves.note(tick, &self.everyone, last.as_ref(), &at(tick));
    }

    /// Writes one snapshot. A sample's first ticks, which have no baseline, are sent whole.
    pub fn encode(&mut self, sample: &Sample<'_>, tables: &Tables, tick: usize) -> Vec<u8> {
        let recording = sample.recording;
        let layout = recording.layout();
        let held = held(sample, tick);
        let at = held.map(|tick| tick.map(|tick| recording.table(tick)));
        let now = recording.table(tick);
        let [base, before @ ..] = &at;
        let [moves, _] = &mut self.moves;
        let mut out = BitWriter::default();
        if let (Some(base), [Some(base_tick), ..]) = (base, held) {
            self.shared.clear();
            let ticks = Ticks {
                now: &now,
                base,
                before: before.each_ref().map(Option::as_ref),
                steps: steps(sample),
                moved: moves.until(sample, base_tick, tick),
            };
            let class = Class {
                source: Source {
                    layout,
                    tables,
                    ticks,
                    usual: &[],
                    remembers: false,
                },
                shared: &mut self.shared,
                rows: self.everyone.words(),
            };
            let group = Group {
                rows: self.everyone.words(),
                before: before
                    .each_ref()
                    .map(|at| at.as_ref().map_or(&[][..], |_| self.everyone.words())),
            };
            write_group(&mut [class], &group, &mut self.press, &mut out);
        } else {
            self.wholes.clear();
            for slot in &self.slots {
                let of = (layout, tables, &now);
                self.wholes.append(of, &mut self.press, *slot, &mut out);
            }
        }
        out.finish()
    }

    /// Reads one snapshot, the one after the last.
    ///
    /// # Errors
    /// When the two ends differ.
    pub fn decode(
        &mut self,
        sample: &Sample<'_>,
        tables: &Tables,
        tick: usize,
        bytes: &[u8],
    ) -> Result<(), DecodeError> {
        let of = (sample.recording.layout(), tables);
        let mut now = std::mem::take(&mut self.views[tick % KEPT]);
        let held = held(sample, tick);
        let [base, before @ ..] = held.map(|tick| tick.map(|tick| &self.views[tick % KEPT]));
        let [_, moves] = &mut self.moves;
        let mut bits = BitReader::new(bytes);
        if let Some(base) = base {
            now.clone_from(base);
            let ticks = Ticks {
                now: base,
                base,
                before,
                steps: steps(sample),
                moved: held[0].map_or(&[], |base| moves.until(sample, base, base)),
            };
            self.reader
                .read(of, ticks, &self.slots, &mut now, &mut bits, &mut ())?;
        } else {
            for slot in &self.slots {
                let (mask, row) = now.row_mut(*slot).ok_or(DecodeError::Truncated)?;
                *mask = self.reader.read_whole(of, row, &mut bits, &mut ())?;
            }
        }
        let last = tick.checked_sub(1).filter(|last| *last >= sample.from);
        let last = last.map(|last| &self.views[last % KEPT]);
        let mut among = SlotSet::default();
        match held[0] {
            None => {
                self.told.copy(&self.everyone);
                among.copy(&self.everyone);
            }
            Some(base) => {
                // As a client knows it. Where the baseline is not the last tick, the last one's baseline was not this one's.
                if base + 1 < tick {
                    among.copy(&self.told);
                    among.add(&moves.ring[base % KEPT]);
                }
                self.told.clear();
                self.reader.told().for_each(|slot| self.told.insert(slot));
                among.add(&self.told);
            }
        }
        moves.note(tick, &among, last, &now);
        self.views[tick % KEPT] = now;
        bits.finish()
    }

    /// Whether what was decoded is what was sent, at one of the last [`CHUNK`] ticks.
    #[must_use]
    pub fn holds(&self, recording: &Recording, tick: usize) -> bool {
        let view = &self.views[tick % KEPT];
        let now = recording.table(tick);
        (0..recording.entities()).all(|entity| view.row(entity) == now.row(entity))
    }
}

/// Sums over a sample, without its first ticks.
#[derive(Clone, Default)]
pub struct Tally {
    /// Of all snapshots.
    pub bytes: usize,
    /// Snapshots.
    pub ticks: usize,
    /// Rows that were not as in the baseline.
    pub changed: usize,
    /// Over the snapshots.
    pub hash: Xxh3,
}

impl Tally {
    /// Adds a snapshot if it counts, and says whether it does.
    pub fn add(&mut self, sample: &Sample<'_>, tick: usize, bytes: &[u8]) -> bool {
        let [base, ..] = held(sample, tick);
        if let Some(base) = base {
            let [now, base] = [tick, base].map(|tick| sample.recording.table(tick));
            self.bytes += bytes.len();
            self.ticks += 1;
            self.changed += (0..sample.recording.entities())
                .filter(|entity| now.row(*entity) != base.row(*entity))
                .count();
            self.hash.update(bytes);
        }
        base.is_some()
    }
}
