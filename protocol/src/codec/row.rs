//! A row into symbols and out of them: the one encode loop and the one decode loop.

use crate::DecodeError;
use crate::codec::forecast::{Forecast, Forecaster, Scratch};
use crate::codec::layout::{Group, Layout, Word, WordKind};
use crate::codec::motion::{carry_on, differ, difference};
use crate::codec::past::Past;
use crate::codec::site::Site;
use crate::codec::tables::Tables;
use crate::codec::token;

/// Takes symbols and raw bits.
pub trait Sink {
    /// A symbol.
    fn symbol(&mut self, site: Site, symbol: usize);
    /// Bits that are as good as random.
    fn raw(&mut self, value: u32, width: u32);
    /// What a training wants to know of a word before it is coded.
    #[inline]
    fn look(&mut self, _forecaster: &Forecaster<'_>, _column: usize, _word: u32) {}
}

/// Gives symbols.
pub trait Source {
    /// A symbol.
    fn symbol(&mut self, site: Site) -> usize;
    /// The symbol of a word, and whether its sign is still to come, raw.
    #[inline]
    fn word(&mut self, site: Site) -> (usize, bool) {
        (self.symbol(site), false)
    }
}

/// Gives raw bits.
pub trait RawSource {
    /// The next bits.
    ///
    /// # Errors
    /// When there are none.
    fn raw(&mut self, width: u32) -> Result<u32, DecodeError>;
}

/// A row to be coded: from what, by what.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// The rows' layout.
    pub layout: &'a Layout,
    /// Probabilities and modes.
    pub tables: &'a Tables,
    /// The entity's past.
    pub past: Past<'a>,
    /// Whether there is none, and the row is told whole.
    pub whole: bool,
}

/// Tells a row.
pub fn encode(task: Task<'_>, row: &[u32], scratch: &mut Scratch, sink: &mut impl Sink) {
    let mut forecaster = Forecaster::new(task.layout, task.past, task.whole, scratch);
    for (index, group) in task.layout.groups().iter().enumerate() {
        let site = forecaster.enter(index, group);
        let now = row.get(group.columns.clone()).unwrap_or_default();
        if !task.whole && group.columns.len() > 1 {
            let base = task
                .past
                .base
                .get(group.columns.clone())
                .unwrap_or_default();
            let changed = differ(now, base);
            sink.symbol(site, usize::from(changed));
            forecaster.heard(changed);
            if !changed {
                continue;
            }
        }
        if group.rotation.is_some() {
            encode_rotation(task.layout, group, now, &mut forecaster, sink);
        } else {
            for (column, word) in group.columns.clone().zip(now) {
                sink.look(&forecaster, column, *word);
                let forecast = forecaster.word(column, task.tables.modes(column));
                put(task.layout, column, *word, forecast, &mut forecaster, sink);
            }
        }
    }
}

fn encode_rotation(
    layout: &Layout,
    group: &Group,
    now: &[u32],
    forecaster: &mut Forecaster<'_>,
    sink: &mut impl Sink,
) {
    let [largest, words @ ..] = now else { return };
    let (turn, site) = forecaster.largest(group);
    sink.symbol(site, turn.place_of(*largest));
    let parts = turn.parts(*largest);
    for ((column, word), part) in group.columns.clone().skip(1).zip(words).zip(&parts) {
        let forecast = forecaster.part(column, part);
        put(layout, column, *word, forecast, forecaster, sink);
    }
}

#[inline]
fn put(
    layout: &Layout,
    column: usize,
    word: u32,
    forecast: Forecast,
    forecaster: &mut Forecaster<'_>,
    sink: &mut impl Sink,
) {
    let Some(described) = layout.columns().get(column) else {
        return;
    };
    if word == forecast.base && forecast.word != forecast.base {
        sink.symbol(forecast.site, token::HOLD);
        forecaster.told(token::rough_size(token::HOLD, 0));
        return;
    }
    let wrap = described.kind == WordKind::Angle;
    let off = difference(word, forecast.word, described.max, wrap);
    let told = match described.kind {
        WordKind::Flag => off.abs(),
        _ if forecast.flip => -off,
        _ => off,
    };
    let token = token::of(told);
    sink.symbol(forecast.site, token.symbol);
    if let Some(magnitude) = token.magnitude {
        sink.symbol(forecaster.magnitude(forecast.site), magnitude);
    }
    let magnitude = token.magnitude.unwrap_or(0);
    sink.raw(token.raw, token::raw_bits(token.symbol, magnitude));
    forecaster.told(token::rough_size(token.symbol, magnitude));
}

