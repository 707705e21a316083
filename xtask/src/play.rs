//! From a fresh checkout to a running game.

use crate::{
    failure::{Failure, Result},
    plan::Outcome,
    process::{cargo, forget_cargo_run, line, locked, run},
    settings::Settings,
};
use std::{env, process::Command};

/// The demo server, optimised, with the page inside.
pub(crate) fn build_server(settings: &Settings) -> Result<Outcome> {
    run(
        cargo(settings)
            .args(["build", "--release", "--package", "tickwire-client-demo"])
            .args(locked(settings)),
        "repair what the compiler names, then run the command again",
    )?;
    Ok(Outcome::done())
}

/// Serves the game until it is stopped; `args` are the caller's for `arena serve`.
pub(crate) fn serve(settings: &Settings, args: &[String]) -> Result {
    let arena = format!("arena{}", env::consts::EXE_SUFFIX);
    let mut command = Command::new(settings.target.join("release").join(arena));
    forget_cargo_run(&mut command);
    command.current_dir(&settings.root).args(serve_args(args));
    eprintln!(
        "\nstarting the game; Ctrl-C ends it\n  $ {}",
        line(&command)
    );
    become_program(&mut command)
}

/// Seven bots keep one player busy, unless the caller wants another number.
fn serve_args(args: &[String]) -> Vec<String> {
    let chosen = args
        .iter()
        .any(|arg| arg == "--bots" || arg.starts_with("--bots="));
    let usual: &[&str] = if chosen {
        &["serve"]
    } else {
        &["serve", "--bots", "7"]
    };
    usual
        .iter()
        .map(|word| (*word).to_owned())
        .chain(args.iter().cloned())
        .collect()
}

/// The server takes this process's place: signals reach it directly, and it ends as it wishes.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Result {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(did_not_start(command, &error))
}

/// Windows cannot replace a process; Ctrl-C reaches both, and this one waits.
#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Result {
    command
        .status()
        .map(|_| ())
        .map_err(|error| did_not_start(command, &error))
}

fn did_not_start(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(
        format!("`{}` did not start", line(command)),
        error.to_string(),
        "run the command again; if the program is there, check that you may execute it",
    )
}

#[cfg(test)]
mod tests {
    use super::serve_args;

    #[test]
    fn seven_bots_play_unless_the_caller_says_otherwise() {
        let args = |words: &[&str]| {
            words
                .iter()
                .map(|&word| word.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(serve_args(&[]), args(&["serve", "--bots", "7"]));
        assert_eq!(
            serve_args(&args(&["--map", "yard"])),
            args(&["serve", "--bots", "7", "--map", "yard"])
        );
        assert_eq!(
            serve_args(&args(&["--bots", "0"])),
            args(&["serve", "--bots", "0"])
        );
        assert_eq!(
            serve_args(&args(&["--bots=3"])),
            args(&["serve", "--bots=3"])
        );
    }
}
