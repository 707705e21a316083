//! Which few of many rows are meant: by their places among the many, as gaps.

use crate::DecodeError;
use crate::codec::msb::{BitReader, BitWriter};

/// The places of the bits that are set.
pub(crate) fn bits(mut word: u64) -> impl Iterator<Item = usize> {
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
    let width = gap_bits(count(sets().map(|(all, _)| all)), few);
    let (mut gap, mut left) = (0, few);
    for (mut all, few) in sets() {
        for bit in bits(few) {
            let before = all & ((1 << bit) - 1);
            gap += before.count_ones();
            out.write_gamma(gap >> width);
            out.write(gap & ((1 << width) - 1), width);
            gap = 0;
            left -= 1;
            all &= !(before | 1 << bit);
        }
        // What comes after the last of them is no gap.
        if left == 0 {
            break;
        }
        gap += all.count_ones();
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
