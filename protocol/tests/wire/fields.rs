//! Values to words and back, for every kind.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use proptest::prelude::*;
use tickwire_protocol::field::{Angle, FieldKind, Fixed, UInt, wrap_angle};
use tickwire_protocol::{Rotation, SmallestThree, Way, Wire, WordReader, WordWriter, Words};

use crate::everything::{Everything, Inner, Kind, Tag, rows, words_of};

fn store<T, K: FieldKind<T>>(kind: &K, value: &T) -> Vec<u32> {
    let mut words = vec![0; K::WORDS];
    kind.store(value, &mut WordWriter::new(&mut words));
    words
}

fn load<T, K: FieldKind<T>>(kind: &K, words: &[u32]) -> T {
    kind.load(&mut WordReader::new(words))
}

#[test]
fn every_kind_has_its_words() {
    let value = Everything {
        flag: true,
        byte: 255,
        some: 21,
        wide: u32::MAX,
        nothing: 7,
        x: 1.234,
        heading: -FRAC_PI_2,
        turn: Rotation([0.0, 0.0, 1.0, 0.0]),
        kind: Kind::Hook,
        inner: Inner {
            count: 9,
            kind: Kind::Rocket,
        },
        levels: [0.3, 1.0],
        flags: [true, false, true],
        grid: [[Kind::Rifle, Kind::Rocket], [Kind::Hook, Kind::Rifle]],
        inners: [Inner::default()],
    };
    let words = Words::of(&value);
    let expected = [
        1,
        255,
        20,
        u32::MAX,
        0,
        6523,
        768,
        2,
        255,
        255,
        255,
        2,
        9,
        1,
        1,
        4,
        1,
        0,
        1,
        0,
        1,
        2,
        0,
        0,
        0,
    ];
    assert_eq!(words.as_slice(), expected);
    let seen: Everything = words.load();
    assert_eq!(
        seen,
        Everything {
            some: 20,
            nothing: 0,
            x: 1.23,
            levels: [0.25, 1.0],
            ..value
        }
    );
    assert_eq!(seen.quantised(), seen);
    assert!(Words::of(&Tag).as_slice().is_empty());
}

fn way(share: f32) -> Way {
    Way {
        share,
        seconds: 0.05,
    }
}

#[test]
fn fields_blend_as_they_say() {
    let from = Everything {
        x: 1.0,
        heading: 3.0,
        levels: [0.0, 0.0],
        ..Everything::default()
    };
    let to = Everything {
        flag: true,
        x: 2.0,
        heading: -3.0,
        levels: [1.0, 1.0],
        ..Everything::default()
    };
    let half = Wire::blend(&from, &to, way(0.5));
    assert!((half.x - 1.5).abs() < 1e-6 && (half.heading.abs() - PI).abs() < 1e-5);
    assert!(
        !half.flag && half.levels == [0.0, 0.0],
        "these do not blend"
    );
    assert_eq!(Wire::blend(&from, &to, way(1.0)).levels, [1.0, 1.0]);
    let drawn = Wire::displace(&to, &from, &to, 1.0);
    assert!((drawn.x - from.x).abs() < 1e-6 && (drawn.heading - from.heading).abs() < 1e-5);
    assert!(drawn.flag, "what does not blend is not displaced");
}

#[test]
fn what_is_no_number_is_the_least_and_what_is_outside_is_the_border() {
    const X: Fixed = Fixed::new(-64.0, 64.0, 0.01);
    for (value, word) in [
        (f32::NAN, 0),
        (f32::NEG_INFINITY, 0),
        (f32::MIN, 0),
        (-64.006, 0),
        (-0.0, 6400),
        (64.1, 12_800),
        (f32::MAX, 12_800),
        (f32::INFINITY, 12_800),
    ] {
        assert_eq!(store(&X, &value), [word], "{value}");
    }
    const HEADING: Angle = Angle::new(10);
    for (value, word) in [
        (f32::NAN, 0),
        (f32::INFINITY, 0),
        (f32::NEG_INFINITY, 0),
        (-1e-9, 0),
        (TAU, 0),
        (PI, 512),
        (-PI, 512),
        (-TAU / 1024.0, 1023),
        (TAU * 0.9996, 0),
    ] {
        assert_eq!(store(&HEADING, &value), [word], "{value}");
    }
    const TURN: SmallestThree = SmallestThree::new(9);
    let still = store(&TURN, &Rotation::IDENTITY);
    assert_eq!(still, [3, 255, 255, 255]);
    for value in [f32::NAN, f32::INFINITY, 0.0] {
        assert_eq!(store(&TURN, &Rotation([value; 4])), still, "{value}");
    }
    assert!(wrap_angle(f32::INFINITY).is_nan());
}

#[test]
fn zero_comes_back_as_zero() {
    for kind in [
        Fixed::new(-0.3, 0.3, 0.1),
        Fixed::new(-20.0, 20.0, 0.05),
        Fixed::new(-1.1, 3.3, 0.1),
    ] {
        let word = store(&kind, &0.0);
        assert_eq!(load(&kind, &word).to_bits(), 0, "{kind:?}");
    }
    let away = Fixed::new(0.001, 1.0, 0.01);
    assert!((load(&away, &[0]) - 0.001).abs() < 1e-9, "0 is not in it");
}

