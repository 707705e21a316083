//! Rotations in three dimensions.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use crate::field::FieldKind;
use crate::schema::{Column, ColumnKind, Columns};
use crate::wire::{WordReader, WordWriter};

/// A rotation as a unit quaternion `[x, y, z, w]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rotation(pub [f32; 4]);

impl Rotation {
    /// No rotation.
    pub const IDENTITY: Self = Self([0.0, 0.0, 0.0, 1.0]);

    /// The same rotation with length 1; the identity when the length is 0 or not a number.
    #[must_use]
    pub fn normalized(self) -> Self {
        let length = self.dot(&self).sqrt();
        if length > 0.0 && length.is_finite() {
            Self(self.0.map(|c| c / length))
        } else {
            Self::IDENTITY
        }
    }

    fn dot(&self, other: &Self) -> f32 {
        self.0.iter().zip(other.0).map(|(a, b)| a * b).sum()
    }

    /// `self + k * other`, `other` turned into the same half-space first (q and −q are one rotation).
    fn plus(&self, other: &Self, k: f32) -> Self {
        let k = if self.dot(other) < 0.0 { -k } else { k };
        let [x, y, z, w] = self.0;
        let [ox, oy, oz, ow] = other.0;
        Self([x + k * ox, y + k * oy, z + k * oz, w + k * ow])
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

impl SmallestThree {
    /// `bits` for each of three components.
    ///
    /// # Panics
    /// At compile time unless `bits` is 2 to 22.
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
}

impl FieldKind<Rotation> for SmallestThree {
    const WORDS: usize = 4;

    fn describe(&self, name: &str, columns: &mut Columns) {
        columns.push(Column {
            lerp: self.lerp,
            ..Column::new(&format!("{name}.largest"), ColumnKind::RotationLargest, 3)
        });
        for part in ["a", "b", "c"] {
            let column = Column::new(
                &format!("{name}.{part}"),
                ColumnKind::RotationPart,
                self.max_word(),
            );
            columns.push(Column {
                lerp: self.lerp,
                ..column
            });
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and the range is clamped after it"
    )]
    fn store(&self, value: &Rotation, out: &mut WordWriter<'_>) {
        let unit = value.normalized().0;
        let mut largest = 0;
        let mut best = 0.0;
        for (i, c) in unit.iter().enumerate() {
            if c.abs() > best {
                (largest, best) = (i, c.abs());
            }
        }
        let sign = if unit.get(largest).is_some_and(|c| *c < 0.0) {
            -1.0
        } else {
            1.0
        };
        out.put(largest as u32);
        for (_, c) in unit.iter().enumerate().filter(|(i, _)| *i != largest) {
            let share = (f64::from(c * sign) * SQRT_2 + 1.0) / 2.0;
            out.put(((share * f64::from(self.max_word()) + 0.5) as u32).min(self.max_word()));
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the result is a float of the wanted width"
    )]
    fn load(&self, words: &mut WordReader<'_>) -> Rotation {
        let largest = words.take() as usize;
        let mut rest = 1.0;
        let mut parts = [0.0; 4];
        for (_, part) in parts.iter_mut().enumerate().filter(|(i, _)| *i != largest) {
            let share = f64::from(words.take()) / f64::from(self.max_word());
            let c = (share * 2.0 - 1.0) * FRAC_1_SQRT_2;
            rest -= c * c;
            *part = c as f32;
        }
        if let Some(part) = parts.get_mut(largest) {
            *part = rest.max(0.0).sqrt() as f32;
        }
        Rotation(parts).normalized()
    }

    fn blend(&self, from: &Rotation, to: &Rotation, t: f32) -> Rotation {
        if !self.lerp {
            return if t < 1.0 { *from } else { *to };
        }
        Rotation(from.0.map(|c| c * (1.0 - t)))
            .plus(to, t)
            .normalized()
    }

    fn displace(&self, value: &Rotation, from: &Rotation, to: &Rotation, k: f32) -> Rotation {
        if !self.lerp {
            return *value;
        }
        let aligned = if from.dot(to) < 0.0 {
            Rotation(from.0.map(|c| -c))
        } else {
            *from
        };
        let [x, y, z, w] = value.0;
        let [fx, fy, fz, fw] = aligned.0;
        let [tx, ty, tz, tw] = to.0;
        Rotation([
            x + k * (fx - tx),
            y + k * (fy - ty),
            z + k * (fz - tz),
            w + k * (fw - tw),
        ])
        .normalized()
    }
}
