//! A row into symbols and out of them: the one encode loop and the one decode loop.

use crate::DecodeError;
use crate::codec::coder::PROBABILITY_BITS;
use crate::codec::forecast::{Forecast, Forecaster, Scratch};
use crate::codec::layout::{Group, Layout, Word, WordKind};
use crate::codec::motion::{carry_on, differ, difference};
use crate::codec::past::{Past, RowWords};
use crate::codec::site::Site;
use crate::codec::tables::Tables;
use crate::codec::token;
use crate::explain::{Cause, Reason};

/// Starts of the shares of no and yes, and the end.
pub type Fixed = [u16; 3];

/// Whether a row has other components than in the baseline: once in 2048 times.
const OTHER_MASK: Fixed = [0, (1 << PROBABILITY_BITS) - 16, 1 << PROBABILITY_BITS];
/// Whether it has a component.
const HAS: Fixed = [0, 1 << (PROBABILITY_BITS - 1), 1 << PROBABILITY_BITS];

/// Takes symbols and raw bits.
pub trait Sink {
    /// A symbol.
    fn symbol(&mut self, site: Site, symbol: usize);
    /// A yes or no whose shares are part of the protocol; trainings need not care.
    #[inline]
    fn fixed(&mut self, _yes: bool, _starts: &Fixed) {}
    /// Bits that are as good as random.
    fn raw(&mut self, value: u32, width: u32);
    /// What a training wants to know of a word before it is coded.
    #[inline]
    fn look(&mut self, _forecaster: &Forecaster<'_>, _column: usize, _word: u32) {}
}

/// Gives symbols.
pub trait Source {
    /// What the next symbols are about, for whoever wants to know.
    #[inline]
    fn about(&mut self, _cause: Cause) {}
    /// A symbol.
    fn symbol(&mut self, site: Site) -> usize;
    /// A yes or no whose shares are part of the protocol.
    fn fixed(&mut self, starts: &Fixed) -> bool;
    /// The symbol of a word, and whether its sign is still to come, raw.
    #[inline]
    fn word(&mut self, site: Site) -> (usize, bool) {
        (self.symbol(site), false)
    }
}

/// Gives raw bits.
pub trait RawSource {
    /// The next bits, which are about `cause`.
    ///
    /// # Errors
    /// When there are none.
    fn raw(&mut self, cause: Cause, width: u32) -> Result<u32, DecodeError>;
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

impl Task<'_> {
    /// Why the row is told.
    pub(crate) fn reason(&self) -> Reason {
        if self.whole {
            Reason::Spawn
        } else {
            Reason::Change
        }
    }

