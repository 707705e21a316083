//! The shareable coder: what one client that sees everything is sent.

use std::time::Instant;

use tickwire_protocol::codec::recording::Sample;
use tickwire_tests_wasm::pieces::Pieces;
use tickwire_tests_wasm::sending::tables_of;

use crate::measure::Outcome;

/// Sends a sample. Its first ticks, which have no baseline, are sent whole and not counted.
pub(crate) fn run(sample: Sample<'_>, tables: &[u8]) -> Outcome {
    let tables = tables_of(sample.recording.layout(), tables);
    let mut pieces = Pieces::new(&sample);
    let mut outcome = Outcome::default();
    while pieces.begin(&sample) {
        let begun = Instant::now();
        pieces.encode(&sample, &tables);
        let encoded = Instant::now();
        pieces.decode(&sample, &tables);
        let decode = encoded.elapsed();
        if pieces.check(&sample) {
            outcome.encode += encoded - begun;
            outcome.decode += decode;
        }
    }
    let (tally, ok) = pieces.result();
    Outcome {
        bytes: tally.bytes,
        ticks: tally.ticks,
        changed: tally.changed,
        hash: tally.hash.digest(),
        ok,
        ..outcome
    }
}
