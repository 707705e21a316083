//! Values that travel as words.

use std::iter::Copied;
use std::slice::{Iter, IterMut};

use crate::moment::Way;
use crate::schema::Columns;
use crate::snapshot::NetId;

/// A component or an input with a fixed number of quantised fields. Derive it.
///
/// | attribute | field type | words |
/// |---|---|---|
/// | none, or `edge` (inputs: acted on exactly once) | `bool` | 1 bit |
/// | none, or `max = 20` | `u8`, `u16`, `u32` | as many bits as `max` needs |
/// | `min = -64.0, max = 64.0, step = 0.01` | `f32` | fixed point |
/// | `angle = 10` | `f32`, radians | that many bits, wraps |
/// | `rotation = 9` | [`Rotation`](crate::Rotation) | smallest three, that many bits each |
/// | none | another `Wire` type: an enum without fields, a struct | its own |
/// | none | `Option<NetId>`: a reference to an entity, see [`NetId`] | 25 bits |
///
/// Arrays `[T; N]` take the attribute of their element.
///
/// Between snapshots a field keeps its value, unless one of these says otherwise. Clients draw by them and servers look back by
/// them, see [`Moment`](crate::Moment); a client that has others is refused.
///
/// | attribute | beside | between snapshots |
/// |---|---|---|
/// | `lerp` | `min`, `angle`, `rotation` | in a line; angles and rotations the shorter way round |
/// | `hermite = vx` | `min` | on a curve that leaves and arrives with the velocity in the field `vx` of the same struct (units per second) |
/// | `extrapolate` | `hermite` | goes on by its velocity for 100 ms when nothing newer is there; without it the field stays |
/// | `teleport` | an unsigned integer | where it changes the struct jumps: nothing in it blends, or fades, across the change. Count it up (around a small `max`) when you put the entity elsewhere |
///
/// ```
/// use tickwire_protocol::{Wire, Words};
///
/// #[derive(Wire, Clone, Copy, Debug, PartialEq)]
/// struct Body {
///     #[wire(min = -64.0, max = 64.0, step = 0.01, lerp)]
///     x: f32,
///     #[wire(angle = 10, lerp)]
///     heading: f32,
/// }
/// let words = Words::of(&Body { x: 1.234, heading: 0.0 });
/// assert_eq!(words.as_slice(), [6523, 0]);
/// assert!((words.load::<Body>().x - 1.23).abs() < 1e-6);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel: it does not implement `Wire`",
    note = "add `#[derive(Wire, Clone)]` to it; numbers and bools travel as fields of such a type, under their own names"
)]
pub trait Wire: Clone + Send + Sync + 'static {
    /// The type's name, part of the schema.
    const NAME: &'static str;
    /// Words that one value takes.
    const WORDS: usize;
    /// Adds one column per word.
    fn describe(columns: &mut Columns);
    /// Writes [`Self::WORDS`] words. Values outside their range are clamped into it; what is not a number becomes word 0. What
    /// [`Self::load`] makes of these words gives them again.
    fn store(&self, out: &mut WordWriter<'_>);
    /// Reads [`Self::WORDS`] words, each within its column's range.
    fn load(words: &mut WordReader<'_>) -> Self;
    /// The value on the way between two; fields that do not blend keep `from` until all of it is done.
    #[must_use]
    fn blend(from: &Self, to: &Self, way: Way) -> Self;
    /// The value so many seconds later; only fields marked `extrapolate` change.
    #[must_use]
    fn extrapolate(&self, seconds: f32) -> Self {
        let _ = seconds;
        self.clone()
    }
    /// `self`, its fields that blend moved by `k` times the way from `to` to `from`: how a correction fades out on the screen.
    #[must_use]
    fn displace(&self, from: &Self, to: &Self, k: f32) -> Self;

    /// Makes references ([`Option<NetId>`](crate::NetId)) to entities of which `exists` says no `None`. Types without any have
    /// nothing to do.
    fn retain_references(&mut self, exists: &dyn Fn(NetId) -> bool) {
        let _ = exists;
    }

    /// The value as the other end will see it.
    #[must_use]
    fn quantised(&self) -> Self {
        Words::of(self).load()
    }
}

/// Reads words in order.
#[derive(Debug, Clone)]
pub struct WordReader<'a>(Copied<Iter<'a, u32>>);

impl<'a> WordReader<'a> {
    /// Reads `words` from the start.
    #[must_use]
    pub fn new(words: &'a [u32]) -> Self {
        Self(words.iter().copied())
    }

    /// The next word.
    ///
    /// # Panics
    /// Past the end: rows have the schema's length, so this is a defect of the caller.
    #[inline]
    #[expect(clippy::expect_used, reason = "documented above")]
    pub fn take(&mut self) -> u32 {
        self.0.next().expect("a row has a word for every column")
    }
}

/// Writes words in order.
#[derive(Debug)]
pub struct WordWriter<'a>(IterMut<'a, u32>);

impl<'a> WordWriter<'a> {
    /// Fills `words` from the start.
    #[must_use]
    pub fn new(words: &'a mut [u32]) -> Self {
        Self(words.iter_mut())
    }

    /// Writes the next word.
    ///
    /// # Panics
    /// Past the end: rows have the schema's length, so this is a defect of the caller.
    #[inline]
    #[expect(clippy::expect_used, reason = "documented above")]
    pub fn put(&mut self, word: u32) {
        *self.0.next().expect("a row has a place for every word") = word;
    }
}

/// The words of one value.
#[derive(Debug, Default, Clone, PartialEq, Eq, Hash)]
pub struct Words(Vec<u32>);

impl Words {
    /// The words of `value`.
    #[must_use]
    pub fn of<T: Wire>(value: &T) -> Self {
        let mut words = vec![0; T::WORDS];
        value.store(&mut WordWriter::new(&mut words));
        Self(words)
    }

    /// The value again.
    ///
    /// # Panics
    /// When these are the words of a shorter type.
    #[must_use]
    pub fn load<T: Wire>(&self) -> T {
        T::load(&mut WordReader::new(&self.0))
    }

    /// The words.
    #[must_use]
    pub fn as_slice(&self) -> &[u32] {
        &self.0
    }
}

impl From<Vec<u32>> for Words {
    fn from(words: Vec<u32>) -> Self {
        Self(words)
    }
}
