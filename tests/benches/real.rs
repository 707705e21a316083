//! What only real clocks, threads and sockets show, each figure beside its target, on a machine that does nothing else:
//! `cargo bench -p tickwire-tests --bench real`.
//!
//! - `stalled`: 64 clients, 8 of which stop reading for 30 s; before, all of them read for as long.
//! - `narrow`: a client behind a line of 256 kbit/s, in a world that is always more to tell.
//! - `pace`: when ticks begin and how long they take, with 64 clients; and before, when they begin that have nothing to do, which is
//!   as good as this machine can.
//!
//! `--only NAME` measures one of them, `--seconds N` for so long (30; `pace` 600), `--json FILE` writes the rows to a file too.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use clap::Parser;
use peak_alloc::PeakAlloc;
use tickwire_tests::netcode::{Row, Target, json, table};
use tickwire_tests::sockets::{Stall, idle_ticks, narrow_reader, stalled_readers, steady_ticks};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

#[derive(Debug, Parser)]
struct Args {
    #[arg(long, value_parser = ["stalled", "narrow", "pace"])]
    only: Option<String>,
    #[arg(long)]
    seconds: Option<u32>,
    #[arg(long)]
    json: Option<PathBuf>,
    /// Cargo says so.
    #[arg(long, hide = true)]
    bench: bool,
}

type Rows = Result<Vec<Row>, Box<dyn Error>>;
type Measure = fn(Option<u32>) -> Rows;

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let all: [(&str, Measure); 3] = [("stalled", stalled), ("narrow", narrow), ("pace", pace)];
    let mut rows = Vec::new();
    for (name, measure) in all {
        if args.only.as_deref().is_none_or(|only| only == name) {
            eprintln!("measuring: {name}");
            rows.extend(measure(args.seconds)?);
        }
    }
    print!("{}", table(&rows));
    if let Some(file) = args.json {
        fs::write(file, json(&rows))?;
    }
    Ok(())
}

fn stalled(seconds: Option<u32>) -> Rows {
    let seconds = seconds.unwrap_or(30);
    let stall = Stall {
        clients: 64,
        stalled: 8,
        usual_seconds: seconds,
        stalled_seconds: seconds,
    };
    let crowd = stalled_readers(stall, || HEAP.current_usage())?;
    let row =
        |metric: &str, value, unit, target| Row::new("8 of 64 stall", metric, value, unit, target);
    let kib = |bytes: usize| bytes as f64 / 1024.0;
    let apart = crowd.stalled_p99_ms - crowd.usual_p99_ms;
    Ok(vec![
        row(
            "memory for each stalled one",
            kib(crowd.heap_bytes + crowd.kernel_bytes),
            "KiB",
            Target::AtMost(64.0),
        ),
        row(
            "of it in the system's buffers, at most",
            kib(crowd.kernel_bytes),
            "KiB",
            Target::None,
        ),
        row(
            "the others' snapshot interval p99, before",
            crowd.usual_p99_ms,
            "ms",
            Target::None,
        ),
        row(
            "the others' snapshot interval p99, meanwhile",
            crowd.stalled_p99_ms,
            "ms",
            Target::None,
        ),
        row("the difference", apart, "ms", Target::AtMost(1.0)),
        row(
            "snapshots that came to the others",
            100.0 * crowd.whole,
            "%",
            Target::None,
        ),
        // The way is a fraction of a millisecond here.
        row(
            "fresh after reading again",
            crowd.fresh_ms,
            "ms",
            Target::AtMost(1000.0 / 60.0 + 1.0),
        ),
    ])
}

fn narrow(seconds: Option<u32>) -> Rows {
    let mut rows = Vec::new();
    for (what, unbudgeted) in [("256 kbit/s", false), ("256 kbit/s, no budget", true)] {
        let held = narrow_reader(seconds.unwrap_or(30).into(), unbudgeted, true)?;
        let row = |metric: &str, value, unit, target| Row::new(what, metric, value, unit, target);
        rows.push(row("snapshot age p50", held.age_p50_ms, "ms", Target::None));
        // The way is a fraction of a millisecond; commands go once in a tick.
        let most = Target::AtMost(150.0 + 1000.0 / 60.0);
        rows.push(row("snapshot age p99", held.age_p99_ms, "ms", most));
        rows.push(row("snapshots", held.snapshots, "a second", Target::None));
    }
    Ok(rows)
}

fn pace(seconds: Option<u32>) -> Rows {
    let seconds = u64::from(seconds.unwrap_or(600));
    let [idle_p999, idle_latest] = idle_ticks(seconds.div_ceil(4))?;
    let pace = steady_ticks(64, seconds)?;
    let none = |metric: &str, value| Row::new("idle match", metric, value, "ms", Target::None);
    let row =
        |metric: &str, value, unit, target| Row::new("64 clients", metric, value, unit, target);
    let [p50, p99, p999, latest] = pace.start_ms;
    let [took, longest] = pace.took_ms;
    Ok(vec![
        none("tick starts late p99.9", idle_p999),
        none("tick starts late, latest", idle_latest),
        row("ticks", pace.ticks as f64, "", Target::None),
        row("tick starts late p50", p50, "ms", Target::None),
        row("tick starts late p99", p99, "ms", Target::None),
        row("tick starts late p99.9", p999, "ms", Target::AtMost(1.0)),
        row("tick starts late, latest", latest, "ms", Target::None),
        row("tick takes p99.9", took, "ms", Target::None),
        row(
            "tick takes, longest",
            longest,
            "ms",
            Target::AtMost(1000.0 / 60.0),
        ),
        row("slow-downs", pace.slowdowns as f64, "", Target::Is(0.0)),
    ])
}
