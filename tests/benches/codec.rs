//! What the modelled coder costs on recorded worlds: `cargo bench -p tickwire-tests --bench codec -- --data DIR [--json FILE]
//! [--quick] [--passes N]`. `--quick` measures the neutral tables only, natively: no fit, no wasm, no yardstick. Times are those of
//! the fastest of N passes, 5 unless said otherwise: who else uses the machine can only make a pass slower. Passes of one coder lie some
//! seconds apart, for a neighbour on the same core may stay for as long.
//!
//! DIR holds recordings as `codec/parse.rs` describes them. Every one is sent tick by tick, on the tick before it and on the sixth
//! before it; each tick is decoded again and compared word by word. Prints a table and judges nothing but that.
//!
//! Coders:
//! - `shared neutral`: the shareable chunks as a client gets them, with the tables that the protocol has for a game that nobody has
//!   looked at (which were fitted to games of this kind, perhaps to these very recordings);
//! - `shared trained`: the same with tables fitted to the other recordings with the same columns, or to the other half of the
//!   recording when there are none; the fit starts from recordings of other games where there are any. Never to what is measured;
//! - either of them with `, wasm`: the same in wasm under node, built as the page's is, in a second pass, when the wasm compiler is
//!   done; the bytes must be those of the native coder. Left out, with a word, where node or the target is missing;
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
#[path = "codec/wasm.rs"]
mod wasm;

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use tickwire_protocol::codec::recording::Sample;
use tickwire_protocol::codec::tables::Tables;

use crate::adaptive::Model;
use crate::measure::Outcome;
use crate::table::Table;
use crate::wasm::Wasm;

/// Ticks from the baseline to now, and the stride.
const SETTINGS: [(usize, usize); 2] = [(1, 1), (6, 2)];

/// Passes over every sample.
const PASSES: usize = 5;

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
    let passes = argument("--passes").map_or(PASSES, |number| {
        number.parse().expect("--passes takes a number")
    });
    let quick = std::env::args().any(|word| word == "--quick");
    let wasm = (!quick).then(Wasm::build).and_then(|built| {
        let report = |why: &_| println!("codec: nothing measured in wasm: {why}");
        built.inspect_err(report).ok()
    });
    println!(
        "{:<16} {:>4}  {:<20} {:>11} {:>9} {:>9} {:>9} {:>9}  ok",
        "table", "back", "coder", "bytes/tick", "kbps", "changed", "enc ns", "dec ns"
    );
    // Each line as soon as it is known: all of it takes a while.
    let mut lines =
        argument("--json").map(|file| File::create(file).expect("the figures can be written"));
    let mut all_ok = true;
    for table in &tables {
        if let Some(wasm) = &wasm {
            wasm.load(&Path::new(&folder).join(format!("{}.tbl.zst", table.name)));
        }
        for setting in SETTINGS {
            let sample = table.recording.all(setting.0, setting.1);
            let fitted = if quick {
                Vec::new()
            } else {
                fit::fitted(table, &tables, setting.0, setting.1)
            };
            let pass = || {
                if quick {
                    vec![("shared neutral", shared::run(sample, &[]))]
                } else {
                    measure(sample, &fitted, wasm.as_ref())
                }
            };
            let measured = fastest((0..passes.max(1)).map(|_| pass()));
            for (coder, outcome) in measured {
                all_ok &= outcome.ok;
                report(table, setting.0, coder, &outcome, lines.as_mut());
            }
        }
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

/// Tables, and the part of a sample that they are for.
type Fitted<'a> = (Sample<'a>, Vec<u8>);

/// One pass of all coders.
fn measure(
    sample: Sample<'_>,
    fitted: &[Fitted<'_>],
    wasm: Option<&Wasm>,
) -> Vec<(&'static str, Outcome)> {
    let mut outcomes = Vec::new();
    for (names, parts) in [
        (
            ["shared neutral", "shared neutral, wasm"],
            &[(sample, Vec::new())][..],
        ),
        (["shared trained", "shared trained, wasm"], fitted),
    ] {
        let mut sums = [Outcome::default(), Outcome::default()];
        for (part, tables) in parts {
            let native = shared::run(*part, tables);
            sums[0].add(&native);
            if let Some(wasm) = wasm {
                let mut outcome = wasm.run(*part, tables);
                outcome.ok &= (outcome.bytes, outcome.hash) == (native.bytes, native.hash);
                sums[1].add(&outcome);
            }
        }
        let measured = 1 + usize::from(wasm.is_some());
        outcomes.extend(names.into_iter().zip(sums).take(measured));
    }
    let layout = sample.recording.layout();
    let model = Model::fine(layout, WEIGHT);
    let adaptive = adaptive::run(sample, &Tables::neutral(layout), model);
    outcomes.push(("adaptive", adaptive));
    outcomes
}

/// What all passes gave, and the least time that one took to encode, and to decode.
fn fastest(
    passes: impl Iterator<Item = Vec<(&'static str, Outcome)>>,
) -> Vec<(&'static str, Outcome)> {
    let faster = |best: Vec<_>, pass: Vec<(&'static str, Outcome)>| {
        let pairs = best.into_iter().zip(pass);
        pairs
            .map(|((coder, best), (_, outcome)): ((_, Outcome), _)| (coder, best.faster(outcome)))
            .collect()
    };
    passes.reduce(faster).unwrap_or_default()
}

fn report(table: &Table, back: usize, coder: &str, outcome: &Outcome, lines: Option<&mut File>) {
    let (name, ok) = (&table.name, outcome.ok);
    let bytes = outcome.bytes_per_tick();
    let kbps = bytes * table.rate * 8.0 / 1000.0;
    let changed = outcome.changed_per_tick();
    let [encode, decode] = [outcome.encode, outcome.decode].map(|took| outcome.per_row(took));
    println!(
        "{name:<16} {back:>4}  {coder:<20} {bytes:>11.2} {kbps:>9.2} {changed:>9.2} {encode:>9.0} {decode:>9.0}  {ok}"
    );
    let line = format!(
        r#"{{"table":{name:?},"back":{back},"coder":{coder:?},"bytes_per_frame":{bytes:.3},"kbps":{kbps:.3},"changed":{changed:.3},"encode_ns":{encode:.1},"decode_ns":{decode:.1},"ok":{ok}}}"#
    );
    if let Some(lines) = lines {
        writeln!(lines, "{line}").expect("the figures can be written");
    }
}

/// Ticks of a sample that have a baseline.
pub(crate) fn ticks(sample: &Sample<'_>) -> std::ops::Range<usize> {
    sample.from.max(sample.back)..sample.to
}
