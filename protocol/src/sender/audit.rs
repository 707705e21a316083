//! What holds a client's view against the server's: a checksum now and then.

use super::Sender;
use super::deltas::SharedDeltas;
use super::held::{Had, Held};
use crate::audit::{Audit, Finding, Sums, names};
use crate::codec::places::bits;
use crate::codec::slots::SlotSet;
use crate::history::History;
use crate::snapshot::{NetId, Row, Snapshot, sum_of};
use crate::tick::Tick;

/// Clients get their checksums at so many moments of a period: few, for then a row is hashed once for many clients, and hardly at all
/// at other moments; several, lest one tick has all the work.
const MOMENTS: u32 = 4;

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
            self.held = Held::default();
            return Vec::new();
        };
        self.held.rewind(audit.tick, &found.view, &found.suspects);
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

    /// Whether the next message has a checksum. They come once a period, a second, at one of [`MOMENTS`] in it.
    pub(super) fn is_check_due(&mut self, now: Tick) -> bool {
        let period = self.cadence.check_ticks();
        let own = self.own.map_or(0, |own| own.0);
        let ahead = own % MOMENTS * (period / MOMENTS);
        let turn = |tick: Tick| tick.0.wrapping_add(ahead) / period;
        let checked = *self.checked.get_or_insert(now);
        turn(now) != turn(checked)
    }
}

