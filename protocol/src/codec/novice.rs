//! What to expect before any game was looked at: guesses in formulas. Training starts from them.

use crate::codec::layout::WordKind;
use crate::codec::site::{ClassKind, LEVELS, SPEEDS, WHOLE};
use crate::codec::token::SYMBOLS;

/// A middle of each level.
const SIZES: [f64; LEVELS] = [0.0, 1.0, 2.0, 3.5, 6.5, 12.0, 32.0, 200.0];

/// Weights of the symbols in each situation of a class.
#[must_use]
pub(crate) fn weights(kind: ClassKind, place: usize) -> [f64; SYMBOLS] {
    match kind {
        ClassKind::Changed => {
            let age = place / 20;
            let yes = [0.95, 0.5, 0.2, 0.02].get(age).copied().unwrap_or(0.1);
            two(yes)
        }
        ClassKind::Quiet => {
            let same = place / 48;
            two([0.97, 0.4, 0.2].get(same).copied().unwrap_or(0.5))
        }
        ClassKind::Word(WordKind::RotationLargest) => {
            let mut w = [1e-4; SYMBOLS];
            let lead = place / LEVELS;
            let first = [0.6, 0.75, 0.85, 0.9, 0.95, 0.98, 0.99, 0.999, 0.3];
            let first = first.get(lead).copied().unwrap_or(0.3);
            for (to, from) in w.iter_mut().zip([
                first,
                (1.0 - first) * 0.9,
                (1.0 - first) * 0.07,
                (1.0 - first) * 0.03,
            ]) {
                *to = from;
            }
            w
        }
        ClassKind::Word(WordKind::Flag) => {
            let mut w = two(0.1);
            w[SYMBOLS - 1] = 1e-4;
            w
        }
        ClassKind::Word(_) if place == WHOLE => spread(200.0, 0.5),
        ClassKind::Word(_) => {
            let size = |i: usize| SIZES.get(i % LEVELS).copied().unwrap_or(0.0);
            let (force, strongest) = (
                size(place / (LEVELS * LEVELS * SPEEDS)),
                size(place / (LEVELS * SPEEDS)),
            );
            let told = (place / SPEEDS) % LEVELS;
            let own = 0.3 + (force + strongest) / 2.0 * 0.6;
            let scale = if told == 0 {
                own
            } else {
                own * 0.4 + size(told - 1) * 0.4
            };
            spread(scale, 0.02)
        }
        ClassKind::Magnitude(_) => {
            let mut w = [0.0; SYMBOLS];
            let mut p = 1.0;
            for to in &mut w {
                *to = p;
                p *= 0.75;
            }
            w
        }
    }
}

fn two(yes: f64) -> [f64; SYMBOLS] {
    let mut w = [1e-5; SYMBOLS];
    w[0] = 1.0 - yes;
    w[1] = yes;
    w
}

/// Falling on both sides, half as high every `scale` × 0.7, and `wild` for everything.
fn spread(scale: f64, wild: f64) -> [f64; SYMBOLS] {
    let q = scale / (1.0 + scale);
    let zero = (1.0 - q) / (1.0 + q);
    let mut w = [wild / 16.0; SYMBOLS];
    w[0] += zero;
    let mut left = q;
    for class in 0..7 {
        // Sizes 2^(class−1) + 1 ..= 2^class.
        let next = if class == 6 {
            0.0
        } else {
            q.powf(f64::from((1 << class) + 1))
        };
        let both = zero * (left - next) / (1.0 - q);
        for (i, to) in w.iter_mut().enumerate() {
            if i == 1 + 2 * class || i == 2 + 2 * class {
                *to += both;
            }
        }
        left = next;
    }
    w
}
