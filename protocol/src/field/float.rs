//! Floats as words: fixed point, and angles that wrap.

use std::f64::consts::TAU;

use super::{FieldKind, step};
use crate::moment::Way;
use crate::schema::{Column, ColumnKind, Columns};
use crate::wire::{WordReader, WordWriter};

/// Steps that an `f32` tells apart, with two bits to spare for rounding.
const MAX_STEPS: f64 = 4_194_304.0;

/// A fixed-point number from `min` to `max` in steps of `step`.
#[derive(Debug, Clone, Copy)]
pub struct Fixed {
    min: f64,
    step: f64,
    max_word: u32,
    lerp: bool,
    velocity: Option<&'static str>,
    extrapolate: bool,
}

impl Fixed {
    /// Numbers from `min` to `max`, rounded to `step`. The largest is the one whose step is nearest to `max`.
    ///
    /// # Panics
    /// At compile time when the range is empty, when it has 2²² steps or more, or when 0 lies 2²² steps or more outside of it:
    /// an `f32` would not survive the round trip.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "asserted to lie in 1..2^22"
    )]
    pub const fn new(min: f64, max: f64, step: f64) -> Self {
        assert!(
            min < max && step > 0.0,
            "#[wire(min, max, step)]: min must be below max and step above 0"
        );
        let steps = (max - min) / step + 0.5;
        assert!(
            steps >= 1.0 && steps < MAX_STEPS,
            "#[wire(min, max, step)]: from min to max at least 1 step and less than 2^22"
        );
        // Far from 0 the floats lie further apart, and below the smallest normal number they are not so fine either.
        assert!(
            min / step > -MAX_STEPS && max / step < MAX_STEPS,
            "#[wire(min, max, step)]: min and max less than 2^22 steps away from 0"
        );
        assert!(
            step >= f32::MIN_POSITIVE as f64 && min >= f32::MIN as f64 && max <= f32::MAX as f64,
            "#[wire(min, max, step)]: within what an f32 holds"
        );
        Self {
            min,
            step,
            max_word: steps as u32,
            lerp: false,
            velocity: None,
            extrapolate: false,
        }
    }

    /// Blends between snapshots.
    #[must_use]
    pub const fn lerp(self) -> Self {
        Self { lerp: true, ..self }
    }

    /// Blends on a curve, by the velocities in the field of that name.
    #[must_use]
    pub const fn curve(self, velocity: &'static str) -> Self {
        Self {
            lerp: true,
            velocity: Some(velocity),
            ..self
        }
    }

    /// Goes on by its velocity when nothing newer is there.
    #[must_use]
    pub const fn going_on(self) -> Self {
        Self {
            extrapolate: true,
            ..self
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and the range is clamped after it; a NaN becomes word 0, the minimum"
)]
impl FieldKind<f32> for Fixed {
    const WORDS: usize = 1;
    fn describe(&self, name: &str, columns: &mut Columns) {
        let kind = ColumnKind::Fixed {
            min: self.min,
            step: self.step,
        };
        columns.push(Column {
            lerp: self.lerp,
            velocity: self.velocity,
            extrapolate: self.extrapolate,
            ..Column::new(name, kind, self.max_word)
        });
    }
    fn store(&self, value: &f32, out: &mut WordWriter<'_>) {
        let steps = (f64::from(*value) - self.min) / self.step + 0.5;
        out.put((steps as u32).min(self.max_word));
    }
    fn load(&self, words: &mut WordReader<'_>) -> f32 {
        let value = self.min + f64::from(words.take()) * self.step;
        // -0.3 + 3 × 0.1 is 5.6e-17: where a game stores 0, it shall find 0.
        let noise = self.step * 1e-6;
        (if value.abs() < noise { 0.0 } else { value }) as f32
    }
    fn blend(&self, from: &f32, to: &f32, way: Way) -> f32 {
        if self.lerp {
            from + (to - from) * way.share
        } else {
            step(from, to, way)
        }
    }
    fn displace(&self, value: &f32, from: &f32, to: &f32, k: f32) -> f32 {
        if self.lerp {
            value + (from - to) * k
        } else {
            *value
        }
    }
    /// The cubic Hermite spline (de Boor, "A Practical Guide to Splines", 1978, chapter IV).
    fn hermite(&self, from: &f32, to: &f32, velocities: (&f32, &f32), way: Way) -> f32 {
        // A row that was not told of anew is the older one again, whatever its velocity: on a curve it would wobble.
        if from == to {
            return *from;
        }
        let Way { share: t, seconds } = way;
        let rest = 1.0 - t;
        let (start, end) = (velocities.0 * seconds, velocities.1 * seconds);
        let leaving = from * (1.0 + 2.0 * t) + start * t;
        let arriving = to * (3.0 - 2.0 * t) - end * rest;
        leaving * rest * rest + arriving * t * t
    }
    fn extrapolate(&self, value: &mut f32, velocity: Option<&f32>, seconds: f32) {
        if let (true, Some(velocity)) = (self.extrapolate, velocity) {
            let (min, max) = (self.min, self.min + f64::from(self.max_word) * self.step);
            *value = (*value + velocity * seconds).clamp(min as f32, max as f32);
        }
    }
}

/// An angle in radians that wraps, in 2^`bits` steps.
#[derive(Debug, Clone, Copy)]
pub struct Angle {
    bits: u32,
    lerp: bool,
}

impl Angle {
    /// 2^`bits` directions.
    ///
    /// # Panics
    /// At compile time unless `bits` is 1 to 22.
    #[must_use]
    pub const fn new(bits: u32) -> Self {
        assert!(
            bits >= 1 && bits <= 22,
            "#[wire(angle = BITS)]: 1 to 22 bits"
        );
        Self { bits, lerp: false }
    }

    /// Blends between snapshots, along the shorter way round.
    #[must_use]
    pub const fn lerp(self) -> Self {
        Self { lerp: true, ..self }
    }

    fn turns(&self) -> u32 {
        1 << self.bits
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, a NaN becomes 0, and the word is masked"
)]
impl FieldKind<f32> for Angle {
    const WORDS: usize = 1;
    fn describe(&self, name: &str, columns: &mut Columns) {
        columns.push(Column {
            lerp: self.lerp,
            ..Column::new(name, ColumnKind::Angle, self.turns() - 1)
        });
    }
    fn store(&self, value: &f32, out: &mut WordWriter<'_>) {
        let turn = f64::from(*value) / TAU;
        let steps = (turn - turn.floor()) * f64::from(self.turns()) + 0.5;
        out.put(steps as u32 & (self.turns() - 1));
    }
    /// Gives −π (included) to π.
    fn load(&self, words: &mut WordReader<'_>) -> f32 {
        let turn = f64::from(words.take()) / f64::from(self.turns());
        ((if turn >= 0.5 { turn - 1.0 } else { turn }) * TAU) as f32
    }
    fn blend(&self, from: &f32, to: &f32, way: Way) -> f32 {
        if self.lerp {
            wrap_angle(from + wrap_angle(to - from) * way.share)
        } else {
            step(from, to, way)
        }
    }
    fn displace(&self, value: &f32, from: &f32, to: &f32, k: f32) -> f32 {
        if self.lerp {
            wrap_angle(value + wrap_angle(from - to) * k)
        } else {
            *value
        }
    }
}

/// `angle` brought into −π..π by whole turns; not a number when `angle` is infinite.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the result is a float of the wanted width"
)]
pub fn wrap_angle(angle: f32) -> f32 {
    let turn = f64::from(angle) / TAU;
    ((turn - (turn + 0.5).floor()) * TAU) as f32
}
