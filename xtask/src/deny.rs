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

/// Checks all that this machine can know; without the advisory database the rest is checked, and the summary says so.
pub(crate) fn check(settings: &Settings) -> Result<Outcome> {
    let Some(program) = find(settings) else {
        if !settings.ci {
            return settings.cannot_run(
                "there is no cargo-deny",
                &format!("`cargo install cargo-deny@{VERSION} --locked` (three minutes)"),
            );
        }
        install(settings)?;
        return check_with(settings, &own(settings).into_os_string());
    };
    check_with(settings, &program)
}

fn check_with(settings: &Settings, program: &OsString) -> Result<Outcome> {
    let deny = || {
        let mut command = Command::new(program);
        command.current_dir(&settings.root);
        command
    };
    let fix = "see deny.toml: allow it there with a reason, or choose another dependency";
    let known = ["licenses", "bans", "sources"];
    if succeeds_within(
        deny().args(["--log-level", "off", "fetch", "db"]),
        FETCH_LIMIT,
    ) {
        run(
            deny()
                .args(["check", "--disable-fetch", "advisories"])
                .args(known),
            fix,
        )?;
        return Ok(Outcome::Done(
            "advisories, licences, bans, sources".to_owned(),
        ));
    }
    run(deny().arg("check").args(known), fix)?;
    Ok(Outcome::Done(
        "licences, bans, sources; no advisories: their database at github.com/RustSec cannot be reached from here"
            .to_owned(),
    ))
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

/// Below target, so that a cached target folder spares the two to three minutes.
fn install(settings: &Settings) -> Result {
    eprintln!("  building cargo-deny, once: two to three minutes");
    let mut command = cargo(settings);
    command
        .args([
            "install",
            "cargo-deny",
            "--version",
            VERSION,
            "--locked",
            "--root",
        ])
        .arg(settings.target.join("tools"));
    run(&mut command, "check that cargo reaches crates.io")
}
