//! What a client has after its last message.

use std::collections::BTreeMap;

use crate::cadence::Lineage;
use crate::codec::slots::SlotSet;
use crate::limits::{HISTORY_TICKS, MAX_TIERS};
use crate::sight::Veils;
use crate::tick::Tick;

/// What a client has, without a single word of it: those are in the history of the match.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) lineage: Lineage,
    pub(crate) slots: SlotSet,
    /// Rows of tiers 1 and above.
    pub(crate) tiers: [SlotSet; MAX_TIERS - 1],
    pub(crate) veils: Veils,
    pub(crate) exact: Exact,
    /// Rows that had no place in the budget yet, and since when they are wanted.
    pub(crate) wanted: BTreeMap<usize, Tick>,
}

impl Held {
    /// The tick whose words the client has of a slot: `None` when history has forgotten it.
    pub(crate) fn version(&self, slot: usize) -> Option<Tick> {
        let mut ticks = self.exact.ticks(self.lineage.last()?);
        ticks
            .find(|(_, rows)| rows.contains(slot))
            .map(|(tick, _)| tick)
    }

    /// A row's tier.
    pub(crate) fn tier(&self, slot: usize) -> usize {
        let mut above = self.tiers.iter();
        above
            .position(|rows| rows.contains(slot))
            .map_or(0, |i| i + 1)
    }

    /// Goes back to what the client had after the snapshot of `tick`, less the rows in `broken`, of which nothing is known any
    /// more.
    pub(crate) fn rewind(&mut self, tick: Tick, broken: &SlotSet) {
        self.lineage.rewind(tick);
        self.exact.forget_after(tick);
        self.exact.forget(broken);
        for slot in broken.iter() {
            self.slots.remove(slot);
        }
    }
}

/// For each of the last ticks that were written, whom the client had exactly as it was then.
#[derive(Debug, Default)]
pub(crate) struct Exact {
    ring: Vec<(Option<Tick>, SlotSet)>,
}

impl Exact {
    fn place(tick: Tick) -> usize {
        (tick.0 % HISTORY_TICKS) as usize
    }

    /// The rows of one tick.
    pub(crate) fn at(&self, tick: Tick) -> Option<&SlotSet> {
        let (of, rows) = self.ring.get(Self::place(tick))?;
        (*of == Some(tick)).then_some(rows)
    }

    /// All ticks from `last` back, as long as history remembers them.
    pub(crate) fn ticks(&self, last: Tick) -> impl Iterator<Item = (Tick, &SlotSet)> {
        (0..HISTORY_TICKS)
            .map(move |back| last - back)
            .filter_map(|tick| Some((tick, self.at(tick)?)))
    }

    /// A place for the rows of a new tick.
    pub(crate) fn start(&mut self, tick: Tick) -> &mut SlotSet {
        let place = Self::place(tick);
        if place >= self.ring.len() {
            self.ring.resize_with(place + 1, Default::default);
        }
        let (of, rows) = &mut self.ring[place];
        *of = Some(tick);
        rows.clear();
        rows
    }

    /// Of some rows nothing is known any more.
    pub(crate) fn forget(&mut self, gone: &SlotSet) {
        for (_, rows) in &mut self.ring {
            for (at, gone) in gone.words().iter().enumerate() {
                if *gone != 0 {
                    *rows.word_mut(at) &= !gone;
                }
            }
        }
    }

    fn forget_after(&mut self, tick: Tick) {
        for (of, _) in &mut self.ring {
            of.take_if(|of| of.is_after(tick));
        }
    }
}
