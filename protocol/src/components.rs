//! Tuples of components: what a game replicates, what it predicts.

use std::any::Any;

use crate::moment::Way;
use crate::schema::Schema;
use crate::wire::{Wire, WordReader, WordWriter};

/// A tuple of up to twelve [`Wire`] types, in wire order; `()` for none.
pub trait Components: Clone + Send + Sync + 'static {
    /// Words of all of them together.
    const WORDS: usize;
    /// Adds each to the schema.
    fn describe(schema: &mut Schema);
    /// Writes all words.
    fn store(&self, out: &mut WordWriter<'_>);
    /// Reads all words.
    fn load(words: &mut WordReader<'_>) -> Self;
    /// [`Wire::blend`] for each.
    #[must_use]
    fn blend(from: &Self, to: &Self, way: Way) -> Self;
    /// [`Wire::displace`] for each.
    #[must_use]
    fn displace(&self, from: &Self, to: &Self, k: f32) -> Self;
    /// The one of type `T`, if it is among them.
    #[must_use]
    fn get<T: Wire>(&self) -> Option<&T>;
    /// The words of all.
    fn words(&self) -> Vec<u32> {
        let mut words = vec![0; Self::WORDS];
        self.store(&mut WordWriter::new(&mut words));
        words
    }
    /// The values as the other end will see them.
    #[must_use]
    fn quantised(&self) -> Self {
        Self::load(&mut WordReader::new(&self.words()))
    }
}

macro_rules! tuple {
    ($($t:ident $i:tt),*) => {
        #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple has no use for the arguments")]
        impl<$($t: Wire),*> Components for ($($t,)*) {
            const WORDS: usize = 0 $(+ $t::WORDS)*;
            fn describe(schema: &mut Schema) {
                $(schema.add::<$t>();)*
            }
            fn store(&self, out: &mut WordWriter<'_>) {
                $(self.$i.store(out);)*
            }
            fn load(words: &mut WordReader<'_>) -> Self {
                ($($t::load(words),)*)
            }
            fn blend(from: &Self, to: &Self, way: Way) -> Self {
                ($($t::blend(&from.$i, &to.$i, way),)*)
            }
            fn displace(&self, from: &Self, to: &Self, k: f32) -> Self {
                ($(self.$i.displace(&from.$i, &to.$i, k),)*)
            }
            fn get<Wanted: Wire>(&self) -> Option<&Wanted> {
                let all: &[&dyn Any] = &[$(&self.$i),*];
                all.iter().find_map(|component| component.downcast_ref())
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
