//! Probability tables: for every situation at every place of a row, the shares of the 16 symbols.
//!
//! Many situations share one distribution: a map of bytes says which. That keeps the tables small, and sure of their numbers.

use crate::codec::coder::{PROBABILITY_BITS, Share};
use crate::codec::forecast::Forecaster;
use crate::codec::layout::Layout;
use crate::codec::motion::{Mode, Modes};
use crate::codec::neutral;
use crate::codec::site::{Site, classes};
use crate::codec::token::SYMBOLS;

/// Starts of the shares, and the end of the last.
pub type Starts = [u16; SYMBOLS + 1];

/// A sign that costs no less than this under 1 bit goes raw.
const RANDOM_SIGN: f64 = 0.04;

/// A row is *asked about* when it probably enough changed: then its chunk says whether it did, and nobody else has to. This is
/// that probability in units of 2⁻¹⁵: 1/8.
const ASKED: u32 = 1 << 12;

/// The smallest share: what never happened costs 13 bits.
const LEAST: u32 = 4;

/// The distributions of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassTable {
    /// For every place of the class, which of `shares` holds there.
    pub map: Vec<u8>,
    /// At least one, at most 256.
    pub shares: Vec<Starts>,
}

/// All probabilities of a layout.
#[derive(Debug, Clone)]
pub struct Tables {
    /// Where the places of a class start in `map`, and its distributions in `shares`.
    first: Vec<(usize, usize)>,
    map: Vec<u8>,
    shares: Vec<Starts>,
    modes: Vec<Modes>,
    /// Rows are asked about that rest: noted here because it is wanted for every 64 rows of every client.
    asks_resting: bool,
}

impl Tables {
    /// Puts the classes of a layout together.
    ///
    /// # Panics
    /// When there is not a table for every class and modes for every column.
    #[must_use]
    pub fn new(layout: &Layout, list: &[ClassTable], modes: Vec<Modes>) -> Self {
        assert_eq!(list.len(), classes(layout).len(), "every class has a table");
        assert_eq!(modes.len(), layout.row_words(), "every column has modes");
        let mut tables = Self {
            first: Vec::new(),
            map: Vec::new(),
            shares: Vec::new(),
            modes,
            asks_resting: false,
        };
        for table in list {
            tables.first.push((tables.map.len(), tables.shares.len()));
            tables.map.extend(&table.map);
            tables.shares.extend(&table.shares);
        }
        tables.asks_resting = tables.asks(Forecaster::rests());
        tables
    }

    /// What suits a game that nobody has looked at.
    ///
    /// # Panics
    /// When the embedded tables are broken: not in a build whose tests passed.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test reads the embedded tables")]
    pub fn neutral(layout: &Layout) -> Self {
        let tables = neutral::tables().expect("the embedded tables are whole");
        Self::of_kinds(layout, &tables)
    }

    /// The same, of other tables in the order of [`neutral::KINDS`].
    #[must_use]
    pub fn of_kinds(layout: &Layout, tables: &[ClassTable]) -> Self {
        let table = |kind| {
            let place = neutral::KINDS
                .iter()
                .position(|k| *k == neutral::stand_in(kind));
            place.and_then(|place| tables.get(place)).cloned()
        };
        let list: Vec<_> = classes(layout).into_iter().filter_map(table).collect();
        let modes = layout
            .columns()
            .iter()
            .map(|c| neutral::modes(c.kind))
            .collect();
        Self::new(layout, &list, modes)
    }

    /// The shares at a site.
    #[inline]
    #[must_use]
    pub fn starts(&self, site: Site) -> &Starts {
        const NONE: Starts = [0; SYMBOLS + 1];
        self.shares.get(self.index(site)).unwrap_or(&NONE)
    }

    /// The share of a symbol at a site.
    #[inline]
    #[must_use]
    pub fn share(&self, site: Site, symbol: usize) -> Share {
        share(self.starts(site), symbol)
    }

    /// Whether a row is asked about whose probability of a change stands there.
    #[inline]
    #[must_use]
    pub fn asks(&self, site: Site) -> bool {
        self.share(site, 1).size >= ASKED
    }

    /// Whether rows are asked about that rest.
    #[inline]
    #[must_use]
    pub fn asks_resting(&self) -> bool {
        self.asks_resting
    }

