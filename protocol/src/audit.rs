//! What tells where two views differ without sending them: sums over rows by id, and sums over columns.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::limits::MAX_COLUMNS;
use crate::schema::Schema;
use crate::snapshot::{NetId, Row};
use crate::tick::Tick;

/// Rows are sorted into so many heaps by the lowest bits of their ids, and into as many by the bits above those: where a wrong
/// one of the first kind meets a wrong one of the second there is the row.
const HEAPS: usize = 64;

/// Bytes of an audit's sums at most: two for each heap, for the masks and for each column.
pub(crate) const MAX_AUDIT: usize = 2 * (2 * HEAPS + 1 + MAX_COLUMNS);

/// What a client that has lost its way says of what it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// The tick of the view that this is about.
    pub tick: Tick,
    /// Sums over rows and over columns, two bytes each, little-endian.
    pub sums: Vec<u8>,
}

/// Sums of 16 bits over the rows of a view: of the rows' checksums by heap, of the masks, and of each column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sums {
    heaps: Vec<u16>,
    /// Of the masks, then of each column.
    columns: Vec<u16>,
}

/// The lowest 16 bits of a hash.
fn short(hash: u64) -> u16 {
    u16::try_from(hash & 0xFFFF).unwrap_or(0)
}

/// What a word adds to its column's sum; the mask counts as column 0, the first column as 1.
fn share(id: NetId, column: usize, word: u32) -> u16 {
    let column = u32::try_from(column).unwrap_or(0);
    let mut bytes = [0; 12];
    let words = [id.0, column, word].map(u32::to_le_bytes);
    let to = bytes.iter_mut().zip(words.as_flattened());
    to.for_each(|(to, from)| *to = *from);
    short(xxh3_64(&bytes))
}

/// The two heaps of a row.
fn heaps(id: NetId) -> [usize; 2] {
    let id = id.0 as usize;
    [id % HEAPS, HEAPS + id / HEAPS % HEAPS]
}

impl Sums {
    pub(crate) fn new(schema: &Schema) -> Self {
        Self {
            heaps: vec![0; 2 * HEAPS],
            columns: vec![0; 1 + schema.row_words()],
        }
    }

    pub(crate) fn add(&mut self, row: &Row<'_>) {
        let sum = short(u64::from(row.sum(&mut Vec::new())));
        for heap in heaps(row.id) {
            if let Some(heap) = self.heaps.get_mut(heap) {
                *heap = heap.wrapping_add(sum);
            }
        }
        let words = std::iter::once(&row.mask).chain(row.words);
        for (i, (to, word)) in self.columns.iter_mut().zip(words).enumerate() {
            *to = to.wrapping_add(share(row.id, i, *word));
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let sums = self.heaps.iter().chain(&self.columns);
        sums.flat_map(|sum| sum.to_le_bytes()).collect()
    }

    /// Whether a row may differ, going by the sums of the other end.
    pub(crate) fn suspects(&self, theirs: &Self, id: NetId) -> bool {
        let differs = |heap: usize| self.heaps.get(heap) != theirs.heaps.get(heap);
        heaps(id).into_iter().all(differs)
    }

    /// Which columns differ: `None` for the masks.
    pub(crate) fn columns(&self, theirs: &Self) -> impl Iterator<Item = Option<usize>> {
        let pairs = self.columns.iter().zip(&theirs.columns).enumerate();
        let differ = pairs.filter(|(_, (ours, theirs))| ours != theirs);
        differ
            .map(|(i, _)| i.checked_sub(1))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The sums that another end of this schema sent; `None` when they are not.
    pub(crate) fn read(schema: &Schema, bytes: &[u8]) -> Option<Self> {
        let (pairs, []) = bytes.as_chunks() else {
            return None;
        };
        let sums: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        let (heaps, columns) = sums.split_at_checked(2 * HEAPS)?;
        (columns.len() == 1 + schema.row_words()).then(|| Self {
            heaps: heaps.to_vec(),
            columns: columns.to_vec(),
        })
    }
}

/// What an audit found wrong with a client's view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The entity whose row differs; it is sent anew.
    pub id: NetId,
    /// The fields that differ, as `Component.field`: of all rows in the finding together, because the sums of a column do not
    /// say in which row. Empty when the client has rows that it should not have, or lacks some.
    pub fields: Vec<String>,
}

/// The names of columns, `None` for the masks.
pub(crate) fn names(schema: &Schema, columns: impl Iterator<Item = Option<usize>>) -> Vec<String> {
    let name = |column: Option<usize>| {
        let Some(column) = column else {
            return "which components it has".to_owned();
        };
        let mut components = schema.components().iter();
        let component = components.find(|component| component.columns.contains(&column));
        let name = schema
            .columns()
            .get(column)
            .map_or("", |column| &column.name);
        format!(
            "{}.{name}",
            component.map_or("", |component| component.name)
        )
    };
    columns.map(name).collect()
}
