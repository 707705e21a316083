//! From the world to the snapshot of a tick.

use std::sync::Arc;

use bevy_ecs::entity_disabling::DefaultQueryFilters;
use bevy_ecs::prelude::*;
use bevy_ecs::query::QueryData;
use tickwire_protocol::{Game, History, NetId, Renewal, Snapshot};

use super::Sim;
use crate::ecs::{EcsComponents, EcsGame, Table};
use crate::ids::{NetIds, Replicated};
use crate::rewind::Past;

impl<G: EcsGame> Sim<G> {
    /// Quantises the replicated entities into the snapshot of this tick.
    pub(super) fn extract(&mut self) {
        let now = self.now();
        let unmarked = self.is_unmarked();
        let mut dangling = Vec::new();
        let renewal = self.history_mut().renew(now);
        let spare = match renewal.map(|renewal| self.renew(renewal, unmarked, &mut dangling)) {
            Some(Ok(renewed)) => {
                self.history_mut().push_renewed(renewed);
                self.forget_references(&dangling);
                return;
            }
            Some(Err(memory)) => Some(memory),
            None => None,
        };
        dangling.clear();
        let snapshot = self.extract_all(spare, &mut dangling);
        self.history_mut().push(Arc::new(snapshot));
        self.forget_references(&dangling);
    }

    /// Whether there may be other entities than before, or the same with other components, without a mark of a change: what is gone
    /// has none. Whoever is new has another id, or was disabled.
    fn is_unmarked(&mut self) -> bool {
        let world = &self.world;
        let turnover = world.resource::<NetIds>().turnover;
        let ids_changed = std::mem::replace(&mut self.turnover, turnover) != turnover;
        let is_removed = |id| world.removed_with_id(id).next().is_some();
        let filters = world.get_resource::<DefaultQueryFilters>();
        let is_enabled = filters.is_some_and(|filters| filters.disabling_ids().any(is_removed));
        ids_changed || is_enabled || G::Replicated::any_removed(world)
    }

    fn history_mut(&mut self) -> &mut History {
        &mut self.world.resource_mut::<Past>().into_inner().history
    }

    /// The snapshot of a tick in which nobody came or went, out of the last one: only rows are written that the game wrote to.
    /// Gives its memory back when somebody did. `unmarked`: somebody may have other components than before, without a mark of it.
    fn renew(
        &mut self,
        renewal: Renewal,
        unmarked: bool,
        dangling: &mut Vec<Entity>,
    ) -> Result<Renewal, Snapshot> {
        let ids = self.world.resource::<NetIds>();
        let mut renewing = Renewing {
            renewal,
            references: &self.references,
            ids,
            dangling,
            seen: 0,
        };
        let complete = if let Ok(tables) = self.rows.contiguous_iter(&self.world) {
            renewing.renew_tables::<G>(tables, unmarked)
        } else {
            // A component is not kept in tables.
            renewing.renew_each::<G>(self.rows.iter(&self.world))
        };
        // Ids are not given again so soon: as many rows, all of them known, are the same rows.
        if complete.is_some() && renewing.seen == renewing.renewal.len() {
            Ok(renewing.renewal)
        } else {
            Err(renewing.renewal.give_up())
        }
    }

    fn extract_all(&mut self, spare: Option<Snapshot>, dangling: &mut Vec<Entity>) -> Snapshot {
        let now = self.now();
        let mut snapshot = match (spare, self.history().latest()) {
            (Some(spare), _) => spare.cleared(now),
            (None, Some(last)) => Snapshot::with_room_like(last, now),
            (None, None) => Snapshot::new(Arc::clone(&self.schema.rows), now),
        };
        let rows = self.rows.query(&self.world);
        let ids = self.world.resource::<NetIds>();
        for (id, entity) in ids.iter() {
            if snapshot.len() == self.schema.rows.max_rows() {
                tracing::error!(
                    rows = snapshot.len(),
                    "a snapshot takes no more rows: the newest entities stay unseen"
                );
                break;
            }
            if let Ok((.., item)) = rows.get(entity) {
                let words = snapshot.push(id, G::Replicated::mask(&item));
                G::Replicated::extract(&item, words);
                if cut_references(&self.references, words, ids) {
                    dangling.push(entity);
                }
            }
        }
        snapshot
    }

