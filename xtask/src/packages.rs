//! Packages of a Debian-like system: installed by this tool when it may, named exactly when it may not.

use crate::{
    failure::{Failure, Result},
    process,
};
use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

/// The package lists are fetched once per run: a fresh machine has none, and old ones name files that are gone.
static LISTS_ARE_FRESH: AtomicBool = AtomicBool::new(false);

/// Whether this system has apt-get.
pub(crate) fn has_apt() -> bool {
    Path::new("/usr/bin/apt-get").exists()
}

/// Whether `install` has a chance: apt-get and the right to use it.
pub(crate) fn can_install() -> bool {
    has_apt() && process::answer(Command::new("id").arg("-u")).as_deref() == Some("0")
}

/// What a person types to install the packages.
pub(crate) fn advice(packages: &[&str]) -> String {
    format!(
        "sudo apt-get update && sudo apt-get install {}",
        packages.join(" ")
    )
}

/// Installs the packages as root, and says so; `purpose` says for what, as in "for the browser tests".
pub(crate) fn install(packages: &[&str], purpose: &str) -> Result {
    let fix = advice(packages);
    if !can_install() {
        return Err(Failure::new(
            format!("{} is missing, for {purpose}", packages.join(" ")),
            "only root on a system with apt-get can have it installed by this command",
            fix,
        ));
    }
    eprintln!(
        "  installing {} with apt-get, for {purpose}",
        packages.join(" ")
    );
    if !LISTS_ARE_FRESH.swap(true, Ordering::Relaxed) {
        process::run_quietly(apt().arg("update"), &fix)?;
    }
    let install = ["install", "--yes", "--no-install-recommends"];
    process::run_quietly(apt().args(install).args(packages), &fix)
}

/// apt-get that asks no questions and waits for another apt-get to end rather than giving up.
fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command
        .args(["-o", "DPkg::Lock::Timeout=300"])
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}
