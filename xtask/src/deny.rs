//! Licences, sources, duplicates and known advisories of all dependencies, by cargo-deny and deny.toml.

use crate::{
    failure::Result,
    plan::Outcome,
    process::{answer, cargo, run, succeeds_within},
    settings::Settings,
};
use std::{ffi::OsString, path::PathBuf, process::Command, time::Duration};

/// Known to understand deny.toml.
const VERSION: &str = "0.20.2";

/// The database is a few megabytes.
const FETCH_LIMIT: Duration = Duration::from_secs(60);

/// What can be checked without the advisory database.
const KNOWN: [&str; 3] = ["licenses", "bans", "sources"];

/// Checks all that this machine can know; without the advisory database the rest is checked, and the summary says so.
pub(crate) fn check(settings: &Settings) -> Result<Outcome> {
    let program = match find(settings) {
        Some(program) => program,
        None if settings.ci => install(settings)?,
        None => {
            let fix = format!("`cargo install cargo-deny@{VERSION} --locked` (three minutes)");
            return settings.cannot_run("there is no cargo-deny", &fix);
        }
    };
    let deny = |words: &[&str]| {
        let mut command = Command::new(&program);
        command.current_dir(&settings.root).args(words);
        command
    };
    let fetched = succeeds_within(
        &mut deny(&["--log-level", "off", "fetch", "db"]),
        FETCH_LIMIT,
    );
    let mut check = deny(&["check", "--hide-inclusion-graph"]);
    if fetched {
        check.arg("advisories");
    }
    let fix = "see deny.toml: allow it there with a reason, or choose another dependency";
    run(check.args(KNOWN), fix)?;
    Ok(Outcome::Done(if fetched {
        "advisories, licences, bans, sources".to_owned()
    } else {
        "licences, bans, sources; not the advisories, whose database (github.com/RustSec) is out of reach".to_owned()
    }))
}

/// The caller's own cargo-deny, else the one an earlier run installed.
fn find(settings: &Settings) -> Option<OsString> {
    [OsString::from("cargo-deny"), own(settings).into_os_string()]
        .into_iter()
        .find(|program| answer(Command::new(program).arg("--version")).is_some())
}

fn own(settings: &Settings) -> PathBuf {
    settings.target.join("tools/bin/cargo-deny")
}

/// Below target, so that a cached target folder spares it. Not optimised: that takes a third of the time to build, and
/// two seconds more to run.
fn install(settings: &Settings) -> Result<OsString> {
    eprintln!("  building cargo-deny, once: one to two minutes");
    let mut command = cargo(settings);
    command
        .args([
            "install",
            "cargo-deny",
            "--version",
            VERSION,
            "--locked",
            "--debug",
            "--root",
        ])
        .arg(settings.target.join("tools"))
        .env("CARGO_PROFILE_DEV_DEBUG", "false");
    run(&mut command, "check that cargo reaches crates.io")?;
    Ok(own(settings).into_os_string())
}