    /// Makes these entities' references to what is gone `None`: the ids will be given again.
    fn forget_references(&mut self, dangling: &[Entity]) {
        self.world.resource_scope(|world, ids: Mut<'_, NetIds>| {
            for entity in dangling {
                if let Ok(mut entity) = world.get_entity_mut(*entity) {
                    G::Replicated::retain_references(&mut entity, &|id| ids.contains(id));
                }
            }
        });
    }
}

/// What is being put into the next snapshot.
struct Renewing<'a> {
    renewal: Renewal,
    references: &'a [usize],
    ids: &'a NetIds,
    dangling: &'a mut Vec<Entity>,
    /// Entities so far.
    seen: usize,
}

type Item<'w, G> = (
    Entity,
    &'w Replicated,
    <<<G as Game>::Replicated as EcsComponents>::Read as QueryData>::Item<'w, 'w>,
);

type Lot<'w, G> = (
    &'w [Entity],
    &'w [Replicated],
    Table<'w, <G as Game>::Replicated>,
);

impl Renewing<'_> {
    /// Goes through the tables of the ECS, and in each only through what was written to, unless there is more to be found. `None` when
    /// somebody has come.
    fn renew_tables<'w, G: EcsGame>(
        &mut self,
        tables: impl Iterator<Item = Lot<'w, G>>,
        unmarked: bool,
    ) -> Option<()> {
        for (entities, replicated, table) in tables {
            self.seen += entities.len();
            let has = G::Replicated::mask_of(&table);
            for first in (0..entities.len()).step_by(64) {
                let mut places = G::Replicated::changed(&table, first);
                if unmarked {
                    places |= self.unlike(replicated.get(first..)?, has)?;
                }
                while places != 0 {
                    let place = first + places.trailing_zeros() as usize;
                    places &= places - 1;
                    let (replicated, entity) = (replicated.get(place)?, entities.get(place)?);
                    let row = self.renewal.find(replicated.id())?;
                    self.write((row, *entity), has, |words| {
                        G::Replicated::extract_at(&table, place, words);
                    });
                }
            }
        }
        Some(())
    }

    /// Of the first 64 entities those that had other components. `None` when one has come.
    fn unlike(&self, replicated: &[Replicated], has: u32) -> Option<u64> {
        let mut unlike = 0;
        for (i, replicated) in replicated.iter().take(64).enumerate() {
            let row = self.renewal.find(replicated.id())?;
            unlike |= u64::from(self.renewal.mask(row) != Some(has)) << i;
        }
        Some(unlike)
    }

    /// Goes through the entities one by one. `None` when somebody has come.
    fn renew_each<'w, G: EcsGame>(
        &mut self,
        items: impl Iterator<Item = Item<'w, G>>,
    ) -> Option<()> {
        for (entity, replicated, item) in items {
            let row = self.renewal.find(replicated.id())?;
            self.seen += 1;
            let has = G::Replicated::mask(&item);
            if self.renewal.mask(row) != Some(has) || G::Replicated::is_changed(&item) {
                self.write((row, entity), has, |words| {
                    G::Replicated::extract(&item, words)
                });
            }
        }
        Some(())
    }

    fn write(&mut self, (row, entity): (usize, Entity), has: u32, fill: impl FnOnce(&mut [u32])) {
        let mut cut = false;
        self.renewal.write(row, has, |words| {
            fill(words);
            cut = cut_references(self.references, words, self.ids);
        });
        if cut {
            self.dangling.push(entity);
        }
    }
}

/// Takes references to entities that are gone out of a row's words. Returns whether there was one.
fn cut_references(references: &[usize], words: &mut [u32], ids: &NetIds) -> bool {
    let mut cut = false;
    for column in references {
        if let Some(word) = words.get_mut(*column)
            && let Some(id) = word.checked_sub(1)
            && !ids.contains(NetId(id))
        {
            *word = 0;
            cut = true;
        }
    }
    cut
}
