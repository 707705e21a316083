//! From the world to the snapshot of a tick.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use tickwire_protocol::{NetId, Snapshot};

use super::Sim;
use crate::ecs::{EcsComponents, EcsGame};
use crate::ids::NetIds;
use crate::rewind::Past;

impl<G: EcsGame> Sim<G> {
    /// Quantises the replicated entities into the snapshot of this tick.
    pub(super) fn extract(&mut self) {
        let mut dangling = Vec::new();
        let snapshot = self.renew(&mut dangling);
        let snapshot = snapshot.unwrap_or_else(|| {
            dangling.clear();
            self.extract_all(&mut dangling)
        });
        let history = &mut self.world.resource_mut::<Past>().history;
        self.spare = history.push(Arc::new(snapshot)).and_then(Arc::into_inner);
        self.forget_references(&dangling);
    }

    /// The snapshot of a tick in which nobody came or went, out of the last one: only rows are written that the game wrote to.
    fn renew(&mut self, dangling: &mut Vec<Entity>) -> Option<Snapshot> {
        let last = Arc::clone(self.history().latest()?);
        let now = self.now();
        let spare = self.spare.take();
        let spare = spare.unwrap_or_else(|| Snapshot::with_room_like(&last, now));
        let mut snapshot = spare.copied(&last, now);
        let ids = self.world.resource::<NetIds>();
        let mut seen = 0;
        for (entity, replicated, item) in self.rows.iter(&self.world) {
            let Some((mask, words)) = snapshot.refill(replicated.id()) else {
                self.spare = Some(snapshot);
                return None;
            };
            seen += 1;
            let has = G::Replicated::mask(&item);
            if *mask == has && !G::Replicated::is_changed(&item) {
                continue;
            }
            *mask = has;
            words.fill(0);
            G::Replicated::extract(&item, words);
            if cut_references(&self.references, words, ids) {
                dangling.push(entity);
            }
        }
        // Ids are not given again so soon: as many rows, all of them known, are the same rows.
        if seen == snapshot.len() {
            return Some(snapshot);
        }
        self.spare = Some(snapshot);
        None
    }

    fn extract_all(&mut self, dangling: &mut Vec<Entity>) -> Snapshot {
        let now = self.now();
        let mut snapshot = match (self.spare.take(), self.history().latest()) {
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
