//! What to expect of a game that nobody has looked at: tables by the kind of a field alone.
//!
//! They were fitted to recordings of three games of different kinds, each weighing as much as the others, by [`train_kinds`](crate::codec::train::train_kinds).

use xxhash_rust::xxh3::xxh3_64;

use crate::DecodeError;
use crate::codec::layout::WordKind;
use crate::codec::motion::{Mode, Modes};
use crate::codec::site::{ClassKind, LEVELS, SPEEDS};
use crate::codec::store::{ByteReader, read_class};
use crate::codec::tables::ClassTable;

/// One table for each of [`KINDS`], see [`crate::codec::store`].
const BYTES: &[u8] = include_bytes!("neutral.bin");

/// The kinds of classes that there are tables for, in their order.
pub const KINDS: [ClassKind; 13] = [
    ClassKind::Changed,
    ClassKind::Quiet,
    ClassKind::Word(WordKind::Flag),
    ClassKind::Word(WordKind::Enum),
    ClassKind::Word(WordKind::Fixed),
    ClassKind::Word(WordKind::Angle),
    ClassKind::Word(WordKind::RotationLargest),
    ClassKind::Word(WordKind::RotationPart),
    ClassKind::Magnitude(WordKind::Flag),
    ClassKind::Magnitude(WordKind::Enum),
    ClassKind::Magnitude(WordKind::Fixed),
    ClassKind::Magnitude(WordKind::Angle),
    ClassKind::Magnitude(WordKind::RotationPart),
];

/// The kind whose table serves this one: integers jump like enums, and a largest component has no magnitude.
#[must_use]
pub fn stand_in(kind: ClassKind) -> ClassKind {
    match kind {
        ClassKind::Word(WordKind::UInt) => ClassKind::Word(WordKind::Enum),
        ClassKind::Magnitude(WordKind::UInt) => ClassKind::Magnitude(WordKind::Enum),
        ClassKind::Magnitude(WordKind::RotationLargest) => ClassKind::Magnitude(WordKind::Flag),
        kind => kind,
    }
}

/// All neutral tables, in the order of [`KINDS`].
///
/// # Errors
/// Never, as long as the file beside this one is whole; a test says so.
pub fn tables() -> Result<Vec<ClassTable>, DecodeError> {
    let mut bytes = ByteReader::new(BYTES);
    let tables = KINDS
        .iter()
        .map(|kind| read_class(*kind, &mut bytes))
        .collect();
    bytes.finish()?;
    tables
}

/// XXH3 (64 bits) of the embedded file.
#[must_use]
pub fn hash() -> u64 {
    xxh3_64(BYTES)
}

/// Modes of a column of this kind.
#[must_use]
pub fn modes(kind: WordKind) -> Modes {
    [Mode::neutral(kind); LEVELS * SPEEDS]
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_file_is_whole() {
        assert_eq!(
            super::tables().map(|list| list.len()),
            Ok(super::KINDS.len())
        );
    }
}
