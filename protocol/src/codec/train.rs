//! Fits tables to recorded play: counts what stood where, then lets situations that are alike share a distribution.

use crate::codec::cluster::{Counts, gather, joined};
use crate::codec::coder::PROBABILITY_BITS;
use crate::codec::forecast::{Forecaster, Scratch};
use crate::codec::layout::{Layout, WordKind};
use crate::codec::motion::{Mode, Modes, difference};
use crate::codec::neutral;
use crate::codec::novice;
use crate::codec::past::Past;
use crate::codec::recording::Sample;
use crate::codec::row::{self, Sink, Task};
use crate::codec::site::{ClassKind, LEVELS, SPEEDS, Site, classes};
use crate::codec::tables::{ClassTable, Starts, Tables, share, shares_of, splits_sign};
use crate::codec::token::SYMBOLS;

/// How a training goes about it.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How much the neutral tables weigh: as many symbols.
    pub prior: f64,
    /// Bits that a distribution of its own must save.
    pub price: f64,
    /// Distributions of a class, at most.
    pub most: usize,
    /// Bits that a place must save by having another distribution than the place before.
    pub run: f64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            prior: 4.0,
            price: 60.0,
            most: 24,
            run: 4.0,
        }
    }
}

/// Costs of the modes, by column and place among the modes.
struct Watcher {
    costs: Vec<[[f64; 4]; LEVELS * SPEEDS]>,
    kinds: Vec<(WordKind, u32)>,
}

impl Sink for Watcher {
    fn symbol(&mut self, _: Site, _: usize) {}
    fn raw(&mut self, _: u32, _: u32) {}
    fn look(&mut self, forecaster: &Forecaster<'_>, column: usize, word: u32) {
        let (place, forecasts) = forecaster.choices(column);
        let (Some(costs), Some((kind, max))) = (self.costs.get_mut(column), self.kinds.get(column))
        else {
            return;
        };
        let Some(costs) = costs.get_mut(place) else {
            return;
        };
        for (cost, forecast) in costs.iter_mut().zip(forecasts) {
            let off = difference(word, forecast, *max, *kind == WordKind::Angle);
            *cost += (1.0 + off.unsigned_abs() as f64).log2();
        }
    }
}

/// The modes that would have been best.
fn fit_modes(layout: &Layout, neutral: &Tables, samples: &[Sample<'_>]) -> Vec<Modes> {
    let mut watcher = Watcher {
        costs: vec![[[0.0; 4]; LEVELS * SPEEDS]; layout.row_words()],
        kinds: layout.columns().iter().map(|c| (c.kind, c.max)).collect(),
    };
    let mut scratch = Scratch::new(layout);
    for sample in samples {
        sample.each(|past, row| {
            if past.differs(row) {
                row::encode(
                    Task {
                        layout,
                        tables: neutral,
                        past,
                        whole: false,
                    },
                    row,
                    &mut scratch,
                    &mut watcher,
                );
            }
        });
    }
    let columns = layout.columns().iter().zip(watcher.costs);
    columns
        .map(|(column, costs)| {
            let mut modes = neutral::modes(column.kind);
            for (mode, costs) in modes.iter_mut().zip(costs) {
                let own = Mode::ALL.iter().position(|m| m == mode).unwrap_or(0);
                // The neutral one stays unless another is clearly better.
                let mut best = (costs.get(own).copied().unwrap_or(0.0) - 100.0, *mode);
                for (cost, other) in costs.into_iter().zip(Mode::ALL) {
                    if cost < best.0 {
                        best = (cost, other);
                    }
                }
                *mode = best.1;
            }
            modes
        })
        .collect()
}

struct Counter<'a> {
    counts: &'a mut [Vec<Counts>],
}

impl Sink for Counter<'_> {
    fn symbol(&mut self, site: Site, symbol: usize) {
        let counts = self
            .counts
            .get_mut(site.class)
            .and_then(|c| c.get_mut(site.place));
        if let Some(count) = counts.and_then(|c| c.get_mut(symbol)) {
            *count += 1.0;
        }
    }
    fn raw(&mut self, _: u32, _: u32) {}
}

