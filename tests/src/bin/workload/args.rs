//! The command line: what both ends have to agree on, and how long to measure.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use tickwire_protocol::LoadedLevel;

use crate::game::Crowd;

/// A crowd that walks, sent to many clients, and what that costs.
#[derive(Debug, Parser)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Simulates and sends until it is killed.
    Server(Flags),
    /// Connects all the clients, measures and reports.
    Client(Flags),
    /// Fits the crowd's tables to crowds of other sizes; they are embedded in both ends.
    Train {
        /// The file to write.
        out: PathBuf,
    },
}

/// The same for both ends.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Flags {
    /// Entities.
    #[arg(long, default_value = "100")]
    pub(crate) n: NonZeroU32,
    /// Share of the entities that walk, 0 to 1.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) a: f64,
    /// Clients, each of which owns one entity.
    #[arg(long, default_value = "8")]
    pub(crate) c: NonZeroU32,
    /// Port on this machine.
    #[arg(long, default_value_t = 9000)]
    pub(crate) port: u16,
    /// Radius within which a client sees; everything if not given.
    #[arg(long)]
    pub(crate) interest: Option<f32>,
    /// Seconds to measure.
    #[arg(long, default_value_t = 20.0)]
    pub(crate) secs: f64,
    /// Seconds between the last client's connection and the measurement.
    #[arg(long, default_value_t = 5.0)]
    pub(crate) warm: f64,
    /// Clients that decode their snapshots and measure latency and error; the others only count and check headers.
    #[arg(long, default_value_t = 4)]
    pub(crate) probes: u32,
}

impl Flags {
    /// What is simulated, as the level that both ends must have alike.
    pub(crate) fn level(&self) -> Result<LoadedLevel<Crowd>, String> {
        LoadedLevel::parse("crowd", &format!("{} {} {}", self.n, self.a, self.c))
    }
}
