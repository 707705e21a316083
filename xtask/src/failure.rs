//! The one error of the build tool: what happened, why, and what to do about it.

use std::{fmt, io, path::Path};

/// A failure as a person needs to read it; every sentence is written at the place that knows the cause.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    why: String,
    fix: String,
}

/// The result of everything here that can fail.
pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

impl Failure {
    /// Three sentences without a full stop: what happened, why, and what to do.
    pub(crate) fn new(
        what: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
            fix: fix.into(),
        }
    }

    /// A file or folder could not be used; `verb` is what was tried, such as "read" or "create".
    pub(crate) fn file(verb: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(
            format!("cannot {verb} {}", path.display()),
            error.to_string(),
            "check that it belongs to you and that the disk has room, then run the command again",
        )
    }

    /// What happened, in one line.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  why: {}\n  do:  {}", self.what, self.why, self.fix)
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn a_failure_says_what_why_and_what_to_do() {
        let failure = Failure::new("the page was not built", "npm is missing", "install it");
        assert_eq!(
            failure.to_string(),
            "the page was not built\n  why: npm is missing\n  do:  install it"
        );
    }
}
