//! What is known of the entities of a snapshot, as far as sights depend on it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use tickwire_protocol::codec::slots::SlotSet;
use tickwire_protocol::{History, NetId, Row, Schema, SeenRows, Snapshot};

use super::grid::{Entry, Grid, Look};
use super::sight::{Border, Near};
use super::{Audience, Filter, Interest, Reader, Which};

/// Who was beyond a border between tiers comes back at this share of its distance.
const COMES_BACK: f32 = 0.9;

/// Works out what players see of a match, from its snapshots alone.
///
/// Call [`Self::advance`] with a history, then [`Self::sight`] for each player who is due its newest snapshot. The first costs
/// work for the rows that changed, which history knows; the second follows what is near that player.
pub struct Relevance {
    pub(super) enter: f32,
    pub(super) leave: f32,
    /// By ascending distance.
    pub(super) borders: Vec<Border>,
    periods: Vec<u8>,
    pub(super) grid: Grid,
    places: Vec<Bound<[f32; 2]>>,
    owners: Vec<Bound<Option<NetId>>>,
    teams: Vec<Bound<u32>>,
    tiers: Vec<Bound<u8>>,
    weights: Vec<Bound<u8>>,
    /// Beside its place, all that is known of an entity is said by which components it has.
    only_moves: bool,
    always: ByAudience,
    pub(super) show: ByAudience,
    pub(super) filters: Vec<Filter>,
    pub(super) now: Option<Arc<Snapshot>>,
    /// By network id.
    facts: Vec<Fact>,
    /// Who is relevant wherever it is: to everyone, to its team, to others than its owner.
    pub(super) everyone: BTreeSet<NetId>,
    pub(super) team: BTreeSet<NetId>,
    pub(super) others: BTreeSet<NetId>,
    /// The same for owners.
    pub(super) owned: BTreeMap<NetId, BTreeSet<NetId>>,
    /// Memory for sights.
    pub(super) near: Near,
    pub(super) seen: SeenRows,
    pub(super) odd: Vec<(Entry, f32)>,
    moved: SlotSet,
}

/// What is known of an entity, from its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) id: NetId,
    pub(super) row: u32,
    pub(super) owner: NetId,
    pub(super) team: Option<u32>,
    /// Components that it has.
    pub(super) mask: u32,
    pub(super) look: Look,
    everywhere: bool,
}

/// Component masks of each audience.
#[derive(Default)]
pub(super) struct ByAudience {
    pub(super) everyone: u32,
    pub(super) owner: u32,
    pub(super) team: u32,
    pub(super) others: u32,
}

impl ByAudience {
    fn new(list: &[(Which, Audience)], schema: &Schema) -> Self {
        let mut masks = Self::default();
        for (which, audience) in list {
            let mask = match audience {
                Audience::Everyone => &mut masks.everyone,
                Audience::Owner => &mut masks.owner,
                Audience::Team => &mut masks.team,
                Audience::Others => &mut masks.others,
            };
            *mask |= 1 << which.find(schema);
        }
        masks
    }

    /// Those that some players are denied.
    fn limited(&self) -> u32 {
        self.owner | self.team | self.others
    }
}

/// A fact's reader and its component's place in a row.
struct Bound<V> {
    bit: u32,
    columns: Range<usize>,
    reader: Reader<V>,
}

impl<V> Bound<V> {
    fn list(readers: Vec<Reader<V>>, schema: &Schema) -> Vec<Self> {
        let bind = |reader: Reader<V>| {
            let position = reader.which.find(schema);
            let component = schema.components().get(position);
            Self {
                bit: 1 << position,
                columns: component.map(|c| c.columns.clone()).unwrap_or_default(),
                reader,
            }
        };
        readers.into_iter().map(bind).collect()
    }

    /// What the first of `list` whose component the row has says.
    fn read(list: &[Self], row: Row<'_>) -> Option<V> {
        let bound = list.iter().find(|bound| row.mask & bound.bit != 0)?;
        Some((bound.reader.read)(row.words.get(bound.columns.clone())?))
    }
}

