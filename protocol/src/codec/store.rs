//! Tables as bytes: the file that a training writes and both ends load. Its hash is part of the handshake.
//!
//! `TWT1`; the schema's hash (u64, little-endian); then two sets, *steady* and *late*, each of them the modes of all columns (2 bits
//! for each of 32 places, lowest first: 8 bytes) and the tables of all classes. A table: the number of its distributions less
//! one (u8); each as the 15 starts of its symbols 1 to 15 (u16, little-endian); then the map as runs: length less one (u8), distribution
//! (u8).

use thiserror::Error;
use xxhash_rust::xxh3::xxh3_64;

use crate::DecodeError;
use crate::codec::coder::PROBABILITY_BITS;
use crate::codec::layout::Layout;
use crate::codec::motion::{Mode, Modes};
use crate::codec::site::{ClassKind, classes};
use crate::codec::tables::{ClassTable, Starts, TableSet, Tables};
use crate::codec::token::SYMBOLS;

const MAGIC: &[u8; 4] = b"TWT1";

/// Distributions of a set: [`Tables`] names them by `u16`.
const MAX_SHARES: u64 = 1 << 16;

/// The tables and modes of one set.
pub type Fitted = (Vec<ClassTable>, Vec<Modes>);

/// Why a file of tables is of no use.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TablesError {
    /// Something else altogether.
    #[error("this is no file of tables")]
    NoTables,
    /// The components have changed since, or it is another game's.
    #[error("they are for components with hash {theirs:016x}, but the game's have {ours:016x}")]
    OtherSchema {
        /// The hash in the file.
        theirs: u64,
        /// The hash of the game's components.
        ours: u64,
    },
    /// It begins well.
    #[error("the file is damaged, or of another version of Tickwire: {0}")]
    Damaged(#[from] DecodeError),
}

/// Takes numbers off bytes.
#[derive(Debug)]
pub struct ByteReader<'a>(&'a [u8]);

impl<'a> ByteReader<'a> {
    /// Reads from the start.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (first, rest) = self.0.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(*first)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        let [byte] = self.take()?;
        Ok(byte)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When bytes are left.
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::Trailing(self.0.len()))
        }
    }
}

/// Writes the table of a class.
pub fn write_class(table: &ClassTable, out: &mut Vec<u8>) {
    out.push(u8::try_from(table.shares.len().saturating_sub(1)).unwrap_or(u8::MAX));
    for starts in &table.shares {
        for start in starts.iter().skip(1).take(SYMBOLS - 1) {
            out.extend(start.to_le_bytes());
        }
    }
    for run in table.map.chunk_by(|a, b| a == b) {
        for part in run.chunks(256) {
            out.push(u8::try_from(part.len() - 1).unwrap_or(u8::MAX));
            out.extend(part.first());
        }
    }
}

/// Reads the table of a class.
///
/// # Errors
/// When the bytes end, when a distribution lacks a symbol, or when the map does not fit.
pub fn read_class(kind: ClassKind, bytes: &mut ByteReader<'_>) -> Result<ClassTable, DecodeError> {
    let count = usize::from(bytes.byte()?) + 1;
    let mut shares = Vec::with_capacity(count);
    for _ in 0..count {
        shares.push(read_starts(kind, bytes)?);
    }
    let sites = kind.sites();
    let mut map = Vec::with_capacity(sites);
    while map.len() < sites {
        let [run, index] = bytes.take()?;
        DecodeError::check("distribution", u64::from(index), count as u64 - 1)?;
        map.resize(map.len() + usize::from(run) + 1, index);
    }
    DecodeError::check("length of a map", map.len() as u64, sites as u64)?;
    Ok(ClassTable { map, shares })
}

fn read_starts(kind: ClassKind, bytes: &mut ByteReader<'_>) -> Result<Starts, DecodeError> {
    let mut starts = [0; SYMBOLS + 1];
    for start in starts.iter_mut().skip(1).take(SYMBOLS - 1) {
        *start = u16::from_le_bytes(bytes.take()?);
    }
    if let Some(end) = starts.last_mut() {
        *end = 1 << PROBABILITY_BITS;
    }
    for (symbol, ends) in starts.windows(2).enumerate() {
        let [start, end] = ends else { continue };
        // Only a minus may have no share, see `splits_sign`.
        let may_lack = kind.has_signs() && symbol > 0 && symbol % 2 == 0;
        if start > end || (start == end && !may_lack) {
            return Err(DecodeError::Contradiction("a symbol without a share"));
        }
    }
    Ok(starts)
}

/// Writes tables for a layout.
#[must_use]
pub fn write(schema: u64, steady: &Fitted, late: &Fitted) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(schema.to_le_bytes());
    for (list, modes) in [steady, late] {
        for modes in modes {
            let packed = modes
                .iter()
                .rev()
                .fold(0_u64, |packed, mode| packed << 2 | *mode as u64);
            out.extend(packed.to_le_bytes());
        }
        list.iter().for_each(|table| write_class(table, &mut out));
    }
    out
}

/// Reads tables for a layout.
///
/// # Errors
/// When the bytes are for another schema, or no tables.
pub fn read(layout: &Layout, schema: u64, bytes: &[u8]) -> Result<TableSet, TablesError> {
    let hash = xxh3_64(bytes);
    let mut bytes = ByteReader::new(bytes);
    if !bytes.take().is_ok_and(|magic| magic == *MAGIC) {
        return Err(TablesError::NoTables);
    }
    let theirs = u64::from_le_bytes(bytes.take()?);
    if theirs != schema {
        let ours = schema;
        return Err(TablesError::OtherSchema { theirs, ours });
    }
    let steady = read_set(layout, &mut bytes)?;
    let late = read_set(layout, &mut bytes)?;
    bytes.finish()?;
    Ok(TableSet { steady, late, hash })
}

fn read_set(layout: &Layout, bytes: &mut ByteReader<'_>) -> Result<Tables, DecodeError> {
    let mut modes = Vec::with_capacity(layout.row_words());
    for _ in 0..layout.row_words() {
        let mut packed = u64::from_le_bytes(bytes.take()?);
        modes.push([(); 32].map(|()| {
            let [hold, half, linear, bend] = Mode::ALL;
            let mode = match packed & 3 {
                0 => hold,
                1 => half,
                2 => linear,
                _ => bend,
            };
            packed >>= 2;
            mode
        }));
    }
    let list: Result<Vec<_>, _> = classes(layout)
        .into_iter()
        .map(|kind| read_class(kind, bytes))
        .collect();
    let list = list?;
    let shares: usize = list.iter().map(|table| table.shares.len()).sum();
    DecodeError::check("number of distributions", shares as u64, MAX_SHARES)?;
    Ok(Tables::new(layout, &list, modes))
}
