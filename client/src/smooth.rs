//! Corrections of the own entity fade out on the screen; the simulation has long snapped.

use std::time::Duration;

use tickwire_protocol::{ColumnKind, Components, Schema};

/// How corrections of the own entity fade, by how far they move it. Lengths are the game's own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Smoothing {
    /// A correction up to this length fades slowly: by half in 150 ms.
    pub near: f32,
    /// One of this length or more fades fast: by half in 70 ms; in between it is in between.
    pub far: f32,
    /// From this length on it is a teleport and does not fade at all.
    pub teleport: f32,
}

impl Default for Smoothing {
    /// For lengths in metres and players of human size.
    fn default() -> Self {
        Self {
            near: 0.25,
            far: 1.0,
            teleport: 4.0,
        }
    }
}

const SLOW: f32 = 0.150;
const FAST: f32 = 0.070;
/// What is left of a correction when it is forgotten.
const OVER: f32 = 1.0 / 256.0;

impl Smoothing {
    /// Seconds in which a correction of this length halves; `None` for a teleport.
    fn half_life(&self, length: f32) -> Option<f32> {
        let share =
            ((length - self.near) / (self.far - self.near).max(f32::EPSILON)).clamp(0.0, 1.0);
        (length < self.teleport).then_some(SLOW + (FAST - SLOW) * share)
    }
}

/// Measures how far two values are apart, in the fixed-point columns that blend: those are what is seen to move.
#[derive(Debug)]
pub(crate) struct Gauge {
    steps: Vec<f64>,
    /// The words of a whole turn, or 0 for what does not turn; `None` for what is no quantity.
    turns: Vec<Option<u64>>,
}

impl Gauge {
    /// For values of this schema.
    pub(crate) fn new(schema: &Schema) -> Self {
        let step = |column: &tickwire_protocol::Column| match column.kind {
            ColumnKind::Fixed { step, .. } if column.lerp => step,
            _ => 0.0,
        };
        let turn = |column: &tickwire_protocol::Column| match column.kind {
            ColumnKind::Fixed { .. } | ColumnKind::UInt | ColumnKind::RotationPart => Some(0),
            ColumnKind::Angle => Some(u64::from(column.max) + 1),
            _ => None,
        };
        Self {
            steps: schema.columns().iter().map(step).collect(),
            turns: schema.columns().iter().map(turn).collect(),
        }
    }

    /// The largest difference of any column, in quanta; of what is no quantity 1.
    pub(crate) fn quanta(&self, a: &[u32], b: &[u32]) -> u32 {
        let apart = self.turns.iter().zip(a).zip(b).map(|((turn, a), b)| {
            let apart = u64::from(a.abs_diff(*b));
            match turn {
                None => apart.min(1),
                Some(0) => apart,
                Some(turn) => apart.min(turn.saturating_sub(apart)),
            }
        });
        u32::try_from(apart.max().unwrap_or(0)).unwrap_or(u32::MAX)
    }

    /// The largest difference of any such column.
    #[expect(clippy::cast_possible_truncation, reason = "a length to be drawn")]
    pub(crate) fn distance(&self, a: &[u32], b: &[u32]) -> f32 {
        let apart = self.steps.iter().zip(a).zip(b);
        apart
            .map(|((step, a), b)| f64::from(a.abs_diff(*b)) * step)
            .fold(0.0, f64::max) as f32
    }
}

/// How a correction fades: when it began, and how fast.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fading {
    since: Duration,
    half_life: f32,
}

impl Fading {
    /// For a correction of this length; `None` when that is a teleport.
    pub(crate) fn new(length: f32, smoothing: &Smoothing, now: Duration) -> Option<Self> {
        Some(Self {
            since: now,
            half_life: smoothing.half_life(length)?,
        })
    }

    /// How much of the correction is still to be seen: 1 at first, 0 in the end. It depends on time only, not on how often
    /// it is drawn.
    pub(crate) fn share(&self, now: Duration) -> f32 {
        let share = (-now.saturating_sub(self.since).as_secs_f32() / self.half_life).exp2();
        if share < OVER { 0.0 } else { share }
    }
}

/// A correction that fades: what was on the screen, and what should have been.
#[derive(Debug)]
pub(crate) struct Fade<C> {
    shown: C,
    right: C,
    fading: Fading,
}

impl<C: Components> Fade<C> {
    /// Starts to fade from `shown` to `right`, which are `length` apart; `None` when that is a teleport.
    pub(crate) fn new(
        shown: C,
        right: C,
        length: f32,
        smoothing: &Smoothing,
        now: Duration,
    ) -> Option<Self> {
        Some(Self {
            shown,
            right,
            fading: Fading::new(length, smoothing, now)?,
        })
    }

    /// `value` moved by what is still to be seen.
    pub(crate) fn apply(&self, value: C, now: Duration) -> C {
        let share = self.fading.share(now);
        if share > 0.0 {
            value.displace(&self.shown, &self.right, share)
        } else {
            value
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tickwire_protocol::Wire;

    #[derive(Wire, Clone, Debug, PartialEq)]
    struct Body {
        #[wire(min = 0.0, max = 64.0, step = 0.01, lerp)]
        x: f32,
        #[wire(min = 0.0, max = 64.0, step = 1.0)]
        speed: f32,
    }

    fn at(x: f32) -> (Body,) {
        (Body { x, speed: 3.0 },)
    }

    #[test]
    fn small_corrections_fade_slowly_large_ones_fast_and_teleports_not() {
        let smoothing = Smoothing::default();
        assert_eq!(smoothing.half_life(0.1), Some(0.150));
        assert_eq!(smoothing.half_life(0.625), Some(0.110));
        assert_eq!(smoothing.half_life(3.0), Some(0.070));
        assert_eq!(smoothing.half_life(5.0), None);
    }

    #[test]
    fn a_correction_halves_in_its_half_life_and_ends() {
        let fade = Fade::new(
            at(10.2),
            at(10.0),
            0.2,
            &Smoothing::default(),
            Duration::ZERO,
        );
        let fade = fade.unwrap();
        let seen = |ms| fade.apply(at(20.0), Duration::from_millis(ms)).0.x;
        assert!((seen(0) - 20.2).abs() < 1e-4);
        assert!((seen(150) - 20.1).abs() < 1e-4);
        assert!((seen(300) - 20.05).abs() < 1e-4);
        assert_eq!(seen(1500), 20.0);
    }

    #[test]
    fn distance_is_that_of_what_moves_on_the_screen() {
        let gauge = Gauge::new(&Schema::of::<(Body,)>());
        let mut far = at(1.5);
        far.0.speed = 50.0;
        let length = gauge.distance(&at(1.0).words(), &far.words());
        assert!((length - 0.5).abs() < 1e-6);
    }
}
