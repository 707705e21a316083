//! The browser tests: the demo server, a real Chromium and Playwright.
//!
//! `npm run test` in `tests/e2e` finds the two programs in these variables:
//! `TICKWIRE_ARENA`, the demo server, and `TICKWIRE_CHROMIUM`, the browser.

use crate::{
    failure::Result,
    node, packages,
    plan::Outcome,
    process::{answer, cargo, locked, run},
    settings::Settings,
};
use std::{env, process::Command};

/// Names that Chromium goes by, the usual one first.
const BROWSERS: [&str; 5] = [
    "/usr/bin/chromium",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Builds the server around the page and runs the tests; a missing browser is installed, or the step skipped.
pub(crate) fn test(settings: &Settings) -> Result<Outcome> {
    let mut browser = find();
    if browser.is_none() && packages::can_install() {
        packages::install(&["chromium"], "the browser tests")?;
        browser = find();
    }
    let Some(browser) = browser else {
        let fix = format!(
            "install Chromium ({}) or set TICKWIRE_CHROMIUM to its path",
            packages::advice(&["chromium"])
        );
        return settings.cannot_run("there is no Chromium", &fix);
    };
    // Not the release build: this one shares its dependencies with the Rust tests, and a match of bots is no load.
    run(
        cargo(settings)
            .args(["build", "--bin", "arena"])
            .args(locked(settings)),
        "repair what the compiler names",
    )?;
    let arena = format!("arena{}", env::consts::EXE_SUFFIX);
    let folder = settings.root.join("tests/e2e");
    node::install(&folder)?;
    run(
        node::script(&folder, "test")
            .env("TICKWIRE_ARENA", settings.target.join("debug").join(arena))
            .env("TICKWIRE_CHROMIUM", browser),
        "see the test's name above, and its screenshot below tests/e2e",
    )?;
    Ok(Outcome::done())
}

fn find() -> Option<String> {
    let wish = env::var("TICKWIRE_CHROMIUM").ok();
    wish.into_iter()
        .chain(BROWSERS.map(str::to_owned))
        .find(|program| answer(Command::new(program).arg("--version")).is_some())
}
