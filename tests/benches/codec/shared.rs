//! The shareable coder: what one client that sees everything is sent.

use std::time::Instant;

use tickwire_protocol::DecodeError;
use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::msb::{BitReader, BitWriter};
use tickwire_protocol::codec::past::{DEPTH, RowWords};
use tickwire_protocol::codec::recording::{Recording, Sample};
use tickwire_protocol::codec::share::{Class, Press, Shared, Source, Wholes, write_group};
use tickwire_protocol::codec::sight::{Group, Rows, Ticks};
use tickwire_protocol::codec::slots::SlotSet;
use tickwire_protocol::codec::tables::Tables;
use tickwire_protocol::codec::view::{GroupReader, RowsMut};

use crate::measure::Outcome;

/// One tick of a recording.
struct At<'a>(&'a Recording, usize);

impl Rows for At<'_> {
    fn row(&self, slot: usize) -> Option<RowWords<'_>> {
        self.0.row(self.1, slot as u32)
    }
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

/// Views of so many ticks are kept: more than any baseline and its history take.
const KEPT: usize = 32;

/// Sends a sample. Its first ticks, which have no baseline, are sent whole and not counted.
pub(crate) fn run(sample: Sample<'_>, tables: &Tables) -> Outcome {
    let recording = sample.recording;
    let (layout, entities) = (recording.layout(), recording.entities());
    let everyone = SlotSet::first(entities);
    let mut client = Client {
        reader: GroupReader::new(layout),
        slots: (0..entities).collect(),
        views: vec![View::new(layout, entities); KEPT],
    };
    let (mut press, mut shared, mut wholes) =
        (Press::new(layout), Shared::default(), Wholes::default());
    let mut outcome = Outcome::default();
    for tick in sample.from..sample.to {
        // What the client holds: the baseline, then one to three strides before it.
        let held: [Option<usize>; DEPTH + 1] = std::array::from_fn(|k| {
            let back = sample.back + k * sample.stride;
            tick.checked_sub(back).filter(|tick| *tick >= sample.from)
        });
        let at = held.map(|tick| tick.map(|tick| At(recording, tick)));
        let now = At(recording, tick);
        let steps = u32::try_from(sample.back / sample.stride).unwrap();
        let [base, before @ ..] = &at;
        let begun = Instant::now();
        let mut out = BitWriter::default();
        if let Some(base) = base {
            shared.clear();
            let ticks = Ticks {
                now: &now,
                base,
                before: before.each_ref().map(Option::as_ref),
                steps,
            };
            let class = Class {
                source: Source {
                    layout,
                    tables,
                    ticks,
                },
                shared: &mut shared,
                rows: everyone.words(),
            };
            let group = Group {
                rows: everyone.words(),
                before: before
                    .each_ref()
                    .map(|at| at.as_ref().map_or(&[][..], |_| everyone.words())),
            };
            write_group(&mut [class], &group, &mut press, &mut out);
        } else {
            wholes.clear();
            for slot in 0..entities {
                wholes.append((layout, tables, &now), &mut press, slot, &mut out);
            }
        }
        let bytes = out.finish();
        let encode = begun.elapsed();
        let begun = Instant::now();
        let read = client.read((recording, tables), (tick, held, steps), &bytes);
        let decode = begun.elapsed();
        outcome.ok &= read.is_ok() && client.holds(recording, tick);
        if let Some(base) = held[0] {
            outcome.bytes += bytes.len();
            outcome.ticks += 1;
            outcome.encode += encode;
            outcome.decode += decode;
            outcome.changed += (0..entities)
                .filter(|entity| now.row(*entity) != At(recording, base).row(*entity))
                .count();
        }
    }
    outcome
}

struct Client {
    reader: GroupReader,
    slots: Vec<usize>,
    views: Vec<View>,
}

impl Client {
    /// Reads one snapshot.
    fn read(
        &mut self,
        (recording, tables): (&Recording, &Tables),
        (tick, held, steps): (usize, [Option<usize>; DEPTH + 1], u32),
        bytes: &[u8],
    ) -> Result<(), DecodeError> {
        let of = (recording.layout(), tables);
        let mut now = std::mem::take(&mut self.views[tick % KEPT]);
        let [base, before @ ..] = held.map(|tick| tick.map(|tick| &self.views[tick % KEPT]));
        let mut bits = BitReader::new(bytes);
        if let Some(base) = base {
            now.clone_from(base);
            let ticks = Ticks {
                now: base,
                base,
                before,
                steps,
            };
            self.reader
                .read(of, ticks, &self.slots, &mut now, &mut bits, &mut ())?;
        } else {
            for slot in &self.slots {
                let (mask, row) = now.row_mut(*slot).ok_or(DecodeError::Truncated)?;
                *mask = self.reader.read_whole(of, row, &mut bits, &mut ())?;
            }
        }
        self.views[tick % KEPT] = now;
        bits.finish()
    }

    fn holds(&self, recording: &Recording, tick: usize) -> bool {
        let view = &self.views[tick % KEPT];
        let now = At(recording, tick);
        (0..recording.entities()).all(|entity| view.row(entity) == now.row(entity))
    }
}
