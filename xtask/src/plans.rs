//! Which steps each command consists of.

use crate::{
    browser, deny, determinism,
    failure::{Failure, Result},
    fuzz,
    plan::{Outcome, Step},
    play, rust,
    settings::Settings,
    sizes, web,
};

/// How long `cargo xtask test` runs each fuzz target: long enough to find what is shallow, short enough to wait for.
const FUZZ_SECONDS: u32 = 10;

type Work = fn(&Settings) -> Result<Outcome>;

/// Name, what it does, the steps without which it is no use, the work.
type Row = (&'static str, &'static str, &'static [&'static str], Work);

const WASM: Row = (
    "wasm",
    "compile the browser client and generate its bindings",
    &[],
    web::wasm,
);
const PACKAGES: Row = (
    "packages",
    "install the page's npm packages",
    &[],
    web::packages,
);
const PAGE: Row = ("page", "build the page", &["wasm", "packages"], web::page);

/// Everything that must hold, quick checks first.
const TEST: [Row; 14] = [
    ("fmt", "the code is formatted", &[], rust::fmt),
    (
        "clippy",
        "no warnings, tests and tools included",
        &[],
        rust::clippy,
    ),
    (
        "test",
        "cargo test, with the examples in the documentation",
        &[],
        rust::test,
    ),
    (
        "doc",
        "the documentation builds without warnings",
        &[],
        rust::doc,
    ),
    (
        "tools",
        "the tests of this tool and of the wasm bindings",
        &[],
        rust::tools,
    ),
    (
        "deny",
        "licences, sources and advisories of the dependencies",
        &[],
        deny::check,
    ),
    WASM,
    (
        "web",
        "install the npm packages and build the page",
        &["wasm"],
        page,
    ),
    (
        "typecheck",
        "the types of the page fit the bindings",
        &["wasm"],
        |s| web::script(s, "typecheck"),
    ),
    (
        "vitest",
        "the tests of the page, with the real wasm",
        &["wasm"],
        |s| web::script(s, "test"),
    ),
    (
        "sizes",
        "the page is small enough to download",
        &["web"],
        sizes_of_page,
    ),
    (
        "determinism",
        "native and wasm play the same match",
        &[],
        determinism::check,
    ),
    ("fuzz", "bytes from a stranger break nothing", &[], |s| {
        fuzz::fuzz(s, None, FUZZ_SECONDS)
    }),
    ("browser", "a real browser plays", &["web"], browser::test),
];

/// The steps of `cargo xtask wasm`.
pub(crate) fn wasm(settings: &Settings) -> Vec<Step<'_>> {
    steps(settings, &[WASM])
}

/// The steps of `cargo xtask web`.
pub(crate) fn web(settings: &Settings) -> Vec<Step<'_>> {
    let sizes: Row = (
        "sizes",
        "measure what a player downloads",
        &["page"],
        sizes::report,
    );
    steps(settings, &[WASM, PACKAGES, PAGE, sizes])
}

/// The steps of `cargo xtask play`, before the game starts.
pub(crate) fn play(settings: &Settings) -> Vec<Step<'_>> {
    let server: Row = (
        "server",
        "build the game server, optimised",
        &[],
        play::build_server,
    );
    steps(settings, &[WASM, PACKAGES, PAGE, server])
}

/// The one step of `cargo xtask determinism`.
pub(crate) fn determinism(settings: &Settings) -> Vec<Step<'_>> {
    let only = TEST.iter().filter(|row| row.0 == "determinism");
    steps(settings, &only.copied().collect::<Vec<_>>())
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

/// The steps of `cargo xtask test`, or those named, in their own order.
pub(crate) fn test<'a>(settings: &'a Settings, names: &[String]) -> Result<Vec<Step<'a>>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| TEST.iter().all(|row| row.0 != name.as_str()))
    {
        return Err(Failure::new(
            format!("there is no step {unknown}"),
            "the names are those of `cargo xtask test --list`",
            format!("choose from: {}", TEST.map(|row| row.0).join(", ")),
        ));
    }
    let wanted = |row: &&Row| names.is_empty() || names.iter().any(|name| name == row.0);
    let rows: Vec<Row> = TEST.iter().filter(wanted).copied().collect();
    Ok(steps(settings, &rows))
}

fn steps<'a>(settings: &'a Settings, rows: &[Row]) -> Vec<Step<'a>> {
    rows.iter()
        .map(|&(name, about, needs, work)| Step {
            name,
            about,
            needs,
            work: Box::new(move || work(settings)),
        })
        .collect()
}

fn page(settings: &Settings) -> Result<Outcome> {
    web::build(settings)?;
    sizes::report(settings)
}

fn sizes_of_page(settings: &Settings) -> Result<Outcome> {
    web::build(settings)?;
    sizes::check(settings)
}

#[cfg(test)]
mod tests {
    use super::{TEST, test};
    use crate::settings::Settings;

    #[test]
    fn a_step_needs_only_steps_before_it() {
        for (index, row) in TEST.iter().enumerate() {
            for need in row.2 {
                let before = TEST.iter().take(index).any(|earlier| earlier.0 == *need);
                assert!(before, "{} needs {need}", row.0);
            }
        }
    }

    #[test]
    fn named_steps_run_in_the_order_of_the_plan() {
        let settings = Settings::new(None, false).unwrap();
        let names = |wish: &[&str]| {
            let wish: Vec<String> = wish.iter().map(|&name| name.to_owned()).collect();
            test(&settings, &wish)
                .map(|steps| steps.iter().map(|step| step.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["doc", "fmt"]).unwrap(), ["fmt", "doc"]);
        assert_eq!(names(&[]).unwrap().len(), TEST.len());
        assert!(
            names(&["fmt", "nonsense"])
                .unwrap_err()
                .to_string()
                .contains("nonsense")
        );
    }
}
