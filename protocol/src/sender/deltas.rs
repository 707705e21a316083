//! What all clients share: the chunks that lead to the newest snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::audit::{self, RowSums};
use super::held::Held;
use super::plan::Plan;
use super::turnover::Turnover;
use crate::cadence::Stride;
use crate::codec::layout::Layout;
use crate::codec::msb::BitWriter;
use crate::codec::past::DEPTH;
use crate::codec::share::{Class, Press, Shared, Source, Wholes};
use crate::codec::sight::Ticks;
use crate::codec::slots::{SlotSet, Slots};
use crate::codec::tables::{TableSet, Tables};
use crate::history::History;
use crate::message::{Common, Sheet};
use crate::schema::Schema;
use crate::sight::{SeenRows, Sight, Veils};
use crate::snapshot::Snapshot;
use crate::tick::Tick;

/// What clients got who had the same and see the same: the others of them get it too.
#[derive(Debug)]
pub(crate) struct Twins {
    before: Held,
    /// `None`: everything.
    sight: Option<SeenRows>,
    pub(crate) message: Common,
    pub(crate) after: Held,
}

/// What a client has after this tick's message.
#[derive(Debug)]
struct Sibling {
    /// Differs when the clients have different rows; so nobody works out names in vain.
    hint: u64,
    name: Option<u128>,
    held: Held,
}

/// Groups of twins that are remembered.
const MAX_TWINS: usize = 16;

/// Views whose likes are looked for.
const MAX_SIBLINGS: usize = 64;

/// What the chunks of a shelf are made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) base: Tick,
    pub(crate) stride: Stride,
    /// Components that are taken out of the rows.
    pub(crate) hidden: u32,
    /// Whether the baseline is one regular interval old.
    pub(crate) steady: bool,
}

impl Key {
    /// Whether it is that of what most clients have most of the time.
    fn is_usual(&self) -> bool {
        self.steady && self.hidden == 0
    }
}

#[derive(Debug)]
struct Shelf {
    key: Key,
    now: Arc<Snapshot>,
    base: Arc<Snapshot>,
    before: [Option<Arc<Snapshot>>; DEPTH],
    /// Rows that are not the same in all of these.
    moved: SlotSet,
    shared: Shared,
}

/// The chunks that lead to the newest snapshot, each made once, and shared by all clients that have the same past of a row.
#[derive(Debug)]
pub struct SharedDeltas {
    layout: Layout,
    tables: Arc<TableSet>,
    now: Option<Arc<Snapshot>>,
    /// What those see who see everything.
    pub(crate) everyone: SeenRows,
    shelves: Vec<Shelf>,
    /// Their memory, for the next tick.
    spare: Vec<Shared>,
    /// Whose chunks were wanted last of a steady shelf, with nothing hidden: they will be again.
    usual: SlotSet,
    wholes: BTreeMap<u32, Wholes>,
    /// Snapshots without the components that some clients must not see, by what is hidden and tick.
    veiled: BTreeMap<(u32, u32), Arc<Snapshot>>,
    press: Press,
    twins: Vec<Twins>,
    siblings: Vec<Sibling>,
    sums: Vec<(Held, Option<u32>)>,
    pub(crate) row_sums: RowSums,
    // Memory that is used again.
    pub(crate) plan: Plan,
    pub(crate) turnover: Turnover,
    pub(crate) before: [SlotSet; DEPTH],
    /// What messages are written on before it is known how long they are.
    pub(crate) draft: BitWriter,
    pub(crate) sheet: Sheet,
    pub(crate) bytes: Vec<u8>,
}

impl SharedDeltas {
    /// For snapshots of this schema, coded by these tables.
    #[must_use]
    pub fn new(schema: &Schema, tables: Arc<TableSet>) -> Self {
        let layout = Layout::of(schema);
        Self {
            press: Press::new(&layout),
            layout,
            tables,
            now: None,
            everyone: SeenRows::new(),
            shelves: Vec::new(),
            spare: Vec::new(),
            usual: SlotSet::default(),
            wholes: BTreeMap::new(),
            veiled: BTreeMap::new(),
            twins: Vec::new(),
            siblings: Vec::new(),
            sums: Vec::new(),
            row_sums: RowSums::default(),
            plan: Plan::default(),
            turnover: Turnover::default(),
            before: Default::default(),
            draft: BitWriter::default(),
            sheet: Sheet::default(),
            bytes: Vec::new(),
        }
    }

