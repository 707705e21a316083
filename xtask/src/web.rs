//! The page: the browser front end of the demo, from TypeScript and wasm to files that the server embeds.

use crate::{
    failure::{Failure, Result},
    files::last_change,
    node,
    plan::Outcome,
    process,
    settings::Settings,
    wasm::{self, Module},
};
use std::{fs, io, time::SystemTime};

/// What is made in the front end's folder rather than written; `src/wasm` is made too, but the page depends on it.
const MADE: [&str; 4] = ["dist", "dist-mock", "node_modules", "test-results"];

/// Written when a build of the page ended well; among the packages, because new packages ask for a new page.
const BUILT: &str = "node_modules/.page-built";

/// The wasm of the demo.
pub(crate) fn wasm(settings: &Settings) -> Result<Outcome> {
    wasm::build(settings, &Module::demo(settings))
}

/// The npm packages of the front end.
pub(crate) fn packages(settings: &Settings) -> Result<Outcome> {
    node::install(&settings.web())?;
    Ok(Outcome::done())
}

/// The page itself, in `client-demo/web/dist`, unless it was built after the last change of what it is made from.
pub(crate) fn page(settings: &Settings) -> Result<Outcome> {
    let web = settings.web();
    let page = web.join("dist/index.html");
    let built = web.join(BUILT);
    let changed = changed(settings).map_err(|error| Failure::file("read", &web, &error))?;
    let fresh = built
        .metadata()
        .and_then(|facts| facts.modified())
        .is_ok_and(|at| at > changed);
    if fresh && page.exists() {
        return Ok(Outcome::Done("up to date".to_owned()));
    }
    process::run(
        &mut node::script(&web, "build"),
        "repair what the TypeScript compiler or Vite names, then run the command again",
    )?;
    if !page.exists() {
        return Err(Failure::new(
            "the page was not built",
            format!(
                "`npm run build` succeeded, but there is no {}",
                page.display()
            ),
            "let the script `build` in client-demo/web/package.json write to dist",
        ));
    }
    fs::write(&built, "").map_err(|error| Failure::file("write", &built, &error))?;
    Ok(Outcome::done())
}

/// The types fit, those of the generated bindings included.
pub(crate) fn typecheck(settings: &Settings) -> Result<Outcome> {
    script(settings, "typecheck")
}

/// The tests of the front end that need no browser.
pub(crate) fn test(settings: &Settings) -> Result<Outcome> {
    script(settings, "test")
}

fn script(settings: &Settings, name: &str) -> Result<Outcome> {
    let fix = "repair what it names, in client-demo/web";
    process::run(&mut node::script(&settings.web(), name), fix)?;
    Ok(Outcome::done())
}

/// The last change of what the page is made from; a repository without art in `assets` is fine.
fn changed(settings: &Settings) -> io::Result<SystemTime> {
    let sources = last_change(&settings.web(), &MADE)?;
    let assets = settings.root.join("assets");
    Ok(match last_change(&assets, &[]) {
        Ok(assets) => sources.max(assets),
        Err(_) => sources,
    })
}