impl Relevance {
    /// For snapshots of this schema.
    ///
    /// # Panics
    /// When the interest names a component that the schema lacks, or a tier that it has not declared.
    #[must_use]
    pub fn new(interest: Interest, schema: &Schema) -> Self {
        let mut show = ByAudience::new(&interest.show, schema);
        show.everyone |= schema.full_mask() & !show.limited();
        let border = |(distance, tier): &(f32, u8)| Border {
            out: distance * distance,
            back: (distance * COMES_BACK).powi(2),
            tier: *tier,
        };
        let mut borders: Vec<_> = interest.borders.iter().map(border).collect();
        borders.sort_by(|a, b| a.out.total_cmp(&b.out));
        let last = interest.borders.iter().map(|(_, tier)| *tier).max();
        assert!(
            usize::from(last.unwrap_or(0)) < interest.periods.len(),
            "tier {last:?} begins at a distance, but there are {} tiers",
            interest.periods.len()
        );
        Self {
            enter: interest.enter,
            leave: interest.leave,
            borders,
            periods: interest.periods,
            grid: Grid::new(interest.leave),
            only_moves: interest.owners.is_empty()
                && interest.teams.is_empty()
                && interest.tiers.is_empty()
                && interest.weights.is_empty(),
            places: Bound::list(interest.places, schema),
            owners: Bound::list(interest.owners, schema),
            teams: Bound::list(interest.teams, schema),
            tiers: Bound::list(interest.tiers, schema),
            weights: Bound::list(interest.weights, schema),
            always: ByAudience::new(&interest.always, schema),
            show,
            filters: interest.filters,
            now: None,
            facts: Vec::new(),
            everyone: BTreeSet::new(),
            team: BTreeSet::new(),
            others: BTreeSet::new(),
            owned: BTreeMap::new(),
            near: Near::default(),
            seen: SeenRows::default(),
            odd: Vec::new(),
            moved: SlotSet::default(),
        }
    }

    /// For each tier, from how many snapshots one tells of its rows.
    #[must_use]
    pub fn periods(&self) -> &[u8] {
        &self.periods
    }

    /// Takes in the newest snapshot of a history. The one that was taken in last is left as it is.
    pub fn advance(&mut self, history: &History) {
        let Some(now) = history.latest() else {
            return;
        };
        let before = self.now.replace(Arc::clone(now));
        if before
            .as_ref()
            .is_some_and(|before| Arc::ptr_eq(before, now))
        {
            return;
        }
        match before {
            Some(before) if before.has_ids_of(now) => self.update(&before, now, history),
            before => self.merge(before.as_deref(), now),
        }
        self.grid.sort();
    }

    /// Takes in a snapshot of the same entities as the last: those of them that have moved, as far as history knows it.
    fn update(&mut self, before: &Arc<Snapshot>, now: &Snapshot, history: &History) {
        let remembered = history.get(before.tick());
        if !remembered.is_some_and(|it| Arc::ptr_eq(it, before)) {
            for (index, (old, row)) in (0..).zip(before.rows().zip(now.rows())) {
                if !same(old, row) {
                    self.learn(index, row, true);
                }
            }
            return;
        }
        let mut moved = std::mem::take(&mut self.moved);
        history.moved(before.tick(), now.tick(), &mut moved);
        for slot in moved.iter() {
            if self.only_moves && self.follow(slot, before, now) {
                continue;
            }
            let index = self.facts.get(slot).map_or(u32::MAX, |fact| fact.row);
            if let Some(row) = now.at(index as usize) {
                self.learn(index, row, true);
            }
        }
        self.moved = moved;
    }

    /// Notes where an entity is now when nothing else of it can matter. That is what a tick mostly brings, and it needs no look at what
    /// is known of the entity.
    fn follow(&mut self, slot: usize, before: &Snapshot, now: &Snapshot) -> bool {
        let Some(id) = u32::try_from(slot).ok().map(NetId) else {
            return false;
        };
        let Some(row) = now.row(id).filter(|row| before.mask(id) == Some(row.mask)) else {
            return false;
        };
        let place = Bound::read(&self.places, row);
        place.is_some_and(|place| self.grid.follow(id, place))
    }

