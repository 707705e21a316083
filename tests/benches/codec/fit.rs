//! Tables for a recording that have not seen it.

use tickwire_protocol::codec::neutral;
use tickwire_protocol::codec::recording::Sample;
use tickwire_protocol::codec::store;
use tickwire_protocol::codec::tables::ClassTable;
use tickwire_protocol::codec::train::{Plan, train_from, train_kinds};

use crate::SETTINGS;
use crate::table::Table;

/// The parts of a recording to be measured, each with tables that were fitted to something else, as bytes.
pub(crate) fn fitted<'a>(
    table: &'a Table,
    tables: &[Table],
    back: usize,
    stride: usize,
) -> Vec<(Sample<'a>, Vec<u8>)> {
    let layout = table.recording.layout();
    let kinds = prior(table, tables);
    let fit = |samples: &[Sample<'_>]| {
        let fitted = train_from(layout, &kinds, samples, Plan::default());
        store::write(0, &fitted, &fitted)
    };
    let others: Vec<_> = tables
        .iter()
        .filter(|other| other.name != table.name && other.alike(table))
        .map(|other| other.recording.all(back, stride))
        .collect();
    let whole = table.recording.all(back, stride);
    if !others.is_empty() {
        return vec![(whole, fit(&others))];
    }
    let middle = table.recording.ticks() / 2;
    let first = Sample {
        to: middle,
        ..whole
    };
    let second = Sample {
        from: middle,
        ..whole
    };
    vec![(first, fit(&[second])), (second, fit(&[first]))]
}

/// Where a fit starts: tables by kind alone that know all games but this one.
fn prior(table: &Table, tables: &[Table]) -> Vec<ClassTable> {
    let mut games: Vec<Vec<&Table>> = Vec::new();
    for other in tables.iter().filter(|other| !other.alike(table)) {
        match games.iter_mut().find(|game| game[0].alike(other)) {
            // Two sessions of a game say enough of what is common to all games.
            Some(game) if game.len() == 2 => {}
            Some(game) => game.push(other),
            None => games.push(vec![other]),
        }
    }
    if games.is_empty() {
        return neutral::tables().unwrap();
    }
    let plan = Plan {
        price: 40.0,
        most: 40,
        ..Plan::default()
    };
    let games: Vec<Vec<Sample<'_>>> = games
        .iter()
        .map(|game| {
            let each = game.iter();
            each.flat_map(|table| SETTINGS.map(|(back, stride)| table.recording.all(back, stride)))
                .collect()
        })
        .collect();
    train_kinds(&games, plan)
}
