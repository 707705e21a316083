//! Field kinds: how one value of a component becomes words and back.
//!
//! A word is a `u32` from 0 to its column's maximum. All arithmetic here is basic operations and `sqrt`, which native code and
//! wasm compute alike, so both ends get the same words from the same floats.

mod float;

pub use float::{Angle, Fixed, wrap_angle};

use crate::schema::{Column, ColumnKind, Columns};
use crate::snapshot::NetId;
use crate::wire::{Wire, WordReader, WordWriter};

/// One way to store a `T` in words. The derive macro picks the kind; games name it by the `#[wire(…)]` attribute.
pub trait FieldKind<T> {
    /// Words that one value takes.
    const WORDS: usize;
    /// Adds the columns of the field called `name`.
    fn describe(&self, name: &str, columns: &mut Columns);
    /// Writes [`Self::WORDS`] words; what is outside the range is clamped into it, what is not a number becomes word 0.
    ///
    /// What [`Self::load`] makes of these words gives them again: a value that has been on the wire stays as it is.
    fn store(&self, value: &T, out: &mut WordWriter<'_>);
    /// Reads what [`Self::store`] wrote. Words of the right range always give a value.
    fn load(&self, words: &mut WordReader<'_>) -> T;
    /// The value at `t` (0..1) on the way from `from` to `to`, for what is drawn between two snapshots.
    /// Kinds that do not blend keep `from` until `t` reaches 1.
    fn blend(&self, from: &T, to: &T, t: f32) -> T;
    /// `value` moved by `k` times the way from `to` to `from`: how a correction fades out on the screen.
    /// Kinds that do not blend return `value`.
    fn displace(&self, value: &T, from: &T, to: &T, k: f32) -> T;
    /// [`Wire::retain_references`] for this field.
    #[inline]
    fn retain_references(&self, value: &mut T, exists: &dyn Fn(NetId) -> bool) {
        let _ = (value, exists);
    }
}

fn step<T: Clone>(from: &T, to: &T, t: f32) -> T {
    if t < 1.0 { from.clone() } else { to.clone() }
}

/// A `bool`: one bit.
#[derive(Debug, Clone, Copy)]
pub struct Flag {
    edge: bool,
}

impl Flag {
    /// An ordinary flag.
    #[must_use]
    pub const fn new() -> Self {
        Self { edge: false }
    }

    /// A one-shot of an input (`#[wire(edge)]`): acted on exactly once, never repeated for a missing command.
    #[must_use]
    pub const fn edge(self) -> Self {
        Self { edge: true }
    }
}

impl Default for Flag {
    fn default() -> Self {
        Self::new()
    }
}

impl FieldKind<bool> for Flag {
    const WORDS: usize = 1;
    fn describe(&self, name: &str, columns: &mut Columns) {
        columns.push(Column {
            edge: self.edge,
            ..Column::new(name, ColumnKind::Flag, 1)
        });
    }
    fn store(&self, value: &bool, out: &mut WordWriter<'_>) {
        out.put(u32::from(*value));
    }
    fn load(&self, words: &mut WordReader<'_>) -> bool {
        words.take() != 0
    }
    fn blend(&self, from: &bool, to: &bool, t: f32) -> bool {
        step(from, to, t)
    }
    fn displace(&self, value: &bool, _: &bool, _: &bool, _: f32) -> bool {
        *value
    }
}

/// An unsigned integer from 0 to `max`.
#[derive(Debug, Clone, Copy)]
pub struct UInt {
    max: u32,
}

impl UInt {
    /// Numbers from 0 to `max`.
    #[must_use]
    pub const fn new(max: u32) -> Self {
        Self { max }
    }
}

macro_rules! uint_kind {
    ($($t:ty),*) => {$(
        impl FieldKind<$t> for UInt {
            const WORDS: usize = 1;
            fn describe(&self, name: &str, columns: &mut Columns) {
                columns.push(Column::new(name, ColumnKind::UInt, self.max));
            }
            fn store(&self, value: &$t, out: &mut WordWriter<'_>) {
                out.put(u32::from(*value).min(self.max));
            }
            fn load(&self, words: &mut WordReader<'_>) -> $t {
                <$t>::try_from(words.take().min(self.max)).unwrap_or(<$t>::MAX)
            }
            fn blend(&self, from: &$t, to: &$t, t: f32) -> $t {
                step(from, to, t)
            }
            fn displace(&self, value: &$t, _: &$t, _: &$t, _: f32) -> $t {
                *value
            }
        }
    )*};
}
uint_kind!(u8, u16, u32);

/// A field whose type is [`Wire`] itself: an enum, a struct.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nested;

impl<T: Wire> FieldKind<T> for Nested {
    const WORDS: usize = T::WORDS;
    fn describe(&self, name: &str, columns: &mut Columns) {
        columns.nest(name, T::describe);
    }
    fn store(&self, value: &T, out: &mut WordWriter<'_>) {
        value.store(out);
    }
    fn load(&self, words: &mut WordReader<'_>) -> T {
        T::load(words)
    }
    fn blend(&self, from: &T, to: &T, t: f32) -> T {
        T::blend(from, to, t)
    }
    fn displace(&self, value: &T, from: &T, to: &T, k: f32) -> T {
        T::displace(value, from, to, k)
    }
    fn retain_references(&self, value: &mut T, exists: &dyn Fn(NetId) -> bool) {
        value.retain_references(exists);
    }
}

/// An array: each element by the kind `K`.
#[derive(Debug, Clone, Copy)]
pub struct Array<K, const N: usize>(pub K);

impl<T, K: FieldKind<T>, const N: usize> FieldKind<[T; N]> for Array<K, N> {
    const WORDS: usize = N * K::WORDS;
    fn describe(&self, name: &str, columns: &mut Columns) {
        for i in 0..N {
            self.0.describe(&format!("{name}.{i}"), columns);
        }
    }
    fn store(&self, value: &[T; N], out: &mut WordWriter<'_>) {
        for element in value {
            self.0.store(element, out);
        }
    }
    fn load(&self, words: &mut WordReader<'_>) -> [T; N] {
        std::array::from_fn(|_| self.0.load(words))
    }
    #[expect(
        clippy::indexing_slicing,
        reason = "from_fn counts within the arrays' own length"
    )]
    fn blend(&self, from: &[T; N], to: &[T; N], t: f32) -> [T; N] {
        std::array::from_fn(|i| self.0.blend(&from[i], &to[i], t))
    }
    #[expect(
        clippy::indexing_slicing,
        reason = "from_fn counts within the arrays' own length"
    )]
    fn displace(&self, value: &[T; N], from: &[T; N], to: &[T; N], k: f32) -> [T; N] {
        std::array::from_fn(|i| self.0.displace(&value[i], &from[i], &to[i], k))
    }
    fn retain_references(&self, value: &mut [T; N], exists: &dyn Fn(NetId) -> bool) {
        for element in value {
            self.0.retain_references(element, exists);
        }
    }
}
