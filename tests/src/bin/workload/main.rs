//! The workload that Tickwire is measured by, beside other netcode: a crowd that walks, real processes, real WebSockets.
//!
//! `workload server` and `workload client` take the same flags and print lines of JSON: the server one a second, the client
//! one at each end of the measured time and then the result. Both run the same [`generator`], so that the client can tell how
//! far what it decodes lies from the truth.

mod args;
mod client;
mod game;
mod generator;
mod probe;
mod process;
mod report;
mod schedule;
mod server;
mod train;
mod truth;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};

fn main() -> ExitCode {
    let Args { command } = Args::parse();
    let ended = match &command {
        Command::Server(flags) => server::run(flags),
        Command::Client(flags) => client::run(flags),
        Command::Train { out } => train::run(out),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("workload: {why}");
            ExitCode::FAILURE
        }
    }
}
