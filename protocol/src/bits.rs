//! Bits in and out, least significant first.

use crate::DecodeError;

/// Writes numbers of any width from 0 to 32 bits.
#[derive(Debug, Default, Clone)]
pub struct BitWriter {
    bytes: Vec<u8>,
    /// Bits not yet in `bytes`, the oldest lowest.
    pending: u64,
    pending_bits: u32,
}

impl BitWriter {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Continues after `bytes`, at a whole byte.
    #[must_use]
    pub fn after(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            pending: 0,
            pending_bits: 0,
        }
    }

    /// Writes the lowest `width` bits of `value`.
    ///
    /// # Panics
    /// When `width` is above 32 or `value` does not fit in it: a defect of the caller, not of a peer.
    #[inline]
    pub fn write(&mut self, value: u32, width: u32) {
        assert!(
            width <= 32 && u64::from(value) < 1 << width,
            "{value} does not fit in {width} bits"
        );
        self.pending |= u64::from(value) << self.pending_bits;
        self.pending_bits += width;
        while self.pending_bits >= 8 {
            self.bytes.push(self.pending.to_le_bytes()[0]);
            self.pending >>= 8;
            self.pending_bits -= 8;
        }
    }

    /// Writes one bit.
    #[inline]
    pub fn write_bool(&mut self, value: bool) {
        self.write(u32::from(value), 1);
    }

    /// Writes a number that is usually small by Elias' gamma code of `value + 1`: 1 bit for 0, 3 for 1–2, 5 for 3–6 …
    ///
    /// # Panics
    /// When `value` is `u32::MAX`.
    pub fn write_gamma(&mut self, value: u32) {
        assert!(value < u32::MAX, "the gamma code ends below u32::MAX");
        let width = 31 - (value + 1).leading_zeros();
        self.write(0, width);
        self.write(1, 1);
        self.write((value + 1) & !(1 << width), width);
    }

    /// Bits written so far.
    #[must_use]
    pub fn bit_len(&self) -> usize {
        self.bytes.len() * 8 + self.pending_bits as usize
    }

    /// The bytes; the last is filled up with zero bits.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if self.pending_bits > 0 {
            self.bytes.push(self.pending.to_le_bytes()[0]);
        }
        self.bytes
    }
}

/// Reads what a [`BitWriter`] wrote; every call checks the end.
#[derive(Debug, Clone)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    pending: u64,
    pending_bits: u32,
}

impl<'a> BitReader<'a> {
    /// Reads `bytes` from the start.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            pending: 0,
            pending_bits: 0,
        }
    }

    /// Reads `width` bits (at most 32).
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end of the bytes.
    #[inline]
    pub fn read(&mut self, width: u32) -> Result<u32, DecodeError> {
        assert!(width <= 32, "no number of the wire is wider than 32 bits");
        while self.pending_bits < width {
            let (&byte, rest) = self.bytes.split_first().ok_or(DecodeError::Truncated)?;
            self.bytes = rest;
            self.pending |= u64::from(byte) << self.pending_bits;
            self.pending_bits += 8;
        }
        let value = self.pending & ((1 << width) - 1);
        self.pending >>= width;
        self.pending_bits -= width;
        Ok(u32::try_from(value).unwrap_or(u32::MAX))
    }

    /// Reads one bit.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end of the bytes.
    #[inline]
    pub fn read_bool(&mut self) -> Result<bool, DecodeError> {
        Ok(self.read(1)? == 1)
    }

    /// Reads a number of [`BitWriter::write_gamma`].
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end; [`DecodeError::OutOfRange`] for a prefix that no 32-bit number has.
    pub fn read_gamma(&mut self) -> Result<u32, DecodeError> {
        let mut width = 0;
        while !self.read_bool()? {
            width += 1;
            DecodeError::check("gamma prefix", u64::from(width), 31)?;
        }
        Ok((self.read(width)? | 1 << width) - 1)
    }

    /// Ends the reading: less than a byte may be left, and it must be zero.
    ///
    /// # Errors
    /// [`DecodeError::Trailing`] for whole bytes, [`DecodeError::Contradiction`] for bits that are not zero.
    pub fn finish(self) -> Result<(), DecodeError> {
        let whole_bytes = self.bytes.len() + self.pending_bits as usize / 8;
        if whole_bytes > 0 {
            Err(DecodeError::Trailing(whole_bytes))
        } else if self.pending > 0 {
            Err(DecodeError::Contradiction(
                "the bits that fill up the last byte are not zero",
            ))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bits_go_least_significant_first() {
        let mut w = BitWriter::new();
        w.write(0b101, 3);
        w.write_bool(true);
        w.write(0xABC, 12);
        assert_eq!(w.bit_len(), 16);
        assert_eq!(w.finish(), [0xCD, 0xAB]);
    }

    #[test]
    fn the_end_is_checked() {
        assert_eq!(BitReader::new(&[]).read(1), Err(DecodeError::Truncated));
        assert_eq!(BitReader::new(&[]).read(0), Ok(0));
        assert_eq!(
            BitReader::new(&[0; 8]).read_gamma(),
            Err(DecodeError::OutOfRange {
                what: "gamma prefix",
                value: 32,
                max: 31
            })
        );
        assert_eq!(BitReader::new(&[]).finish(), Ok(()));
        assert_eq!(
            BitReader::new(&[0, 0]).finish(),
            Err(DecodeError::Trailing(2))
        );
    }

    #[test]
    fn less_than_a_byte_of_zeros_may_be_left() {
        let after_one_bit = |bytes| {
            let mut r = BitReader::new(bytes);
            r.read(1).unwrap();
            r.finish()
        };
        assert_eq!(after_one_bit(&[0b0000_0001]), Ok(()));
        assert!(matches!(
            after_one_bit(&[0b1000_0001]),
            Err(DecodeError::Contradiction(_))
        ));
        assert_eq!(after_one_bit(&[1, 0]), Err(DecodeError::Trailing(1)));
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read(numbers in prop::collection::vec((any::<u32>(), 0u32..=32), 0..50)) {
            let fit = |v: u32, width| v.checked_shr(32 - width).unwrap_or(0);
            let numbers: Vec<_> = numbers.into_iter().map(|(v, width)| (fit(v, width), width)).collect();
            let mut w = BitWriter::new();
            for &(v, width) in &numbers {
                w.write(v, width);
                w.write_gamma(v.min(u32::MAX - 1));
            }
            let bytes = w.finish();
            let mut r = BitReader::new(&bytes);
            for &(v, width) in &numbers {
                prop_assert_eq!(r.read(width), Ok(v));
                prop_assert_eq!(r.read_gamma(), Ok(v.min(u32::MAX - 1)));
            }
            prop_assert!(r.finish().is_ok());
        }

        #[test]
        fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut r = BitReader::new(&bytes);
            let mut steps = 0;
            while r.read_gamma().is_ok() {
                steps += 1;
            }
            prop_assert!(steps <= bytes.len() * 8);
        }
    }
}
