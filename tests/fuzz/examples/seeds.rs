//! Writes the seeds to `corpus`: `cargo run --example seeds`.

use std::{fs, io};

fn main() -> io::Result<()> {
    for (target, name, bytes) in tickwire_fuzz::seeds() {
        let folder = format!("{}/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
        fs::create_dir_all(&folder)?;
        fs::write(format!("{folder}/{name}"), bytes)?;
    }
    Ok(())
}
