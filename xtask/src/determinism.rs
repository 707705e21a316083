//! `tests/wasm` for node. The same match, seed and inputs must give the same hashes natively and in wasm.

use crate::{
    failure::Result,
    plan::Outcome,
    process::{cargo, locked, run},
    settings::Settings,
    wasm::{self, Loader, Module},
};

/// Where the test finds the wasm simulation: the path of its JavaScript, to be loaded by node.
const SIMULATION: &str = "TICKWIRE_WASM_SIM";

fn simulation(settings: &Settings) -> Module {
    Module {
        package: "tickwire-tests-wasm",
        name: "simulation",
        out: settings.target.join("determinism"),
        loader: Loader::Node,
    }
}

/// Builds `tests/wasm` for node and prints, alone on stdout, where its JavaScript is.
pub(crate) fn build(settings: &Settings) -> Result<Outcome> {
    let simulation = simulation(settings);
    let built = wasm::build(settings, &simulation)?;
    println!("{}", simulation.javascript().display());
    Ok(built)
}

/// Builds the simulation of `tests/wasm` for node and runs the test that compares it with the native one: optimised, it plays
/// 10⁶ ticks.
pub(crate) fn check(settings: &Settings) -> Result<Outcome> {
    let simulation = simulation(settings);
    wasm::build(settings, &simulation)?;
    run(
        cargo(settings)
            .args([
                "test",
                "--release",
                "--package",
                "tickwire-tests",
                "--test",
                "determinism",
            ])
            .args(locked(settings))
            .env(SIMULATION, simulation.javascript()),
        "see the first tick that differs: something in it depends on the platform (floats, hashing order, usize)",
    )?;
    Ok(Outcome::done())
}
