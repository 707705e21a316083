//! The yardstick: one coder per client that learns as it goes. Same forecasts, same situations, nothing to share.

use std::time::Instant;

use tickwire_protocol::DecodeError;
use tickwire_protocol::codec::coder::{ChunkReader, ChunkWriter, PROBABILITY_BITS, Share};
use tickwire_protocol::codec::forecast::{Forecaster, Scratch};
use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::msb::{BitReader, BitWriter};
use tickwire_protocol::codec::past::{Past, RowWords};
use tickwire_protocol::codec::recording::Sample;
use tickwire_protocol::codec::row::{self, Fixed, Listener, RawSource, Sink, Source, Task};
use tickwire_protocol::codec::site::{Site, classes};
use tickwire_protocol::codec::tables::{Starts, Tables, share, splits_sign};
use tickwire_protocol::codec::token::SYMBOLS;
use tickwire_protocol::explain::{Cause, Reason};

use crate::measure::Outcome;

/// Counts of symbols, by situation.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    counts: Vec<[u32; SYMBOLS]>,
    /// Where the counts of a class start.
    first: Vec<usize>,
}

/// What one symbol adds.
const STEP: u32 = 32;
/// Counts are halved above this.
const LIMIT: u32 = 32 * 1024;

impl Model {
    /// One distribution for each situation, starting from the neutral expectation.
    pub(crate) fn fine(layout: &Layout, weight: f64) -> Self {
        let (mut counts, mut first) = (Vec::new(), Vec::new());
        let neutral = Tables::neutral(layout);
        for (class, kind) in classes(layout).into_iter().enumerate() {
            first.push(counts.len());
            counts.extend(
                (0..kind.sites()).map(|place| start(neutral.starts(Site { class, place }), weight)),
            );
        }
        Self { counts, first }
    }

    fn index(&self, site: Site) -> usize {
        self.first[site.class] + site.place
    }

    fn starts(&self, index: usize) -> Starts {
        const FREE: u64 = (1 << PROBABILITY_BITS) - SYMBOLS as u64;
        let counts = &self.counts[index];
        let total: u64 = counts.iter().map(|c| u64::from(*c)).sum();
        let mut starts = [0; SYMBOLS + 1];
        let (mut sum, mut least) = (0, 0);
        for (start, count) in starts.iter_mut().zip(counts.iter().chain([&0])) {
            *start = u16::try_from(sum * FREE / total.max(1) + least).unwrap_or(u16::MAX);
            sum += u64::from(*count);
            least += 1;
        }
        starts
    }

    fn learn(&mut self, index: usize, symbol: usize) {
        let counts = &mut self.counts[index];
        counts[symbol] += STEP;
        if counts.iter().sum::<u32>() > LIMIT {
            for count in counts {
                *count = (*count).div_ceil(2);
            }
        }
    }
}

fn start(shares: &Starts, weight: f64) -> [u32; SYMBOLS] {
    let mut counts = [0; SYMBOLS];
    for (i, count) in counts.iter_mut().enumerate() {
        let mut size = f64::from(share(shares, i).size) / f64::from(1 << PROBABILITY_BITS);
        if splits_sign(shares, i) {
            size =
                f64::from(share(shares, i - ((i + 1) & 1)).size) / f64::from(2 << PROBABILITY_BITS);
        }
        *count = (size * weight * f64::from(STEP)).ceil() as u32;
    }
    counts
}

/// The server's end.
#[derive(Debug)]
pub(crate) struct AdaptiveEncoder {
    model: Model,
    writer: ChunkWriter,
    scratch: Scratch,
    raw: Vec<(u32, u32)>,
}

struct Telling<'m> {
    model: &'m mut Model,
    writer: &'m mut ChunkWriter,
    raw: &'m mut Vec<(u32, u32)>,
}

impl Sink for Telling<'_> {
    fn symbol(&mut self, site: Site, symbol: usize) {
        let index = self.model.index(site);
        self.writer.symbol(share(&self.model.starts(index), symbol));
        self.model.learn(index, symbol);
    }
    fn fixed(&mut self, yes: bool, starts: &Fixed) {
        let symbol = usize::from(yes);
        let [start, end] = [starts[symbol], starts[symbol + 1]].map(u32::from);
        let size = end - start;
        self.writer.symbol(Share { start, size });
    }
    fn raw(&mut self, value: u32, width: u32) {
        self.raw.push((value, width));
    }
}

impl AdaptiveEncoder {
    /// Starts from a model.
    pub(crate) fn new(layout: &Layout, model: Model) -> Self {
        Self {
            model,
            writer: ChunkWriter::default(),
            scratch: Scratch::new(layout),
            raw: Vec::new(),
        }
    }

    /// Starts a snapshot.
    pub(crate) fn start(&mut self) {
        self.writer.start();
    }

