//! Rotations in words (smallest three), carried on as they turned. Only + − × ÷ √: native code and wasm agree to the bit.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use crate::codec::site::{LEVELS, level};

/// A unit quaternion.
type Quaternion = [f64; 4];

/// How a rotation goes on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Turn {
    /// Where it will be, if it turns on as it did.
    due: Quaternion,
    /// By how much its components moved over the last stride, and how much more than was due then; in words.
    by: Quaternion,
    bend: Quaternion,
    /// `bend`, as far as it tells of the time from the baseline to now.
    weight: f64,
    max: f64,
}

/// What is expected of a part.
#[derive(Debug, Clone, Copy, Default)]
pub struct Part {
    /// The word.
    pub word: u32,
    /// Whether it moves or bends to lower words.
    pub falls: bool,
    /// How fast it bends, in words.
    pub force: u64,
    /// How fast it moves, as [`crate::codec::site`] counts.
    pub speed: usize,
}

/// The quaternion of a rotation's four words.
#[inline]
fn restore(words: [u32; 4], max: f64) -> Quaternion {
    let [largest, a, b, c] = words;
    let scale = SQRT_2 / max;
    let [a, b, c] = [a, b, c].map(|part| f64::from(part) * scale - FRAC_1_SQRT_2);
    let rest = larger(1.0 - a * a - b * b - c * c, 0.0).sqrt();
    match largest {
        0 => [rest, a, b, c],
        1 => [a, rest, b, c],
        2 => [a, b, rest, c],
        _ => [a, b, c, rest],
    }
}

#[inline]
fn dot(p: &Quaternion, q: &Quaternion) -> f64 {
    let [a, b, c, d] = p;
    let [e, f, g, h] = q;
    a * e + b * f + c * g + d * h
}

/// The larger number. There is never a NaN here, which `f64::max` takes three more instructions to look for.
#[inline]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[inline]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The same rotation in the half-space of `other`.
#[inline]
fn beside(q: Quaternion, other: &Quaternion) -> Quaternion {
    if dot(&q, other) < 0.0 {
        q.map(|c| -c)
    } else {
        q
    }
}

#[inline]
fn each(p: &Quaternion, q: &Quaternion, f: impl Fn(f64, f64) -> f64) -> Quaternion {
    let [a, b, c, d] = *p;
    let [e, g, h, i] = *q;
    [f(a, e), f(b, g), f(c, h), f(d, i)]
}

/// Where `steps` more turns like the one from `from` to `to` lead. Each lies on the circle through both:
/// qₙ₊₁ = 2 (qₙ·qₙ₋₁) qₙ − qₙ₋₁, and the cosine stays the same.
#[inline]
fn turn_on(from: &Quaternion, to: &Quaternion, steps: u32) -> Quaternion {
    let twice = 2.0 * dot(from, to);
    let (mut last, mut now) = (*from, *to);
    for _ in 0..steps {
        (last, now) = (now, each(&now, &last, |now, last| twice * now - last));
    }
    now
}

impl Turn {
    /// A rotation that stays.
    #[inline]
    #[must_use]
    pub fn rest(base: &[u32], max: u32) -> Self {
        let max = f64::from(max);
        let base = base.first_chunk().copied().unwrap_or_default();
        Self {
            due: restore(base, max),
            max,
            ..Self::default()
        }
    }

    /// A rotation that turned from `older` by `recent` to `base`, each the words of one tick.
    #[inline]
    #[must_use]
    pub fn new(base: &[u32], recent: &[u32], older: &[u32], max: u32, steps: u32) -> Self {
        let max = f64::from(max);
        let [base, recent, older] = [base, recent, older]
            .map(|words| restore(words.first_chunk().copied().unwrap_or_default(), max));
        let recent = beside(recent, &base);
        let older = beside(older, &recent);
        let was_due = turn_on(&older, &recent, 1);
        let scale = max * FRAC_1_SQRT_2;
        Self {
            due: turn_on(&recent, &base, steps),
            by: each(&base, &recent, |b, r| (b - r) * scale),
            bend: each(&base, &was_due, |b, d| (b - d) * scale),
            weight: f64::from(steps * (steps + 1) / 2),
            max,
        }
    }

    /// How fast it bends and how fast it moves at most, in words.
    #[inline]
    #[must_use]
    pub fn most(&self) -> (u64, u64) {
        let most = |q: Quaternion| {
            let [a, b, c, d] = q.map(f64::abs);
            larger(larger(a, b), larger(c, d))
        };
        (
            whole(most(self.bend) * self.weight + 0.5),
            whole(most(self.by)),
        )
    }

    /// How clear it is which component will be the largest: a level of its lead.
    #[inline]
    #[must_use]
    pub fn lead(&self) -> usize {
        let [a, b, c, d] = self.due.map(f64::abs);
        let (high, low) = (larger(a, b), smaller(a, b));
        let (high2, low2) = (larger(c, d), smaller(c, d));
        let second = larger(smaller(high, high2), larger(low, low2));
        level(whole((larger(high, high2) - second) * self.max)).min(LEVELS - 1)
    }

    /// The place of a component by falling size; of two alike the first goes first.
    #[inline]
    #[must_use]
    pub fn place_of(&self, component: u32) -> usize {
        let place = self.places().get(component as usize).copied();
        place.map_or(3, usize::from)
    }

    /// The component at a place by falling size.
    #[inline]
    #[must_use]
    pub fn at_place(&self, place: usize) -> u32 {
        let [a, b, c, _] = self.places().map(|of| usize::from(of) == place);
        match (a, b, c) {
            (true, _, _) => 0,
            (_, true, _) => 1,
            (_, _, true) => 2,
            _ => 3,
        }
    }

    /// The places of all components, by the six comparisons of two.
    #[inline]
    fn places(&self) -> [u8; 4] {
        let [a, b, c, d] = self.due.map(f64::abs);
        let later = |one: f64, other: f64| u8::from(one < other);
        let (ab, ac, ad) = (later(a, b), later(a, c), later(a, d));
        let (bc, bd, cd) = (later(b, c), later(b, d), later(c, d));
        [
            ab + ac + ad,
            1 - ab + bc + bd,
            2 - ac - bc + cd,
            3 - ad - bd - cd,
        ]
    }

    /// What is expected of the parts when this component is left out.
    #[inline]
    #[must_use]
    pub fn parts(&self, largest: u32) -> [Part; 3] {
        let minus = self.due.get(largest as usize).is_some_and(|c| *c < 0.0);
        let scale = if minus { -SQRT_2 } else { SQRT_2 };
        let part = |i: usize| {
            let [due, by, bend] =
                [&self.due, &self.by, &self.bend].map(|q| q.get(i).copied().unwrap_or(0.0));
            let toward = if bend.abs() < 0.5 { by } else { bend };
            let word = (((due * scale + 1.0) * 0.5 * self.max) + 0.5).clamp(0.0, self.max);
            let size = by.abs();
            Part {
                word: u32::try_from(whole(word)).unwrap_or(0),
                falls: (toward < 0.0) != minus,
                force: whole(bend.abs() * self.weight + 0.5),
                speed: usize::from(size >= 1.0)
                    + usize::from(size >= 3.0)
                    + usize::from(size >= 9.0),
            }
        };
        match largest {
            0 => [part(1), part(2), part(3)],
            1 => [part(0), part(2), part(3)],
            2 => [part(0), part(1), part(3)],
            _ => [part(0), part(1), part(2)],
        }
    }
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates; nothing is below 0 or near 2³¹"
)]
fn whole(x: f64) -> u64 {
    u64::from(x as u32)
}
