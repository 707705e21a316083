//! What holds a client's view against the server's: a checksum now and then.

use std::sync::Arc;

use super::Sender;
use super::deltas::SharedDeltas;
use super::held::{Had, Held};
use crate::audit::{Audit, Finding, Sums, names};
use crate::codec::places::bits;
use crate::codec::slots::SlotSet;
use crate::history::History;
use crate::snapshot::NetId;
use crate::tick::Tick;

/// What an audit is held against: what the client should have, in which rows it has not, and in which fields.
struct Found {
    view: Vec<Had>,
    suspects: Vec<usize>,
    fields: Vec<String>,
}

impl Sender {
    /// A client has lost its way and says what it has. Finds out in which rows that differs from what it should have, and sees to
    /// it that the next message repairs those and no others. When that cannot be done (the view is too old, or wrong as a whole)
    /// the next message builds on nothing; no row is named then.
    pub fn audit(
        &mut self,
        audit: &Audit,
        history: &History,
        deltas: &mut SharedDeltas,
    ) -> Vec<Finding> {
        let Some(found) = self.find(audit, history, deltas) else {
            self.held = Arc::default();
            return Vec::new();
        };
        let held = Arc::make_mut(&mut self.held);
        held.rewind(audit.tick, &found.view, &found.suspects);
        self.rebased = true;
        let suspects = found.suspects.into_iter();
        let ids = suspects.filter_map(|slot| u32::try_from(slot).ok());
        let finding = |id| Finding {
            id: NetId(id),
            fields: found.fields.clone(),
        };
        ids.map(finding).collect()
    }

    fn find(&self, audit: &Audit, history: &History, deltas: &mut SharedDeltas) -> Option<Found> {
        let last = self.held.lineage.last()?;
        if audit.tick.is_after(last) {
            return None;
        }
        let view = self.held.view_at(audit.tick)?;
        let table = deltas.table(audit.tick, 0, history)?;
        let schema = table.schema();
        let theirs = Sums::read(schema, &audit.sums)?;
        let mut ours = Sums::new(schema);
        for had in &view {
            let table = deltas.table(had.version, had.hidden, history)?;
            ours.add(&table.row(NetId(u32::try_from(had.slot).ok()?))?);
        }
        let is_suspect = |slot: &usize| {
            let id = u32::try_from(*slot).map(NetId);
            id.is_ok_and(|id| ours.suspects(&theirs, id))
        };
        let slots = view.iter().map(|had| had.slot);
        let suspects: Vec<_> = slots.filter(is_suspect).collect();
        let fields = names(schema, ours.columns(&theirs));
        // Sums that differ without a row that could be why: the client has rows that it should not have.
        let explained = !suspects.is_empty() || ours == theirs;
        let few = suspects.len() * 2 <= view.len().max(2);
        (explained && few).then_some(Found {
            view,
            suspects,
            fields,
        })
    }

    /// Whether the next message has a checksum. They come once a second, at another time for each client.
    pub(super) fn is_check_due(&mut self, now: Tick) -> bool {
        let period = self.cadence.check_ticks();
        let own = self.own.map_or(0, |own| own.0);
        let checked = *self.checked.get_or_insert(now - own % period);
        now.since(checked).unsigned_abs() >= period
    }
}

/// The tick and the checksums of all rows that the client has, added up; `None` when history has forgotten the words of one.
/// Without the tick a client could hold the right world for that of another time, and never know.
pub(crate) fn sum(held: &Held, history: &History, deltas: &mut SharedDeltas) -> Option<u32> {
    let last = held.lineage.last()?;
    let mut sum = last.0;
    let mut left = held.slots.clone();
    held.look_back(&mut SlotSet::default(), |tick, exact| {
        for (at, exact) in exact.words().iter().enumerate() {
            let here = left.word(at) & exact;
            if here == 0 {
                continue;
            }
            *left.word_mut(at) &= !exact;
            for slot in bits(here).map(|bit| at * 64 + bit) {
                let row = deltas.row_sum(tick, slot, held.veils.of(slot), history);
                sum = sum.wrapping_add(row);
            }
        }
        !left.is_empty()
    });
    left.is_empty().then_some(sum)
}

