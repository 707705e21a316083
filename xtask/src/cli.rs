//! The command line.

use crate::{
    failure::Result,
    plan::{run_all, run_chain},
    plans, play,
    settings::{Settings, Way},
};
use clap::{Args, CommandFactory, Parser, Subcommand};

/// Builds, plays and tests Tickwire.
///
/// New here? `cargo xtask play` builds everything, starts a match with bots and prints its address.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    /// Insist on one way to compile to wasm; otherwise the first that works is taken
    #[arg(long, global = true, value_name = "WAY")]
    toolchain: Option<Way>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the page and the server, then play: serves a match with 7 bots until Ctrl-C
    Play {
        /// Arguments for `arena serve`, after `--`
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Run all tests, as CI does, or only the steps named and what they need
    Test {
        /// Steps to run; see --list
        #[arg(value_name = "STEP")]
        steps: Vec<String>,
        /// List the steps and run none
        #[arg(long)]
        list: bool,
    },
    /// Build the page: wasm, npm packages, bundle (into client-demo/web/dist)
    Web(Speed),
    /// Build the browser client and its bindings (into client-demo/web/src/wasm)
    Wasm(Speed),
    /// Play the same match natively and in wasm, and compare every tick
    Determinism,
    /// Play random matches of the whole system in simulated time, and check every message and every tick
    Simulate {
        /// Arguments of the program: --hours N, --seed S, --threads T, --only
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Build for node what tests and benchmarks run in wasm, and print where it is
    Simulation,
    /// Feed the decoders with hostile bytes
    Fuzz {
        /// A target of tests/fuzz; all of them, one after the other, if none is named
        target: Option<String>,
        /// How long each target runs
        #[arg(long, default_value_t = 60, value_name = "N")]
        seconds: u32,
    },
}

#[derive(Args, Debug)]
struct Speed {
    /// Compile quickly and keep names for debugging, instead of small
    #[arg(long)]
    dev: bool,
}

impl Cli {
    /// Does what was asked.
    pub(crate) fn run(self) -> Result {
        let Some(command) = self.command else {
            // A help text that cannot be printed has no one to read it.
            let _ = Self::command().print_long_help();
            return Ok(());
        };
        let dev = matches!(
            &command,
            Command::Web(Speed { dev: true }) | Command::Wasm(Speed { dev: true })
        );
        let settings = Settings::new(self.toolchain, dev)?;
        match command {
            Command::Wasm(_) => run_chain(&plans::wasm(&settings)),
            Command::Web(_) => run_chain(&plans::web(&settings)),
            Command::Determinism => run_chain(&plans::determinism(&settings)),
            Command::Simulate { args } => run_chain(&plans::simulate(&settings, &args)),
            Command::Simulation => run_chain(&plans::simulation(&settings)),
            Command::Fuzz { target, seconds } => {
                run_chain(&plans::fuzz(&settings, target.as_deref(), seconds))
            }
            Command::Play { args } => {
                run_chain(&plans::play(&settings))?;
                play::serve(&settings, &args)
            }
            Command::Test { list: true, .. } => {
                for step in plans::test(&settings, &[])? {
                    println!("{:<12} {}", step.name, step.about);
                }
                Ok(())
            }
            Command::Test { steps, .. } => run_all(&plans::test(&settings, &steps)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_simulation_takes_its_arguments_without_two_dashes() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' '));
        assert!(parse("xtask simulate --hours 3 --seed 7").is_ok());
        assert!(parse("xtask simulate").is_ok());
    }

    #[test]
    fn what_follows_two_dashes_is_the_games() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' '));
        assert!(parse("xtask play -- --bots 3 --seed 7").is_ok());
        assert!(parse("xtask play --bots 3").is_err());
        assert!(parse("xtask test fmt doc --toolchain debian").is_ok());
    }
}
