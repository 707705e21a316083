//! Recorded matches in files: what trainings and measurements feed on.
//!
//! A recording is one zstd frame with a checksum. Unpacked, integers little-endian:
//!
//! | | |
//! |---|---|
//! | 4 bytes | `TWR1` |
//! | u64 | hash of the [schema](tickwire_protocol::Schema::hash) of the rows |
//! | u8 | ticks per second |
//! | u8, then as many bytes | the game's name, UTF-8 |
//! | for each tick | its number (u32); how many rows it has (u32); its rows by ascending id |
//! | a row | network id (u32); presence mask (u32); the words (u32) of the components that it has, in wire order |
//!
//! Ticks follow one another without a gap. Nothing stands at the end: the zstd frame says where that is, so a recording that
//! was cut off is known as such.

mod live;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use live::LiveRecording;
pub(crate) use read::{Budget, open};
pub(crate) use write::RecordingFile;
#[cfg(test)]
pub(crate) use {read::read, tests::record};

/// How the files of recordings are usually called.
pub(crate) const ENDING: &str = ".tbl.zst";

const MAGIC: &[u8; 4] = b"TWR1";

/// Logarithm of the bytes that a reader keeps to refer back to. What is written here needs 2²¹; other tools may go further.
const WINDOW_LOG: u32 = 27;
