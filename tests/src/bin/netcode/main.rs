//! Measures how well the netcode does and prints one table: `--help`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tickwire_tests::netcode::{Effort, GROUPS, json, table};

/// Measures the netcode on every network profile, in simulated time: the same figures each time.
#[derive(Debug, Parser)]
struct Args {
    /// Writes the rows to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Fewer shots and shorter matches
    #[arg(long)]
    quick: bool,
    /// Only these groups of figures
    #[arg(long, value_name = "GROUP")]
    only: Vec<String>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let effort = if args.quick {
        Effort::Quick
    } else {
        Effort::Full
    };
    let is_wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    let mut rows = Vec::new();
    for group in GROUPS.iter().filter(|group| is_wanted(group.name)) {
        eprintln!("measuring: {}", group.name);
        rows.extend((group.measure)(effort));
    }
    print!("{}", table(&rows));
    let missed = rows.iter().filter(|row| row.ok() == Some(false)).count();
    println!("{} figures, {missed} targets missed", rows.len());
    if let Some(file) = args.json
        && let Err(why) = fs::write(&file, json(&rows))
    {
        eprintln!("{} was not written: {why}", file.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
