//! The shareable coder: what one client that sees everything is sent.

use std::time::Instant;

use tickwire_protocol::codec::msb::{BitReader, BitWriter};
use tickwire_protocol::codec::past::DEPTH;
use tickwire_protocol::codec::recording::{Recording, Sample};
use tickwire_protocol::codec::share::Shared;
use tickwire_protocol::codec::sight::{Rows, Sight, Ticks};
use tickwire_protocol::codec::tables::Tables;
use tickwire_protocol::codec::view::{View, ViewReader};

use crate::measure::Outcome;

/// One tick of a recording.
struct At<'a>(&'a Recording, usize);

impl Rows for At<'_> {
    fn row(&self, slot: usize) -> Option<&[u32]> {
        let (_, words) = self.0.row(self.1, slot as u32)?;
        Some(words)
    }
}

/// Views of so many ticks are kept: more than any baseline and its history take.
const KEPT: usize = 32;

/// Sends a sample. Its first ticks, which have no baseline, are sent whole and not counted.
pub(crate) fn run(sample: Sample<'_>, tables: &Tables) -> Outcome {
    let recording = sample.recording;
    let entities = recording.entities();
    let every: Vec<u64> = (0..entities.div_ceil(64))
        .map(|word| u64::MAX >> (64 - (entities - word * 64).min(64)))
        .collect();
    let mut client = Client {
        reader: ViewReader::new(recording.layout()),
        empty: View::new(recording.layout(), entities),
        views: vec![View::default(); KEPT],
    };
    let nobody = vec![0; every.len()];
    let mut outcome = Outcome::default();
    for tick in sample.from..sample.to {
        // What the client holds: the baseline, then one to three strides before it.
        let held: [Option<usize>; DEPTH + 1] = std::array::from_fn(|k| {
            let back = sample.back + k * sample.stride;
            tick.checked_sub(back).filter(|tick| *tick >= sample.from)
        });
        let at = held.map(|tick| tick.map(|tick| At(recording, tick)));
        let seen = held.map(|tick| {
            if tick.is_some() {
                &every[..]
            } else {
                &nobody[..]
            }
        });
        let now = At(recording, tick);
        let steps = u32::try_from(sample.back / sample.stride).unwrap();
        let ticks = Ticks {
            now: &now,
            base: at[0].as_ref().unwrap_or(&now),
            before: [at[1].as_ref(), at[2].as_ref(), at[3].as_ref()],
            steps,
        };
        let sight = Sight {
            now: &every,
            base: seen[0],
            before: [seen[1], seen[2], seen[3]],
        };
        let begun = Instant::now();
        let mut shared = Shared::new(recording.layout(), tables, ticks, entities);
        let mut out = BitWriter::default();
        shared.write(sight, &mut out);
        let bytes = out.finish();
        let encode = begun.elapsed();
        let begun = Instant::now();
        let read = client.read((recording, tables), (tick, held, steps), &bytes);
        let decode = begun.elapsed();
        outcome.ok &= read && client.holds(recording, tick);
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
    reader: ViewReader,
    empty: View,
    views: Vec<View>,
}

impl Client {
    /// Reads one snapshot; whether it was one.
    fn read(
        &mut self,
        (recording, tables): (&Recording, &Tables),
        (tick, held, steps): (usize, [Option<usize>; DEPTH + 1], u32),
        bytes: &[u8],
    ) -> bool {
        let mut now = std::mem::take(&mut self.views[tick % KEPT]);
        let [base, before @ ..] = held.map(|tick| tick.map(|tick| &self.views[tick % KEPT]));
        let mut bits = BitReader::new(bytes);
        let read = self.reader.read(
            (recording.layout(), tables),
            (base.unwrap_or(&self.empty), before, steps),
            &mut bits,
            &mut now,
        );
        self.views[tick % KEPT] = now;
        read.is_ok() && bits.finish().is_ok()
    }

    fn holds(&self, recording: &Recording, tick: usize) -> bool {
        let view = &self.views[tick % KEPT];
        let now = At(recording, tick);
        (0..recording.entities()).all(|entity| view.row(entity) == now.row(entity))
    }
}
