//! Running other programs: shown before they start, their output straight through, a readable failure after.

use crate::{
    failure::{Failure, Result},
    settings::Settings,
};
use std::{
    env,
    io::ErrorKind,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The cargo that runs this tool, to be used in the repository.
///
/// `cargo run` sets variables for the program it starts (`CARGO_PKG_NAME` and so on). Build scripts, ring's for one,
/// watch them: passed on, they rebuild half the tree each time someone changes between `cargo xtask` and `cargo`.
pub(crate) fn cargo(settings: &Settings) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    forget_cargo_run(&mut command);
    command
        .current_dir(&settings.root)
        .env("CARGO_TARGET_DIR", &settings.target);
    command
}

/// Takes away what `cargo run` told this program about itself.
pub(crate) fn forget_cargo_run(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let told = name.to_str().is_some_and(|name| {
            [
                "CARGO_PKG_",
                "CARGO_MANIFEST_",
                "CARGO_BIN_",
                "CARGO_CRATE_",
            ]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        });
        if told {
            command.env_remove(name);
        }
    }
}

/// In CI a stale Cargo.lock is a failure; at a desk cargo may update it.
pub(crate) const fn locked(settings: &Settings) -> &'static [&'static str] {
    if settings.ci { &["--locked"] } else { &[] }
}

/// Runs the program to its end; `fix` is the advice if it fails.
pub(crate) fn run(command: &mut Command, fix: &str) -> Result {
    eprintln!("  $ {}", line(command));
    let status = command.status();
    check(command, status, "its output is above", fix)
}

/// Runs a program that talks too much when all is well: its output is shown only after a failure.
pub(crate) fn run_quietly(command: &mut Command, fix: &str) -> Result {
    eprintln!("  $ {}", line(command));
    let output = command.stdin(Stdio::null()).output();
    let said = output.as_ref().map_or(String::new(), |output| {
        let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        String::from_utf8_lossy(&text).trim().to_owned()
    });
    check(
        command,
        output.map(|output| output.status),
        &format!("it said: {said}"),
        fix,
    )
}

/// Runs the program and tells whether it ended well within `limit`; it is ended otherwise.
pub(crate) fn succeeds_within(command: &mut Command, limit: Duration) -> bool {
    eprintln!("  $ {}  (at most {} s)", line(command), limit.as_secs());
    let Ok(mut child) = command.stdin(Stdio::null()).spawn() else {
        return false;
    };
    let start = Instant::now();
    while start.elapsed() < limit {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => thread::sleep(Duration::from_millis(50)),
            Err(_) => break,
        }
    }
    // Nothing is left to do about a child that can be neither ended nor awaited.
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// What the program writes to stdout, trimmed; nothing if it is missing or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The command as one would type it in its folder; variables are left out.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words.map(|word| quoted(&word.to_string_lossy())).collect();
    let line = match command.get_current_dir() {
        Some(folder) => words
            .join(" ")
            .replace(&format!("{}/", folder.display()), ""),
        None => words.join(" "),
    };
    // The active cargo lives deep in rustup's folder; Debian's keeps its path, to be told apart from it.
    match line.split_once("/bin/cargo ") {
        Some((rustup, rest)) if rustup.contains("/toolchains/") => format!("cargo {rest}"),
        _ => line,
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:@,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn check(command: &Command, status: std::io::Result<ExitStatus>, said: &str, fix: &str) -> Result {
    let line = line(command);
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(
            format!("`{line}` failed"),
            format!("{status}; {said}"),
            fix,
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Failure::new(
            format!("`{line}` did not start"),
            "this program is not on the PATH",
            "install it, then run the command again",
        )),
        Err(error) => Err(Failure::new(
            format!("`{line}` did not start"),
            error.to_string(),
            fix,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{answer, line, run_quietly, succeeds_within};
    use std::{process::Command, time::Duration};

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("/home/u/.rustup/toolchains/x/bin/cargo");
        command.args(["test", "--", "it's", ""]);
        assert_eq!(line(&command), r"cargo test -- 'it'\''s' ''");
        let mut command = Command::new("/repo/target/arena");
        command
            .current_dir("/repo")
            .args(["--map=/repo/assets/yard", "/elsewhere"]);
        assert_eq!(line(&command), "target/arena --map=assets/yard /elsewhere");
    }

    #[test]
    fn a_missing_program_is_a_failure_with_advice() {
        let failure = run_quietly(&mut Command::new("no-such-program-at-all"), "x");
        let text = failure.map_or_else(|failure| failure.to_string(), |()| String::new());
        assert!(
            text.contains("not on the PATH") && text.contains("install it"),
            "{text}"
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_program_past_its_time_is_ended() {
        let limit = Duration::from_millis(100);
        assert!(!succeeds_within(Command::new("sleep").arg("60"), limit));
        assert!(succeeds_within(
            &mut Command::new("true"),
            Duration::from_secs(10)
        ));
    }

    #[test]
    #[cfg(unix)]
    fn an_answer_is_trimmed_and_needs_success() {
        assert_eq!(
            answer(Command::new("echo").arg("hello")),
            Some("hello".to_owned())
        );
        assert_eq!(answer(&mut Command::new("false")), None);
    }
}
