//! The arithmetic coder of one chunk: an interval that narrows symbol by symbol, and an end that pins it with few bits.
//!
//! The interval is `low .. low + range` in a window of 32 bits; after each symbol the window moves on until the range's
//! highest bit is set, so a symbol costs what its probability says to within 2⁻¹⁶.
//!
//! A chunk must say by itself where it ends. Whoever decodes knows the same interval when the last symbol is read, so the rule
//! "as few bits as name a cell inside the interval" needs no length. By itself it would waste a bit per chunk; so up to
//! [`MAX_TAIL`] bits that are as good as random (see [`token`](crate::codec::token)) are part of the choice of that cell: with 2ʳ cells to choose
//! from, and two lengths that differ by a bit, almost all of the waste is gone.

use crate::DecodeError;
use crate::codec::end::Cells;
use crate::codec::msb::{BitReader, BitString};
use crate::codec::token::SYMBOLS;

/// Probabilities are multiples of 2⁻¹⁵.
pub const PROBABILITY_BITS: u32 = 15;

/// Random bits that can take part in a chunk's end.
pub const MAX_TAIL: u32 = 12;

/// The share of one symbol: `start .. start + size`, in units of 2⁻¹⁵.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Where it starts.
    pub start: u32,
    /// How much it is; never 0.
    pub size: u32,
}

/// Writes one chunk after the other, each into the same memory.
#[derive(Debug, Default)]
pub struct ChunkWriter {
    done: BitString,
    /// The interval: the window is the lowest 32 bits, `pending` bits stand above it, and a carry may above those.
    low: u64,
    pending: u32,
    range: u32,
    /// Bits as good as random, for the end.
    raw: BitString,
}

impl ChunkWriter {
    /// Starts a chunk.
    #[inline]
    pub fn start(&mut self) {
        self.done.clear();
        self.raw.clear();
        (self.low, self.pending, self.range) = (0, 0, u32::MAX);
    }

    /// Narrows the interval to a share of it.
    #[inline]
    pub fn symbol(&mut self, share: Share) {
        let unit = self.range >> PROBABILITY_BITS;
        self.low += u64::from(unit) * u64::from(share.start);
        self.range = unit * share.size;
        let shift = self.range.leading_zeros();
        if self.pending + shift > 31 {
            self.flush();
        }
        self.low <<= shift;
        self.range <<= shift;
        self.pending += shift;
    }

    /// Keeps `width` bits (0 to 32) that are as good as random for the end.
    #[inline]
    pub fn raw(&mut self, value: u32, width: u32) {
        self.raw.push(u64::from(value), width);
    }

    /// Ends the chunk: chooses one of the interval's cells by the first raw bits and appends the others.
    pub fn finish(&mut self) -> (&[u64], u64, u32) {
        let (words, head, width) = self.raw.bits();
        let first = words.first().copied().unwrap_or(head);
        let tail_bits = MAX_TAIL.min(if words.is_empty() { width } else { MAX_TAIL });
        let tail = u32::try_from(first.unbounded_shr(u64::BITS - tail_bits)).unwrap_or(0);
        let window = u32::try_from(self.low & u64::from(u32::MAX)).unwrap_or(u32::MAX);
        let (cell, cell_bits) = Cells::of(window, self.range, tail_bits).name(tail);
        let value = ((self.low >> 32) << cell_bits) + cell;
        emit(&mut self.done, value, self.pending + cell_bits);
        let mut skip = tail_bits;
        for word in words {
            push_from(&mut self.done, *word, skip, u64::BITS);
            skip = 0;
        }
        push_from(&mut self.done, head, skip, width);
        self.done.bits()
    }

    /// Moves the bits above the window to the finished ones.
    #[cold]
    fn flush(&mut self) {
        emit(&mut self.done, self.low >> 32, self.pending);
        self.low &= u64::from(u32::MAX);
        self.pending = 0;
    }
}

/// Appends `width` bits (at most 47) of `value`; one bit above them is a carry into what was appended before.
#[inline]
fn emit(done: &mut BitString, value: u64, width: u32) {
    if value >> width > 0 {
        done.carry();
    }
    done.push(value & ((1 << width) - 1), width);
}

/// Appends the bits `from..to` of a word, counted from the highest.
#[inline]
fn push_from(done: &mut BitString, word: u64, from: u32, to: u32) {
    let width = to.saturating_sub(from);
    let value = word.unbounded_shl(from).unbounded_shr(u64::BITS - width);
    if width > 32 {
        done.push(value >> 32, width - 32);
        done.push(value & u64::from(u32::MAX), 32);
    } else {
        done.push(value, width);
    }
}

