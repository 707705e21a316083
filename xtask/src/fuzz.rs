//! Fuzz targets on the pinned stable compiler: libFuzzer finds its way by coverage, no nightly and no cargo-fuzz needed.
//!
//! The targets keep cargo-fuzz's layout, so `cargo +nightly fuzz run <target>` in `tests` works for whoever has it. It adds
//! the address sanitizer, which finds nothing in a tree that forbids unsafe code.

use crate::{
    failure::{Failure, Result},
    packages,
    plan::Outcome,
    process::{answer, cargo, locked, run},
    settings::Settings,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What makes libFuzzer see coverage and comparisons; the same flags as cargo-fuzz's, without a sanitizer.
const COVERAGE: [&str; 9] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
    "-Coverflow-checks",
    "-Ccodegen-units=1",
];

/// Between the flags in `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\u{1f}";

/// Builds the fuzz targets and runs each (or the one named `only`) for `seconds`.
pub(crate) fn fuzz(settings: &Settings, only: Option<&str>, seconds: u32) -> Result<Outcome> {
    let folder = settings.root.join("tests/fuzz");
    let targets = chosen(targets(&folder.join("fuzz_targets"))?, only)?;
    if answer(Command::new("c++").arg("--version")).is_none() {
        if !packages::can_install() {
            let fix = format!(
                "install a C++ compiler, such as g++ ({})",
                packages::advice(&["g++"])
            );
            return settings.cannot_run("libFuzzer needs a C++ compiler", &fix);
        }
        packages::install(&["g++"], "libFuzzer")?;
    }
    let programs = build(settings)?;
    for target in &targets {
        eprintln!("  fuzzing {target} for {seconds} s");
        fuzz_one(settings, &programs.join(target), target, seconds)?;
    }
    Ok(Outcome::Done(format!(
        "{} for {seconds} s each",
        targets.join(", ")
    )))
}

/// Returns the folder with the programs.
fn build(settings: &Settings) -> Result<PathBuf> {
    let host = host()?;
    let folder = settings.target.join("fuzz");
    run(
        cargo(settings)
            // With a target named, build scripts and macros are spared the flags.
            .args(["build", "--release", "--target", &host])
            .args(["--manifest-path", "tests/fuzz/Cargo.toml"])
            .args(locked(settings))
            .env("CARGO_TARGET_DIR", &folder)
            .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join(SEPARATOR)),
        "repair what the compiler names",
    )?;
    Ok(folder.join(host).join("release"))
}

fn fuzz_one(settings: &Settings, program: &Path, target: &str, seconds: u32) -> Result {
    let found = settings.target.join("fuzz/corpus").join(target);
    let crashes = settings.root.join("artifacts/fuzz");
    for folder in [&found, &crashes] {
        fs::create_dir_all(folder).map_err(|error| Failure::file("create", folder, &error))?;
    }
    let mut command = Command::new(program);
    command
        .current_dir(&settings.root)
        .args([
            "-verbosity=0",
            "-print_final_stats=1",
            "-timeout=10",
            "-rss_limit_mb=2048",
        ])
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/{target}-", crashes.display()))
        // New finds go to the first folder; seeds that the repository keeps are only read.
        .arg(found);
    let seeds = settings.root.join("tests/fuzz/corpus").join(target);
    if seeds.exists() {
        command.arg(seeds);
    }
    run(&mut command, "").map_err(|_| {
        let program = program
            .strip_prefix(&settings.root)
            .unwrap_or(program)
            .display();
        Failure::new(
            format!("the fuzz target {target} failed"),
            "the input at the end of its output breaks it; libFuzzer kept it in artifacts/fuzz",
            format!(
                "repeat it with `{program} artifacts/fuzz/{target}-…`, and keep the input as a test"
            ),
        )
    })
}

/// The names of the targets: the Rust files of the folder, sorted.
fn targets(folder: &Path) -> Result<Vec<String>> {
    let files = fs::read_dir(folder).map_err(|error| Failure::file("read", folder, &error))?;
    let mut names: Vec<String> = files
        .flatten()
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

fn chosen(targets: Vec<String>, only: Option<&str>) -> Result<Vec<String>> {
    match only {
        None => Ok(targets),
        Some(name) if targets.iter().any(|target| target == name) => Ok(vec![name.to_owned()]),
        Some(name) => Err(Failure::new(
            format!("there is no fuzz target {name}"),
            "tests/fuzz/fuzz_targets has no such file",
            format!("choose one of: {}", targets.join(", ")),
        )),
    }
}

/// The triple of this machine, from the compiler.
fn host() -> Result<String> {
    let text = answer(Command::new("rustc").arg("-vV")).unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| {
            Failure::new(
                "the fuzz targets were not built",
                "`rustc -vV` does not say which machine this is",
                "check that `rustc -vV` works here",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::{chosen, host};

    #[test]
    fn one_target_or_all_are_chosen() {
        let targets = || vec!["decode".to_owned(), "room".to_owned()];
        assert!(chosen(targets(), None).is_ok_and(|all| all.len() == 2));
        assert!(chosen(targets(), Some("room")).is_ok_and(|one| one == ["room"]));
        let failure = chosen(targets(), Some("rooom")).unwrap_err().to_string();
        assert!(failure.contains("decode, room"), "{failure}");
    }

    #[test]
    fn the_compiler_names_this_machine() {
        assert!(host().is_ok_and(|host| host.contains('-')));
    }
}
