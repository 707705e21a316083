//! Recorded worlds: `NAME.tbl.zst`, packed by zstd with a window of up to 2²⁷ bytes; see `parse.rs` for what is in them.

mod parse;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use tickwire_protocol::codec::recording::Recording;

/// A recorded world.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// Ticks per second.
    pub(crate) rate: f64,
    pub(crate) recording: Recording,
}

impl Table {
    /// Whether rows of the other look like rows of this one.
    pub(crate) fn alike(&self, other: &Self) -> bool {
        self.recording.layout().columns() == other.recording.layout().columns()
    }
}

/// All recordings in a folder, by name.
pub(crate) fn read_all(folder: &Path) -> io::Result<Vec<Table>> {
    let mut tables = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let file = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("");
        if let Some(name) = file.strip_suffix(".tbl.zst") {
            let (rate, recording) = parse::parse(&unpacked(&path)?)
                .ok_or_else(|| io::Error::other(format!("{file} is no table")))?;
            tables.push(Table {
                name: name.to_owned(),
                rate,
                recording,
            });
        }
    }
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tables)
}

/// The bytes of a recording.
pub(crate) fn unpacked(path: &Path) -> io::Result<Vec<u8>> {
    let mut unpack = zstd::stream::read::Decoder::new(File::open(path)?)?;
    unpack.window_log_max(27)?;
    let mut bytes = Vec::new();
    unpack.read_to_end(&mut bytes)?;
    Ok(bytes)
}