    /// From now on deltas lead to `now`.
    pub fn set(&mut self, now: Arc<Snapshot>) {
        if !self.shelves.is_empty() {
            self.usual.clear();
        }
        for mut shelf in self.shelves.drain(..) {
            if shelf.key.is_usual() {
                self.usual.add(shelf.shared.wanted());
            }
            shelf.shared.clear();
            self.spare.push(shelf.shared);
        }
        self.wholes.values_mut().for_each(Wholes::clear);
        self.twins.clear();
        self.siblings.clear();
        self.sums.clear();
        let tick = now.tick();
        if self.now().is_some_and(|last| !tick.is_after(last.tick())) {
            // Time does not go on: what is kept of a tick may be of another one that is called the same.
            self.row_sums.clear();
        }
        let lasts = crate::limits::HISTORY_TICKS.cast_signed();
        self.veiled
            .retain(|(_, of), _| tick.since(Tick(*of)) < lasts);
        if !self.now.as_ref().is_some_and(|last| last.has_ids_of(&now)) {
            self.everyone.clear();
            for id in now.ids() {
                self.everyone.see_whole(*id);
            }
        }
        self.now = Some(now);
    }

    /// The newest snapshot.
    #[must_use]
    pub fn now(&self) -> Option<&Arc<Snapshot>> {
        self.now.as_ref()
    }

    /// How many chunks were made since the beginning: each serves every client that has the same past of a row.
    #[must_use]
    pub fn made(&self) -> usize {
        self.press.made()
    }

    /// What a client gets that has this and sees that, and what it has then, if another one got it before; and a sheet for a copy.
    #[inline]
    pub(crate) fn twin(
        &mut self,
        before: &Held,
        sight: Sight<'_>,
    ) -> Option<(&mut Twins, &mut Sheet)> {
        let alike = |known: &Option<SeenRows>| match (known, sight) {
            (None, Sight::All) => true,
            (Some(known), Sight::Rows(rows)) => known.is_like(rows),
            _ => false,
        };
        let is_twin = |twins: &&mut Twins| twins.before.is_twin_of(before) && alike(&twins.sight);
        let twins = self.twins.iter_mut().find(is_twin)?;
        Some((twins, &mut self.sheet))
    }

    /// Remembers what the first of some twins got, which builds on its last message; gives whether there was a place.
    pub(crate) fn note_twin(
        &mut self,
        before: Held,
        sight: Sight<'_>,
        message: Common,
        after: &Held,
    ) -> bool {
        if self.twins.len() == MAX_TWINS {
            return false;
        }
        let sight = match sight {
            Sight::All => None,
            Sight::Rows(rows) => Some(rows.stamped()),
        };
        self.twins.push(Twins {
            before,
            sight,
            message,
            after: after.clone(),
        });
        true
    }

    /// Clients that have the same come to share it.
    pub(crate) fn merge(&mut self, held: &mut Held) {
        let Some(now) = self.now.as_ref().map(|now| now.tick()) else {
            return;
        };
        // Most of a crowd share it already: they need not be hashed.
        if self
            .siblings
            .iter()
            .any(|known| known.held.is_twin_of(held))
        {
            return;
        }
        let hint = held.hint(&mut self.bytes);
        let bytes = &mut self.bytes;
        let mut name = None;
        for sibling in self.siblings.iter_mut().filter(|other| other.hint == hint) {
            let theirs = *sibling
                .name
                .get_or_insert_with(|| sibling.held.name(now, bytes));
            if *name.get_or_insert_with(|| held.name(now, bytes)) == theirs {
                held.follow(&sibling.held);
                return;
            }
        }
        if self.siblings.len() < MAX_SIBLINGS {
            let held = held.clone();
            self.siblings.push(Sibling { hint, name, held });
        }
    }

    /// The checksum of what a client has, worked out once for all who share it.
    pub(crate) fn sum(&mut self, held: &Held, history: &History) -> Option<u32> {
        if !held.is_shared() {
            return audit::sum(held, history, self);
        }
        let known = self.sums.iter().find(|(of, _)| of.is_twin_of(held));
        if let Some((_, sum)) = known {
            return *sum;
        }
        let sum = audit::sum(held, history, self);
        if self.sums.len() < MAX_TWINS {
            self.sums.push((held.clone(), sum));
        }
        sum
    }

    /// The snapshot of a tick without what is hidden.
    pub(crate) fn table(
        &mut self,
        tick: Tick,
        hidden: u32,
        history: &History,
    ) -> Option<Arc<Snapshot>> {
        let now = self.now.as_ref().filter(|now| now.tick() == tick);
        let open = now.or_else(|| history.get(tick))?;
        if hidden == 0 {
            return Some(Arc::clone(open));
        }
        let veiled = self.veiled.entry((hidden, tick.0));
        Some(Arc::clone(
            veiled.or_insert_with(|| Arc::new(open.without(hidden))),
        ))
    }