    /// Whether the baseline lacks a group.
    #[inline]
    fn lacks(&self, group: &Group) -> bool {
        self.whole || self.past.mask >> group.component & 1 == 0
    }
}

/// Tells which components a row has.
#[inline]
fn encode_mask(task: &Task<'_>, mask: u32, sink: &mut impl Sink) {
    if !task.whole {
        let other = mask != task.past.mask;
        sink.fixed(other, &OTHER_MASK);
        if !other {
            return;
        }
    }
    for component in 0..task.layout.components() {
        sink.fixed(mask >> component & 1 == 1, &HAS);
    }
}

#[inline]
fn decode_mask(task: &Task<'_>, source: &mut impl Source) -> u32 {
    if !task.whole && !source.fixed(&OTHER_MASK) {
        return task.past.mask;
    }
    let has = (0..task.layout.components()).map(|component| (component, source.fixed(&HAS)));
    has.fold(0, |mask, (component, has)| {
        mask | u32::from(has) << component
    })
}

/// Tells a row.
pub fn encode(task: Task<'_>, row: RowWords<'_>, scratch: &mut Scratch, sink: &mut impl Sink) {
    encode_mask(&task, row.mask, sink);
    let mut forecaster = Forecaster::new(task.layout, task.past, scratch);
    for (index, group) in task.layout.groups().iter().enumerate() {
        if row.mask >> group.component & 1 == 0 {
            continue;
        }
        let fresh = task.lacks(group);
        let now = row.words.get(group.columns.clone()).unwrap_or_default();
        if let ([word], false, None) = (now, fresh, group.rotation)
            && encode_resting(group.columns.start, *word, &mut forecaster, sink)
        {
            continue;
        }
        let site = forecaster.enter(index, group, fresh);
        if !fresh && group.columns.len() > 1 {
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

/// Tells a group of one word if it rests, and has been resting.
#[inline]
fn encode_resting(
    column: usize,
    word: u32,
    forecaster: &mut Forecaster<'_>,
    sink: &mut impl Sink,
) -> bool {
    if forecaster.base(column) != Some(word) {
        return false;
    }
    let Some(site) = forecaster.enter_resting(column) else {
        return false;
    };
    sink.look(forecaster, column, word);
    sink.symbol(site, token::SAME);
    forecaster.told(token::rough_size(token::SAME, 0));
    true
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

// Always: as a call it would get its arguments through memory, a twentieth of all instructions.
#[inline(always)]
fn put(
    layout: &Layout,
    column: usize,
    word: u32,
    forecast: Forecast,
    forecaster: &mut Forecaster<'_>,
    sink: &mut impl Sink,
) {
    // As was forecast, or as it was: most words are one or the other, and there is nothing to work out.
    let plain = if word == forecast.word {
        Some(token::SAME)
    } else {
        (word == forecast.base).then_some(token::HOLD)
    };
    if let Some(symbol) = plain {
        sink.symbol(forecast.site, symbol);
        forecaster.told(token::rough_size(symbol, 0));
        return;
    }
    let Some(described) = layout.columns().get(column) else {
        return;
    };
    debug_assert!(
        word <= described.max,
        "column {column} is {word}, above its maximum of {}",
        described.max
    );
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

/// What the symbols said of a word that is neither as forecast nor as it was; the raw bits are still to come.
#[derive(Debug, Clone, Copy)]
struct Heard {
    component: u8,
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
    /// Reads a row's symbols, and what needs no raw bits into `row`; gives its mask and the number of raw bits to come.
    pub fn symbols(
        &mut self,
        task: Task<'_>,
        row: &mut [u32],
        scratch: &mut Scratch,
        source: &mut impl Source,
    ) -> (u32, u32) {
        self.heard.clear();
        self.raw_bits = 0;
        row.copy_from_slice(task.past.base);
        let reason = task.reason();
        let mask = decode_mask(&task, source);
        let mut forecaster = Forecaster::new(task.layout, task.past, scratch);
        for (index, group) in task.layout.groups().iter().enumerate() {
            if mask >> group.component & 1 == 0 {
                row.get_mut(group.columns.clone())
                    .unwrap_or_default()
                    .fill(0);
                continue;
            }
            let fresh = task.lacks(group);
            let site = forecaster.enter(index, group, fresh);
            let component = u8::try_from(group.component).unwrap_or(u8::MAX);
            if !fresh && group.columns.len() > 1 {
                source.about(Cause::component(component, reason));
                let changed = source.symbol(site) == 1;
                forecaster.heard(changed);
                if !changed {
                    continue;
                }
            }
            if group.rotation.is_some() {
                let (turn, site) = forecaster.largest(group);
                source.about(cause(component, group.columns.start, reason));
                let largest = turn.at_place(source.symbol(site) & 3);
                if let Some(word) = row.get_mut(group.columns.start) {
                    *word = largest;
                }
                let parts = turn.parts(largest);
                for (column, part) in group.columns.clone().skip(1).zip(&parts) {
                    let forecast = forecaster.part(column, part);
                    source.about(cause(component, column, reason));
                    let at = (component, column);
                    self.word(at, forecast, &mut forecaster, source, row);
                }
            } else {
                for column in group.columns.clone() {
                    let forecast = forecaster.word(column, task.tables.modes(column));
                    source.about(cause(component, column, reason));
                    let at = (component, column);
                    self.word(at, forecast, &mut forecaster, source, row);
                }
            }
        }
        (mask, self.raw_bits)
    }

    // As for `put`.
    #[inline(always)]
    fn word(
        &mut self,
        (component, column): (u8, usize),
        forecast: Forecast,
        forecaster: &mut Forecaster<'_>,
        source: &mut impl Source,
        row: &mut [u32],
    ) {
        let (symbol, unsigned) = source.word(forecast.site);
        let plain = match symbol {
            token::SAME => Some(forecast.word),
            token::HOLD => Some(forecast.base),
            _ => None,
        };
        if let Some(word) = plain {
            forecaster.told(token::rough_size(symbol, 0));
            if let Some(to) = row.get_mut(column) {
                *to = word;
            }
            return;
        }
        let magnitude = if token::is_far(symbol) {
            source.symbol(forecaster.magnitude(forecast.site))
        } else {
            0
        };
        forecaster.told(token::rough_size(symbol, magnitude));
        self.raw_bits += token::raw_bits(symbol, magnitude) + u32::from(unsigned);
        self.heard.push(Heard {
            component,
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
        reason: Reason,
        row: &mut [u32],
        source: &mut impl RawSource,
    ) -> Result<(), DecodeError> {
        for Heard {
            component,
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
            let cause = cause(*component, *column, reason);
            let minus = *unsigned && source.raw(cause, 1)? == 1;
            let raw = source.raw(cause, token::raw_bits(*symbol, *magnitude))?;
            let told = token::difference(*symbol + usize::from(minus), *magnitude, raw);
            *to = word(described, forecast, told)?;
        }
        Ok(())
    }
}

#[inline]
fn cause(component: u8, column: usize, reason: Reason) -> Cause {
    Cause::column(component, u16::try_from(column).unwrap_or(u16::MAX), reason)
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