    /// Tells a row, changed or not.
    pub(crate) fn row(
        &mut self,
        layout: &Layout,
        tables: &Tables,
        past: Past<'_>,
        row: RowWords<'_>,
    ) {
        let mut sink = Telling {
            model: &mut self.model,
            writer: &mut self.writer,
            raw: &mut self.raw,
        };
        let changed = past.differs(row);
        sink.symbol(Forecaster::changed(&past), usize::from(changed));
        if changed {
            row::encode(
                Task {
                    layout,
                    tables,
                    past,
                    whole: false,
                },
                row,
                &mut self.scratch,
                &mut sink,
            );
        }
        for (value, width) in self.raw.drain(..) {
            let mut left = width;
            while left > 0 {
                let part = left.min(12);
                left -= part;
                let size = 1 << (PROBABILITY_BITS - part);
                self.writer.symbol(Share {
                    start: (value >> left & ((1 << part) - 1)) * size,
                    size,
                });
            }
        }
    }

    /// Ends the snapshot.
    pub(crate) fn finish(&mut self) -> (&[u64], u64, u32) {
        self.writer.finish()
    }
}

/// The client's end.
#[derive(Debug)]
pub(crate) struct AdaptiveDecoder {
    model: Model,
    scratch: Scratch,
    listener: Listener,
}

struct Learning<'m, 'a, 'b> {
    model: &'m mut Model,
    reader: &'m mut ChunkReader<'a, 'b>,
}

impl Source for Learning<'_, '_, '_> {
    fn symbol(&mut self, site: Site) -> usize {
        let index = self.model.index(site);
        let symbol = self.reader.symbol(&self.model.starts(index));
        self.model.learn(index, symbol);
        symbol
    }
    fn fixed(&mut self, starts: &Fixed) -> bool {
        self.reader.yes(starts)
    }
}

/// Raw bits as symbols that are all alike: there is one stream, and its only end is the snapshot's.
struct Even<'m, 'a, 'b>(&'m mut ChunkReader<'a, 'b>);

impl RawSource for Even<'_, '_, '_> {
    fn raw(&mut self, _: Cause, width: u32) -> Result<u32, DecodeError> {
        let (mut left, mut value) = (width, 0);
        while left > 0 {
            let part = left.min(12);
            left -= part;
            value = value << part | self.0.even(part);
        }
        Ok(value)
    }
}

impl AdaptiveDecoder {
    /// Starts from a model.
    pub(crate) fn new(layout: &Layout, model: Model) -> Self {
        Self {
            model,
            scratch: Scratch::new(layout),
            listener: Listener::default(),
        }
    }

    /// Reads all rows of a snapshot; `rows` gives each row's past and place.
    pub(crate) fn rows<'p>(
        &mut self,
        layout: &Layout,
        tables: &Tables,
        bits: &mut BitReader<'_>,
        rows: impl Iterator<Item = (Past<'p>, &'p mut [u32])>,
    ) -> Result<(), DecodeError> {
        let mut reader = ChunkReader::new(bits);
        for (past, row) in rows {
            let mut source = Learning {
                model: &mut self.model,
                reader: &mut reader,
            };
            if source.symbol(Forecaster::changed(&past)) == 0 {
                row.copy_from_slice(past.base);
                continue;
            }
            let task = Task {
                layout,
                tables,
                past,
                whole: false,
            };
            self.listener
                .symbols(task, row, &mut self.scratch, &mut source);
            self.listener
                .words(layout, Reason::Change, row, &mut Even(&mut reader))?;
        }
        reader.finish(0).map(drop)
    }
}

/// Sends a sample.
pub(crate) fn run(sample: Sample<'_>, tables: &Tables, model: Model) -> Outcome {
    let recording = sample.recording;
    let layout = recording.layout();
    let width = layout.row_words();
    let mut encoder = AdaptiveEncoder::new(layout, model.clone());
    let mut decoder = AdaptiveDecoder::new(layout, model);
    let mut out = vec![0; width * recording.entities()];
    let mut outcome = Outcome::default();
    for tick in crate::ticks(&sample) {
        let pasts: Vec<Past<'_>> = (0..recording.entities())
            .filter_map(|entity| sample.past(tick, entity as u32))
            .collect();
        let begun = Instant::now();
        encoder.start();
        for (past, (_, row)) in pasts.iter().zip(recording.rows(tick)) {
            encoder.row(layout, tables, *past, row);
        }
        let mut writer = BitWriter::default();
        writer.append_all(encoder.finish());
        let bytes = writer.finish();
        outcome.encode += begun.elapsed();
        let begun = Instant::now();
        let mut bits = BitReader::new(&bytes);
        let rows = pasts.iter().copied().zip(out.chunks_mut(width));
        let read = decoder.rows(layout, tables, &mut bits, rows);
        outcome.decode += begun.elapsed();
        outcome.ok &= read.is_ok() && bits.finish().is_ok();
        for ((row, past), (_, sent)) in out.chunks(width).zip(&pasts).zip(recording.rows(tick)) {
            outcome.ok &= row == sent.words;
            outcome.changed += usize::from(past.differs(sent));
        }
        outcome.bytes += bytes.len();
        outcome.ticks += 1;
    }
    outcome
}
