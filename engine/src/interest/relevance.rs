//! The sights of players, snapshot by snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use tickwire_protocol::{NetId, Row, Schema, Seen, SeenRows, Snapshot};

use super::grid::Grid;
use super::{Audience, Filter, Interest, Reader, Which};

/// Works out what players see of a match, from its snapshots alone.
///
/// Call [`Self::advance`] with a snapshot, then [`Self::sight`] for each player who is due one. The first costs a comparison per
/// row and work for the rows that changed; the second follows what is near that player.
pub struct Relevance {
    enter: f32,
    leave: f32,
    grid: Grid,
    places: Vec<Bound<[f32; 2]>>,
    owners: Vec<Bound<Option<NetId>>>,
    teams: Vec<Bound<u32>>,
    always: ByAudience,
    show: ByAudience,
    filters: Vec<Filter>,
    now: Option<Arc<Snapshot>>,
    /// By network id.
    facts: Vec<Fact>,
    /// Who is relevant wherever it is: to everyone, to its team, to others than its owner.
    everyone: BTreeSet<NetId>,
    team: BTreeSet<NetId>,
    others: BTreeSet<NetId>,
    /// The same for owners.
    owned: BTreeMap<NetId, BTreeSet<NetId>>,
    /// By network id: the number of the last sight that began with it near.
    marks: Vec<u32>,
    mark: u32,
    rows: Vec<u32>,
    seen: SeenRows,
}

/// What is known of an entity, from its row.
#[derive(Clone, Copy)]
struct Fact {
    row: u32,
    owner: NetId,
    team: Option<u32>,
    /// Components that it has.
    mask: u32,
    everywhere: bool,
}

/// Component masks of each audience.
#[derive(Default)]
struct ByAudience {
    everyone: u32,
    owner: u32,
    team: u32,
    others: u32,
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

/// One player's view, as far as the next depends on it.
#[derive(Debug, Clone)]
pub struct Viewer {
    own: NetId,
    /// Where the player's entity was last.
    place: Option<[f32; 2]>,
    /// Who was near, in any order.
    near: Vec<NetId>,
}

impl Viewer {
    /// The player whose entity is `own`, who has seen nothing yet.
    #[must_use]
    pub fn new(own: NetId) -> Self {
        Self {
            own,
            place: None,
            near: Vec::new(),
        }
    }
}

impl Relevance {
    /// For snapshots of this schema.
    ///
    /// # Panics
    /// When the interest names a component that the schema lacks.
    #[must_use]
    pub fn new(interest: Interest, schema: &Schema) -> Self {
        let mut show = ByAudience::new(&interest.show, schema);
        let limited = show.owner | show.team | show.others;
        show.everyone |= schema.full_mask() & !limited;
        Self {
            enter: interest.enter,
            leave: interest.leave,
            grid: Grid::new(interest.leave),
            places: Bound::list(interest.places, schema),
            owners: Bound::list(interest.owners, schema),
            teams: Bound::list(interest.teams, schema),
            always: ByAudience::new(&interest.always, schema),
            show,
            filters: interest.filters,
            now: None,
            facts: Vec::new(),
            everyone: BTreeSet::new(),
            team: BTreeSet::new(),
            others: BTreeSet::new(),
            owned: BTreeMap::new(),
            marks: Vec::new(),
            mark: 0,
            rows: Vec::new(),
            seen: SeenRows::new(),
        }
    }

