//! The whole system at random: `tests/src/bin/simulate`, optimised.

use crate::{
    failure::Result,
    plan::Outcome,
    process::{cargo, locked, run},
    settings::Settings,
};

/// Builds the program and runs it with the caller's arguments.
pub(crate) fn simulate(settings: &Settings, args: &[String]) -> Result<Outcome> {
    run(
        cargo(settings)
            .args(["run", "--release", "--package", "tickwire-tests"])
            .args(["--bin", "simulate"])
            .args(locked(settings))
            .arg("--")
            .args(args),
        "repeat the match that failed by the command above, and keep its seed in tests/tests/simulate.rs when it is repaired",
    )?;
    Ok(Outcome::done())
}
