//! From the world to the snapshot of a tick.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use bevy_ecs::query::QueryData;
use tickwire_protocol::{Game, History, NetId, Renewal, Snapshot};

use super::Sim;
use super::stands::{Stand, Stands};
use crate::ecs::{EcsComponents, EcsGame, Table};
use crate::ids::{NetIds, Replicated};
use crate::rewind::Past;

impl<G: EcsGame> Sim<G> {
    /// Quantises the replicated entities into the snapshot of this tick.
    pub(super) fn extract(&mut self) {
        let now = self.now();
        let mut dangling = Vec::new();
        let renewal = self.history_mut().renew(now);
        let spare = match renewal.map(|renewal| self.renew(renewal, &mut dangling)) {
            Some(Ok(renewed)) => {
                self.history_mut().push_renewed(renewed);
                self.forget_references(&dangling);
                return;
            }
            Some(Err(given_up)) => Some(given_up.give_up()),
            None => None,
        };
        dangling.clear();
        self.stands.forget();
        let snapshot = self.extract_all(spare, &mut dangling);
        self.history_mut().push(Arc::new(snapshot));
        self.forget_references(&dangling);
    }

    fn history_mut(&mut self) -> &mut History {
        &mut self.world.resource_mut::<Past>().into_inner().history
    }

    /// The snapshot of a tick in which nobody came or went, out of the last one: only rows are written that the game wrote to.
    /// Gives it back unfinished when somebody did.
    fn renew(&mut self, renewal: Renewal, dangling: &mut Vec<Entity>) -> Result<Renewal, Renewal> {
        let ids = self.world.resource::<NetIds>();
        let mut renewing = Renewing {
            renewal,
            references: &self.references,
            ids,
            dangling,
            seen: 0,
        };
        let complete = if let Ok(tables) = self.rows.contiguous_iter(&self.world) {
            renewing.renew_tables::<G>(tables, &mut self.stands)
        } else {
            // A component is not kept in tables.
            renewing.renew_each::<G>(self.rows.iter(&self.world))
        };
        // Ids are not given again so soon: as many rows, all of them known, are the same rows.
        if complete.is_some() && renewing.seen == renewing.renewal.len() {
            Ok(renewing.renewal)
        } else {
            Err(renewing.renewal)
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
    /// Goes through the tables of the ECS, and in each only through what was written to. `None` when somebody has come.
    fn renew_tables<'w, G: EcsGame>(
        &mut self,
        tables: impl Iterator<Item = Lot<'w, G>>,
        stands: &mut Stands,
    ) -> Option<()> {
        stands.begin(self.ids.turnover);
        let mut count = 0;
        for (nth, (entities, replicated, table)) in tables.enumerate() {
            count = nth + 1;
            let has = G::Replicated::mask_of(&table);
            let stand = stands.find(nth, (entities, replicated), has, &self.renewal);
            let (stand, as_before) = stand?;
            self.seen += entities.len();
            for first in (0..entities.len()).step_by(64) {
                let mut places = G::Replicated::changed(&table, first);
                if !as_before {
                    places |= self.unlike(stand, first, has);
                }
                while places != 0 {
                    let place = first + places.trailing_zeros() as usize;
                    places &= places - 1;
                    if let (Some(row), Some(entity)) = (stand.rows.get(place), entities.get(place))
                    {
                        let fill =
                            |words: &mut [u32]| G::Replicated::extract_at(&table, place, words);
                        self.write((*row, *entity), has, fill);
                    }
                }
            }
        }
        stands.end(count);
        Some(())
    }

    /// Of 64 places of a table, those whose entities had other components.
    fn unlike(&self, stand: &Stand, first: usize, has: u32) -> u64 {
        let rows = stand.rows.iter().skip(first).take(64).enumerate();
        rows.fold(0, |unlike, (i, row)| {
            unlike | u64::from(self.renewal.mask(*row) != Some(has)) << i
        })
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
