//! The client's end: a group of rows made of chunks.

use crate::DecodeError;
use crate::codec::chunk::ChunkDecoder;
use crate::codec::forecast::Forecaster;
use crate::codec::layout::Layout;
use crate::codec::msb::BitReader;
use crate::codec::past::{DEPTH, Past};
use crate::codec::places::read_places;
use crate::codec::row::Task;
use crate::codec::sight::{Rows, Ticks};
use crate::codec::site::Site;
use crate::codec::slots::contains;
use crate::codec::tables::Tables;
use crate::explain::{Cause, Reason, Witness};

/// Rows that can be changed.
pub trait RowsMut {
    /// The mask and the words of the row in a slot.
    fn row_mut(&mut self, slot: usize) -> Option<(&mut u32, &mut [u32])>;
}

/// Reads groups of rows, and whole rows.
#[derive(Debug)]
pub struct GroupReader {
    decoder: ChunkDecoder,
    calm: Vec<usize>,
    /// Slots that have a chunk; of those that were asked about, the place of the probability that they changed.
    told: Vec<(usize, Option<Site>)>,
    zeros: Vec<u32>,
}

impl GroupReader {
    /// For rows of this layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            decoder: ChunkDecoder::new(layout),
            calm: Vec::new(),
            told: Vec::new(),
            zeros: vec![0; layout.row_words()],
        }
    }

    /// Brings the rows of a group (by slot, ascending) up to date in `to`, where they are as in the baseline. `ticks` are as
    /// the client has them: a row that it does not have exactly is missing there.
    ///
    /// # Errors
    /// When the bits are no such group. Some rows may be changed then.
    pub fn read<R: Rows, W: Witness>(
        &mut self,
        (layout, tables): (&Layout, &Tables),
        ticks: Ticks<'_, R>,
        rows: &[usize],
        to: &mut impl RowsMut,
        bits: &mut BitReader<'_>,
        witness: &mut W,
    ) -> Result<(), DecodeError> {
        self.calm.clear();
        self.told.clear();
        for slot in rows {
            if !contains(ticks.moved, *slot) {
                if tables.asks_resting() {
                    self.told.push((*slot, Some(Forecaster::rests())));
                } else {
                    self.calm.push(*slot);
                }
                continue;
            }
            let Some(past) = ticks.past(*slot, DEPTH) else {
                continue;
            };
            let situation = Forecaster::changed(&past);
            if tables.asks(situation) {
                self.told.push((*slot, Some(situation)));
            } else {
                self.calm.push(*slot);
            }
        }
        let start = bits.position();
        let surprises = read_places(bits, self.calm.len())?;
        witness.add(Cause::of(Reason::Id), (bits.position() - start) as u64);
        if !surprises.is_empty() {
            let calm = surprises.iter().filter_map(|place| self.calm.get(*place));
            self.told.extend(calm.map(|slot| (*slot, None)));
            self.told.sort_unstable_by_key(|(slot, _)| *slot);
        }
        for (slot, asked) in &self.told {
            let (Some(past), Some((mask, row))) = (ticks.past(*slot, DEPTH), to.row_mut(*slot))
            else {
                continue;
            };
            let task = Task {
                layout,
                tables,
                past,
                whole: false,
            };
            *mask = self.decoder.decode(task, row, *asked, bits, witness)?;
        }
        Ok(())
    }

    /// The slots of the last group that had a chunk: no other row of it changed.
    pub fn told(&self) -> impl Iterator<Item = usize> {
        self.told.iter().map(|(slot, _)| *slot)
    }

    /// Reads a whole row and gives its mask.
    ///
    /// # Errors
    /// When the bits are no such row.
    pub fn read_whole<W: Witness>(
        &mut self,
        (layout, tables): (&Layout, &Tables),
        row: &mut [u32],
        bits: &mut BitReader<'_>,
        witness: &mut W,
    ) -> Result<u32, DecodeError> {
        let task = Task {
            layout,
            tables,
            past: Past::none(&self.zeros),
            whole: true,
        };
        self.decoder.decode(task, row, None, bits, witness)
    }
}
