//! Where a chunk can end: few bits that pin the interval, and how raw bits take part in the choice.

/// The cells of an interval that a chunk can end in: aligned parts of the window, inside the interval.
///
/// `width` bits name a cell; the first `wide` cells are twice as large and take a bit less.
#[derive(Debug)]
pub(crate) struct Cells {
    width: u32,
    /// The first cell.
    first: u64,
    /// The first pair of cells that makes an aligned one.
    first_wide: u64,
    wide: u64,
}

impl Cells {
    /// At least 2^`tail_bits` cells, as large as they can be. `range` has its highest bit set, so one of two widths will do.
    #[inline]
    pub(crate) fn of(low: u32, range: u32, tail_bits: u32) -> Self {
        let (low, end) = (u64::from(low), u64::from(low) + u64::from(range));
        let wanted = 1 << tail_bits;
        let mut width = tail_bits + 1;
        let (mut first, mut last) = Self::span(low, end, width);
        if last < first + wanted {
            width += 1;
            (first, last) = Self::span(low, end, width);
        }
        let first_wide = first.div_ceil(2);
        let pairs = (last / 2).saturating_sub(first_wide);
        Self {
            width,
            first,
            first_wide,
            wide: pairs.min(last - first - wanted),
        }
    }

    #[inline]
    fn span(low: u64, end: u64, width: u32) -> (u64, u64) {
        let size = 32 - width;
        ((low + (1 << size) - 1) >> size, end >> size)
    }

    /// The cell for `tail` and its width.
    #[inline]
    pub(crate) fn name(&self, tail: u32) -> (u64, u32) {
        let tail = u64::from(tail);
        if tail < self.wide {
            return (self.first_wide + tail, self.width - 1);
        }
        let odd = self.first & 1;
        let single = tail - self.wide;
        if single < odd {
            return (self.first, self.width);
        }
        (2 * (self.first_wide + self.wide) + single - odd, self.width)
    }

    /// The tail for the point `value` and the width of its cell; above all tails when there is no cell.
    #[inline]
    pub(crate) fn at(&self, value: u64) -> (u64, u32) {
        let cell = value >> (32 - self.width);
        let odd = self.first & 1;
        let singles = 2 * (self.first_wide + self.wide);
        if cell < self.first {
            (u64::MAX, self.width)
        } else if cell < self.first + odd {
            (self.wide, self.width)
        } else if cell < singles {
            (cell / 2 - self.first_wide, self.width - 1)
        } else {
            (self.wide + odd + cell - singles, self.width)
        }
    }
}
