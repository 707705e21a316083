//! A snapshot: the quantised world of one tick, an immutable table.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::codec::motion::differ;
use crate::codec::past::RowWords;
use crate::codec::sight::Rows;
use crate::codec::slots::SlotSet;
use crate::limits::MAX_NET_ID;
use crate::schema::Schema;
use crate::tick::Tick;
use crate::wire::{Wire, WordReader};

/// What an entity is called on the wire: never an ECS `Entity`.
///
/// The server gives a number out again only after [`HISTORY_TICKS`](crate::limits::HISTORY_TICKS) ticks: no baseline
/// that knows its former bearer is alive then. In a game whose components refer to entities it waits ten times as long.
///
/// # References between entities
///
/// A component that means another entity has a field of type `Option<NetId>`:
///
/// ```
/// use tickwire_protocol::{NetId, Wire};
///
/// #[derive(Wire, Clone, Copy, Debug, PartialEq)]
/// struct Turret {
///     aims_at: Option<NetId>,
/// }
/// ```
///
/// - On a client it is `None` as long as the target is not in that client's view, and names it from the very snapshot (or
///   picture) on in which the target is there: what it names can always be looked up.
/// - On the server it becomes `None` in the tick in which the target is despawned. It never comes to mean a later bearer of
///   the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NetId(pub u32);

impl fmt::Display for NetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// All rows of one tick, by ascending network id.
///
/// A row has one word for every column of the schema; the words of components that the entity does not have are 0, so two
/// rows are the same exactly when their masks and words are.
#[derive(Clone)]
pub struct Snapshot {
    schema: Arc<Schema>,
    tick: Tick,
    /// Snapshots of the same entities share them: as long as nobody comes or goes, nobody looks at them.
    ids: Arc<Vec<NetId>>,
    masks: Vec<u32>,
    words: Vec<u32>,
}

impl Snapshot {
    /// A table without rows.
    #[must_use]
    pub fn new(schema: Arc<Schema>, tick: Tick) -> Self {
        Self {
            schema,
            tick,
            ids: Arc::default(),
            masks: Vec::new(),
            words: Vec::new(),
        }
    }

    /// A table without rows, its memory laid out for as many as `like` has.
    #[must_use]
    pub fn with_room_like(like: &Self, tick: Tick) -> Self {
        Self::with_room_for(like.len() + 4, Arc::clone(&like.schema), tick)
    }

    /// A table without rows, its memory laid out for `rows` of them.
    #[must_use]
    pub fn with_room_for(rows: usize, schema: Arc<Schema>, tick: Tick) -> Self {
        Self {
            tick,
            ids: Arc::new(Vec::with_capacity(rows)),
            masks: Vec::with_capacity(rows),
            words: Vec::with_capacity(rows * schema.row_words()),
            schema,
        }
    }

    /// A table of `tick` without rows, in the memory of this one.
    #[must_use]
    pub fn cleared(mut self, tick: Tick) -> Self {
        self.tick = tick;
        match Arc::get_mut(&mut self.ids) {
            Some(ids) => ids.clear(),
            None => self.ids = Arc::new(Vec::with_capacity(self.ids.len())),
        }
        self.masks.clear();
        self.words.clear();
        self
    }

    /// Becomes the table of `tick` with the same rows as `last`, but for those in `stale`: that is empty afterwards unless this is
    /// a former table with the same ids, which may differ in those.
    pub(crate) fn bring_up_to(&mut self, last: &Self, stale: &mut SlotSet, tick: Tick) {
        let former = Arc::ptr_eq(&self.schema, &last.schema) && self.has_ids_of(last);
        self.tick = tick;
        self.ids = Arc::clone(&last.ids);
        // Beyond that, one copy of all is quicker than many of few.
        if former && stale.len() < self.len() / 2 {
            return;
        }
        stale.clear();
        self.schema.clone_from(&last.schema);
        self.masks.clone_from(&last.masks);
        self.words.clone_from(&last.words);
    }

    /// Makes these rows the same as in `last`, which has the same ids.
    pub(crate) fn copy_rows(&mut self, last: &Self, slots: &SlotSet) {
        for index in slots.iter().filter_map(|slot| last.find_slot(slot)) {
            if let (Some(row), Some((mask, words))) = (last.at(index), self.at_mut(index)) {
                *mask = row.mask;
                // Slices of a few words: a loop beats a call.
                words
                    .iter_mut()
                    .zip(row.words)
                    .for_each(|(to, word)| *to = *word);
            }
        }
    }

