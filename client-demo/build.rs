//! Makes sure that there is a folder for the page, so that the server builds before the page does, and watches it.

use std::fs;
use std::io;

fn main() -> io::Result<()> {
    let page = "web/dist";
    fs::create_dir_all(page)?;
    println!("cargo::rerun-if-changed={page}");
    Ok(())
}
