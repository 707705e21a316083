//! What players bring into the world: a client shows it before the server's row of it has come.

use std::sync::Arc;

use crate::components::Components;
use crate::schema::Schema;
use crate::snapshot::Row;
use crate::wire::{Wire, WordReader, WordWriter};

/// An entity as a row without an id: what [`Game::spawns`](crate::Game::spawns) says that a player's command brings about.
#[derive(Debug, Clone)]
pub struct Spawn {
    schema: Arc<Schema>,
    mask: u32,
    words: Vec<u32>,
}

impl Spawn {
    /// An entity of these components. `schema` is that of the rows, see [`Around::schema`](crate::Around::schema).
    ///
    /// # Panics
    /// When the game does not replicate one of them.
    #[must_use]
    pub fn new<C: Components>(schema: &Arc<Schema>, components: &C) -> Self {
        let mut spawn = Self {
            schema: Arc::clone(schema),
            mask: 0,
            words: vec![0; schema.row_words()],
        };
        let (given, words) = (Schema::of::<C>(), components.words());
        for component in given.components() {
            let position = schema.position_of(component);
            assert!(
                position.is_some(),
                "{} is spawned but not in Replicated",
                component.name
            );
            let place = position.and_then(|i| Some((i, schema.components().get(i)?)));
            if let Some((i, there)) = place
                && let Some(words) = words.get(component.columns.clone())
                && let Some(place) = spawn.words.get_mut(there.columns.clone())
            {
                spawn.mask |= 1 << i;
                place.copy_from_slice(words);
            }
        }
        spawn
    }

    /// What is in a row of a snapshot with this schema.
    #[must_use]
    pub fn of(schema: &Arc<Schema>, row: &Row<'_>) -> Self {
        Self {
            schema: Arc::clone(schema),
            mask: row.mask,
            words: row.words.to_vec(),
        }
    }

    /// Its words, one for every column.
    #[must_use]
    pub fn words(&self) -> &[u32] {
        &self.words
    }

    /// Its component of type `T`, if it has one.
    #[must_use]
    pub fn get<T: Wire>(&self) -> Option<T> {
        let position = self.schema.position::<T>()?;
        let component = self.schema.components().get(position)?;
        let words = self.words.get(component.columns.clone())?;
        (self.mask >> position & 1 == 1).then(|| T::load(&mut WordReader::new(words)))
    }

    /// Puts `value` in the place of the one it has, as the wire carries it; without one, nothing happens.
    pub fn set<T: Wire>(&mut self, value: &T) {
        let position = self.schema.position::<T>();
        let component = position.and_then(|i| self.schema.components().get(i));
        if let (Some(position), Some(component)) = (position, component)
            && self.mask >> position & 1 == 1
            && let Some(words) = self.words.get_mut(component.columns.clone())
        {
            value.store(&mut WordWriter::new(words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NetId, Snapshot, Tick, Wire};

    #[derive(Wire, Clone, Copy, Debug, PartialEq)]
    struct Place {
        #[wire(min = 0.0, max = 10.0, step = 0.5)]
        x: f32,
    }

    #[derive(Wire, Clone, Copy, Debug, PartialEq)]
    struct Fuse {
        ticks: u8,
    }

    #[test]
    fn a_spawn_is_the_row_that_it_will_be() {
        let schema = Arc::new(Schema::of::<(Fuse, Place)>());
        let mut spawn = Spawn::new(&schema, &(Place { x: 1.3 },));
        assert_eq!(spawn.get(), Some(Place { x: 1.5 }));
        assert_eq!(spawn.get::<Fuse>(), None);
        spawn.set(&Fuse { ticks: 3 });
        assert_eq!(
            spawn.get::<Fuse>(),
            None,
            "it gets no component that it lacks"
        );
        spawn.set(&Place { x: 4.0 });
        assert_eq!(spawn.get(), Some(Place { x: 4.0 }));
        let mut snapshot = Snapshot::new(Arc::clone(&schema), Tick(1));
        snapshot.push(NetId(1), 0b10).copy_from_slice(spawn.words());
        let row = snapshot.row(NetId(1)).unwrap();
        assert_eq!(Spawn::of(&schema, &row).get(), row.get::<Place>());
    }
}