    /// Adds a row and returns its words, all 0, to be filled in. Bit `i` of `mask` says that the entity has component `i`.
    ///
    /// # Panics
    /// When `id` is not above the last one or above [`MAX_NET_ID`], when `mask` has a component that the schema lacks, or when
    /// there are [`Schema::max_rows`] rows already: clients refuse such a snapshot.
    pub fn push(&mut self, id: NetId, mask: u32) -> &mut [u32] {
        assert!(
            self.ids.last().is_none_or(|last| *last < id),
            "rows come by ascending id: {id} after {:?}",
            self.ids.last()
        );
        assert!(
            id.0 <= MAX_NET_ID,
            "network ids end at {MAX_NET_ID}; there is no {id}"
        );
        let max_rows = self.schema.max_rows();
        assert!(
            self.ids.len() < max_rows,
            "a snapshot of this game has at most {max_rows} rows: replicate fewer entities"
        );
        assert_eq!(
            mask & !self.schema.full_mask(),
            0,
            "row {id} has components that the schema lacks"
        );
        Arc::make_mut(&mut self.ids).push(id);
        self.masks.push(mask);
        let start = self.words.len();
        self.words.resize(start + self.schema.row_words(), 0);
        self.words.get_mut(start..).unwrap_or_default()
    }

    /// The schema of the rows.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The tick whose end this shows.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The network ids, ascending.
    #[must_use]
    pub fn ids(&self) -> &[NetId] {
        &self.ids
    }

    /// The row at `index` (0 to [`Self::len`] − 1).
    #[must_use]
    pub fn at(&self, index: usize) -> Option<Row<'_>> {
        let width = self.schema.row_words();
        Some(Row {
            schema: &self.schema,
            ids: &self.ids,
            id: *self.ids.get(index)?,
            mask: *self.masks.get(index)?,
            words: self.words.get(index * width..(index + 1) * width)?,
        })
    }

    /// The row of `id`.
    #[must_use]
    pub fn row(&self, id: NetId) -> Option<Row<'_>> {
        self.at(self.find(id)?)
    }

    /// The components that the row of `id` has.
    #[inline]
    #[must_use]
    pub fn mask(&self, id: NetId) -> Option<u32> {
        self.masks.get(self.find(id)?).copied()
    }

    /// Where the row of `id` is. Ids are ascending and mostly without gaps, so it lies as many places before `id` as there
    /// are gaps, at most.
    #[inline]
    pub(crate) fn find(&self, id: NetId) -> Option<usize> {
        if self.ids.get(id.0 as usize) == Some(&id) {
            return Some(id.0 as usize);
        }
        self.find_before(id)
    }

    fn find_before(&self, id: NetId) -> Option<usize> {
        let gaps = (self.ids.last()?.0 as usize + 1).saturating_sub(self.ids.len());
        let to = (id.0 as usize + 1).min(self.ids.len());
        let from = (id.0 as usize).saturating_sub(gaps).min(to);
        let found = self.ids.get(from..to)?.binary_search(&id);
        found.ok().map(|at| from + at)
    }

    /// The same for a slot of a set.
    #[inline]
    pub(crate) fn find_slot(&self, slot: usize) -> Option<usize> {
        self.find(NetId(u32::try_from(slot).ok()?))
    }

    /// The mask and the words of a row, to be changed.
    pub(crate) fn at_mut(&mut self, index: usize) -> Option<(&mut u32, &mut [u32])> {
        let width = self.schema.row_words();
        let words = self.words.get_mut(index * width..(index + 1) * width)?;
        Some((self.masks.get_mut(index)?, words))
    }

    /// Whether the other table has rows of the same ids.
    #[must_use]
    pub fn has_ids_of(&self, other: &Self) -> bool {
        if Arc::ptr_eq(&self.ids, &other.ids) {
            return true;
        }
        let ids = self.ids.iter().zip(other.ids.iter());
        // No exit before the end: so the processor compares several at a time.
        self.len() == other.len() && ids.fold(0, |differ, (a, b)| differ | (a.0 ^ b.0)) == 0
    }

    /// Calls `each` with the slot of every row that `before` does not have like that.
    pub(crate) fn each_unlike(&self, before: Option<&Self>, mut each: impl FnMut(usize)) {
        let width = self.schema.row_words();
        let slot = |id: &NetId| id.0 as usize;
        let before = before.filter(|before| before.schema.row_words() == width);
        let Some(before) = before else {
            return self.ids.iter().map(slot).for_each(each);
        };
        let mut unlike = |(id, (mask, words)): (&NetId, (&u32, &[u32])), old: usize| {
            let start = old.saturating_mul(width);
            let was = before.words.get(start..start.saturating_add(width));
            let was = was.unwrap_or_default();
            if before.masks.get(old) != Some(mask) || differ(words, was) {
                each(slot(id));
            }
        };
        // A table of no columns has no words to go through.
        let words = (0..self.len()).map(|at| {
            let words = self.words.get(at * width..(at + 1) * width);
            words.unwrap_or_default()
        });
        let rows = self.ids.iter().zip(self.masks.iter().zip(words));
        if self.has_ids_of(before) {
            rows.enumerate().for_each(|(at, row)| unlike(row, at));
            return;
        }
        let mut old = 0;
        for row in rows {
            let rest = before.ids.get(old..).unwrap_or_default();
            old += rest.iter().take_while(|id| *id < row.0).count();
            if before.ids.get(old) == Some(row.0) {
                unlike(row, old);
            } else {
                // Nobody is there.
                unlike(row, usize::MAX);
            }
        }
    }

    /// The same table without some components.
    pub(crate) fn without(&self, hidden: u32) -> Self {
        let mut open = self.clone();
        let width = self.schema.row_words().max(1);
        for (mask, words) in open.masks.iter_mut().zip(open.words.chunks_mut(width)) {
            for (i, component) in self.schema.components().iter().enumerate() {
                if *mask & hidden & 1 << i != 0 {
                    let words = words.get_mut(component.columns.clone());
                    words.unwrap_or_default().fill(0);
                }
            }
            *mask &= !hidden;
        }
        open
    }

    /// All rows, by ascending id.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = Row<'_>> {
        (0..self.len()).filter_map(|i| self.at(i))
    }

    /// XXH3 (64 bits) of tick, ids, masks and words: equal on both ends when their worlds are.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut hasher = Xxh3::new();
        hasher.update(&self.tick.0.to_le_bytes());
        for row in self.rows() {
            hasher.update(&row.id.0.to_le_bytes());
            hasher.update(&row.mask.to_le_bytes());
            for word in row.words {
                hasher.update(&word.to_le_bytes());
            }
        }
        hasher.digest()
    }
}

