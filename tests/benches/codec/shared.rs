//! The shareable coder: what one client that sees everything is sent.

use std::time::Instant;

use tickwire_protocol::codec::recording::Sample;
use tickwire_tests_wasm::sending::{Sending, Tally, tables_of};

use crate::measure::Outcome;

/// Sends a sample. Its first ticks, which have no baseline, are sent whole and not counted.
pub(crate) fn run(sample: Sample<'_>, tables: &[u8]) -> Outcome {
    let recording = sample.recording;
    let tables = tables_of(recording.layout(), tables);
    let mut sending = Sending::new(recording);
    let mut tally = Tally::default();
    let mut outcome = Outcome::default();
    for tick in sample.from..sample.to {
        let begun = Instant::now();
        let bytes = sending.encode(&sample, &tables, tick);
        let encode = begun.elapsed();
        let begun = Instant::now();
        let read = sending.decode(&sample, &tables, tick, &bytes);
        let decode = begun.elapsed();
        outcome.ok &= read.is_ok() && sending.holds(recording, tick);
        if tally.add(&sample, tick, &bytes) {
            outcome.encode += encode;
            outcome.decode += decode;
        }
    }
    Outcome {
        bytes: tally.bytes,
        ticks: tally.ticks,
        changed: tally.changed,
        hash: tally.hash.digest(),
        ..outcome
    }
}
