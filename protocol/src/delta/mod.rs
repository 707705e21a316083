//! A delta: what turns one snapshot into another. The one encode loop and the one decode loop.
//!
//! It is a pure function of the two, so everyone who sees the same and holds the same baseline shares the bytes.
//!
//! Rows are walked by ascending network id. Each row that differs is: a bit 1; the gap to the last such id (gamma); then what
//! happened: `0` changed, `10` spawned, `110` despawned, `111` left the view. A changed row says by a bit whether its mask differs, and if so the
//! mask; then, for each of its components that the baseline has too, a bit whether it changed, and if so for each column a bit
//! whether it changed (left out when it is the only one), and if so the word. Components that the baseline lacks, and spawned
//! rows, have all words. A bit 0 ends the delta.

mod decode;
mod encode;

pub(crate) use decode::read_word;
pub use decode::{decode, decode_view};
pub use encode::{encode, encode_view};

use crate::schema::{Column, Component, Schema};

/// The components of a mask, in wire order, each with its own bit.
pub(crate) fn present(schema: &Schema, mask: u32) -> impl Iterator<Item = (u32, &Component)> {
    schema
        .components()
        .iter()
        .enumerate()
        .map(|(i, component)| (1 << i, component))
        .filter(move |(bit, _)| mask & bit != 0)
}

fn columns<'a>(schema: &'a Schema, component: &Component) -> &'a [Column] {
    schema
        .columns()
        .get(component.columns.clone())
        .unwrap_or_default()
}

/// The words of one component in a row.
pub(crate) fn part<'a>(component: &Component, words: &'a [u32]) -> &'a [u32] {
    words.get(component.columns.clone()).unwrap_or_default()
}

/// The same, to be filled in.
pub(crate) fn place<'a>(component: &Component, words: &'a mut [u32]) -> &'a mut [u32] {
    words.get_mut(component.columns.clone()).unwrap_or_default()
}

/// Bits of a presence mask.
fn mask_bits(schema: &Schema) -> u32 {
    schema.full_mask().count_ones()
}
