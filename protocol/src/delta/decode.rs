//! One snapshot and bits in, the other snapshot out.

use std::sync::Arc;

use super::{columns, mask_bits, part, place, present};
use crate::bits::BitReader;
use crate::error::DecodeError;
use crate::limits::MAX_NET_ID;
use crate::schema::{Column, Component, Schema};
use crate::snapshot::{NetId, Row, Snapshot};
use crate::tick::Tick;

/// Reads a delta: the snapshot of `tick` that it makes of `baseline`. Reads to the delta's end, not to the end of the bits.
///
/// # Errors
/// When the bits are not a delta of this schema, contradict the baseline or ask for more than the limits allow.
pub fn decode(
    baseline: &Snapshot,
    tick: Tick,
    bits: &mut BitReader<'_>,
) -> Result<Snapshot, DecodeError> {
    decode_view(baseline, tick, &mut Vec::new(), bits)
}

/// The same, and adds to `left` the entities that have left the view: they live on, out of sight. Whatever else the baseline
/// has and the snapshot lacks is despawned.
///
/// # Errors
/// As [`decode`].
pub fn decode_view(
    baseline: &Snapshot,
    tick: Tick,
    left: &mut Vec<NetId>,
    bits: &mut BitReader<'_>,
) -> Result<Snapshot, DecodeError> {
    let mut reader = RowReader {
        bits,
        left,
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
            reader.unchanged(row)?;
        }
        reader.differs(id, before.next_if(|row| row.id == id))?;
    }
    before.try_for_each(|row| reader.unchanged(row))?;
    Ok(reader.now)
}

struct RowReader<'a, 'b> {
    bits: &'a mut BitReader<'b>,
    left: &'a mut Vec<NetId>,
    schema: Arc<Schema>,
    now: Snapshot,
}

impl RowReader<'_, '_> {
    fn unchanged(&mut self, row: Row<'_>) -> Result<(), DecodeError> {
        push(&mut self.now, row.id, row.mask)?.copy_from_slice(row.words);
        Ok(())
    }

    fn differs(&mut self, id: NetId, before: Option<Row<'_>>) -> Result<(), DecodeError> {
        let changed = !self.bits.read_bool()?;
        let gone = !changed && self.bits.read_bool()?;
        match before {
            Some(before) if changed => self.changed(before),
            Some(_) if gone => self.gone(id),
            None if !changed && !gone => self.spawned(id),
            Some(_) => Err(DecodeError::Contradiction(
                "a spawn of an entity that is there already",
            )),
            None => Err(DecodeError::Contradiction(
                "a change or the end of an entity that is not there",
            )),
        }
    }

    fn gone(&mut self, id: NetId) -> Result<(), DecodeError> {
        if self.bits.read_bool()? {
            self.left.push(id);
        }
        Ok(())
    }

    fn spawned(&mut self, id: NetId) -> Result<(), DecodeError> {
        let mask = self.mask()?;
        let row = push(&mut self.now, id, mask)?;
        for (_, component) in present(&self.schema, mask) {
            read_words(self.bits, &self.schema, component, row)?;
        }
        Ok(())
    }

    fn changed(&mut self, before: Row<'_>) -> Result<(), DecodeError> {
        let mask = if self.bits.read_bool()? {
            self.mask()?
        } else {
            before.mask
        };
        let row = push(&mut self.now, before.id, mask)?;
        for (bit, component) in present(&self.schema, mask) {
            if before.mask & bit == 0 {
                read_words(self.bits, &self.schema, component, row)?;
            } else {
                place(component, row).copy_from_slice(part(component, before.words));
                read_changes(self.bits, &self.schema, component, row)?;
            }
        }
        Ok(())
    }

    fn mask(&mut self) -> Result<u32, DecodeError> {
        self.bits.read(mask_bits(&self.schema))
    }
}

/// A new row, all 0, as long as the limits allow one more.
fn push(now: &mut Snapshot, id: NetId, mask: u32) -> Result<&mut [u32], DecodeError> {
    let (rows, max) = (now.len() + 1, now.schema().max_rows());
    DecodeError::check("number of entities", rows as u64, max as u64)?;
    Ok(now.push(id, mask))
}

fn read_words(
    bits: &mut BitReader<'_>,
    schema: &Schema,
    component: &Component,
    row: &mut [u32],
) -> Result<(), DecodeError> {
    let words = place(component, row);
    for (column, word) in columns(schema, component).iter().zip(words) {
        *word = read_word(bits, column)?;
    }
    Ok(())
}

fn read_changes(
    bits: &mut BitReader<'_>,
    schema: &Schema,
    component: &Component,
    row: &mut [u32],
) -> Result<(), DecodeError> {
    if !bits.read_bool()? {
        return Ok(());
    }
    let words = place(component, row);
    for (column, word) in columns(schema, component).iter().zip(words) {
        if component.columns.len() == 1 || bits.read_bool()? {
            *word = read_word(bits, column)?;
        }
    }
    Ok(())
}

/// Reads the word of a column and checks its range.
pub(crate) fn read_word(bits: &mut BitReader<'_>, column: &Column) -> Result<u32, DecodeError> {
    let word = bits.read(column.bits())?;
    DecodeError::check("word of a column", u64::from(word), u64::from(column.max))?;
    Ok(word)
}
