//! Prediction and interpolation, as a player sees them.

use std::time::Duration;

use super::{Effort, Row, Target, percentile, profiles};
use crate::{Link, smoothness};
use tickwire_engine::RewindLimit;

const SEED: u64 = 5;

/// All figures of this kind.
pub(super) fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, link) in profiles(["P0", "P1", "P2", "P3", "P4", "P5", "P6"]) {
        rows.extend(play(name, link, effort));
    }
    let mut waits = smoothness::input_to_picture(Link::P0, SEED, effort.of(100));
    let p50 = percentile(&mut waits, 50.0) * 1000.0 / 60.0;
    rows.push(Row::new(
        "P0",
        "key to picture, p50",
        p50,
        "ms",
        Target::AtMost(33.4),
    ));
    rows
}

fn play(name: &str, link: Link, effort: Effort) -> Vec<Row> {
    let at_most = |names: &[(&str, f64)]| {
        let found = names.iter().find(|(of, _)| *of == name);
        found.map_or(Target::None, |(_, most)| Target::AtMost(*most))
    };
    let row = |metric: &str, value, unit, target| Row::new(name, metric, value, unit, target);
    // Twenty snapshots a second, as the requirement says; thirty, as Arena has them.
    let play = |interval, limit| {
        smoothness::measure(link, SEED, effort.of(300), interval, RewindLimit(limit))
    };
    let limit = RewindLimit::DEFAULT.0;
    let (free, slow, usual) = (play(3, Duration::ZERO), play(3, limit), play(2, limit));
    let starved = at_most(&[("P2", 0.5), ("P3", 1.5)]);
    let corrected = at_most(&[("P1", 0.1), ("P2", 1.0), ("P3", 8.0)]);
    let error = at_most(&[("P2", 1.0)]);
    vec![
        row(
            "starved pictures, 20 Hz, a game that never looks back",
            100.0 * free.starved,
            "%",
            starved,
        ),
        row(
            "its interpolation delay at most",
            free.delay_intervals,
            "intervals",
            Target::AtMost(6.0),
        ),
        row(
            "starved pictures, 20 Hz",
            100.0 * slow.starved,
            "%",
            Target::None,
        ),
        row(
            "starved pictures, 30 Hz",
            100.0 * usual.starved,
            "%",
            Target::None,
        ),
        row(
            "interpolation delay, 30 Hz",
            usual.delay.as_secs_f64() * 1000.0,
            "ms",
            Target::None,
        ),
        row(
            "others drawn beside their path, p99",
            100.0 * usual.drawn_error_p99,
            "cm",
            Target::None,
        ),
        row(
            "prediction error, p99",
            usual.prediction_error_p99,
            "quanta",
            error,
        ),
        row(
            "corrections",
            usual.corrections_per_minute,
            "/min",
            corrected,
        ),
        row(
            "largest correction",
            100.0 * usual.largest_correction,
            "cm",
            Target::None,
        ),
    ]
}