/// What the symbols of a word said; the raw bits are still to come.
#[derive(Debug, Clone, Copy)]
struct Heard {
    column: usize,
    forecast: Forecast,
    symbol: usize,
    magnitude: usize,
    /// Whether the sign comes raw, before the other raw bits.
    unsigned: bool,
}

/// A row half read: symbols come first, then raw bits.
#[derive(Debug, Default)]
pub struct Listener {
    heard: Vec<Heard>,
    raw_bits: u32,
}

impl Listener {
    /// Reads a row's symbols, and what needs no raw bits into `row`; gives the number of raw bits to come.
    pub fn symbols(
        &mut self,
        task: Task<'_>,
        row: &mut [u32],
        scratch: &mut Scratch,
        source: &mut impl Source,
    ) -> u32 {
        self.heard.clear();
        self.raw_bits = 0;
        row.copy_from_slice(task.past.base);
        let mut forecaster = Forecaster::new(task.layout, task.past, task.whole, scratch);
        for (index, group) in task.layout.groups().iter().enumerate() {
            let site = forecaster.enter(index, group);
            if !task.whole && group.columns.len() > 1 {
                let changed = source.symbol(site) == 1;
                forecaster.heard(changed);
                if !changed {
                    continue;
                }
            }
            if group.rotation.is_some() {
                let (turn, site) = forecaster.largest(group);
                let largest = turn.at_place(source.symbol(site) & 3);
                if let Some(word) = row.get_mut(group.columns.start) {
                    *word = largest;
                }
                let parts = turn.parts(largest);
                for (column, part) in group.columns.clone().skip(1).zip(&parts) {
                    let forecast = forecaster.part(column, part);
                    self.word(column, forecast, &mut forecaster, source);
                }
            } else {
                for column in group.columns.clone() {
                    let forecast = forecaster.word(column, task.tables.modes(column));
                    self.word(column, forecast, &mut forecaster, source);
                }
            }
        }
        self.raw_bits
    }

    #[inline]
    fn word(
        &mut self,
        column: usize,
        forecast: Forecast,
        forecaster: &mut Forecaster<'_>,
        source: &mut impl Source,
    ) {
        let (symbol, unsigned) = source.word(forecast.site);
        let magnitude = if token::is_far(symbol) {
            source.symbol(forecaster.magnitude(forecast.site))
        } else {
            0
        };
        forecaster.told(token::rough_size(symbol, magnitude));
        self.raw_bits += token::raw_bits(symbol, magnitude) + u32::from(unsigned);
        self.heard.push(Heard {
            column,
            forecast,
            symbol,
            magnitude,
            unsigned,
        });
    }

    /// Reads the raw bits and fills in the row.
    ///
    /// # Errors
    /// When a word would be outside its column's range, or the bits end.
    pub fn words(
        &self,
        layout: &Layout,
        row: &mut [u32],
        source: &mut impl RawSource,
    ) -> Result<(), DecodeError> {
        for Heard {
            column,
            forecast,
            symbol,
            magnitude,
            unsigned,
        } in &self.heard
        {
            let (Some(described), Some(to)) = (layout.columns().get(*column), row.get_mut(*column))
            else {
                continue;
            };
            if *symbol == token::HOLD {
                *to = forecast.base;
                continue;
            }
            let minus = *unsigned && source.raw(1)? == 1;
            let raw = source.raw(token::raw_bits(*symbol, *magnitude))?;
            let told = token::difference(*symbol + usize::from(minus), *magnitude, raw);
            *to = word(described, forecast, told)?;
        }
        Ok(())
    }
}

/// The word that lies `told` from its forecast.
#[inline]
fn word(column: &Word, forecast: &Forecast, told: i64) -> Result<u32, DecodeError> {
    let off = match column.kind {
        WordKind::Flag => told.abs() * (1 - 2 * i64::from(forecast.word)),
        _ if forecast.flip => -told,
        _ => told,
    };
    let word = i64::from(forecast.word) + off;
    let max = i64::from(column.max);
    if (0..=max).contains(&word) {
        return Ok(u32::try_from(word).unwrap_or(0));
    }
    if column.kind == WordKind::Angle && off.abs() <= max {
        return Ok(carry_on(forecast.word, off, column.max, column.kind));
    }
    Err(DecodeError::OutOfRange {
        what: "word of a column",
        value: word.unsigned_abs(),
        max: u64::from(column.max),
    })
}
