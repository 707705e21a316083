//! Bits in and out, most significant first: the order in which an arithmetic coder gives them.

use crate::DecodeError;

/// Writes bits into bytes.
#[derive(Debug, Default, Clone)]
pub struct BitWriter {
    /// What is written, and room behind it.
    bytes: Vec<u8>,
    /// Whole bytes written.
    len: usize,
    /// Bits after them, the oldest highest; 0 to 7.
    pending: u64,
    pending_bits: u32,
}

/// A place in what a [`BitWriter`] has written.
#[derive(Debug)]
pub(crate) struct Mark {
    len: usize,
    pending: u64,
    pending_bits: u32,
}

impl BitWriter {
    /// Continues after `bytes`, at a whole byte.
    #[must_use]
    pub fn after(bytes: Vec<u8>) -> Self {
        Self {
            len: bytes.len(),
            bytes,
            pending: 0,
            pending_bits: 0,
        }
    }

    /// Starts anew behind `front`, in the memory that it has.
    pub(crate) fn start_behind(&mut self, front: &[u8]) {
        match self.bytes.get_mut(..front.len()) {
            Some(place) => place.copy_from_slice(front),
            None => self.bytes = front.to_vec(),
        }
        self.return_to(&Mark {
            len: front.len(),
            pending: 0,
            pending_bits: 0,
        });
    }

    /// Appends the highest `width` bits (0 to 64) of `head`; the others must be 0.
    #[inline]
    pub fn append(&mut self, head: u64, width: u32) {
        if width > 56 {
            self.step(head & !0xFF, 56);
            self.step(head << 56, width - 56);
        } else {
            self.step(head, width);
        }
    }

    /// Appends up to 56 bits: all of the word is stored each time, and no branch asks how much of it is full.
    #[inline]
    fn step(&mut self, head: u64, width: u32) {
        let word = self.pending | head >> self.pending_bits;
        let Some(place) = self.bytes.get_mut(self.len..self.len + 8) else {
            self.grow();
            return self.step(head, width);
        };
        place.copy_from_slice(&word.to_be_bytes());
        let filled = self.pending_bits + width;
        self.len += filled as usize / 8;
        // At most 63 bits are filled; the mask says it to the compiler.
        self.pending = word << (filled & 56);
        self.pending_bits = filled % 8;
    }

    /// Where it is, to come back to.
    #[must_use]
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            len: self.len,
            pending: self.pending,
            pending_bits: self.pending_bits,
        }
    }

    /// Forgets what was written since.
    pub(crate) fn return_to(&mut self, mark: &Mark) {
        (self.len, self.pending, self.pending_bits) = (mark.len, mark.pending, mark.pending_bits);
    }

    #[cold]
    fn grow(&mut self) {
        let room = self.bytes.capacity();
        let fits = self.len + 8 <= room;
        self.bytes
            .resize(if fits { room } else { 2 * self.len + 64 }, 0);
    }

    /// Appends a whole string.
    #[inline]
    pub fn append_all(&mut self, (words, head, width): (&[u64], u64, u32)) {
        for word in words {
            self.append(*word, u64::BITS);
        }
        self.append(head, width);
    }

    /// Appends the lowest `width` bits (0 to 32) of `value`; the others must be 0.
    #[inline]
    pub fn write(&mut self, value: u32, width: u32) {
        debug_assert!(u64::from(value) < 1 << width, "the value fits its width");
        self.append(u64::from(value).unbounded_shl(u64::BITS - width), width);
    }

    /// Writes a number that is usually small by Elias' gamma code of `value + 1`.
    ///
    /// # Panics
    /// When `value` is `u32::MAX`.
    pub fn write_gamma(&mut self, value: u32) {
        assert!(value < u32::MAX, "the gamma code ends below u32::MAX");
        let width = (value + 1).ilog2();
        // As many zeros as bits follow the highest, then the number itself.
        let head = u64::from(value + 1) << (63 - 2 * width);
        self.append(head, 2 * width + 1);
    }

    /// Bits written so far.
    #[must_use]
    pub fn bit_len(&self) -> usize {
        self.len * 8 + self.pending_bits as usize
    }

    /// The bytes; the last is filled up with zero bits.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.truncate(self.byte_len());
        self.bytes
    }

    /// The same, and keeps the memory.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.byte_len()).unwrap_or_default()
    }

    fn byte_len(&self) -> usize {
        // The last, begun byte was stored with all others.
        self.len + usize::from(self.pending_bits > 0)
    }
}

/// A string of bits that is still in the making: a carry may run into it.
#[derive(Debug, Default, Clone)]
pub struct BitString {
    /// Whole words, the oldest first.
    words: Vec<u64>,
    /// Bits after them, the newest lowest.
    loose: u64,
    loose_bits: u32,
}

