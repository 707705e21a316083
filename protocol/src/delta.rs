//! A delta: what turns one snapshot into another. The one encode loop and the one decode loop.
//!
//! It is a pure function of the two, so everyone who sees the same and holds the same baseline shares the bytes.
//!
//! Rows are walked by ascending network id. Each row that differs is: a bit 1; the gap to the last such id (gamma); then what
//! happened: `0` changed, `10` spawned, `11` despawned. A changed row says by a bit whether its mask differs, and if so the
//! mask; then, for each of its components that the baseline has too, a bit whether it changed, and if so for each column a bit
//! whether it changed (left out when it is the only one), and if so the word. Components that the baseline lacks, and spawned
//! rows, have all words. A bit 0 ends the delta.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::bits::{BitReader, BitWriter};
use crate::error::DecodeError;
use crate::limits::{MAX_NET_ID, MAX_ROWS, MAX_WORDS};
use crate::schema::{Column, Component, Schema};
use crate::snapshot::{NetId, Row, Snapshot};
use crate::tick::Tick;

/// Writes what turns `baseline` into `now`. An empty baseline gives the full snapshot.
///
/// # Panics
/// When the two have different schemas.
pub fn encode(baseline: &Snapshot, now: &Snapshot, out: &mut BitWriter) {
    assert_eq!(
        baseline.schema().hash(),
        now.schema().hash(),
        "a delta is between snapshots of one schema"
    );
    let mut writer = RowWriter {
        out,
        schema: now.schema(),
        next_id: 0,
    };
    let mut before = baseline.rows().peekable();
    let mut after = now.rows().peekable();
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(b), Some(a)) => b.id.cmp(&a.id),
        };
        match order {
            Ordering::Less => before
                .next()
                .into_iter()
                .for_each(|row| writer.despawned(row)),
            Ordering::Greater => after.next().into_iter().for_each(|row| writer.spawned(row)),
            Ordering::Equal => before
                .next()
                .zip(after.next())
                .into_iter()
                .for_each(|(b, a)| writer.kept(b, a)),
        }
    }
    writer.out.write_bool(false);
}

struct RowWriter<'a> {
    out: &'a mut BitWriter,
    schema: &'a Schema,
    /// The smallest id that can come next.
    next_id: u32,
}

impl RowWriter<'_> {
    fn head(&mut self, id: NetId) {
        self.out.write_bool(true);
        self.out.write_gamma(id.0 - self.next_id);
        self.next_id = id.0 + 1;
    }

    fn despawned(&mut self, row: Row<'_>) {
        self.head(row.id);
        self.out.write(0b11, 2);
    }

    fn spawned(&mut self, row: Row<'_>) {
        self.head(row.id);
        self.out.write(0b01, 2);
        self.mask(row.mask);
        for component in present(self.schema, row.mask) {
            self.words(component, row.words);
        }
    }

    fn kept(&mut self, before: Row<'_>, after: Row<'_>) {
        if before.mask == after.mask && before.words == after.words {
            return;
        }
        self.head(after.id);
        self.out.write_bool(false);
        self.out.write_bool(before.mask != after.mask);
        if before.mask != after.mask {
            self.mask(after.mask);
        }
        for (i, component) in self
            .schema
            .components()
            .iter()
            .enumerate()
            .filter(|(i, _)| after.mask >> i & 1 == 1)
        {
            if before.mask >> i & 1 == 1 {
                self.changed(component, before.words, after.words);
            } else {
                self.words(component, after.words);
            }
        }
    }

    fn changed(&mut self, component: &Component, before: &[u32], after: &[u32]) {
        let (before, after) = (part(component, before), part(component, after));
        self.out.write_bool(before != after);
        if before == after {
            return;
        }
        for ((column, old), new) in columns(self.schema, component)
            .iter()
            .zip(before)
            .zip(after)
        {
            if component.columns.len() > 1 {
                self.out.write_bool(old != new);
            }
            if old != new {
                self.out.write(*new, column.bits());
            }
        }
    }

    fn mask(&mut self, mask: u32) {
        let width = self.schema.components().len();
        self.out
            .write(mask, u32::try_from(width).unwrap_or(u32::BITS));
    }

    fn words(&mut self, component: &Component, words: &[u32]) {
        for (column, word) in columns(self.schema, component)
            .iter()
            .zip(part(component, words))
        {
            self.out.write(*word, column.bits());
        }
    }
}

fn present(schema: &Schema, mask: u32) -> impl Iterator<Item = &Component> {
    schema
        .components()
        .iter()
        .enumerate()
        .filter(move |(i, _)| mask >> i & 1 == 1)
        .map(|(_, c)| c)
}

fn columns<'a>(schema: &'a Schema, component: &Component) -> &'a [Column] {
    schema
        .columns()
        .get(component.columns.clone())
        .unwrap_or_default()
}

