//! Clocks, commands and hidden pages.

use super::{Effort, Row, Target, profiles};
use crate::{Link, clocks};

const SEED: u64 = 11;

/// All figures of this kind.
pub(super) fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, link) in profiles(["P0", "P1", "P2", "P3", "P4", "P5", "P6"]) {
        rows.extend(steady(name, link, effort));
    }
    for (from, to) in [(30, 150), (150, 30), (50, 100)] {
        rows.extend(step(from, to));
    }
    rows.extend(recoveries());
    rows.extend(hidden(effort));
    rows.extend(speed(effort));
    rows
}

fn steady(name: &str, link: Link, effort: Effort) -> Vec<Row> {
    let clock = clocks::steady(link, SEED, effort.of(300));
    let at_most = |names: &[(&str, f64)]| {
        let found = names.iter().find(|(of, _)| *of == name);
        found.map_or(Target::None, |(_, most)| Target::AtMost(*most))
    };
    let row = |metric: &str, value, unit, target| Row::new(name, metric, value, unit, target);
    let offset = at_most(&[("P2", 8.0), ("P3", 8.0)]);
    let late = at_most(&[("P1", 0.1), ("P2", 0.7), ("P3", 3.0)]);
    vec![
        row("clock offset, p99 error", clock.offset_p99_ms, "ms", offset),
        row("lead", clock.lead_ms, "ms", Target::None),
        row("late commands", 100.0 * clock.late_share(), "%", late),
        row(
            "time dilation, p99",
            100.0 * clock.dilation_p99,
            "%",
            Target::AtMost(5.0),
        ),
    ]
}

fn step(from: u64, to: u64) -> Vec<Row> {
    let settling = clocks::rtt_step(from, to, SEED);
    let name = format!("RTT {from} to {to} ms");
    vec![
        Row::new(
            &name,
            "lead settles within",
            settling.settled_ms,
            "ms",
            Target::AtMost(2000.0),
        ),
        Row::new(
            &name,
            "lead swings back",
            f64::from(settling.swings),
            "times",
            Target::Is(0.0),
        ),
        Row::new(
            &name,
            "lead overshoots by",
            settling.overshoot_ms,
            "ms",
            Target::None,
        ),
    ]
}

fn recoveries() -> Vec<Row> {
    let mut rows = Vec::new();
    let (hole, stop) = (clocks::blackhole(SEED), clocks::server_stop(SEED));
    for (name, recovery) in [("2 s of nothing", hole), ("server stops for 500 ms", stop)] {
        let row = |metric: &str, value| Row::new(name, metric, value, "ms", Target::AtMost(2000.0));
        rows.push(row("fresh pictures after", recovery.fresh_ms));
        rows.push(row("commands in time after", recovery.in_time_ms));
        rows.push(row("clock right after", recovery.clock_ms));
    }
    rows
}

fn hidden(effort: Effort) -> Vec<Row> {
    let tab = clocks::hidden_tab(Link::P2, SEED, effort.of(300).max(10));
    let row =
        |metric: &str, value, unit, target| Row::new("P2, hidden tab", metric, value, unit, target);
    vec![
        row(
            "fresh pictures after",
            tab.fresh_ms,
            "ms",
            Target::AtMost(300.0),
        ),
        row(
            "moves again after",
            tab.moved_ms,
            "ms",
            Target::AtMost(300.0),
        ),
        row(
            "commands in the second after",
            tab.commands as f64,
            "",
            Target::AtMost(66.0),
        ),
        row("steps while hidden", f64::from(tab.steps), "", Target::None),
    ]
}

fn speed(effort: Effort) -> Vec<Row> {
    let seconds = effort.of(60);
    let twice = clocks::twice_the_clock(Link::P1, SEED, seconds);
    let flood = clocks::flood(2, u32::try_from(seconds).unwrap_or(60));
    let row =
        |metric: &str, value| Row::new("P1", metric, value, "× as far", Target::AtMost(1.005));
    let mut rows = vec![
        row("a client whose clock runs twice as fast moves", twice),
        row("a client that sends every command twice moves", flood),
    ];
    for (name, link) in profiles(["P0", "P3", "P5"]) {
        let (asked, done) = clocks::one_shots(link, SEED, effort.of(300));
        let lost = f64::from(asked.abs_diff(done));
        rows.push(Row::new(
            name,
            "one-shots lost or doubled",
            lost,
            "",
            Target::Is(0.0),
        ));
    }
    rows
}
