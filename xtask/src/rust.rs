//! What cargo checks by itself: format, lints, tests, documentation.

use crate::{
    failure::Result,
    plan::Outcome,
    process::{cargo, locked, run},
    settings::Settings,
};

/// Every file is formatted, those of the fuzz targets' own workspace included.
pub(crate) fn fmt(settings: &Settings) -> Result<Outcome> {
    run(
        cargo(settings).args(["fmt", "--all", "--check"]),
        "run `cargo fmt --all`",
    )?;
    let fuzz = settings.root.join("tests/fuzz/Cargo.toml");
    if fuzz.exists() {
        let mut command = cargo(settings);
        command.args(["fmt", "--check", "--manifest-path", "tests/fuzz/Cargo.toml"]);
        run(
            &mut command,
            "run `cargo fmt --manifest-path tests/fuzz/Cargo.toml`",
        )?;
    }
    Ok(Outcome::done())
}

/// No warning anywhere.
pub(crate) fn clippy(settings: &Settings) -> Result<Outcome> {
    run(
        cargo(settings)
            .args(["clippy", "--workspace", "--all-targets"])
            .args(locked(settings))
            .args(["--", "-D", "warnings"]),
        "repair what clippy names; `cargo clippy --workspace --all-targets` repeats it",
    )?;
    Ok(Outcome::done())
}

/// The tests of everything a plain `cargo test` covers, with the examples in the documentation.
pub(crate) fn test(settings: &Settings) -> Result<Outcome> {
    let fix = "look for `failures:` above; a test prints the seed that repeats it";
    run(cargo(settings).arg("test").args(locked(settings)), fix)?;
    Ok(Outcome::done())
}

/// The tests that a plain `cargo test` leaves out, because they pull in the build tool's dependencies.
pub(crate) fn tools(settings: &Settings) -> Result<Outcome> {
    // One by one: together, features unite and everything this tool is made of is compiled a second time.
    for package in ["xtask", "tickwire-client-demo-wasm"] {
        let mut command = cargo(settings);
        command
            .args(["test", "--package", package])
            .args(locked(settings));
        run(&mut command, "look for `failures:` above")?;
    }
    Ok(Outcome::done())
}

/// The documentation builds, and no link in it leads nowhere.
pub(crate) fn doc(settings: &Settings) -> Result<Outcome> {
    let mut command = cargo(settings);
    command
        .args(["doc", "--workspace", "--no-deps"])
        .args(locked(settings))
        .env("RUSTDOCFLAGS", "-D warnings");
    run(
        &mut command,
        "repair what rustdoc names; `cargo doc --no-deps` repeats it",
    )?;
    Ok(Outcome::done())
}
