//! Recorded play, as trainings and measurements need it: all rows of all ticks.

use crate::codec::layout::Layout;
use crate::codec::past::{DEPTH, Past};

/// The words of every entity in every tick; the entities are the same in all ticks.
#[derive(Debug, Clone)]
pub struct Recording {
    layout: Layout,
    entities: usize,
    words: Vec<u32>,
}

impl Recording {
    /// `words` go by tick, then by entity, then by column; what is left over after the last whole tick does not count.
    #[must_use]
    pub fn new(layout: Layout, entities: usize, words: Vec<u32>) -> Self {
        Self {
            layout,
            entities,
            words,
        }
    }

    /// Of one row.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Rows of a tick.
    #[must_use]
    pub fn entities(&self) -> usize {
        self.entities
    }

    /// Whole ticks.
    #[must_use]
    pub fn ticks(&self) -> usize {
        self.words.len() / (self.entities * self.layout.row_words()).max(1)
    }

    /// The row of an entity at a tick; none of its words where the recording has no such row.
    #[inline]
    #[must_use]
    pub fn row(&self, tick: usize, entity: usize) -> &[u32] {
        let width = self.layout.row_words();
        let start = (tick * self.entities + entity) * width;
        self.words.get(start..start + width).unwrap_or_default()
    }

    /// All of it, each tick sent on the one `back` ticks before it.
    #[must_use]
    pub fn all(&self, back: usize, stride: usize) -> Sample<'_> {
        Sample {
            recording: self,
            from: 0,
            to: self.ticks(),
            back,
            stride,
        }
    }
}

/// Part of a recording, and how it is sent.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// Where from.
    pub recording: &'a Recording,
    /// The first tick.
    pub from: usize,
    /// The tick after the last.
    pub to: usize,
    /// Ticks from the baseline to now.
    pub back: usize,
    /// Ticks from one row of an entity's past to the next; `back` is a multiple.
    pub stride: usize,
}

impl<'a> Sample<'a> {
    /// The past of an entity at a tick, if the baseline is there.
    #[inline]
    #[must_use]
    pub fn past(&self, tick: usize, entity: usize) -> Option<Past<'a>> {
        let base = tick.checked_sub(self.back)?;
        let row = |back: usize| {
            Some(
                self.recording
                    .row(base.checked_sub(back * self.stride)?, entity),
            )
        };
        let before: [Option<&[u32]>; DEPTH] = [row(1), row(2), row(3)];
        let steps = u32::try_from(self.back / self.stride).unwrap_or(1);
        Some(Past::new(self.recording.row(base, entity), before, steps))
    }

    /// Calls `each` with the past and the row of every entity in every tick.
    pub fn each(&self, mut each: impl FnMut(Past<'a>, &'a [u32])) {
        for tick in self.from.max(self.back)..self.to {
            for entity in 0..self.recording.entities() {
                if let Some(past) = self.past(tick, entity) {
                    each(past, self.recording.row(tick, entity));
                }
            }
        }
    }
}
