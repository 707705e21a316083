//! Rows with a column of every kind and width, and arbitrary histories of them.

use proptest::prelude::*;
use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::{Column, ColumnKind};

pub(crate) fn column(kind: ColumnKind, max: u32) -> Column {
    Column::new("", kind, max)
}

pub(crate) const FIXED: ColumnKind = ColumnKind::Fixed {
    min: 0.0,
    step: 1.0,
};

fn rotation(max: u32) -> Vec<Column> {
    let part = || column(ColumnKind::RotationPart, max);
    vec![
        column(ColumnKind::RotationLargest, 3),
        part(),
        part(),
        part(),
    ]
}

/// Every kind, from nothing to say (at most 0) to the full 32 bits.
pub(crate) fn layout() -> Layout {
    let mut body = vec![
        column(FIXED, u32::MAX),
        column(FIXED, 1000),
        column(ColumnKind::Angle, 1022),
        column(ColumnKind::Angle, u32::MAX),
    ];
    body.extend(rotation(510));
    body.push(column(ColumnKind::UInt, u32::MAX));
    let state = [
        column(ColumnKind::Flag, 1),
        column(ColumnKind::Enum { variants: &[] }, 6),
        column(ColumnKind::UInt, 0),
        column(ColumnKind::UInt, 255),
    ];
    let last = vec![column(ColumnKind::Flag, 1)];
    Layout::new([&state[..], &body, &rotation(2), &last])
}

/// A word as any word can be: the ends are likelier than the rest.
fn any_word(max: u32) -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(max), 0..=max]
}

/// Any row of the layout.
pub(crate) fn any_row() -> impl Strategy<Value = Vec<u32>> {
    let columns: Vec<_> = layout()
        .columns()
        .iter()
        .map(|column| any_word(column.max).boxed())
        .collect();
    columns
}

/// What a row does from one tick to the next.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Hold,
    Move(Vec<i64>),
    Jump(Vec<u32>),
}

pub(crate) fn any_step() -> impl Strategy<Value = Step> {
    let width = layout().row_words();
    let by = prop_oneof![
        4 => Just(0_i64),
        4 => -3..=3_i64,
        2 => -100..=100_i64,
        1 => -5_000_000_000..=5_000_000_000_i64,
    ];
    prop_oneof![
        3 => Just(Step::Hold),
        6 => prop::collection::vec(by, width).prop_map(Step::Move),
        1 => any_row().prop_map(Step::Jump),
    ]
}

/// The row after a step.
pub(crate) fn step(row: &[u32], step: &Step) -> Vec<u32> {
    match step {
        Step::Hold => row.to_vec(),
        Step::Jump(row) => row.clone(),
        Step::Move(by) => layout()
            .columns()
            .iter()
            .zip(row.iter().zip(by))
            .map(|(column, (word, by))| {
                (i64::from(*word) + by).clamp(0, i64::from(column.max)) as u32
            })
            .collect(),
    }
}

/// A row's way through some ticks, the oldest first.
pub(crate) fn any_way(ticks: usize) -> impl Strategy<Value = Vec<Vec<u32>>> {
    (any_row(), prop::collection::vec(any_step(), ticks - 1)).prop_map(|(first, steps)| {
        let mut way = vec![first];
        for by in &steps {
            way.push(step(&way[way.len() - 1], by));
        }
        way
    })
}