impl BitString {
    /// Makes it empty and keeps the memory.
    #[inline]
    pub fn clear(&mut self) {
        self.words.clear();
        (self.loose, self.loose_bits) = (0, 0);
    }

    /// How many bits there are.
    #[inline]
    #[must_use]
    pub fn bit_len(&self) -> usize {
        self.words.len() * 64 + self.loose_bits as usize
    }

    /// Appends the lowest `width` bits (0 to 63) of `value`; the others must be 0.
    #[inline]
    pub fn push(&mut self, value: u64, width: u32) {
        let filled = self.loose_bits + width;
        if filled >= u64::BITS {
            return self.fill(value, width);
        }
        self.loose = self.loose << width | value;
        self.loose_bits = filled;
    }

    /// Appends what makes a word full. Seldom, and a function of its own: so [`Self::push`] is a few instructions wherever it is needed.
    #[cold]
    fn fill(&mut self, value: u64, width: u32) {
        let rest = self.loose_bits + width - u64::BITS;
        self.words
            .push(self.loose.unbounded_shl(width - rest) | value >> rest);
        self.loose = value & ((1 << rest) - 1);
        self.loose_bits = rest;
    }

    /// Adds 1 to the number that the bits are; there is one that is not a 1.
    pub fn carry(&mut self) {
        self.loose += 1;
        if self.loose >> self.loose_bits == 0 {
            return;
        }
        self.loose = 0;
        for word in self.words.iter_mut().rev() {
            *word = word.wrapping_add(1);
            if *word != 0 {
                return;
            }
        }
    }

    /// The whole words, and the bits after them with their number, highest first.
    #[inline]
    #[must_use]
    pub fn bits(&self) -> (&[u64], u64, u32) {
        let head = self.loose.unbounded_shl(u64::BITS - self.loose_bits);
        (&self.words, head, self.loose_bits)
    }
}

/// Reads what a [`BitWriter`] wrote. It may look past the end (zero bits are there), but what is *taken* is checked.
#[derive(Debug, Clone)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    /// Bits taken so far.
    at: usize,
}

impl<'a> BitReader<'a> {
    /// Reads `bytes` from the start.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// At least the next 57 bits, highest first, of what follows `ahead` bits on from here.
    #[inline]
    #[must_use]
    pub fn peek(&self, ahead: usize) -> u64 {
        let at = self.at + ahead;
        let rest = self.bytes.get(at / 8..).unwrap_or_default();
        let word = if let Some(word) = rest.first_chunk() {
            u64::from_be_bytes(*word)
        } else {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(rest) {
                *to = *from;
            }
            u64::from_be_bytes(word)
        };
        word << (at % 8)
    }

    /// Passes over `width` bits, which the caller has looked at or holds another reader for.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] when there are not as many.
    #[inline]
    pub fn skip(&mut self, width: usize) -> Result<(), DecodeError> {
        self.at += width;
        if self.at <= self.bytes.len() * 8 {
            Ok(())
        } else {
            Err(DecodeError::Truncated)
        }
    }

    /// Takes a number of `width` bits (0 to 32).
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end of the bytes.
    #[inline]
    pub fn read(&mut self, width: u32) -> Result<u32, DecodeError> {
        let value = self.peek(0).unbounded_shr(u64::BITS - width);
        self.skip(width as usize)?;
        Ok(u32::try_from(value).unwrap_or(u32::MAX))
    }

    /// Takes a number of [`BitWriter::write_gamma`].
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end; [`DecodeError::OutOfRange`] for a prefix that no 32-bit number has.
    pub fn read_gamma(&mut self) -> Result<u32, DecodeError> {
        let width = self.peek(0).leading_zeros();
        if self.at + width as usize >= self.bytes.len() * 8 {
            return Err(DecodeError::Truncated);
        }
        DecodeError::check("gamma prefix", u64::from(width), 31)?;
        self.skip(width as usize + 1)?;
        let rest = self.read(width)?;
        Ok((rest | 1 << width) - 1)
    }

    /// Bits taken so far.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// Ends the reading: less than a byte may be left, and it must be zero.
    ///
    /// # Errors
    /// [`DecodeError::Trailing`] for whole bytes, [`DecodeError::Contradiction`] for bits that are not zero.
    pub fn finish(self) -> Result<(), DecodeError> {
        let left = (self.bytes.len() * 8).saturating_sub(self.at);
        if left >= 8 {
            Err(DecodeError::Trailing(left / 8))
        } else if self.peek(0) > 0 {
            Err(DecodeError::Contradiction(
                "the bits that fill up the last byte are not zero",
            ))
        } else {
            Ok(())
        }
    }
}
