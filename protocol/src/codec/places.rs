//! Which few of many rows are meant: by their places among the many, as gaps.

use crate::DecodeError;
use crate::codec::msb::{BitReader, BitWriter};
use crate::codec::slots::{Slots, word};

/// The places of the bits that are set.
pub(crate) fn bits(mut word: u64) -> impl Iterator<Item = usize> + Clone {
    std::iter::from_fn(move || {
        let at = word.trailing_zeros();
        word &= word.wrapping_sub(1);
        (at < 64).then_some(at as usize)
    })
}

/// How many bits are set.
pub(crate) fn count(slots: impl Iterator<Item = u64>) -> u32 {
    slots.map(u64::count_ones).sum()
}

/// The bits of a gap that are written as they are, when `few` of `all` come.
fn gap_bits(all: u32, few: u32) -> u32 {
    (all / (few + 1)).checked_ilog2().unwrap_or(0)
}

/// Writes which of `all` are in `few`, given as pairs of words: how many, then the gaps between them. Nobody counts unless there are
/// `any`.
pub(crate) fn write_places<I>(any: bool, sets: impl Fn() -> I, out: &mut BitWriter)
where
    I: Iterator<Item = (u64, u64)>,
{
    let few = if any {
        count(sets().map(|(_, few)| few))
    } else {
        0
    };
    out.write_gamma(few);
    if few > 0 {
        write_gaps(few, sets, out);
    }
}

/// The same without how many.
pub(crate) fn write_gaps<I>(few: u32, sets: impl Fn() -> I, out: &mut BitWriter)
where
    I: Iterator<Item = (u64, u64)>,
{
    let mut gaps = Gaps::new(count(sets().map(|(all, _)| all)), few);
    let mut left = few;
    for (all, few) in sets() {
        gaps.write(all, few, out);
        left -= few.count_ones();
        // What comes after the last of them is no gap.
        if left == 0 {
            break;
        }
    }
}

/// The same as [`write_places`] when hardly any of the words has any of the few: `few` gives those that have, with their places.
pub(crate) fn write_sparse(
    all: &Slots,
    few: impl Iterator<Item = (usize, u64)> + Clone,
    out: &mut BitWriter,
) {
    let named = count(few.clone().map(|(_, few)| few));
    out.write_gamma(named);
    if named == 0 {
        return;
    }
    let total = |from, to| {
        let words = all.get(from..to).unwrap_or_default();
        count(words.iter().copied())
    };
    let mut gaps = Gaps::new(total(0, all.len()), named);
    let mut from = 0;
    for (at, few) in few {
        gaps.gap += total(from, at);
        gaps.write(word(all, at), few, out);
        from = at + 1;
    }
}

/// Gaps in the making.
struct Gaps {
    /// Bits of a gap that are written as they are.
    width: u32,
    /// Rows since the last that was meant.
    gap: u32,
}

impl Gaps {
    fn new(all: u32, few: u32) -> Self {
        let width = gap_bits(all, few);
        Self { width, gap: 0 }
    }

    /// Goes on by a word of each set.
    #[inline]
    fn write(&mut self, mut all: u64, few: u64, out: &mut BitWriter) {
        for bit in bits(few) {
            let before = all & ((1 << bit) - 1);
            self.gap += before.count_ones();
            out.write_gamma(self.gap >> self.width);
            out.write(self.gap & ((1 << self.width) - 1), self.width);
            self.gap = 0;
            all &= !(before | 1 << bit);
        }
        self.gap += all.count_ones();
    }
}

/// Reads which of `all` are meant: their places, ascending.
pub(crate) fn read_places(bits: &mut BitReader<'_>, all: usize) -> Result<Vec<usize>, DecodeError> {
    let few = bits.read_gamma()?;
    read_gaps(bits, few, all)
}

/// The same when it is known how many.
pub(crate) fn read_gaps(
    bits: &mut BitReader<'_>,
    few: u32,
    all: usize,
) -> Result<Vec<usize>, DecodeError> {
    DecodeError::check("number of rows", u64::from(few), all as u64)?;
    let mut places = Vec::with_capacity(few as usize);
    let width = gap_bits(u32::try_from(all).unwrap_or(u32::MAX), few);
    let mut next = 0_u64;
    for _ in 0..few {
        let high = u64::from(bits.read_gamma()?);
        let place = next + (high << width | u64::from(bits.read(width)?));
        DecodeError::check("place of a row", place + 1, all as u64)?;
        places.push(usize::try_from(place).unwrap_or(usize::MAX));
        next = place + 1;
    }
    Ok(places)
}
