//! Field kinds: how one value of a component becomes words and back.
//!
//! A word is a `u32` from 0 to its column's maximum. All arithmetic here is basic operations and `sqrt`, which native code and
//! wasm compute alike, so both ends get the same words from the same floats.

mod float;

pub use float::{Angle, Fixed, wrap_angle};

use crate::moment::Way;
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
    /// The value on the way from `from` to `to`, for what is drawn between two snapshots.
    /// Kinds that do not blend keep `from` until all of it is done.
    fn blend(&self, from: &T, to: &T, way: Way) -> T;
    /// `value` moved by `k` times the way from `to` to `from`: how a correction fades out on the screen.
    /// Kinds that do not blend return `value`.
    fn displace(&self, value: &T, from: &T, to: &T, k: f32) -> T;
    /// The same on a curve with these velocities at its ends, in units per second. Kinds without a curve blend as always.
    #[inline]
    fn hermite(&self, from: &T, to: &T, velocities: (&T, &T), way: Way) -> T {
        let _ = velocities;
        self.blend(from, to, way)
    }
    /// [`Wire::extrapolate`] for this field; `velocity` is that of a field with a curve.
    #[inline]
    fn extrapolate(&self, value: &mut T, velocity: Option<&T>, seconds: f32) {
        let _ = (value, velocity, seconds);
    }
    /// [`Wire::retain_references`] for this field.
    #[inline]
    fn retain_references(&self, value: &mut T, exists: &dyn Fn(NetId) -> bool) {
        let _ = (value, exists);
    }
}

fn step<T: Clone>(from: &T, to: &T, way: Way) -> T {
    if way.share < 1.0 {
        from.clone()
    } else {
        to.clone()
    }
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
    fn blend(&self, from: &bool, to: &bool, way: Way) -> bool {
        step(from, to, way)
    }
    fn displace(&self, value: &bool, _: &bool, _: &bool, _: f32) -> bool {
        *value
    }
}

/// An unsigned integer from 0 to `max`.
#[derive(Debug, Clone, Copy)]
pub struct UInt {
    max: u32,
    teleport: bool,
}

impl UInt {
    /// Numbers from 0 to `max`.
    #[must_use]
    pub const fn new(max: u32) -> Self {
        Self {
            max,
            teleport: false,
        }
    }

    /// Where it changes, the struct jumps (`#[wire(teleport)]`).
    #[must_use]
    pub const fn teleport(self) -> Self {
        Self {
            teleport: true,
            ..self
        }
    }
}

macro_rules! uint_kind {
    ($($t:ty),*) => {$(
        impl FieldKind<$t> for UInt {
            const WORDS: usize = 1;
            fn describe(&self, name: &str, columns: &mut Columns) {
                columns.push(Column {
                    teleport: self.teleport,
                    ..Column::new(name, ColumnKind::UInt, self.max)
                });
            }
            fn store(&self, value: &$t, out: &mut WordWriter<'_>) {
                out.put(u32::from(*value).min(self.max));
            }
            fn load(&self, words: &mut WordReader<'_>) -> $t {
                <$t>::try_from(words.take().min(self.max)).unwrap_or(<$t>::MAX)
            }
            fn blend(&self, from: &$t, to: &$t, way: Way) -> $t {
                step(from, to, way)
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
    fn blend(&self, from: &T, to: &T, way: Way) -> T {
        T::blend(from, to, way)
    }
    fn extrapolate(&self, value: &mut T, _: Option<&T>, seconds: f32) {
        *value = T::extrapolate(value, seconds);
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
    fn blend(&self, from: &[T; N], to: &[T; N], way: Way) -> [T; N] {
        std::array::from_fn(|i| self.0.blend(&from[i], &to[i], way))
    }
    #[expect(
        clippy::indexing_slicing,
        reason = "from_fn counts within the arrays' own length"
    )]
    fn hermite(
        &self,
        from: &[T; N],
        to: &[T; N],
        velocities: (&[T; N], &[T; N]),
        way: Way,
    ) -> [T; N] {
        let (start, end) = velocities;
        std::array::from_fn(|i| self.0.hermite(&from[i], &to[i], (&start[i], &end[i]), way))
    }
    fn extrapolate(&self, value: &mut [T; N], velocity: Option<&[T; N]>, seconds: f32) {
        for (i, element) in value.iter_mut().enumerate() {
            let velocity = velocity.and_then(|velocity| velocity.get(i));
            self.0.extrapolate(element, velocity, seconds);
        }
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
