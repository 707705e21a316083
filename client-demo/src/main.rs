//! The program `arena`: everything a game gets from `tickwire_server`, and the page in the same file.

use std::process::ExitCode;

use arena::Arena;
use rust_embed::RustEmbed;
use tickwire_server::{App, Site};

/// The page, as `cargo xtask web` built it. (A debug build reads the folder at run time.)
#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Page;

fn main() -> ExitCode {
    let page =
        Site::embedded(|path| Page::get(path).map(|file| file.data)).build_hint("cargo xtask web");
    App::<Arena>::new(arena::build).site(page).run()
}
