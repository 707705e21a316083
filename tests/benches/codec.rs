//! What the modelled coder costs on recorded worlds: `cargo bench -p tickwire-tests --bench codec -- --data DIR [--json FILE]`.
//!
//! DIR holds recordings as `codec/table.rs` describes them. Every one is sent tick by tick, on the tick before it and on the sixth
//! before it; each tick is decoded again and compared word by word. Prints a table and judges nothing but that.
//!
//! Coders:
//! - `shared neutral`: the shareable chunks as a client gets them, with the tables that the protocol has for a game that nobody has
//!   looked at (which were fitted to games of this kind, perhaps to these very recordings);
//! - `shared trained`: the same with tables fitted to the other recordings with the same columns, or to the other half of the
//!   recording when there are none; the fit starts from recordings of other games where there are any. Never to what is measured;
//! - `adaptive`: the yardstick, one coder for each client that learns as it goes and shares nothing.
//!
//! Whoever is `present` or not, every row is told: an entity that is not there rests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers, and may fail"
)]

#[path = "codec/adaptive.rs"]
mod adaptive;
#[path = "codec/fit.rs"]
mod fit;
#[path = "codec/measure.rs"]
mod measure;
#[path = "codec/shared.rs"]
mod shared;
#[path = "codec/table.rs"]
mod table;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tickwire_protocol::codec::recording::Sample;
use tickwire_protocol::codec::tables::Tables;

use crate::adaptive::Model;
use crate::measure::Outcome;
use crate::table::Table;

/// Ticks from the baseline to now, and the stride.
const SETTINGS: [(usize, usize); 2] = [(1, 1), (6, 2)];

/// How many symbols the neutral tables count for where the yardstick starts.
const WEIGHT: f64 = 4.0;

fn main() -> ExitCode {
    let Some(folder) = argument("--data") else {
        println!(
            "codec: needs recorded worlds (*.tbl.zst): -- --data DIR [--json FILE]; nothing measured"
        );
        return ExitCode::SUCCESS;
    };
    let tables = table::read_all(Path::new(&folder)).expect("the recordings can be read");
    println!(
        "{:<16} {:>4}  {:<15} {:>11} {:>9} {:>9} {:>9} {:>9}  ok",
        "table", "back", "coder", "bytes/tick", "kbps", "changed", "enc ns", "dec ns"
    );
    let mut lines = String::new();
    let mut all_ok = true;
    for table in &tables {
        for (back, stride) in SETTINGS {
            for (coder, outcome) in measure_table(table, &tables, back, stride) {
                all_ok &= outcome.ok;
                report(table, back, coder, &outcome, &mut lines);
            }
        }
    }
    if let Some(file) = argument("--json") {
        std::fs::write(PathBuf::from(file), lines).expect("the figures can be written");
    }
    if all_ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The word after `name` on the command line.
fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|word| word != name).nth(1)
}

fn measure_table(
    table: &Table,
    tables: &[Table],
    back: usize,
    stride: usize,
) -> [(&'static str, Outcome); 3] {
    let sample = table.recording.all(back, stride);
    let layout = table.recording.layout();
    let neutral = Tables::neutral(layout);
    let mut trained = Outcome::default();
    for (part, tables) in fit::fitted(table, tables, back, stride) {
        trained.add(&shared::run(part, &tables));
    }
    let model = Model::fine(layout, WEIGHT);
    [
        ("shared neutral", shared::run(sample, &neutral)),
        ("shared trained", trained),
        ("adaptive", adaptive::run(sample, &neutral, model)),
    ]
}

fn report(table: &Table, back: usize, coder: &str, outcome: &Outcome, lines: &mut String) {
    let (name, ok) = (&table.name, outcome.ok);
    let bytes = outcome.bytes_per_tick();
    let kbps = bytes * table.rate * 8.0 / 1000.0;
    let changed = outcome.changed_per_tick();
    let [encode, decode] = [outcome.encode, outcome.decode].map(|took| outcome.per_row(took));
    println!(
        "{name:<16} {back:>4}  {coder:<15} {bytes:>11.2} {kbps:>9.2} {changed:>9.2} {encode:>9.0} {decode:>9.0}  {ok}"
    );
    writeln!(
        lines,
        r#"{{"table":{name:?},"back":{back},"coder":{coder:?},"bytes_per_frame":{bytes:.3},"kbps":{kbps:.3},"changed":{changed:.3},"encode_ns":{encode:.1},"decode_ns":{decode:.1},"ok":{ok}}}"#
    )
    .expect("a string takes all");
}

/// Ticks of a sample that have a baseline.
pub(crate) fn ticks(sample: &Sample<'_>) -> std::ops::Range<usize> {
    sample.from.max(sample.back)..sample.to
}
