//! How a difference becomes one symbol of 16 and a few bits that are as good as random.

/// Symbols of every alphabet here.
pub const SYMBOLS: usize = 16;

/// No difference from what was forecast.
pub const SAME: usize = 0;

/// A word that is exactly the baseline's, though something else was forecast.
pub const HOLD: usize = 15;

/// The first of the two symbols for differences that are too large for the others; a magnitude symbol follows.
const FAR: usize = 13;

/// The largest difference that needs no magnitude symbol.
const NEAR_MAX: u32 = 32;

/// A difference, ready to be coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// 0: none; then, by twos, + and − of 1, 2, 3–4, 5–8, 9–16, 17–32 and more.
    pub symbol: usize,
    /// For differences above 32, by powers of two: 33–64, 65–128 …; the last takes all the rest.
    pub magnitude: Option<usize>,
    /// Which of the differences with these symbols it is, in [`raw_bits`] bits.
    pub raw: u32,
}

/// Turns a difference of at most 2³²−1 either way into a token.
#[inline]
#[must_use]
pub fn of(difference: i64) -> Token {
    let size = u32::try_from(difference.unsigned_abs()).unwrap_or(u32::MAX);
    let minus = usize::from(difference < 0);
    if size == 0 {
        return Token {
            symbol: SAME,
            magnitude: None,
            raw: 0,
        };
    }
    // `size` is in 2^(class−1) + 1 ..= 2^class.
    let class = (u32::BITS - (size - 1).leading_zeros()) as usize;
    if size <= NEAR_MAX {
        Token {
            symbol: 1 + 2 * class + minus,
            magnitude: None,
            raw: size - first(class),
        }
    } else {
        let magnitude = (class - 6).min(SYMBOLS - 1);
        Token {
            symbol: FAR + minus,
            magnitude: Some(magnitude),
            raw: size - first(magnitude + 6),
        }
    }
}

/// The smallest size of a class.
#[inline]
fn first(class: usize) -> u32 {
    if class == 0 {
        1
    } else {
        (1 << (class - 1)) + 1
    }
}

/// Whether a magnitude symbol follows this one.
#[inline]
#[must_use]
pub fn is_far(symbol: usize) -> bool {
    symbol == FAR || symbol == FAR + 1
}

/// How many raw bits follow the symbols.
#[inline]
#[must_use]
pub fn raw_bits(symbol: usize, magnitude: usize) -> u32 {
    const NEAR: [u8; SYMBOLS] = [0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 0, 0, 0];
    const FAR_BITS: [u8; SYMBOLS] = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 32];
    let table = if is_far(symbol) {
        FAR_BITS.get(magnitude)
    } else {
        NEAR.get(symbol)
    };
    u32::from(table.copied().unwrap_or(0))
}

/// The difference again. Nothing is too large for the result, whatever the bits.
#[inline]
#[must_use]
pub fn difference(symbol: usize, magnitude: usize, raw: u32) -> i64 {
    if symbol == 0 || symbol >= HOLD {
        return 0;
    }
    let class = if is_far(symbol) {
        magnitude + 6
    } else {
        (symbol - 1) / 2
    };
    let size = i64::from(first(class.min(31))) + i64::from(raw);
    if symbol.is_multiple_of(2) {
        -size
    } else {
        size
    }
}

/// About how large the difference is: what the next words of the row are told.
#[inline]
#[must_use]
pub fn rough_size(symbol: usize, magnitude: usize) -> u32 {
    const NEAR: [u8; SYMBOLS] = [0, 1, 1, 2, 2, 3, 3, 6, 6, 12, 12, 24, 24, 0, 0, 8];
    if is_far(symbol) {
        48 << magnitude.min(16)
    } else {
        u32::from(NEAR.get(symbol).copied().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_come_back() {
        let all = (0..1 << 12).chain((12..32).flat_map(|b| [(1 << b) - 1, 1 << b, (1 << b) + 1]));
        for size in all.chain([i64::from(u32::MAX)]) {
            for d in [size, -size] {
                let token = of(d);
                let magnitude = token.magnitude.unwrap_or(0);
                assert_eq!(token.magnitude.is_some(), is_far(token.symbol));
                let bits = raw_bits(token.symbol, magnitude);
                assert!(u64::from(token.raw) < 1 << bits, "{d}: {token:?}");
                assert_eq!(difference(token.symbol, magnitude, token.raw), d);
            }
        }
    }
}
