//! The build tool of Tickwire: see `cargo xtask --help`.

mod browser;
mod cli;
mod deny;
mod determinism;
mod failure;
mod files;
mod fuzz;
mod node;
mod packages;
mod plan;
mod plans;
mod play;
mod process;
mod rust;
mod settings;
mod simulate;
mod sizes;
mod toolchain;
mod wasm;
mod web;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nerror: {failure}");
            ExitCode::FAILURE
        }
    }
}