/// The checksum of a row of which these are the bytes.
#[inline]
pub(crate) fn sum_of(row: &[u8]) -> u32 {
    let [low, _] = split(xxh3_64(row));
    low
}

/// The lower and the upper half.
fn split(hash: u64) -> [u32; 2] {
    [hash, hash >> 32].map(|half| u32::try_from(half & u64::from(u32::MAX)).unwrap_or(0))
}

impl Rows for Snapshot {
    #[inline]
    fn row(&self, slot: usize) -> Option<RowWords<'_>> {
        let index = self.find_slot(slot)?;
        let width = self.schema.row_words();
        Some(RowWords {
            mask: *self.masks.get(index)?,
            words: self.words.get(index * width..(index + 1) * width)?,
        })
    }
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        self.tick == other.tick
            && self.ids == other.ids
            && self.masks == other.masks
            && self.words == other.words
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot of tick {} ", self.tick)?;
        f.debug_map()
            .entries(self.rows().map(|row| (row.id.0, row)))
            .finish()
    }
}

/// One entity in a snapshot.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    schema: &'a Schema,
    /// All ids of the table.
    ids: &'a [NetId],
    /// Its network id.
    pub id: NetId,
    /// Bit `i`: it has component `i` of the schema.
    pub mask: u32,
    /// A word for every column.
    pub words: &'a [u32],
}

impl Row<'_> {
    /// A checksum of the row: the lower half of XXH3 (64 bits) of its id, its mask and its words, all little-endian. `bytes` is
    /// memory.
    pub(crate) fn sum(&self, bytes: &mut Vec<u8>) -> u32 {
        bytes.resize(Self::sum_bytes(self.schema), 0);
        self.put(bytes);
        sum_of(bytes)
    }

    /// How many bytes the checksum of each row of this schema is made of.
    pub(crate) fn sum_bytes(schema: &Schema) -> usize {
        4 * (2 + schema.row_words())
    }

    /// Writes the bytes that the checksum is made of to a place of that length.
    #[inline]
    pub(crate) fn put(&self, place: &mut [u8]) {
        if let ([id, mask, places @ ..], _) = place.as_chunks_mut() {
            (*id, *mask) = (self.id.0.to_le_bytes(), self.mask.to_le_bytes());
            for (place, word) in places.iter_mut().zip(self.words) {
                *place = word.to_le_bytes();
            }
        }
    }

    /// Its component of type `T`, if it has one. What it refers to is `None` as long as the table lacks that entity.
    #[must_use]
    pub fn get<T: Wire>(&self) -> Option<T> {
        let position = self.schema.position::<T>()?;
        let component = self.schema.components().get(position)?;
        let words = self.words.get(component.columns.clone())?;
        if self.mask >> position & 1 == 0 {
            return None;
        }
        let mut value = T::load(&mut WordReader::new(words));
        value.retain_references(&|id| self.ids.binary_search(&id).is_ok());
        Some(value)
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (i, component) in self.schema.components().iter().enumerate() {
            if self.mask >> i & 1 == 1 {
                let words = self.words.get(component.columns.clone());
                map.entry(&component.name, &words.unwrap_or_default());
            }
        }
        map.finish()
    }
}