#[test]
fn every_word_of_the_finest_and_of_odd_ranges_survives() {
    for kind in [
        Fixed::new(-1.0, 1.0, 1.0 / 2_097_151.0),
        Fixed::new(0.0, 4_194_302.0, 1.0),
        Fixed::new(-0.3, 0.7, 0.1),
        Fixed::new(1000.0, 1001.0, 0.001),
        Fixed::new(-1e-30, 1e-30, 1e-33),
        Fixed::new(-1e37, 1e38, 1e33),
    ] {
        for word in 0..=columns_max(&kind) {
            let value: f32 = load(&kind, &[word]);
            assert_eq!(store(&kind, &value), [word], "{kind:?} makes {value} of it");
        }
    }
    for bits in [1, 2, 10, 22] {
        let kind = Angle::new(bits);
        for word in 0..1 << bits {
            let value: f32 = load(&kind, &[word]);
            assert!((-PI..PI).contains(&value), "{value}");
            assert_eq!(store(&kind, &value), [word], "{bits} bits, {value}");
        }
    }
}

fn columns_max(kind: &Fixed) -> u32 {
    store(kind, &f32::INFINITY)[0]
}

#[test]
fn every_coarse_rotation_settles_at_once() {
    for bits in 2..=5 {
        let kind = SmallestThree::new(bits);
        let max = (1 << bits) - 2;
        for i in 0..4 * (max + 1) * (max + 1) * (max + 1) {
            let n = max + 1;
            let words = [i / n / n / n, i / n / n % n, i / n % n, i % n];
            settles(&kind, load(&kind, &words));
        }
    }
}

fn settles(kind: &SmallestThree, value: Rotation) {
    let words = store(kind, &value);
    let seen: Rotation = load(kind, &words);
    let length: f32 = seen.0.iter().map(|c| c * c).sum();
    assert!((length - 1.0).abs() < 1e-6, "{value:?} has length {length}");
    assert_eq!(store(kind, &seen), words, "{value:?} became {seen:?}");
}

/// How far apart two rotations are, in radians, at most π.
fn angle_between(a: Rotation, b: Rotation) -> f32 {
    let dot: f32 = a.0.iter().zip(b.0).map(|(a, b)| a * b).sum();
    2.0 * dot.abs().min(1.0).acos()
}

#[test]
#[should_panic(expected = "min must be below max")]
fn an_empty_range_is_refused() {
    let _ = Fixed::new(1.0, 1.0, 0.1);
}

#[test]
#[should_panic(expected = "less than 2^22")]
fn a_range_too_fine_is_refused() {
    let _ = Fixed::new(0.0, 1.0, 1e-7);
}

#[test]
#[should_panic(expected = "less than 2^22 steps away from 0")]
fn a_range_too_far_from_zero_is_refused() {
    let _ = Fixed::new(1_000_000.0, 1_000_001.0, 0.01);
}

proptest! {
    #[test]
    fn fixed_point_rounds_to_the_nearest_step(value in -70.0_f32..70.0, min in -64.0_f64..0.0, steps in 1_u32..100_000, step in 0.001_f64..0.1) {
        let max = min + f64::from(steps) * step;
        let kind = Fixed::new(min, max, step);
        let words = store(&kind, &value);
        let seen: f32 = load(&kind, &words);
        let nearest = f64::from(value).clamp(min, max);
        prop_assert!((f64::from(seen) - nearest).abs() <= step * 0.5001 + 1e-5, "{value} became {seen}");
        prop_assert_eq!(store(&kind, &seen), words);
    }

    #[test]
    fn angles_round_to_the_nearest_direction(value in -100.0_f32..100.0, bits in 1_u32..=22) {
        let kind = Angle::new(bits);
        let seen: f32 = load(&kind, &store(&kind, &value));
        let half = PI / (1_u32 << bits) as f32;
        prop_assert!(wrap_angle(seen - value).abs() <= half + 2e-5, "{value} became {seen}");
    }

    #[test]
    fn any_floats_settle_at_once(bits in any::<[u32; 4]>(), width in 2_u32..=22) {
        let floats = bits.map(f32::from_bits);
        settles(&SmallestThree::new(width), Rotation(floats));
        let fixed = Fixed::new(-64.0, 64.0, 0.01);
        let words = store(&fixed, &floats[0]);
        prop_assert_eq!(store(&fixed, &load(&fixed, &words)), words);
        let angle = Angle::new(width);
        let words = store(&angle, &floats[0]);
        prop_assert_eq!(store(&angle, &load(&angle, &words)), words);
    }

    #[test]
    fn rotations_come_back_close_and_settle(parts in prop::array::uniform4(-1.0_f32..1.0), tie in 0_usize..4, width in 2_u32..=22) {
        // Half of the work is where two components are about as large.
        let mut tied = parts;
        tied[tie] = -parts[0] * (1.0 + parts[1] * 1e-3);
        for parts in [parts, tied] {
            let kind = SmallestThree::new(width);
            let value = Rotation(parts).normalized();
            settles(&kind, value);
            let seen = load(&kind, &store(&kind, &value));
            let step = std::f32::consts::SQRT_2 / ((1 << width) - 2) as f32;
            prop_assert!(angle_between(value, seen) <= 6.0 * step + 2e-3, "{value:?} became {seen:?}");
        }
    }

    #[test]
    fn integers_are_clamped(value in any::<u32>(), max in any::<u32>()) {
        let kind = UInt::new(max);
        prop_assert_eq!(store(&kind, &value), [value.min(max)]);
        prop_assert_eq!(load::<u32, _>(&kind, &[value]), value.min(max));
    }

    #[test]
    fn any_words_in_range_make_a_value_that_keeps_its_words(seed in prop::collection::vec(any::<u32>(), 32)) {
        let words = words_of(&rows(), 1, &seed)[..Everything::WORDS].to_vec();
        let stored = Words::of(&Words::from(words).load::<Everything>());
        prop_assert_eq!(Words::of(&stored.load::<Everything>()), stored);
    }
}
