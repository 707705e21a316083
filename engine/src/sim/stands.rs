//! Where entities lie in the ECS, and which rows of the snapshot are theirs.

use bevy_ecs::prelude::*;
use tickwire_protocol::Renewal;

use crate::ids::Replicated;

/// The tables of the ECS with replicated entities, in the order in which it goes through them.
///
/// A table's entities all have the same components. So as long as the same ones lie in the same places of it, nobody of them came,
/// went, or got or lost a component, and nobody's row has to be looked for.
#[derive(Debug, Default)]
pub(super) struct Stands {
    tables: Vec<Stand>,
    /// The turnover of network ids when the rows were looked up.
    turnover: u64,
}

/// The entities of one table, and where in the snapshot their rows are.
#[derive(Debug, Default)]
pub(super) struct Stand {
    entities: Vec<Entity>,
    /// The components that they have.
    has: u32,
    pub(super) rows: Vec<usize>,
}

impl Stands {
    /// A snapshot was made with other rows.
    pub(super) fn forget(&mut self) {
        self.tables.clear();
    }

    /// Begins to go through the tables.
    pub(super) fn begin(&mut self, turnover: u64) {
        if self.turnover != turnover {
            self.forget();
        }
        self.turnover = turnover;
    }

    /// There were so many tables. What lay in others does not count any more: it has been elsewhere since.
    pub(super) fn end(&mut self, count: usize) {
        self.tables.truncate(count);
    }

    /// The entities of the `nth` table, which have the components `has`, and whether they lay there as they do, with the same
    /// components. `None` when the snapshot lacks one of them.
    pub(super) fn find(
        &mut self,
        nth: usize,
        (entities, replicated): (&[Entity], &[Replicated]),
        has: u32,
        renewal: &Renewal,
    ) -> Option<(&Stand, bool)> {
        if nth >= self.tables.len() {
            self.tables.resize_with(nth + 1, Stand::default);
        }
        let stand = self.tables.get_mut(nth)?;
        if stand.has == has && stand.entities == entities {
            return Some((stand, true));
        }
        stand.has = has;
        stand.entities.clear();
        stand.rows.clear();
        for replicated in replicated {
            stand.rows.push(renewal.find(replicated.id())?);
        }
        stand.entities.extend_from_slice(entities);
        Some((stand, false))
    }
}