/// Reads one chunk: the same interval, and where in it the bits point.
#[derive(Debug)]
pub struct ChunkReader<'a, 'b> {
    bits: &'a mut BitReader<'b>,
    /// The window of `low`, as the writer has it.
    low: u32,
    range: u32,
    /// How far above `low` the bits point: below `range`.
    offset: u32,
    /// Bits before the window.
    moved: usize,
    /// Bits after the window, highest first, and how many of them are good.
    ahead: u64,
    ahead_bits: u32,
}

impl<'a, 'b> ChunkReader<'a, 'b> {
    /// Starts to read a chunk where `bits` is.
    #[must_use]
    pub fn new(bits: &'a mut BitReader<'b>) -> Self {
        let ahead = bits.peek(0);
        // A window of ones lies outside the first interval; `shares` ends such a chunk in its last symbol, which is harmless.
        let offset = u32::try_from(ahead >> 32).unwrap_or(u32::MAX);
        Self {
            bits,
            low: 0,
            range: u32::MAX,
            offset: offset.min(u32::MAX - 1),
            moved: 0,
            ahead: ahead << 32,
            ahead_bits: 25,
        }
    }

    /// Reads a yes or no: the starts of the shares of no and yes, and the end.
    #[inline]
    pub fn yes(&mut self, starts: &[u16; 3]) -> bool {
        let unit = self.range >> PROBABILITY_BITS;
        let [_, yes, end] = starts.map(|start| unit * u32::from(start));
        let is = self.offset >= yes;
        self.take(if is { (yes, end) } else { (0, yes) });
        is
    }

    /// Reads a symbol: `starts` are the starts of all shares, the first 0, and the end of the last.
    #[inline]
    pub fn symbol(&mut self, starts: &[u16; SYMBOLS + 1]) -> usize {
        let unit = self.range >> PROBABILITY_BITS;
        let [_, none, rest @ ..] = starts;
        let mut start = unit * u32::from(*none);
        if self.offset < start {
            self.take((0, start));
            return 0;
        }
        // By pairs: which of two it is (a sign, mostly) nobody can foresee, so no branch asks.
        let (pairs, last) = rest.as_chunks::<2>();
        let mut symbol = 1;
        for [middle, end] in pairs {
            let end = unit * u32::from(*end);
            if self.offset < end {
                let middle = unit * u32::from(*middle);
                let second = self.offset >= middle;
                self.take(if second {
                    (middle, end)
                } else {
                    (start, middle)
                });
                return symbol + usize::from(second);
            }
            start = end;
            symbol += 2;
        }
        let [end] = last else { return symbol };
        self.take((start, unit * u32::from(*end)));
        symbol
    }

    /// Narrows the interval to a share of it.
    #[inline]
    fn take(&mut self, (start, end): (u32, u32)) {
        self.low = self.low.wrapping_add(start);
        self.range = end - start;
        // Past the last share's end (less than 2⁻¹⁶ of the interval) lies nothing that an encoder writes.
        self.offset = (self.offset - start).min(self.range.saturating_sub(1));
        self.move_on();
    }

    /// Reads a number of `width` bits (0 to 15) that are all alike.
    #[inline]
    pub fn even(&mut self, width: u32) -> u32 {
        let unit = (self.range >> PROBABILITY_BITS) << (PROBABILITY_BITS - width);
        let value = (self.offset / unit).min((1 << width) - 1);
        self.low = self.low.wrapping_add(value * unit);
        self.offset = (self.offset - value * unit).min(unit - 1);
        self.range = unit;
        self.move_on();
        value
    }

    #[inline]
    fn move_on(&mut self) {
        let shift = self.range.leading_zeros() & 31;
        if shift > self.ahead_bits {
            self.ahead = self.bits.peek(self.moved + 32);
            self.ahead_bits = 57;
        }
        self.moved += shift as usize;
        self.low <<= shift;
        self.range <<= shift;
        let next = (self.ahead >> 32) >> (32 - shift);
        self.offset = self.offset << shift | u32::try_from(next).unwrap_or(0);
        self.ahead <<= shift;
        self.ahead_bits -= shift;
    }

    /// Bits that the symbols have taken so far.
    #[inline]
    #[must_use]
    pub fn moved(&self) -> usize {
        self.moved
    }

