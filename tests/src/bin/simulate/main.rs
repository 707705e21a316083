//! Runs random matches of the whole system for as long as one likes, and says which seed failed first: `--help`.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{collections::BTreeMap, thread};

use clap::Parser;
use tickwire_tests::simulate::{Counts, Kind, Scenario, run};

/// Plays random matches of the whole system, in simulated time, and checks every message and every tick.
#[derive(Debug, Parser)]
struct Args {
    /// Simulated match-hours to play
    #[arg(long, default_value_t = 1.0)]
    hours: f64,
    /// The seed of the first match; each next one has the next
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many matches run at a time
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Play this one match only, and tell of it
    #[arg(long)]
    only: bool,
}

/// How often it says how far it is.
const REPORT: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Totals {
    matches: u64,
    time: Duration,
    by_kind: BTreeMap<Kind, (Duration, Duration)>,
    counts: Counts,
}

fn main() -> ExitCode {
    let args = Args::parse();
    // A failure is told below, with its seed; the place in the code helps who repeats it.
    if !args.only {
        std::panic::set_hook(Box::new(|_| {}));
    }
    let (next, failed) = (AtomicU64::new(args.seed), AtomicBool::new(false));
    let (totals, start) = (Mutex::new(Totals::default()), Instant::now());
    thread::scope(|scope| {
        for _ in 0..args.threads.max(1) {
            scope.spawn(|| play(&args, &next, &failed, &totals));
        }
        let mut said = start;
        while !is_over(&args, &totals) && !failed.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(200));
            if said.elapsed() >= REPORT {
                said = Instant::now();
                say(&totals, start);
            }
        }
    });
    say(&totals, start);
    if failed.load(Ordering::Relaxed) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn is_over(args: &Args, totals: &Mutex<Totals>) -> bool {
    let Ok(totals) = totals.lock() else {
        return true;
    };
    let hours = totals.time.as_secs_f64() / 3600.0;
    hours >= args.hours || args.only && totals.matches > 0
}

fn play(args: &Args, next: &AtomicU64, failed: &AtomicBool, totals: &Mutex<Totals>) {
    while !failed.load(Ordering::Relaxed) && !is_over(args, totals) {
        let scenario = Scenario::of(next.fetch_add(1, Ordering::Relaxed));
        if args.only {
            println!("seed {}: {scenario}", scenario.seed);
        }
        let start = Instant::now();
        match run(&scenario) {
            Ok(outcome) => {
                let Ok(mut totals) = totals.lock() else {
                    return;
                };
                totals.matches += 1;
                totals.time += outcome.time;
                let (time, took) = totals.by_kind.entry(scenario.kind).or_default();
                *time += outcome.time;
                *took += start.elapsed();
                totals.counts.add(&outcome.counts);
            }
            Err(why) => {
                failed.store(true, Ordering::Relaxed);
                let (seed, time) = (scenario.seed, why.time.as_secs_f64());
                println!(
                    "FAILED: seed {seed}, tick {}, {time:.3} s: {}\n  {scenario}\n  again: cargo xtask simulate --seed {seed} --only",
                    why.tick, why.what
                );
            }
        }
    }
}

fn say(totals: &Mutex<Totals>, start: Instant) {
    let Ok(totals) = totals.lock() else {
        return;
    };
    let hours = |time: &Duration| time.as_secs_f64() / 3600.0;
    let speed =
        |time: &Duration, took: &Duration| time.as_secs_f64() / took.as_secs_f64().max(1e-9);
    println!(
        "{:.2} h in {} matches, {:.0} × real time; {:?}",
        hours(&totals.time),
        totals.matches,
        speed(&totals.time, &start.elapsed()),
        totals.counts
    );
    for (kind, (time, took)) in &totals.by_kind {
        println!(
            "  {kind:?}: {:.2} h, {:.0} ×",
            hours(time),
            speed(time, took)
        );
    }
}
