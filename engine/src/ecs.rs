//! How a game's tuples of components are read from and written to the ECS.

use bevy_ecs::change_detection::{ContiguousRef, Tick};
use bevy_ecs::component::Mutable;
use bevy_ecs::prelude::*;
use bevy_ecs::query::{ContiguousQueryData, QueryData, ReadOnlyQueryData};
use tickwire_protocol::{Components, Game, NetId, Wire, WordWriter};

/// A [`Game`] whose components are bevy_ecs components. Every such game is one; there is nothing to implement.
pub trait EcsGame: Game<Replicated: EcsComponents, Predicted: EcsComponents> {}

impl<G: Game<Replicated: EcsComponents, Predicted: EcsComponents>> EcsGame for G {}

/// A tuple of components that the ECS holds. Implemented for tuples of `Component + Wire` types.
pub trait EcsComponents: Components {
    /// Each of them, where the entity has it.
    type Read: ReadOnlyQueryData + ContiguousQueryData + 'static;
    /// Bit `i` is set when the entity has component `i`.
    fn mask(item: &<Self::Read as QueryData>::Item<'_, '_>) -> u32;
    /// Whether one of them was written to since the last tick.
    fn is_changed(item: &<Self::Read as QueryData>::Item<'_, '_>) -> bool;
    /// Writes a row: the words of the components that are there, 0 for the others.
    fn extract(item: &<Self::Read as QueryData>::Item<'_, '_>, row: &mut [u32]);
    /// The same of the entities of a table, which all have the same ones.
    fn mask_of(table: &Table<'_, Self>) -> u32;
    /// Of 64 places of a table from `first` on, those where one of the components was written to since the last tick.
    fn changed(table: &Table<'_, Self>, first: usize) -> u64;
    /// Whether an entity has lost one of them since the last tick.
    fn any_removed(world: &World) -> bool;
    /// Writes the row of the entity at a place of a table.
    fn extract_at(table: &Table<'_, Self>, place: usize, row: &mut [u32]);
    /// The values of an entity that has all of them.
    fn get(entity: EntityRef<'_>) -> Option<Self>;
    /// Makes the entity's references to entities of which `exists` says no `None`.
    fn retain_references(entity: &mut EntityWorldMut<'_>, exists: &dyn Fn(NetId) -> bool);
    /// Puts the values in place of the entity's. What is the same stays unmarked; what the entity lost is not given back.
    fn set(self, entity: &mut EntityWorldMut<'_>);
}

/// The components of entities that lie behind one another.
pub(crate) type Table<'w, C> =
    <<C as EcsComponents>::Read as ContiguousQueryData>::Contiguous<'w, 'w>;

/// Of 64 places of a column, those that were written to. Most columns are left alone in most ticks, so first it is found out whether
/// there is any: that takes the processor a few instructions for all of them.
fn written<T>(column: &ContiguousRef<'_, T>, first: usize) -> u64 {
    let ticks = column.changed_ticks_slice();
    let ticks = ticks.get(first..ticks.len().min(first + 64));
    let ticks = ticks.unwrap_or_default();
    let now = column.this_run_tick().get();
    let since = now.wrapping_sub(column.last_run_tick().get());
    let is_new = |tick: &Tick| now.wrapping_sub(tick.get()) < since;
    if !ticks.iter().fold(false, |any, tick| any | is_new(tick)) {
        return 0;
    }
    let mut new = [0; 64];
    for (new, tick) in new.iter_mut().zip(ticks) {
        *new = u8::from(is_new(tick));
    }
    let (eights, _) = new.as_chunks();
    let eights = eights.iter().rev();
    eights.fold(0, |set, eight| set << 8 | lowest_bits(*eight))
}

/// The lowest bits of eight bytes that have no others, behind one another: the factor moves each to its place above the product's
/// other bits.
fn lowest_bits(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

fn put<T: Wire>(component: Option<&T>, row: &mut &mut [u32]) {
    let (place, rest) = std::mem::take(row).split_at_mut(T::WORDS);
    if let Some(component) = component {
        component.store(&mut WordWriter::new(place));
    }
    *row = rest;
}

macro_rules! tuple {
    ($($t:ident $i:tt),*) => {
        #[allow(unused_variables, unused_mut, clippy::unused_unit, reason = "the empty tuple has no use for the arguments")]
        impl<$($t: Component<Mutability = Mutable> + Wire + PartialEq),*> EcsComponents for ($($t,)*) {
            type Read = ($(Option<Ref<'static, $t>>,)*);
            fn mask(item: &<Self::Read as QueryData>::Item<'_, '_>) -> u32 {
                0 $(| u32::from(item.$i.is_some()) << $i)*
            }
            fn is_changed(item: &<Self::Read as QueryData>::Item<'_, '_>) -> bool {
                false $(|| item.$i.as_ref().is_some_and(Ref::is_changed))*
            }
            fn extract(item: &<Self::Read as QueryData>::Item<'_, '_>, mut row: &mut [u32]) {
                $(put::<$t>(item.$i.as_deref(), &mut row);)*
            }
            fn mask_of(table: &Table<'_, Self>) -> u32 {
                0 $(| u32::from(table.$i.is_some()) << $i)*
            }
            fn changed(table: &Table<'_, Self>, first: usize) -> u64 {
                0 $(| table.$i.as_ref().map_or(0, |column| written(column, first)))*
            }
            fn any_removed(world: &World) -> bool {
                false $(|| world.removed::<$t>().next().is_some())*
            }
            fn extract_at(table: &Table<'_, Self>, place: usize, mut row: &mut [u32]) {
                $(put::<$t>(table.$i.as_ref().and_then(|column| column.get(place)), &mut row);)*
            }
            fn get(entity: EntityRef<'_>) -> Option<Self> {
                Some(($(entity.get::<$t>()?.clone(),)*))
            }
            fn retain_references(entity: &mut EntityWorldMut<'_>, exists: &dyn Fn(NetId) -> bool) {
                $(if let Some(mut place) = entity.get_mut::<$t>() {
                    let mut value = place.clone();
                    value.retain_references(exists);
                    place.set_if_neq(value);
                })*
            }
            fn set(self, entity: &mut EntityWorldMut<'_>) {
                $(if let Some(mut place) = entity.get_mut::<$t>() {
                    place.set_if_neq(self.$i);
                })*
            }
        }
    };
}
tuple!();
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_gives_its_bit() {
        for set in 0..=u8::MAX {
            let bytes = std::array::from_fn(|i| set >> i & 1);
            assert_eq!(lowest_bits(bytes), set.into());
        }
    }
}