/// The tick and the checksums of all rows that the client has, added up; `None` when history has forgotten the words of one.
/// Without the tick a client could hold the right world for that of another time, and never know.
pub(crate) fn sum(held: &Held, history: &History, deltas: &mut SharedDeltas) -> Option<u32> {
    let last = held.lineage.last()?;
    let mut sum = last.0;
    let mut left = held.slots.clone();
    let (mut here, mut rows) = (SlotSet::default(), SlotSet::default());
    held.look_back(&mut SlotSet::default(), |tick, exact| {
        here.take_from(&mut left, exact);
        if here.is_empty() {
            return !left.is_empty();
        }
        for (hidden, veiled) in held.veils.iter() {
            rows.take_from(&mut here, veiled);
            sum = sum.wrapping_add(deltas.rows_sum(tick, hidden, &rows, history));
        }
        sum = sum.wrapping_add(deltas.rows_sum(tick, 0, &here, history));
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
    // Memory that is used again.
    moved: SlotSet,
    bytes: Vec<u8>,
}

/// Those that were worked out.
#[derive(Debug, Default)]
struct Known {
    /// The snapshot in which they were last asked for.
    of: Tick,
    known: SlotSet,
    sums: Vec<u32>,
}

impl RowSums {
    pub(crate) fn clear(&mut self) {
        self.by_hidden.clear();
    }

    /// Where sums are kept for rows of which so much is hidden, if there is a place: that of others which nobody has asked for in this
    /// snapshot for the longest will do. The sums are those of the snapshot that [`Known::of`] names.
    fn place(&mut self, hidden: u32, now: Tick) -> Option<&mut Known> {
        let all = &mut self.by_hidden;
        let at = all.iter().position(|(of, _)| *of == hidden);
        let at = match at {
            Some(at) => at,
            None if all.len() < MAX_HIDDEN => {
                let of = now;
                all.push((
                    hidden,
                    Known {
                        of,
                        ..Known::default()
                    },
                ));
                all.len() - 1
            }
            None => {
                let places = all.iter().map(|(_, sums)| sums.of).enumerate();
                let unasked = places.filter(|(_, of)| *of != now);
                unasked.min_by_key(|(_, of)| of.since(now))?.0
            }
        };
        let (of, sums) = all.get_mut(at)?;
        if *of != hidden {
            (*of, sums.of) = (hidden, now);
            sums.known.clear();
        }
        Some(sums)
    }
}

impl Known {
    /// Forgets the sums of rows that are not in the newest snapshot, which is that of `now`, as they were in the one that the sums are
    /// of. `moved` is memory.
    fn advance(&mut self, now: Tick, world: &SlotSet, history: &History, moved: &mut SlotSet) {
        let of = std::mem::replace(&mut self.of, now);
        if of == now {
            return;
        }
        if history.get(of).is_none() || history.get(now).is_none() {
            self.known.clear();
            return;
        }
        history.moved(of, now, moved);
        for at in 0..self.known.words().len() {
            *self.known.word_mut(at) &= world.word(at) & !moved.word(at);
        }
    }

    /// Adds up the checksums of rows of the table; 0 for one that is not there.
    fn add_up(&mut self, rows: &SlotSet, table: &Snapshot, bytes: &mut Vec<u8>) -> u32 {
        let len = rows.words().len() * 64;
        if self.sums.len() < len {
            self.sums.resize(len, 0);
        }
        let sums = self.sums.chunks_exact_mut(64);
        let mut total = 0_u32;
        for (at, (rows, sums)) in rows.words().iter().zip(sums).enumerate() {
            let known = self.known.word(at);
            if rows & !known != 0 {
                work_out(at, rows & !known, table, (sums, bytes));
                *self.known.word_mut(at) = known | rows;
            }
            total = total.wrapping_add(add(*rows, sums));
        }
        total
    }
}

/// Adds up the sums of some of 64 slots. All of them mostly, and those the processor adds up several at a time.
fn add(rows: u64, sums: &[u32]) -> u32 {
    let plus = |sum: u32, other: &u32| sum.wrapping_add(*other);
    if rows == u64::MAX {
        return sums.iter().fold(0, plus);
    }
    let some = bits(rows).filter_map(|bit| sums.get(bit));
    some.fold(0, plus)
}

/// Works out the checksums of some of the 64 slots at a word. The bytes of all of them are written before the first is read:
/// to read at once what was just written in smaller pieces takes longer than the hash.
fn work_out(at: usize, rows: u64, table: &Snapshot, (sums, bytes): (&mut [u32], &mut Vec<u8>)) {
    let each = Row::sum_bytes(table.schema());
    bytes.resize(rows.count_ones() as usize * each, 0);
    let mut gone = 0_u64;
    for (bit, place) in bits(rows).zip(bytes.chunks_exact_mut(each)) {
        match table.find_slot(at * 64 + bit).and_then(|at| table.at(at)) {
            Some(row) => row.put(place),
            None => gone |= 1 << bit,
        }
    }
    for (bit, string) in bits(rows).zip(bytes.chunks_exact(each)) {
        if let Some(sum) = sums.get_mut(bit) {
            *sum = sum_of(string);
        }
    }
    for bit in bits(gone) {
        if let Some(sum) = sums.get_mut(bit) {
            *sum = 0;
        }
    }
}

impl SharedDeltas {
    /// The checksums, added up, of rows as they were at a tick, of all of which the same is hidden.
    fn rows_sum(&mut self, tick: Tick, hidden: u32, rows: &SlotSet, history: &History) -> u32 {
        let table = (!rows.is_empty()).then(|| self.table(tick, hidden, history));
        let Some(table) = table.flatten() else {
            return 0;
        };
        let is_newest = self.now().is_some_and(|now| now.tick() == tick);
        let RowSums { moved, bytes, .. } = &mut self.row_sums;
        let (mut moved, mut bytes) = (std::mem::take(moved), std::mem::take(bytes));
        let known = is_newest
            .then(|| self.row_sums.place(hidden, tick))
            .flatten();
        let sum = match known {
            Some(known) => {
                known.advance(tick, &self.everyone.slots, history, &mut moved);
                known.add_up(rows, &table, &mut bytes)
            }
            None => Known::default().add_up(rows, &table, &mut bytes),
        };
        (self.row_sums.moved, self.row_sums.bytes) = (moved, bytes);
        sum
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Schema;
    use crate::codec::layout::Layout;
    use crate::codec::tables::TableSet;

    #[test]
    fn however_many_ways_there_are_to_hide_fields_few_are_remembered() {
        let mut sums = RowSums::default();
        for snapshot in 0..100_u32 {
            let now = Tick(snapshot);
            for client in 0..100 {
                let hidden = snapshot * 100 + client;
                let place = sums.place(hidden, now);
                assert_eq!(place.is_some(), client < 16, "{client} of {snapshot}");
                if let Some(place) = place {
                    assert!(place.known.is_empty(), "of {hidden} none is known yet");
                    place.known.insert(3);
                    let again = sums.place(hidden, now);
                    assert!(again.is_some_and(|place| place.known.contains(3)));
                }
            }
            assert!(sums.by_hidden.len() <= 16, "{}", sums.by_hidden.len());
        }
    }

    #[test]
    fn sums_that_are_kept_are_those_that_would_be_worked_out() {
        #[derive(crate::Wire, Clone, Copy, Debug, PartialEq)]
        struct Body {
            x: u8,
            y: u8,
        }
        let schema = Arc::new(Schema::of::<(Body,)>());
        let mut rng = fastrand::Rng::with_seed(5);
        let mut words = [0; 300];
        let tables = Arc::new(TableSet::neutral(&Layout::of(&schema)));
        let mut deltas = SharedDeltas::new(&schema, tables);
        let mut history = History::new();
        let mut tick = Tick(u32::MAX - 1000);
        for _ in 0..2000 {
            tick += [1, 1, 1, 2, 9, 70][rng.u32(0..6) as usize];
            for _ in 0..rng.u32(0..40) {
                words[rng.u32(0..300) as usize] = rng.u32(0..4);
            }
            let mut now = Snapshot::new(Arc::clone(&schema), tick);
            for (id, x) in (0..).zip(words).filter(|(_, x)| *x > 0) {
                now.push(NetId(id), 1).copy_from_slice(&[x, 7]);
            }
            let now = Arc::new(now);
            history.push(Arc::clone(&now));
            deltas.set(now);
            for hidden in 0..rng.u32(0..3) {
                let mut rows = SlotSet::default();
                (0..300).for_each(|slot| {
                    if rng.u8(0..8) > 0 {
                        rows.insert(slot);
                    }
                });
                let kept = deltas.rows_sum(tick, hidden, &rows, &history);
                let open = Arc::clone(history.get(tick).unwrap());
                let table = if hidden == 0 {
                    open
                } else {
                    Arc::new(open.without(hidden))
                };
                let rows = table.rows().filter(|row| rows.contains(row.id.0 as usize));
                let sums = rows.map(|row| row.sum(&mut Vec::new()));
                let anew = sums.fold(0, u32::wrapping_add);
                assert_eq!(kept, anew, "at {tick}");
            }
        }
    }
}