    /// Calls `then` with the places where the chunks of these rows are, of which the veils hide something. `key` is that of rows
    /// of which nothing is hidden.
    pub(crate) fn with_classes(
        &mut self,
        key: Key,
        (rows, veils): (&Slots, &Veils),
        history: &History,
        then: impl FnOnce(&mut [Class<'_, Snapshot>], &mut Press),
    ) {
        if veils.is_empty() {
            let shelf = self.shelf(key, history);
            if let Some(shelf) = shelf.and_then(|at| self.shelves.get_mut(at)) {
                let from = (&self.layout, &*self.tables, &self.usual);
                then(&mut [shelf.class(from, rows)], &mut self.press);
            }
            return;
        }
        let mut open = SlotSet::default();
        open.fill(
            rows.iter()
                .enumerate()
                .map(|(at, rows)| rows & !veils.any(at)),
        );
        let veiled = veils
            .iter()
            .map(|(hidden, slots)| (Key { hidden, ..key }, slots.words()));
        let keys = std::iter::once((key, open.words())).chain(veiled);
        let mut wanted: Vec<(usize, &Slots)> = Vec::with_capacity(4);
        for (key, rows) in keys.filter(|(_, rows)| rows.iter().any(|word| *word != 0)) {
            wanted.extend(self.shelf(key, history).map(|at| (at, rows)));
        }
        let from = (&self.layout, &*self.tables, &self.usual);
        let mut classes: Vec<Class<'_, Snapshot>> = Vec::with_capacity(wanted.len());
        for (at, shelf) in self.shelves.iter_mut().enumerate() {
            if let Some((_, rows)) = wanted.iter().find(|(wanted, _)| *wanted == at) {
                classes.push(shelf.class(from, rows));
            }
        }
        then(&mut classes, &mut self.press);
    }

    fn shelf(&mut self, key: Key, history: &History) -> Option<usize> {
        if let Some(at) = self.shelves.iter().position(|shelf| shelf.key == key) {
            return Some(at);
        }
        let now = self.now.as_ref()?.tick();
        let mut moved = SlotSet::default();
        history.moved(key.stride.reach(key.base), now, &mut moved);
        if let (Some(newest), None) = (&self.now, history.get(now)) {
            let latest = history.latest().map(|latest| &**latest);
            newest.each_unlike(latest, |slot| moved.insert(slot));
        }
        let mut before = [const { None }; DEPTH];
        for (k, place) in (1..).zip(&mut before) {
            *place = self.table(key.base - k * key.stride.ticks, key.hidden, history);
        }
        let shelf = Shelf {
            key,
            now: self.table(now, key.hidden, history)?,
            base: self.table(key.base, key.hidden, history)?,
            before,
            moved,
            shared: self.spare.pop().unwrap_or_default(),
        };
        self.shelves.push(shelf);
        Some(self.shelves.len() - 1)
    }

    /// Calls `then` with the whole rows of the newest snapshot, less what is hidden.
    pub(crate) fn with_whole(
        &mut self,
        hidden: u32,
        history: &History,
        then: impl FnOnce(&mut Wholes, (&Layout, &Tables, &Snapshot), &mut Press),
    ) {
        let Some(tick) = self.now.as_ref().map(|now| now.tick()) else {
            return;
        };
        if let Some(now) = self.table(tick, hidden, history) {
            let wholes = self.wholes.entry(hidden).or_default();
            let from = (&self.layout, &self.tables.steady, &*now);
            then(wholes, from, &mut self.press);
        }
    }
}

impl Shelf {
    fn class<'s>(
        &'s mut self,
        (layout, tables, usual): (&'s Layout, &'s TableSet, &'s SlotSet),
        rows: &'s Slots,
    ) -> Class<'s, Snapshot> {
        let [a, b, c] = &self.before;
        let ticks = Ticks {
            now: &*self.now,
            base: &*self.base,
            before: [a.as_deref(), b.as_deref(), c.as_deref()],
            steps: self.key.stride.steps,
            moved: self.moved.words(),
        };
        let tables = if self.key.steady {
            &tables.steady
        } else {
            &tables.late
        };
        Class {
            source: Source {
                layout,
                tables,
                ticks,
                usual: if self.key.is_usual() {
                    usual.words()
                } else {
                    &[]
                },
                remembers: self.key.steady,
            },
            shared: &mut self.shared,
            rows,
        }
    }
}