    /// Which distribution holds at a site.
    #[inline]
    #[must_use]
    pub fn index(&self, site: Site) -> usize {
        let (map, shares) = self.first.get(site.class).copied().unwrap_or_default();
        let at = self.map.get(map + site.place).copied().unwrap_or(0);
        shares + usize::from(at)
    }

    /// All distributions.
    #[must_use]
    pub fn all(&self) -> &[Starts] {
        &self.shares
    }

    /// The same with other modes.
    #[must_use]
    pub fn with_modes(&self, modes: Vec<Modes>) -> Self {
        Self {
            modes,
            ..self.clone()
        }
    }

    /// How a column's words go on.
    #[inline]
    #[must_use]
    pub fn modes(&self, column: usize) -> &Modes {
        const NONE: Modes = [Mode::Hold; 32];
        self.modes.get(column).unwrap_or(&NONE)
    }
}

/// The share of a symbol.
#[inline]
#[must_use]
pub fn share(starts: &Starts, symbol: usize) -> Share {
    let [start, end] = [symbol, symbol + 1].map(|i| starts.get(i).copied().map_or(0, u32::from));
    Share {
        start,
        size: end.saturating_sub(start).max(1),
    }
}

/// Rounds weights to shares of at least 4 × 2⁻¹⁵. With `words`, signs that are as good as random lose their symbols, see
/// [`splits_sign`].
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of 2¹⁵"
)]
pub fn shares_of(weights: &[f64; SYMBOLS], words: bool) -> Starts {
    let mut weights = *weights;
    let mut least = [LEAST; SYMBOLS];
    if words {
        let pairs = weights[1..SYMBOLS - 1].as_chunks_mut().0;
        for ([plus, minus], [_, least]) in pairs
            .iter_mut()
            .zip(least[1..SYMBOLS - 1].as_chunks_mut().0)
        {
            if sign_bits(*plus, *minus) > 1.0 - RANDOM_SIGN {
                (*plus, *minus) = (*plus + *minus, 0.0);
                *least = 0;
            }
        }
    }
    let total: f64 = weights.iter().sum();
    let free = f64::from((1 << PROBABILITY_BITS) - least.iter().sum::<u32>());
    let mut starts = [0; SYMBOLS + 1];
    let (mut sum, mut floor) = (0.0, 0);
    let ends = weights.iter().zip(least).chain([(&0.0, 0)]);
    for (start, (weight, least)) in starts.iter_mut().zip(ends) {
        *start = (sum / total * free + 0.5) as u16 + floor;
        sum += weight;
        floor += least as u16;
    }
    starts
}

/// What a sign costs when it has a symbol: below 1 bit as far as one is likelier.
fn sign_bits(plus: f64, minus: f64) -> f64 {
    let p = (plus / (plus + minus)).clamp(1e-6, 1.0 - 1e-6);
    -p * p.log2() - (1.0 - p) * (1.0 - p).log2()
}

/// Whether a symbol at these shares stands for both signs, and a raw bit says which: where neither is likelier, raw bits are worth
/// more, because the end of a chunk can hold them (see [`coder`](crate::codec::coder)).
#[inline]
#[must_use]
pub fn splits_sign(starts: &Starts, symbol: usize) -> bool {
    // Symbols 1 and 2, 3 and 4 … 13 and 14 are pairs; the second of a pair without signs has no share.
    let minus = symbol + (symbol & 1);
    (1..SYMBOLS - 1).contains(&symbol) && starts.get(minus) == starts.get(minus + 1)
}

/// The tables of a game.
#[derive(Debug, Clone)]
pub struct TableSet {
    /// For rows on the baseline that is one regular interval old.
    pub steady: Tables,
    /// For all others: of clients that skipped, of lower tiers.
    pub late: Tables,
    /// XXH3 (64 bits) of the file that they were read from; of the embedded file for the neutral ones. Both ends must have the
    /// same.
    pub hash: u64,
}

impl TableSet {
    /// What suits a game that nobody has looked at.
    #[must_use]
    pub fn neutral(layout: &Layout) -> Self {
        let tables = Tables::neutral(layout);
        Self {
            steady: tables.clone(),
            late: tables,
            hash: neutral::hash(),
        }
    }
}
