//! Node and npm: recent enough, the locked packages installed, and scripts of a package.json run.

use crate::{
    failure::{Failure, Result},
    process::{self, answer},
};
use std::{
    fs,
    io::{self, IsTerminal},
    path::Path,
    process::Command,
};

/// Vite 8 needs 20.19, or 22.12 and later.
const OLDEST: (u32, u32) = (20, 19);

/// A copy of the lock file that node_modules was made from.
const INSTALLED: &str = "node_modules/.installed-package-lock.json";

/// Installs what package-lock.json of the folder says, where it is not installed yet.
pub(crate) fn install(folder: &Path) -> Result {
    check_versions()?;
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).map_err(|error| {
        let what = format!("cannot read {}", lock.display());
        let fix = "run `npm install` once in that folder, and commit the file";
        Failure::new(what, error.to_string(), fix)
    })?;
    let installed = folder.join(INSTALLED);
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        eprintln!("  the npm packages are up to date");
        return Ok(());
    }
    // Browsers come from the system, not from Playwright.
    let mut npm = npm(folder);
    npm.args(["ci", "--no-audit", "--no-fund"])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    process::run(
        &mut npm,
        "check that npm reaches its registry and that package-lock.json fits package.json (`npm install` repairs it)",
    )?;
    fs::write(&installed, wanted).map_err(|error| Failure::file("write", &installed, &error))
}

/// `npm run <name>` in the folder, ready to be given variables and run.
pub(crate) fn script(folder: &Path, name: &str) -> Command {
    let mut command = npm(folder);
    command.args(["run", "--silent", name]);
    command
}

fn npm(folder: &Path) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(folder);
    if !io::stderr().is_terminal() {
        // Some tools colour their output even in a log file.
        command.env("NO_COLOR", "1");
    }
    command
}

fn check_versions() -> Result {
    let (major, minor) = OLDEST;
    let fix = format!(
        "install Node {major}.{minor} or later, which brings npm: https://nodejs.org/en/download, or `nvm install 22`, or on a Mac `brew install node`"
    );
    let found = answer(Command::new("node").arg("--version"));
    let recent = found
        .as_deref()
        .and_then(version)
        .is_some_and(|found| found >= OLDEST);
    if !recent {
        let why = found.map_or("there is no `node` on the PATH".to_owned(), |found| {
            format!("`node` is {found}, and the page's build needs {major}.{minor} or later")
        });
        return Err(Failure::new("the page cannot be built", why, fix));
    }
    if answer(npm(Path::new(".")).arg("--version")).is_none() {
        let why = "there is a `node`, but no `npm` on the PATH";
        return Err(Failure::new("the page cannot be built", why, fix));
    }
    Ok(())
}

/// Major and minor of "v20.19.2".
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{OLDEST, version};

    #[test]
    fn versions_of_node_are_compared_as_numbers() {
        assert_eq!(version("v20.19.2"), Some((20, 19)));
        assert!(version("v22.1.0") > Some(OLDEST));
        assert!(version("v20.9.0") < Some(OLDEST));
        assert_eq!(version("20.19.2"), None);
        assert_eq!(version("v20"), None);
    }
}
