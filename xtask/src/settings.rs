//! What holds for one whole run: where things are, and what the command line asked for.

use crate::{
    failure::{Failure, Result},
    plan::Outcome,
};
use clap::ValueEnum;
use std::{
    env,
    path::{Path, PathBuf},
};

/// Which compiler turns Rust into wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// The active toolchain, with `rustup target add wasm32-unknown-unknown`
    Rustup,
    /// Debian's packages rustc-web, cargo-web and rust-web-src
    Debian,
}

/// Paths are absolute, so that no step depends on the folder it was started in.
pub(crate) struct Settings {
    /// The repository.
    pub(crate) root: PathBuf,
    /// Cargo's target folder; everything generated outside the web front end goes below it.
    pub(crate) target: PathBuf,
    /// In CI nothing is skipped and Cargo.lock must be up to date.
    pub(crate) ci: bool,
    /// Build the wasm quickly and readable instead of small.
    pub(crate) dev: bool,
    /// The wasm compiler that the caller insists on, if any.
    pub(crate) way: Option<Way>,
}

impl Settings {
    /// Reads the environment once; `way` and `dev` come from the command line.
    pub(crate) fn new(way: Option<Way>, dev: bool) -> Result<Self> {
        // As Cargo says now, not when this was built: the checkout may have been moved since.
        let package = env::var_os("CARGO_MANIFEST_DIR");
        let package = package.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = package.parent().unwrap_or(Path::new(".")).to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => std::path::absolute(&folder)
                .map_err(|error| Failure::file("use", Path::new(&folder), &error))?,
            None => root.join("target"),
        };
        Ok(Self {
            root,
            target,
            ci: env::var("CI").is_ok_and(|value| is_yes(&value)),
            dev,
            way,
        })
    }

    /// The browser front end of the demo.
    pub(crate) fn web(&self) -> PathBuf {
        self.root.join("client-demo/web")
    }

    /// A step that cannot run on this machine: skipped at a desk, a failure in CI, where it would hide a gap for ever.
    pub(crate) fn cannot_run(&self, why: &str, fix: &str) -> Result<Outcome> {
        if self.ci {
            return Err(Failure::new(
                why,
                "this step cannot run without, and in CI nothing is skipped",
                fix,
            ));
        }
        Ok(Outcome::Skipped(format!("{why}; to run it: {fix}")))
    }
}

/// `CI=true` and `CI=1` count; `CI=false`, `CI=0` and an empty value do not.
fn is_yes(value: &str) -> bool {
    !matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "" | "0" | "false" | "no"
    )
}

#[cfg(test)]
mod tests {
    use super::{Settings, is_yes};
    use crate::plan::Outcome;

    fn settings(ci: bool) -> Settings {
        Settings {
            root: "/repo".into(),
            target: "/repo/target".into(),
            ci,
            dev: false,
            way: None,
        }
    }

    #[test]
    fn ci_is_on_for_any_plain_yes() {
        assert!(is_yes("true") && is_yes("1") && is_yes("True"));
        assert!(!is_yes("") && !is_yes("0") && !is_yes("false") && !is_yes(" FALSE "));
    }

    #[test]
    fn a_gap_is_skipped_at_a_desk_and_fails_in_ci() {
        let desk = settings(false).cannot_run("no browser", "install one");
        assert!(matches!(desk, Ok(Outcome::Skipped(_))));
        assert!(
            settings(true)
                .cannot_run("no browser", "install one")
                .is_err()
        );
    }
}
