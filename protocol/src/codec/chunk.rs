//! A row as a chunk: a string of bits that ends by itself and that every client can have.

use crate::DecodeError;
use crate::codec::coder::{ChunkReader, ChunkWriter, RawReader};
use crate::codec::forecast::{Forecaster, Scratch};
use crate::codec::layout::Layout;
use crate::codec::motion::differ;
use crate::codec::msb::BitReader;
use crate::codec::row::{self, Listener, RawSource, Sink, Source, Task};
use crate::codec::site::Site;
use crate::codec::tables::{Tables, share, splits_sign};

/// Makes chunks.
#[derive(Debug)]
pub struct ChunkEncoder {
    scratch: Scratch,
    writer: ChunkWriter,
}

struct Fixed<'a> {
    tables: &'a Tables,
    writer: &'a mut ChunkWriter,
}

impl Sink for Fixed<'_> {
    #[inline]
    fn symbol(&mut self, site: Site, symbol: usize) {
        let starts = self.tables.starts(site);
        if splits_sign(starts, symbol) {
            let minus = (symbol + 1) & 1;
            self.writer.symbol(share(starts, symbol - minus));
            self.writer.raw(u32::from(minus == 1), 1);
        } else {
            self.writer.symbol(share(starts, symbol));
        }
    }
    #[inline]
    fn raw(&mut self, value: u32, width: u32) {
        self.writer.raw(value, width);
    }
}

impl ChunkEncoder {
    /// For rows of this layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            scratch: Scratch::new(layout),
            writer: ChunkWriter::default(),
        }
    }

    /// The chunk of a row. With `asked` the reader does not know that the row changed: that comes first.
    #[inline]
    pub fn encode(&mut self, task: Task<'_>, row: &[u32], asked: bool) -> (&[u64], u64, u32) {
        self.writer.start();
        let mut sink = Fixed {
            tables: task.tables,
            writer: &mut self.writer,
        };
        let changed = differ(row, task.past.base);
        if asked {
            sink.symbol(Forecaster::changed(&task.past), usize::from(changed));
        }
        if changed || !asked {
            row::encode(task, row, &mut self.scratch, &mut sink);
        }
        self.writer.finish()
    }
}

/// Reads chunks.
#[derive(Debug)]
pub struct ChunkDecoder {
    scratch: Scratch,
    listener: Listener,
}

struct FixedSource<'a, 'b, 'c> {
    tables: &'c Tables,
    reader: ChunkReader<'a, 'b>,
}

impl Source for FixedSource<'_, '_, '_> {
    #[inline]
    fn symbol(&mut self, site: Site) -> usize {
        self.reader.symbol(self.tables.starts(site))
    }
    #[inline]
    fn word(&mut self, site: Site) -> (usize, bool) {
        let starts = self.tables.starts(site);
        let symbol = self.reader.symbol(starts);
        (symbol, splits_sign(starts, symbol))
    }
}

impl RawSource for RawReader<'_, '_> {
    #[inline]
    fn raw(&mut self, width: u32) -> Result<u32, DecodeError> {
        self.read(width)
    }
}

impl ChunkDecoder {
    /// For rows of this layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            scratch: Scratch::new(layout),
            listener: Listener::default(),
        }
    }

    /// Reads a chunk into `row`; `asked` as for [`ChunkEncoder::encode`].
    ///
    /// # Errors
    /// When the bits end too early or are no chunk of this layout.
    #[inline]
    pub fn decode(
        &mut self,
        task: Task<'_>,
        row: &mut [u32],
        asked: bool,
        bits: &mut BitReader<'_>,
    ) -> Result<(), DecodeError> {
        let mut source = FixedSource {
            tables: task.tables,
            reader: ChunkReader::new(bits),
        };
        if asked && source.symbol(Forecaster::changed(&task.past)) == 0 {
            row.copy_from_slice(task.past.base);
            source.reader.finish(0)?;
            return Ok(());
        }
        let raw_bits = self
            .listener
            .symbols(task, row, &mut self.scratch, &mut source);
        let mut raw = source.reader.finish(raw_bits)?;
        self.listener.words(task.layout, row, &mut raw)
    }
}
