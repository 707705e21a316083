//! Rotations in three dimensions.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use crate::field::FieldKind;
use crate::moment::Way;
use crate::schema::{Column, ColumnKind, Columns};
use crate::wire::{WordReader, WordWriter};

/// A rotation as a unit quaternion `[x, y, z, w]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rotation(pub [f32; 4]);

impl Rotation {
    /// No rotation.
    pub const IDENTITY: Self = Self([0.0, 0.0, 0.0, 1.0]);

    /// The same rotation with length 1; the identity when there is no direction in it (length 0, infinite, not a number).
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the result is a float of the wanted width"
    )]
    pub fn normalized(self) -> Self {
        // In f64 no square overflows or vanishes.
        let length = self
            .0
            .map(|c| f64::from(c) * f64::from(c))
            .iter()
            .sum::<f64>()
            .sqrt();
        if length > 0.0 && length.is_finite() {
            Self(self.0.map(|c| (f64::from(c) / length) as f32))
        } else {
            Self::IDENTITY
        }
    }

    fn dot(&self, other: &Self) -> f32 {
        self.0.iter().zip(other.0).map(|(a, b)| a * b).sum()
    }

    /// The same rotation, written so that it lies in the half-space of `other` (q and −q are one rotation).
    fn beside(self, other: &Self) -> Self {
        if self.dot(other) < 0.0 {
            Self(self.0.map(|c| -c))
        } else {
            self
        }
    }

    /// `self + k × (to − from)`, component by component.
    fn moved(&self, from: &Self, to: &Self, k: f32) -> Self {
        let [x, y, z, w] = self.0;
        let [fx, fy, fz, fw] = from.0;
        let [tx, ty, tz, tw] = to.0;
        Self([
            x + k * (tx - fx),
            y + k * (ty - fy),
            z + k * (tz - fz),
            w + k * (tw - fw),
        ])
    }
}

impl Default for Rotation {
    fn default() -> Self {
        Self::IDENTITY
    }
}

/// Smallest three (`#[wire(rotation = BITS)]`): the index of the largest component in 2 bits, the others in `bits` each.
///
/// The largest follows from the unit length, and the others lie within ±1/√2
/// (Fiedler, "Snapshot Compression", 2015).
#[derive(Debug, Clone, Copy)]
pub struct SmallestThree {
    bits: u32,
    lerp: bool,
}

/// The largest component's index, and the steps of the others.
type Quantised = [u32; 4];

impl SmallestThree {
    /// `bits` for each of three components.
    ///
    /// # Panics
    /// At compile time unless `bits` is 2 to 22: an `f32` would not survive the round trip.
    #[must_use]
    pub const fn new(bits: u32) -> Self {
        assert!(
            bits >= 2 && bits <= 22,
            "#[wire(rotation = BITS)]: 2 to 22 bits"
        );
        Self { bits, lerp: false }
    }

    /// Blends between snapshots.
    #[must_use]
    pub const fn lerp(self) -> Self {
        Self { lerp: true, ..self }
    }

    /// An even number of steps, so that 0 has a word of its own.
    fn max_word(self) -> u32 {
        (1 << self.bits) - 2
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and the range is clamped after it"
    )]
    fn quantise(self, value: Rotation) -> Quantised {
        let unit = value.normalized().0.map(f64::from);
        let mut largest = (0, 0.0_f64);
        for (i, c) in (0..).zip(unit) {
            if c.abs() > largest.1.abs() {
                largest = (i, c);
            }
        }
        let sign = 1.0_f64.copysign(largest.1);
        let mut steps = (0..)
            .zip(unit)
            .filter(|(i, _)| *i != largest.0)
            .map(|(_, c)| {
                let share = (c * sign * SQRT_2 + 1.0) / 2.0;
                ((share * f64::from(self.max_word()) + 0.5) as u32).min(self.max_word())
            });
        let mut step = || steps.next().unwrap_or_default();
        [largest.0, step(), step(), step()]
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the result is a float of the wanted width"
    )]
    fn restore(self, [largest, steps @ ..]: Quantised) -> Rotation {
        let mut steps = steps.iter();
        let mut rest = 1.0;
        let mut parts = [0.0; 4];
        for (i, part) in (0..).zip(&mut parts) {
            if i != largest {
                let step = steps.next().copied().unwrap_or_default();
                let share = f64::from(step) / f64::from(self.max_word());
                *part = (share * 2.0 - 1.0) * FRAC_1_SQRT_2;
                rest -= *part * *part;
            }
        }
        // Coarse steps can leave less than nothing for the largest; then the others alone are brought to length 1.
        let length = (1.0 - rest.min(0.0)).sqrt();
        if let Some(part) = parts.get_mut(largest as usize) {
            *part = rest.max(0.0).sqrt();
        }
        Rotation(parts.map(|c| (c / length) as f32))
    }
}

impl FieldKind<Rotation> for SmallestThree {
    const WORDS: usize = 4;

    fn describe(&self, name: &str, columns: &mut Columns) {
        let mut push = |part, kind, max| {
            columns.push(Column {
                lerp: self.lerp,
                ..Column::new(&format!("{name}.{part}"), kind, max)
            });
        };
        push("largest", ColumnKind::RotationLargest, 3);
        for part in ["a", "b", "c"] {
            push(part, ColumnKind::RotationPart, self.max_word());
        }
    }

    /// When two components are about as large, the words of a rotation can give one whose own words name the other component
    /// as the largest. After at most two such steps words give themselves, or two of them give each other (all words of 2 to 6
    /// bits were tried, and millions of the wider ones): the lesser then stands for both, so that what was on the wire once
    /// keeps its words.
    fn store(&self, value: &Rotation, out: &mut WordWriter<'_>) {
        let again = |words| self.quantise(self.restore(words));
        let mut words = self.quantise(*value);
        let once = again(words);
        if once != words {
            let twice = again(once);
            words = twice.min(again(twice));
        }
        words.into_iter().for_each(|word| out.put(word));
    }

    fn load(&self, words: &mut WordReader<'_>) -> Rotation {
        self.restore([words.take(), words.take(), words.take(), words.take()])
    }

    fn blend(&self, from: &Rotation, to: &Rotation, way: Way) -> Rotation {
        if !self.lerp {
            return if way.share < 1.0 { *from } else { *to };
        }
        from.moved(from, &to.beside(from), way.share).normalized()
    }

    fn displace(&self, value: &Rotation, from: &Rotation, to: &Rotation, k: f32) -> Rotation {
        if !self.lerp {
            return *value;
        }
        value.moved(to, &from.beside(to), k).normalized()
    }
}
