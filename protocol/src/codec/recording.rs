//! Recorded play, as trainings and measurements need it: the rows of all ticks, each with the entity's name and mask.

use std::ops::Range;

use crate::codec::layout::Layout;
use crate::codec::past::{DEPTH, Past, RowWords};
use crate::codec::sight::Rows;

/// The rows of every tick. Entities come and go.
#[derive(Debug, Clone)]
pub struct Recording {
    layout: Layout,
    /// Where the rows of each tick end.
    ends: Vec<usize>,
    entities: Vec<u32>,
    masks: Vec<u32>,
    words: Vec<u32>,
    /// One more than the highest entity.
    entity_count: usize,
}

impl Recording {
    /// One without ticks.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        Self {
            layout,
            ends: Vec::new(),
            entities: Vec::new(),
            masks: Vec::new(),
            words: Vec::new(),
            entity_count: 0,
        }
    }

    /// The next tick, without rows.
    pub fn push_tick(&mut self) {
        self.ends.push(self.entities.len());
    }

    /// Adds a row to the last tick and returns its words, all 0, to be filled in. Bit `i` of `mask`: the entity has component `i`.
    ///
    /// # Panics
    /// When there is no tick, or the tick has this or a later entity already.
    pub fn push_row(&mut self, entity: u32, mask: u32) -> &mut [u32] {
        let tick = self.ticks().checked_sub(1).map(|tick| self.range(tick));
        let last = tick.map(|rows| self.entities.get(rows).and_then(<[u32]>::last));
        assert!(last.is_some(), "a row belongs to a tick");
        assert!(
            last.flatten().is_none_or(|last| *last < entity),
            "rows come by ascending entity"
        );
        self.entities.push(entity);
        self.entity_count = self.entity_count.max(entity as usize + 1);
        self.masks.push(mask);
        if let Some(end) = self.ends.last_mut() {
            *end += 1;
        }
        let start = self.words.len();
        self.words.resize(start + self.layout.row_words(), 0);
        self.words.get_mut(start..).unwrap_or_default()
    }

    /// Of one row.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How many there are.
    #[must_use]
    pub fn ticks(&self) -> usize {
        self.ends.len()
    }

    /// One more than the highest entity there is in any tick.
    #[must_use]
    pub fn entities(&self) -> usize {
        self.entity_count
    }

    /// The rows of a tick, all ticks' counted on.
    fn range(&self, tick: usize) -> Range<usize> {
        let end = |tick: usize| self.ends.get(tick).copied().unwrap_or(0);
        tick.checked_sub(1).map_or(0, end)..end(tick)
    }

    fn at(&self, row: usize) -> Option<RowWords<'_>> {
        let width = self.layout.row_words();
        let words = self.words.get(row * width..(row + 1) * width)?;
        let mask = *self.masks.get(row)?;
        Some(RowWords { mask, words })
    }

    /// The row of an entity at a tick, if it has one.
    #[must_use]
    pub fn row(&self, tick: usize, entity: u32) -> Option<RowWords<'_>> {
        self.table(tick).of(entity)
    }

    /// All rows of a tick, to look many of them up; of a tick that there is not, none.
    #[must_use]
    pub fn table(&self, tick: usize) -> Table<'_> {
        let (range, width) = (self.range(tick), self.layout.row_words());
        let words = self.words.get(range.start * width..range.end * width);
        Table {
            width,
            entities: self.entities.get(range.clone()).unwrap_or_default(),
            masks: self.masks.get(range).unwrap_or_default(),
            words: words.unwrap_or_default(),
        }
    }

    /// The rows of a tick, by ascending entity.
    pub fn rows(&self, tick: usize) -> impl Iterator<Item = (u32, RowWords<'_>)> {
        self.range(tick)
            .filter_map(|row| Some((*self.entities.get(row)?, self.at(row)?)))
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

/// The rows of one tick of a recording; a slot is an entity.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    width: usize,
    entities: &'a [u32],
    masks: &'a [u32],
    words: &'a [u32],
}

impl<'a> Table<'a> {
    #[inline]
    fn of(&self, entity: u32) -> Option<RowWords<'a>> {
        // Mostly nobody is missing.
        let at = match self.entities.get(entity as usize) {
            Some(there) if *there == entity => entity as usize,
            _ => self.entities.binary_search(&entity).ok()?,
        };
        Some(RowWords {
            mask: *self.masks.get(at)?,
            words: self.words.get(at * self.width..(at + 1) * self.width)?,
        })
    }
}

impl Rows for Table<'_> {
    #[inline]
    fn row(&self, slot: usize) -> Option<RowWords<'_>> {
        self.of(u32::try_from(slot).ok()?)
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
    /// The past of an entity at a tick, if it is in the baseline.
    #[must_use]
    pub fn past(&self, tick: usize, entity: u32) -> Option<Past<'a>> {
        self.past_by(tick, |_, at| self.recording.row(at, entity))
    }

    /// The same, of what `row` finds of the entity at a tick; the baseline is number 0, and so on.
    fn past_by(
        &self,
        tick: usize,
        mut row: impl FnMut(usize, usize) -> Option<RowWords<'a>>,
    ) -> Option<Past<'a>> {
        let mut at = |k: usize| {
            let at = tick.checked_sub(self.back + k * self.stride)?;
            (at >= self.from).then(|| row(k, at))?
        };
        let base = at(0)?;
        let before = (1..=DEPTH).map_while(at);
        let steps = u32::try_from(self.back / self.stride).unwrap_or(1);
        Some(Past::new(base, before, steps))
    }

    /// Calls `each` with the past and the row of every entity that is there and was in the baseline, in every tick.
    pub fn each(&self, mut each: impl FnMut(Past<'a>, RowWords<'a>)) {
        for tick in self.from.max(self.back)..self.to {
            let mut cursors = [0; DEPTH + 1].map(Cursor);
            for (entity, row) in self.recording.rows(tick) {
                let past = self.past_by(tick, |k, at| {
                    let cursor = cursors.get_mut(k)?;
                    cursor.find(self.recording, at, entity)
                });
                if let Some(past) = past {
                    each(past, row);
                }
            }
        }
    }
}

/// Finds the rows of a tick for ascending entities.
struct Cursor(usize);

impl Cursor {
    fn find<'a>(
        &mut self,
        recording: &'a Recording,
        tick: usize,
        entity: u32,
    ) -> Option<RowWords<'a>> {
        let range = recording.range(tick);
        let entities = recording.entities.get(range.clone())?;
        let rest = entities.get(self.0..)?;
        self.0 += rest.iter().take_while(|other| **other < entity).count();
        let there = entities.get(self.0) == Some(&entity);
        there.then(|| recording.at(range.start + self.0)).flatten()
    }
}