/// Ways to hide components from a client for which checksums are remembered, at most. There are as many as the game likes, and each
/// needs a place for every row; checks are rare, and what is not remembered is worked out again.
const MAX_HIDDEN: usize = 16;

/// The checksums of rows of the newest snapshot, by what is hidden of them.
#[derive(Debug, Default)]
pub(crate) struct RowSums {
    by_hidden: Vec<(u32, Known)>,
    bytes: Vec<u8>,
}

/// Those that were worked out.
#[derive(Debug, Default)]
struct Known {
    known: SlotSet,
    sums: Vec<u32>,
}

impl RowSums {
    pub(crate) fn clear(&mut self) {
        self.by_hidden
            .iter_mut()
            .for_each(|(_, sums)| sums.known.clear());
    }

    fn get(&self, slot: usize, hidden: u32) -> Option<u32> {
        let (_, sums) = self.by_hidden.iter().find(|(of, _)| *of == hidden)?;
        let known = sums.known.contains(slot);
        known.then(|| sums.sums.get(slot).copied())?
    }

    fn put(&mut self, slot: usize, hidden: u32, sum: u32) {
        let Some(sums) = self.place(hidden) else {
            return;
        };
        if sums.sums.len() <= slot {
            sums.sums.resize(slot + 1, 0);
        }
        if let Some(place) = sums.sums.get_mut(slot) {
            *place = sum;
            sums.known.insert(slot);
        }
    }

    /// Where sums are kept for rows of which so much is hidden, if there is a place: that of others which nobody has asked for in this
    /// snapshot will do.
    fn place(&mut self, hidden: u32) -> Option<&mut Known> {
        let all = &mut self.by_hidden;
        let at = all.iter().position(|(of, _)| *of == hidden);
        let at = match at {
            Some(at) => at,
            None if all.len() < MAX_HIDDEN => {
                all.push((hidden, Known::default()));
                all.len() - 1
            }
            None => all.iter().position(|(_, sums)| sums.known.is_empty())?,
        };
        let (of, sums) = all.get_mut(at)?;
        *of = hidden;
        Some(sums)
    }
}

impl SharedDeltas {
    /// The checksum of a row as it was at a tick; 0 when there was none.
    fn row_sum(&mut self, tick: Tick, slot: usize, hidden: u32, history: &History) -> u32 {
        let is_newest = self.now().is_some_and(|now| now.tick() == tick);
        if is_newest && let Some(sum) = self.row_sums.get(slot, hidden) {
            return sum;
        }
        let table = self.table(tick, hidden, history);
        let id = u32::try_from(slot).ok().map(NetId);
        let row = table.as_ref().zip(id).and_then(|(table, id)| table.row(id));
        let sum = row.map_or(0, |row| row.sum(&mut self.row_sums.bytes));
        if is_newest {
            self.row_sums.put(slot, hidden, sum);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_ways_there_are_to_hide_fields_few_are_remembered() {
        let mut sums = RowSums::default();
        for snapshot in 0..100_u32 {
            sums.clear();
            assert_eq!(sums.get(3, snapshot), None, "of another snapshot");
            for client in 0..100 {
                let hidden = snapshot * 100 + client;
                sums.put(3, hidden, hidden * 7);
                let found = sums.get(3, hidden);
                assert!(found.is_none_or(|sum| sum == hidden * 7), "{hidden}");
                assert_eq!(sums.get(4, hidden), None);
                assert_eq!(found.is_some(), client < 16, "{client} of {snapshot}");
            }
            assert!(sums.by_hidden.len() <= 16, "{}", sums.by_hidden.len());
        }
    }
}
