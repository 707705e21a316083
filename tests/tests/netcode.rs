//! The netcode's figures that are cheap to measure, held to what they should be.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::fs;
use std::path::Path;

use serde_json::Value;
use tickwire_tests::netcode::{Effort, GROUPS, Row, table};

/// The report that is checked in.
fn report() -> Vec<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/netcode-report.json");
    let text = fs::read_to_string(file).expect("the report is there");
    serde_json::from_str(&text).expect("the report is JSON")
}

/// Whether the report says that this target is missed: then it is known, and no news.
fn is_known(report: &[Value], row: &Row) -> bool {
    report.iter().any(|known| {
        known["profile"] == row.profile.as_str()
            && known["metric"] == row.metric.as_str()
            && known["ok"] == false
    })
}

#[test]
fn cheap_figures_meet_their_targets() {
    let report = report();
    let cheap = GROUPS.iter().filter(|group| group.cheap);
    let rows: Vec<_> = cheap
        .flat_map(|group| (group.measure)(Effort::Quick))
        .collect();
    let missed = |row: &&Row| row.ok() == Some(false) && !is_known(&report, row);
    let missed: Vec<_> = rows.iter().filter(missed).cloned().collect();
    assert!(rows.iter().filter(|row| row.ok().is_some()).count() >= 5);
    assert!(missed.is_empty(), "\n{}", table(&missed));
}

#[test]
fn the_report_has_a_row_for_each_target() {
    let report = report();
    let missed = report.iter().filter(|row| row["ok"] == false).count();
    println!("{} figures, {missed} targets missed", report.len());
    for row in &report {
        let is_whole = row["profile"].is_string() && row["value"].is_number();
        assert!(is_whole && row["metric"].is_string(), "{row}");
        // A figure that misses its target stands there as one that does.
        let (target, value) = (row["target"].as_str(), row["value"].as_f64());
        let bound = |text: &str| text.trim_start_matches(['≤', '≥', ' ']).parse::<f64>().ok();
        let (Some(text), Some(value)) = (target.filter(|text| !text.is_empty()), value) else {
            continue;
        };
        let bound = bound(text).expect("a target is a number");
        let meets = match text.chars().next() {
            Some('≤') => value <= bound,
            Some('≥') => value >= bound,
            _ => value == bound,
        };
        assert_eq!(row["ok"], meets, "{row}");
    }
}
