//! A row as a chunk: a string of bits that ends by itself and that every client can have.

use crate::DecodeError;
use crate::codec::coder::{ChunkReader, ChunkWriter, RawReader, Share};
use crate::codec::forecast::Scratch;
use crate::codec::layout::Layout;
use crate::codec::msb::BitReader;
use crate::codec::past::RowWords;
use crate::codec::row::{self, Fixed, Listener, RawSource, Sink, Source, Task};
use crate::codec::site::Site;
use crate::codec::tables::{Tables, share, splits_sign};
use crate::explain::{Cause, Witness};

/// Makes chunks.
#[derive(Debug)]
pub struct ChunkEncoder {
    scratch: Scratch,
    writer: ChunkWriter,
}

struct Static<'a> {
    tables: &'a Tables,
    writer: &'a mut ChunkWriter,
}

impl Sink for Static<'_> {
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
    fn fixed(&mut self, yes: bool, starts: &Fixed) {
        let [_, yes_start, end] = starts.map(u32::from);
        self.writer.symbol(if yes {
            Share {
                start: yes_start,
                size: end - yes_start,
            }
        } else {
            Share {
                start: 0,
                size: yes_start,
            }
        });
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

    /// The chunk of a row. Of one that is `asked` about the reader does not know whether it changed: that comes first, by the
    /// probability of [`Forecaster::changed`](crate::codec::forecast::Forecaster::changed).
    #[inline]
    pub fn encode(
        &mut self,
        task: Task<'_>,
        row: RowWords<'_>,
        asked: Option<Site>,
    ) -> (&[u64], u64, u32) {
        self.writer.start();
        let mut sink = Static {
            tables: task.tables,
            writer: &mut self.writer,
        };
        let changed = asked.is_none_or(|site| {
            let changed = task.past.differs(row);
            sink.symbol(site, usize::from(changed));
            changed
        });
        if changed {
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

struct StaticSource<'a, 'b, 'c, W> {
    tables: &'c Tables,
    reader: ChunkReader<'a, 'b>,
    witness: &'c mut W,
    cause: Cause,
    /// Bits that the witness knows of.
    told: usize,
}

impl<W: Witness> StaticSource<'_, '_, '_, W> {
    #[inline]
    fn tell(&mut self) {
        if W::LISTENS {
            let moved = self.reader.moved();
            self.witness.add(self.cause, (moved - self.told) as u64);
            self.told = moved;
        }
    }
}

impl<W: Witness> Source for StaticSource<'_, '_, '_, W> {
    #[inline]
    fn about(&mut self, cause: Cause) {
        self.cause = cause;
    }
    #[inline]
    fn symbol(&mut self, site: Site) -> usize {
        let symbol = self.reader.symbol(self.tables.starts(site));
        self.tell();
        symbol
    }
    #[inline]
    fn fixed(&mut self, starts: &Fixed) -> bool {
        let yes = self.reader.yes(starts);
        self.tell();
        yes
    }
    #[inline]
    fn word(&mut self, site: Site) -> (usize, bool) {
        let starts = self.tables.starts(site);
        let symbol = self.reader.symbol(starts);
        self.tell();
        (symbol, splits_sign(starts, symbol))
    }
}

struct StaticRaw<'b, 'c, W> {
    reader: RawReader<'b>,
    witness: &'c mut W,
}

impl<W: Witness> RawSource for StaticRaw<'_, '_, W> {
    #[inline]
    fn raw(&mut self, cause: Cause, width: u32) -> Result<u32, DecodeError> {
        if W::LISTENS {
            self.witness.add(cause, u64::from(width));
        }
        Ok(self.reader.read(width))
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

    /// Reads a chunk into `row` and gives its mask; `asked` as for [`ChunkEncoder::encode`].
    ///
    /// # Errors
    /// When the bits end too early or are no chunk of this layout.
    #[inline]
    pub fn decode<W: Witness>(
        &mut self,
        task: Task<'_>,
        row: &mut [u32],
        asked: Option<Site>,
        bits: &mut BitReader<'_>,
        witness: &mut W,
    ) -> Result<u32, DecodeError> {
        let reason = task.reason();
        let mut source = StaticSource {
            tables: task.tables,
            reader: ChunkReader::new(bits),
            witness,
            cause: Cause::of(reason),
            told: 0,
        };
        let rests = asked.is_some_and(|site| source.symbol(site) == 0);
        let (mask, raw_bits) = if rests {
            row.copy_from_slice(task.past.base);
            (task.past.mask, 0)
        } else {
            self.listener
                .symbols(task, row, &mut self.scratch, &mut source)
        };
        let StaticSource {
            reader,
            witness,
            cause,
            ..
        } = source;
        let (reader, end_bits) = reader.finish(raw_bits)?;
        witness.add(cause, u64::from(end_bits));
        if !rests {
            let mut raw = StaticRaw { reader, witness };
            self.listener.words(task.layout, reason, row, &mut raw)?;
        }
        Ok(mask)
    }
}