fn count(layout: &Layout, tables: &Tables, samples: &[Sample<'_>]) -> Vec<Vec<Counts>> {
    let mut counts: Vec<Vec<Counts>> = classes(layout)
        .iter()
        .map(|c| vec![[0.0; SYMBOLS]; c.sites()])
        .collect();
    let mut scratch = Scratch::new(layout);
    let zeros = vec![0; layout.row_words()];
    for sample in samples {
        let mut counter = Counter {
            counts: &mut counts,
        };
        sample.each(|past, row| {
            counter.symbol(Forecaster::changed(&past), usize::from(past.differs(row)));
            if past.differs(row) {
                row::encode(
                    Task {
                        layout,
                        tables,
                        past,
                        whole: false,
                    },
                    row,
                    &mut scratch,
                    &mut counter,
                );
            }
        });
        // Whole rows: as of clients that join every 64 ticks.
        for tick in (sample.from..sample.to).step_by(64) {
            for (_, row) in sample.recording.rows(tick) {
                let task = Task {
                    layout,
                    tables,
                    past: Past::none(&zeros),
                    whole: true,
                };
                row::encode(task, row, &mut scratch, &mut counter);
            }
        }
    }
    counts
}

/// Tables for a layout from samples of play.
#[must_use]
pub fn train(layout: &Layout, samples: &[Sample<'_>], plan: Plan) -> (Vec<ClassTable>, Vec<Modes>) {
    let neutral = neutral::tables().unwrap_or_default();
    train_from(layout, &neutral, samples, plan)
}

/// The same, from other tables than the neutral ones, in the order of [`neutral::KINDS`].
#[must_use]
pub fn train_from(
    layout: &Layout,
    kinds: &[ClassTable],
    samples: &[Sample<'_>],
    plan: Plan,
) -> (Vec<ClassTable>, Vec<Modes>) {
    let neutral = Tables::of_kinds(layout, kinds);
    let modes = fit_modes(layout, &neutral, samples);
    let counts = count(layout, &neutral.with_modes(modes.clone()), samples);
    let list =
        classes(layout)
            .into_iter()
            .enumerate()
            .zip(counts)
            .map(|((class, kind), counts)| {
                let expect = |place| expected(neutral.starts(Site { class, place }));
                gather(kind, &counts, &expect, plan)
            });
    (list.collect(), modes)
}

/// Tables by kind alone, from several games, each of which weighs as much as the others.
#[must_use]
pub fn train_kinds(games: &[Vec<Sample<'_>>], plan: Plan) -> Vec<ClassTable> {
    let novice: Vec<_> = neutral::KINDS
        .iter()
        .map(|kind| novice_table(*kind))
        .collect();
    let mut sums: Vec<Vec<Counts>> = neutral::KINDS
        .iter()
        .map(|k| vec![[0.0; SYMBOLS]; k.sites()])
        .collect();
    for samples in games {
        let Some(layout) = samples.first().map(|s| s.recording.layout()) else {
            continue;
        };
        let counts = count(layout, &Tables::of_kinds(layout, &novice), samples);
        for (kind, sum) in neutral::KINDS.iter().zip(&mut sums) {
            let own = || {
                classes(layout)
                    .into_iter()
                    .zip(&counts)
                    .filter(|(k, _)| k == kind)
                    .flat_map(|(_, c)| c.iter().enumerate())
            };
            let total: f64 = own().flat_map(|(_, c)| c).sum();
            let weight = (GAME / total.max(1.0)).min(1.0);
            for (place, counts) in own() {
                if let Some(sum) = sum.get_mut(place) {
                    *sum = joined(sum, &counts.map(|c| c * weight));
                }
            }
        }
    }
    let list = neutral::KINDS.iter().zip(sums);
    list.map(|(kind, counts)| {
        gather(
            *kind,
            &counts,
            &|place| normal(novice::weights(*kind, place)),
            plan,
        )
    })
    .collect()
}

/// The most that one game's symbols weigh.
const GAME: f64 = 60_000.0;

fn novice_table(kind: ClassKind) -> ClassTable {
    let mut table = ClassTable {
        map: Vec::new(),
        shares: Vec::new(),
    };
    for place in 0..kind.sites() {
        let shares = shares_of(&novice::weights(kind, place), kind.has_signs());
        let index = table
            .shares
            .iter()
            .position(|known| *known == shares)
            .unwrap_or_else(|| {
                if table.shares.len() < 256 {
                    table.shares.push(shares);
                }
                table.shares.len() - 1
            });
        table.map.push(u8::try_from(index).unwrap_or(u8::MAX));
    }
    table
}

fn normal(weights: Counts) -> Counts {
    let total: f64 = weights.iter().sum();
    weights.map(|w| w / total)
}

/// Probabilities of all symbols; where signs are not told apart, both are alike.
fn expected(starts: &Starts) -> Counts {
    let mut p = [0.0; SYMBOLS];
    for (symbol, p) in p.iter_mut().enumerate() {
        let size =
            |symbol| f64::from(share(starts, symbol).size) / f64::from(1 << PROBABILITY_BITS);
        *p = if splits_sign(starts, symbol) {
            size(symbol - (symbol + 1) % 2) / 2.0
        } else {
            size(symbol)
        };
    }
    p
}