    /// Ends the interval; `raw_bits` bits that are as good as random follow, the first of them in the choice of the end. Gives
    /// also how many bits the end took beside those.
    ///
    /// # Errors
    /// When the bits end too early or point to no cell.
    #[inline]
    pub fn finish(self, raw_bits: u32) -> Result<(RawReader<'b>, u32), DecodeError> {
        let kept_bits = raw_bits.min(MAX_TAIL);
        let cells = Cells::of(self.low, self.range, kept_bits);
        let (tail, width) = cells.at(u64::from(self.low) + u64::from(self.offset));
        DecodeError::check("end of a chunk", tail, (1 << kept_bits) - 1)?;
        self.bits.skip(self.moved + width as usize)?;
        let raw = RawReader {
            bits: self.bits.clone(),
            ahead: tail.unbounded_shl(u64::BITS - kept_bits),
            ahead_bits: kept_bits,
            loaded: 0,
        };
        // The next chunk begins behind them. That they are all there is checked once, here, and not bit by bit.
        self.bits.skip((raw_bits - kept_bits) as usize)?;
        Ok((raw, width - kept_bits))
    }
}

/// Reads a chunk's raw bits: as many as [`ChunkReader::finish`] was told of, after them come bits of the next chunk.
#[derive(Debug)]
pub struct RawReader<'b> {
    bits: BitReader<'b>,
    /// The next bits, highest first: at first what the end told.
    ahead: u64,
    ahead_bits: u32,
    /// Bits taken from `bits` so far.
    loaded: usize,
}

impl RawReader<'_> {
    /// Takes `width` bits (0 to 32).
    #[inline]
    pub fn read(&mut self, width: u32) -> u32 {
        if width > self.ahead_bits {
            let more = (u64::BITS - self.ahead_bits).min(57);
            self.ahead |= self.bits.peek(self.loaded).unbounded_shr(self.ahead_bits);
            self.loaded += more as usize;
            self.ahead_bits += more;
        }
        let value = self.ahead.unbounded_shr(u64::BITS - width);
        self.ahead = self.ahead.unbounded_shl(width);
        self.ahead_bits -= width;
        u32::try_from(value).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::msb::BitWriter;

    /// No and yes, alike.
    const STARTS: [u16; 3] = [0, 1 << 14, 1 << 15];

    fn write(raw: &[(u32, u32)], yes: bool, writer: &mut ChunkWriter, out: &mut BitWriter) {
        writer.start();
        writer.symbol(Share {
            start: u32::from(yes) << 14,
            size: 1 << 14,
        });
        for (value, width) in raw {
            writer.raw(*value, *width);
        }
        out.append_all(writer.finish());
    }

    fn read(raw: &[(u32, u32)], yes: bool, bits: &mut BitReader<'_>) -> Result<(), DecodeError> {
        let mut reader = ChunkReader::new(bits);
        assert_eq!(reader.yes(&STARTS), yes);
        let (mut reader, _) = reader.finish(raw.iter().map(|(_, width)| width).sum())?;
        for (value, width) in raw {
            assert_eq!(reader.read(*width), *value);
        }
        Ok(())
    }

    #[test]
    fn raw_bits_come_back_and_the_next_chunk_begins_behind_them() {
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut writer = ChunkWriter::default();
        for _ in 0..500 {
            let chunks: Vec<_> = (0..3)
                .map(|_| {
                    let raw = (0..rng.u32(0..20)).map(|_| {
                        let width = rng.u32(0..=32);
                        (rng.u32(..).unbounded_shr(32 - width), width)
                    });
                    raw.collect::<Vec<_>>()
                })
                .collect();
            let mut out = BitWriter::default();
            for (raw, yes) in chunks.iter().zip([true, false, true]) {
                write(raw, yes, &mut writer, &mut out);
            }
            let bytes = out.finish();
            let mut bits = BitReader::new(&bytes);
            for (raw, yes) in chunks.iter().zip([true, false, true]) {
                assert_eq!(read(raw, yes, &mut bits), Ok(()));
            }
            assert_eq!(bits.finish(), Ok(()));
        }
    }

    #[test]
    fn raw_bits_that_are_not_all_there_are_an_error() {
        let raw = [(0x1234_5678, 32); 4];
        let mut out = BitWriter::default();
        write(&raw, true, &mut ChunkWriter::default(), &mut out);
        let bytes = out.finish();
        for len in 4..bytes.len() {
            let cut = bytes.get(..len).unwrap_or_default();
            let read = read(&raw, true, &mut BitReader::new(cut));
            assert_eq!(read, Err(DecodeError::Truncated), "{len} bytes");
        }
    }
}