fn part<'a>(component: &Component, words: &'a [u32]) -> &'a [u32] {
    words.get(component.columns.clone()).unwrap_or_default()
}

/// Reads a delta: the snapshot of `tick` that it makes of `baseline`. Reads to the delta's end, not to the end of the bits.
///
/// # Errors
/// When the bits are not a delta of this schema, contradict the baseline or ask for more than the limits allow.
pub fn decode(
    baseline: &Snapshot,
    tick: Tick,
    bits: &mut BitReader<'_>,
) -> Result<Snapshot, DecodeError> {
    let mut reader = RowReader {
        bits,
        schema: Arc::clone(baseline.schema()),
        now: Snapshot::with_room_like(baseline, tick),
    };
    let mut before = baseline.rows().peekable();
    let mut next_id = 0_u32;
    while reader.bits.read_bool()? {
        let id = u64::from(next_id) + u64::from(reader.bits.read_gamma()?);
        DecodeError::check("network id", id, u64::from(MAX_NET_ID))?;
        let id = NetId(u32::try_from(id).unwrap_or(MAX_NET_ID));
        next_id = id.0 + 1;
        while let Some(row) = before.next_if(|row| row.id < id) {
            reader.keep(row)?;
        }
        let old = before.next_if(|row| row.id == id);
        if !reader.bits.read_bool()? {
            reader.changed(old.ok_or(DecodeError::Contradiction(
                "a change of an entity that is not there",
            ))?)?;
        } else if !reader.bits.read_bool()? {
            if old.is_some() {
                return Err(DecodeError::Contradiction(
                    "a spawn of an entity that is there already",
                ));
            }
            reader.spawned(id)?;
        } else if old.is_none() {
            return Err(DecodeError::Contradiction(
                "a despawn of an entity that is not there",
            ));
        }
    }
    before.try_for_each(|row| reader.keep(row))?;
    Ok(reader.now)
}

struct RowReader<'a, 'b> {
    bits: &'a mut BitReader<'b>,
    schema: Arc<Schema>,
    now: Snapshot,
}

impl RowReader<'_, '_> {
    fn push(&mut self, id: NetId, mask: u32) -> Result<&mut [u32], DecodeError> {
        let rows = self.now.len() + 1;
        DecodeError::check("number of entities", rows as u64, MAX_ROWS as u64)?;
        DecodeError::check(
            "number of words",
            (rows * self.schema.row_words()) as u64,
            MAX_WORDS as u64,
        )?;
        Ok(self.now.push(id, mask))
    }

    fn keep(&mut self, row: Row<'_>) -> Result<(), DecodeError> {
        self.push(row.id, row.mask)?.copy_from_slice(row.words);
        Ok(())
    }

    fn spawned(&mut self, id: NetId) -> Result<(), DecodeError> {
        let mask = self.mask()?;
        let mut words = vec![0; self.schema.row_words()];
        let schema = Arc::clone(&self.schema);
        for component in present(&schema, mask) {
            self.words(component, &mut words)?;
        }
        self.push(id, mask)?.copy_from_slice(&words);
        Ok(())
    }

    fn changed(&mut self, before: Row<'_>) -> Result<(), DecodeError> {
        let mask = if self.bits.read_bool()? {
            self.mask()?
        } else {
            before.mask
        };
        let mut words = vec![0; self.schema.row_words()];
        let schema = Arc::clone(&self.schema);
        for (i, component) in schema
            .components()
            .iter()
            .enumerate()
            .filter(|(i, _)| mask >> i & 1 == 1)
        {
            if before.mask >> i & 1 == 0 {
                self.words(component, &mut words)?;
                continue;
            }
            let place = words.get_mut(component.columns.clone()).unwrap_or_default();
            place.copy_from_slice(part(component, before.words));
            if self.bits.read_bool()? {
                for (column, word) in columns(&schema, component).iter().zip(place) {
                    if component.columns.len() == 1 || self.bits.read_bool()? {
                        *word = read_word(self.bits, column)?;
                    }
                }
            }
        }
        self.push(before.id, mask)?.copy_from_slice(&words);
        Ok(())
    }

    fn mask(&mut self) -> Result<u32, DecodeError> {
        self.bits
            .read(u32::try_from(self.schema.components().len()).unwrap_or(u32::BITS))
    }

    fn words(&mut self, component: &Component, words: &mut [u32]) -> Result<(), DecodeError> {
        let place = words.get_mut(component.columns.clone()).unwrap_or_default();
        for (column, word) in columns(&self.schema, component).iter().zip(place) {
            *word = read_word(self.bits, column)?;
        }
        Ok(())
    }
}

/// Reads the word of a column and checks its range.
pub(crate) fn read_word(bits: &mut BitReader<'_>, column: &Column) -> Result<u32, DecodeError> {
    let word = bits.read(column.bits())?;
    DecodeError::check("word of a column", u64::from(word), u64::from(column.max))?;
    Ok(word)
}
