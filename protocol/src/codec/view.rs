//! The client's end: a snapshot made of a client's own part and of chunks back into a table.

use crate::DecodeError;
use crate::codec::chunk::ChunkDecoder;
use crate::codec::forecast::Forecaster;
use crate::codec::layout::Layout;
use crate::codec::msb::BitReader;
use crate::codec::past::{DEPTH, Past};
use crate::codec::places::read_places;
use crate::codec::row::Task;
use crate::codec::share::ASKED;
use crate::codec::sight::{Rows, Ticks};
use crate::codec::tables::Tables;

/// What a client holds of one tick: rows by slot.
#[derive(Debug, Clone, Default)]
pub struct View {
    width: usize,
    held: Vec<bool>,
    words: Vec<u32>,
}

impl View {
    /// Nothing yet, of a world of `slots` slots.
    #[must_use]
    pub fn new(layout: &Layout, slots: usize) -> Self {
        let width = layout.row_words();
        Self {
            width,
            held: vec![false; slots],
            words: vec![0; slots * width],
        }
    }

    fn slots(&self) -> usize {
        self.held.len()
    }

    /// The row of a slot, held from now on; `None` outside the world.
    fn hold(&mut self, slot: usize) -> Option<&mut [u32]> {
        *self.held.get_mut(slot)? = true;
        self.words
            .get_mut(slot * self.width..(slot + 1) * self.width)
    }
}

impl Rows for View {
    #[inline]
    fn row(&self, slot: usize) -> Option<&[u32]> {
        self.held.get(slot).copied().filter(|held| *held)?;
        self.words.get(slot * self.width..(slot + 1) * self.width)
    }
}

/// Reads snapshots.
#[derive(Debug)]
pub struct ViewReader {
    decoder: ChunkDecoder,
    calm: Vec<usize>,
    /// Slots that have a chunk, and whether they were asked about.
    told: Vec<(usize, bool)>,
    zeros: Vec<u32>,
}

impl ViewReader {
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

    /// Makes `now` of what the client holds.
    ///
    /// # Errors
    /// When the bits are no snapshot on this baseline.
    pub fn read(
        &mut self,
        (layout, tables): (&Layout, &Tables),
        (base, before, steps): (&View, [Option<&View>; DEPTH], u32),
        bits: &mut BitReader<'_>,
        now: &mut View,
    ) -> Result<(), DecodeError> {
        let slots = base.slots();
        let ticks = Ticks {
            now: base,
            base,
            before,
            steps,
        };
        now.clone_from(base);
        let held: Vec<usize> = (0..slots)
            .filter(|slot| base.row(*slot).is_some())
            .collect();
        for place in read_places(bits, held.len())? {
            if let Some(held) = held.get(place).and_then(|slot| now.held.get_mut(*slot)) {
                *held = false;
            }
        }
        self.calm.clear();
        self.told.clear();
        for slot in held {
            let Some(past) = ticks.past(slot, DEPTH).filter(|_| now.row(slot).is_some()) else {
                continue;
            };
            if tables.share(Forecaster::changed(&past), 1).size >= ASKED {
                self.told.push((slot, true));
            } else {
                self.calm.push(slot);
            }
        }
        for place in read_places(bits, self.calm.len())? {
            self.told
                .extend(self.calm.get(place).map(|slot| (*slot, false)));
        }
        self.told.sort_unstable();
        self.entered((layout, tables), bits, base, now)?;
        for (slot, asked) in &self.told {
            let (Some(past), Some(row)) = (ticks.past(*slot, DEPTH), now.hold(*slot)) else {
                continue;
            };
            let task = Task {
                layout,
                tables,
                past,
                whole: false,
            };
            self.decoder.decode(task, row, *asked, bits)?;
        }
        Ok(())
    }

    fn entered(
        &mut self,
        (layout, tables): (&Layout, &Tables),
        bits: &mut BitReader<'_>,
        base: &View,
        now: &mut View,
    ) -> Result<(), DecodeError> {
        let mut next = 0_u64;
        for _ in 0..bits.read_gamma()? {
            let slot = next + u64::from(bits.read_gamma()?);
            DecodeError::check("slot", slot, base.slots() as u64)?;
            next = slot + 1;
            let slot = usize::try_from(slot).unwrap_or(usize::MAX);
            if base.row(slot).is_some() {
                return Err(DecodeError::Contradiction(
                    "a spawn of an entity that is there already",
                ));
            }
            let row = now.hold(slot).ok_or(DecodeError::Truncated)?;
            let task = Task {
                layout,
                tables,
                past: Past::none(&self.zeros),
                whole: true,
            };
            self.decoder.decode(task, row, false, bits)?;
        }
        Ok(())
    }
}
