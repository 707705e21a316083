//! Which steps each command consists of.

use crate::{
    browser, deny, determinism,
    failure::{Failure, Result},
    fuzz,
    plan::{Outcome, Step},
    play, rust,
    settings::Settings,
    simulate, sizes, web,
};

/// How long `cargo xtask test` runs each fuzz target: long enough to find what is shallow, short enough to wait for.
const FUZZ_SECONDS: u32 = 10;

type Work = fn(&Settings) -> Result<Outcome>;

/// A step before it is bound to the settings of one run.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    about: &'static str,
    needs: &'static [&'static str],
    work: Work,
}

const fn row(name: &'static str, about: &'static str, work: Work) -> Row {
    Row {
        name,
        about,
        needs: &[],
        work,
    }
}

impl Row {
    /// The step is no use before these, which come earlier in the same plan.
    const fn after(mut self, needs: &'static [&'static str]) -> Self {
        self.needs = needs;
        self
    }
}

// First wherever it occurs: it is quick, and it finds out whether this machine has node.
const PACKAGES: Row = row("packages", "install the page's npm packages", web::packages);
const WASM: Row = row("wasm", "compile and bind the client", web::wasm);
const PAGE: Row = row("page", "build the page", web::page).after(&["wasm", "packages"]);
const DETERMINISM: Row = row("determinism", "native and wasm agree", determinism::check);

/// Everything that must hold, quick checks first.
const TEST: [Row; 15] = [
    row("fmt", "the code is formatted", rust::fmt),
    row("clippy", "no warning, not even in tests", rust::clippy),
    row("test", "cargo test, doc examples too", rust::test),
    row("doc", "no warning in the documentation", rust::doc),
    row("tools", "tests of xtask and of the bindings", rust::tools),
    row("deny", "what the dependencies bring", deny::check),
    DETERMINISM,
    row("fuzz", "bytes from a stranger break nothing", fuzz_all),
    PACKAGES,
    WASM,
    PAGE,
    row("typecheck", "the types of the page fit", web::typecheck).after(&["wasm", "packages"]),
    row("vitest", "the tests of the page", web::test).after(&["wasm", "packages"]),
    row("sizes", "the page is small to download", sizes::check).after(&["page"]),
    row("browser", "a real browser plays", browser::test).after(&["page"]),
];

/// The steps of `cargo xtask wasm`.
pub(crate) fn wasm(settings: &Settings) -> Vec<Step<'_>> {
    steps(settings, &[WASM])
}

/// The steps of `cargo xtask web`.
pub(crate) fn web(settings: &Settings) -> Vec<Step<'_>> {
    let sizes = row("sizes", "measure what a player downloads", sizes::report);
    steps(settings, &[PACKAGES, WASM, PAGE, sizes])
}

/// The steps of `cargo xtask play`, before the game starts.
pub(crate) fn play(settings: &Settings) -> Vec<Step<'_>> {
    let server = row("server", "build the server, optimised", play::build_server);
    steps(settings, &[PACKAGES, WASM, PAGE, server])
}

/// The one step of `cargo xtask determinism`.
pub(crate) fn determinism(settings: &Settings) -> Vec<Step<'_>> {
    steps(settings, &[DETERMINISM])
}

/// The one step of `cargo xtask simulation`.
pub(crate) fn simulation(settings: &Settings) -> Vec<Step<'_>> {
    let about = "compile and bind what tests run in wasm";
    steps(settings, &[row("simulation", about, determinism::build)])
}

/// The one step of `cargo xtask simulate`.
pub(crate) fn simulate<'a>(settings: &'a Settings, args: &'a [String]) -> Vec<Step<'a>> {
    vec![Step {
        name: "simulate",
        about: "random matches of the whole system",
        needs: &[],
        work: Box::new(move || simulate::simulate(settings, args)),
    }]
}

/// The one step of `cargo xtask fuzz`.
pub(crate) fn fuzz<'a>(
    settings: &'a Settings,
    target: Option<&'a str>,
    seconds: u32,
) -> Vec<Step<'a>> {
    vec![Step {
        name: "fuzz",
        about: "bytes from a stranger break nothing",
        needs: &[],
        work: Box::new(move || fuzz::fuzz(settings, target, seconds)),
    }]
}

/// The steps of `cargo xtask test`: all, or those named and what they need, in their own order.
pub(crate) fn test<'a>(settings: &'a Settings, names: &[String]) -> Result<Vec<Step<'a>>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| TEST.iter().all(|row| row.name != name.as_str()))
    {
        return Err(Failure::new(
            format!("there is no step {unknown}"),
            "the names are those of `cargo xtask test --list`",
            format!("choose from: {}", TEST.map(|row| row.name).join(", ")),
        ));
    }
    let mut wanted: Vec<&str> = names.iter().map(String::as_str).collect();
    // Backwards, because what a step needs comes before it.
    for row in TEST.iter().rev() {
        if wanted.contains(&row.name) {
            wanted.extend(row.needs);
        }
    }
    let chosen = |row: &&Row| names.is_empty() || wanted.contains(&row.name);
    Ok(steps(
        settings,
        &TEST.iter().filter(chosen).copied().collect::<Vec<_>>(),
    ))
}

fn steps<'a>(settings: &'a Settings, rows: &[Row]) -> Vec<Step<'a>> {
    let step = |&Row {
                    name,
                    about,
                    needs,
                    work,
                }: &Row| Step {
        name,
        about,
        needs,
        work: Box::new(move || work(settings)),
    };
    rows.iter().map(step).collect()
}

fn fuzz_all(settings: &Settings) -> Result<Outcome> {
    fuzz::fuzz(settings, None, FUZZ_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::{TEST, test};
    use crate::settings::Settings;

    fn names(wish: &[&str]) -> Result<Vec<&'static str>, String> {
        let settings = Settings::new(None, false).map_err(|failure| failure.to_string())?;
        let wish: Vec<String> = wish.iter().map(|&name| name.to_owned()).collect();
        let steps = test(&settings, &wish).map_err(|failure| failure.to_string())?;
        Ok(steps.iter().map(|step| step.name).collect())
    }

    #[test]
    fn a_step_needs_only_steps_before_it() {
        for (index, row) in TEST.iter().enumerate() {
            for need in row.needs {
                let before = TEST.iter().take(index).any(|earlier| earlier.name == *need);
                assert!(before, "{} needs {need}", row.name);
            }
        }
    }

    #[test]
    fn named_steps_run_in_the_order_of_the_plan() {
        assert_eq!(names(&["doc", "fmt"]).unwrap(), ["fmt", "doc"]);
        assert_eq!(names(&[]).unwrap().len(), TEST.len());
        assert!(
            names(&["fmt", "nonsense"])
                .unwrap_err()
                .contains("nonsense")
        );
    }

    #[test]
    fn a_named_step_brings_what_it_needs() {
        assert_eq!(
            names(&["sizes"]).unwrap(),
            ["packages", "wasm", "page", "sizes"]
        );
    }
}