    /// Takes in a snapshot. The one that was taken in last is left as it is.
    pub fn advance(&mut self, now: &Arc<Snapshot>) {
        let before = self.now.replace(Arc::clone(now));
        if before
            .as_ref()
            .is_some_and(|before| Arc::ptr_eq(before, now))
        {
            return;
        }
        let mut old = before.iter().flat_map(|before| before.rows()).peekable();
        for (index, row) in (0..).zip(now.rows()) {
            while let Some(gone) = old.next_if(|old| old.id < row.id) {
                self.forget(gone.id);
            }
            let old = old.next_if(|old| old.id == row.id);
            let same = old.is_some_and(|old| old.mask == row.mask && old.words == row.words);
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
        let fact = Fact {
            row: index,
            owner: Bound::read(&self.owners, row).flatten().unwrap_or(row.id),
            team: Bound::read(&self.teams, row),
            mask: row.mask,
            everywhere: row.mask & self.always.everyone != 0
                || (place.is_none() && row.mask & self.reaching() == 0),
        };
        let slot = row.id.0 as usize;
        if slot >= self.facts.len() {
            let nothing = Fact {
                row: u32::MAX,
                owner: row.id,
                team: None,
                mask: 0,
                everywhere: false,
            };
            self.facts.resize(slot + 1, nothing);
            self.marks.resize(slot + 1, 0);
        }
        let Some(before) = self.facts.get_mut(slot) else {
            return;
        };
        let before = std::mem::replace(before, fact);
        self.grid.set(row.id, place);
        let reach = |fact: &Fact| (fact.mask & self.reaching(), fact.everywhere, fact.owner);
        if !known || reach(&before) != reach(&fact) {
            if known {
                self.unlist(row.id, before);
            }
            self.list(row.id, fact);
        }
    }

    /// Components that make an entity relevant to some players wherever it is.
    fn reaching(&self) -> u32 {
        self.always.owner | self.always.team | self.always.others
    }

    fn forget(&mut self, id: NetId) {
        self.grid.set(id, None);
        if let Some(fact) = self.facts.get(id.0 as usize) {
            self.unlist(id, *fact);
        }
    }

    fn list(&mut self, id: NetId, fact: Fact) {
        let lists = [
            (fact.everywhere, &mut self.everyone),
            (fact.mask & self.always.team != 0, &mut self.team),
            (fact.mask & self.always.others != 0, &mut self.others),
        ];
        for (_, list) in lists.into_iter().filter(|(is_in, _)| *is_in) {
            list.insert(id);
        }
        if fact.mask & (self.always.owner | self.always.team) != 0 {
            self.owned.entry(fact.owner).or_default().insert(id);
        }
    }

    fn unlist(&mut self, id: NetId, fact: Fact) {
        for list in [&mut self.everyone, &mut self.team, &mut self.others] {
            list.remove(&id);
        }
        if let Some(owned) = self.owned.get_mut(&fact.owner) {
            owned.remove(&id);
            if owned.is_empty() {
                self.owned.remove(&fact.owner);
            }
        }
    }

    /// What a player sees of the snapshot that was taken in last.
    pub fn sight(&mut self, viewer: &mut Viewer) -> &SeenRows {
        self.seen.clear();
        self.rows.clear();
        let Some(now) = self.now.clone() else {
            return &self.seen;
        };
        let own = now.row(viewer.own);
        let team = own.and_then(|_| self.team_of(viewer.own));
        self.add_near(viewer);
        self.add_far(viewer.own, team);
        self.rows.sort_unstable();
        self.rows.dedup();
        for index in &self.rows {
            let Some(row) = now.at(*index as usize) else {
                continue;
            };
            let is_own = row.id == viewer.own;
            let allowed = self.allowed(row.id, viewer.own, team);
            let shown = || {
                self.filters
                    .iter()
                    .all(|shows| own.is_some_and(|own| shows(own, row)))
            };
            if is_own || (row.mask & allowed != 0 && shown()) {
                let seen = Seen {
                    hidden: row.mask & !allowed,
                    ..Seen::default()
                };
                self.seen.see(row.id, seen);
            }
        }
        &self.seen
    }

    fn fact(&self, id: NetId) -> Option<&Fact> {
        let fact = self.facts.get(id.0 as usize)?;
        let row = self.now.as_ref()?.ids().get(fact.row as usize)?;
        (*row == id).then_some(fact)
    }

    fn team_of(&self, id: NetId) -> Option<u32> {
        let fact = self.fact(id)?;
        fact.team.or_else(|| self.fact(fact.owner)?.team)
    }

    fn allowed(&self, id: NetId, viewer: NetId, team: Option<u32>) -> u32 {
        let show = &self.show;
        let owned = || self.fact(id).is_some_and(|fact| fact.owner == viewer);
        if id == viewer || owned() {
            return show.everyone | show.owner | show.team;
        }
        let mate = show.team != 0 && team.is_some() && self.team_of(id) == team;
        show.everyone | show.others | if mate { show.team } else { 0 }
    }

    /// Adds who is within the radius, and keeps who was and has not gone beyond the larger one.
    fn add_near(&mut self, viewer: &mut Viewer) {
        self.mark = self.mark.wrapping_add(1);
        for id in viewer.near.drain(..) {
            if let Some(mark) = self.marks.get_mut(id.0 as usize) {
                *mark = self.mark;
            }
        }
        viewer.place = self.grid.place(viewer.own).or(viewer.place);
        let Some(from) = viewer.place else {
            return;
        };
        for entry in self.grid.around(from, self.leave) {
            let (dx, dy) = (entry.place[0] - from[0], entry.place[1] - from[1]);
            let square = dx * dx + dy * dy;
            let was_near = || self.marks.get(entry.id.0 as usize) == Some(&self.mark);
            if square <= self.enter * self.enter
                || (square <= self.leave * self.leave && was_near())
            {
                viewer.near.push(entry.id);
                self.rows
                    .extend(self.facts.get(entry.id.0 as usize).map(|fact| fact.row));
            }
        }
    }

    /// Adds who is relevant at any distance.
    fn add_far(&mut self, own: NetId, team: Option<u32>) {
        let is_mate = |id: &&NetId| team.is_some() && self.team_of(**id) == team;
        let is_other = |id: &&NetId| self.fact(**id).is_some_and(|fact| fact.owner != own);
        let ids = std::iter::once(&own)
            .chain(&self.everyone)
            .chain(self.owned.get(&own).into_iter().flatten())
            .chain(self.team.iter().filter(is_mate))
            .chain(self.others.iter().filter(is_other));
        let rows: Vec<_> = ids.filter_map(|id| Some(self.fact(*id)?.row)).collect();
        self.rows.extend(rows);
    }
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