    fn merge(&mut self, before: Option<&Snapshot>, now: &Snapshot) {
        let mut old = before.into_iter().flat_map(Snapshot::rows).peekable();
        for (index, row) in (0..).zip(now.rows()) {
            while let Some(gone) = old.next_if(|old| old.id < row.id) {
                self.forget(gone.id);
            }
            let old = old.next_if(|old| old.id == row.id);
            let same = old.is_some_and(|old| same(old, row));
            match self.facts.get_mut(row.id.0 as usize) {
                Some(fact) if same => fact.row = index,
                _ => self.learn(index, row, old.is_some()),
            }
        }
        for gone in old {
            self.forget(gone.id);
        }
    }

    fn learn(&mut self, index: u32, row: Row<'_>, known: bool) {
        let place = Bound::read(&self.places, row);
        let owner = Bound::read(&self.owners, row).flatten();
        let most = u8::try_from(self.periods.len() - 1).unwrap_or(u8::MAX);
        let look = Look {
            open: row.mask != 0 && row.mask & self.show.limited() == 0 && self.filters.is_empty(),
            tier: Bound::read(&self.tiers, row).map(|tier| tier.min(most)),
            weight: Bound::read(&self.weights, row).unwrap_or(1).max(1),
        };
        let fact = Fact {
            id: row.id,
            row: index,
            owner: owner.unwrap_or(row.id),
            team: Bound::read(&self.teams, row),
            mask: row.mask,
            look,
            everywhere: row.mask & self.always.everyone != 0
                || (place.is_none() && row.mask & self.always.limited() == 0),
        };
        match place {
            Some(place) => self.grid.set(row.id, place, look),
            None => self.grid.remove(row.id),
        }
        let before = self.place_fact(fact);
        let reach = |fact: &Fact| {
            (
                fact.mask & self.always.limited(),
                fact.everywhere,
                fact.owner,
            )
        };
        if !known || reach(&before) != reach(&fact) {
            if known {
                self.unlist(before);
            }
            self.list(fact);
        }
    }

    /// Notes what is known now; what was before, if anything was.
    fn place_fact(&mut self, fact: Fact) -> Fact {
        let slot = fact.id.0 as usize;
        if slot >= self.facts.len() {
            let nothing = Fact {
                row: u32::MAX,
                ..fact
            };
            self.facts.resize(slot + 1, nothing);
        }
        match self.facts.get_mut(slot) {
            Some(place) => std::mem::replace(place, fact),
            None => fact,
        }
    }

    fn forget(&mut self, id: NetId) {
        self.grid.remove(id);
        if let Some(fact) = self.facts.get_mut(id.0 as usize) {
            let gone = *fact;
            fact.row = u32::MAX;
            self.unlist(gone);
        }
    }

    /// What is known of an entity of the present snapshot.
    pub(super) fn fact(&self, id: NetId) -> Option<&Fact> {
        let fact = self.facts.get(id.0 as usize)?;
        (fact.row != u32::MAX).then_some(fact)
    }

    /// No network id has been as large.
    pub(super) fn slots(&self) -> usize {
        self.facts.len()
    }

    fn list(&mut self, fact: Fact) {
        let lists = [
            (fact.everywhere, &mut self.everyone),
            (fact.mask & self.always.team != 0, &mut self.team),
            (fact.mask & self.always.others != 0, &mut self.others),
        ];
        for (_, list) in lists.into_iter().filter(|(is_in, _)| *is_in) {
            list.insert(fact.id);
        }
        if fact.mask & (self.always.owner | self.always.team) != 0 {
            self.owned.entry(fact.owner).or_default().insert(fact.id);
        }
    }

    fn unlist(&mut self, fact: Fact) {
        for list in [&mut self.everyone, &mut self.team, &mut self.others] {
            list.remove(&fact.id);
        }
        if let Some(owned) = self.owned.get_mut(&fact.owner) {
            owned.remove(&fact.id);
            if owned.is_empty() {
                self.owned.remove(&fact.owner);
            }
        }
    }
}

/// Rows are short: a call to compare them costs more than the comparison.
fn same(old: Row<'_>, row: Row<'_>) -> bool {
    old.mask == row.mask && old.words.iter().zip(row.words).all(|(old, new)| old == new)
}

impl std::fmt::Debug for Relevance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut relevance = f.debug_struct("Relevance");
        relevance
            .field("enter", &self.enter)
            .field("leave", &self.leave);
        relevance
            .field("entities", &self.facts.len())
            .finish_non_exhaustive()
    }
}
