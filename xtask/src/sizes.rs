//! What a player downloads before the first picture: measured, and held below a limit.

use crate::{
    failure::{Failure, Result},
    files::files_below,
    plan::Outcome,
    settings::Settings,
};
use flate2::{Compression, write::GzEncoder};
use std::{
    fmt, fs,
    io::Write,
    path::{Path, PathBuf},
};

/// The most that the page's wasm and its JavaScript may have, each, in gzipped bytes: two seconds at 1 Mbit/s.
const LIMIT: u64 = 250_000;

/// Bytes of one or more files, as they are and gzipped one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    /// Uncompressed bytes.
    pub(crate) raw: u64,
    /// Bytes that travel when the server compresses with gzip.
    pub(crate) gzipped: u64,
}

impl Size {
    /// The sum over the files.
    pub(crate) fn of(files: &[PathBuf]) -> Result<Self> {
        let mut sum = Self::default();
        for file in files {
            let bytes = fs::read(file).map_err(|error| Failure::file("read", file, &error))?;
            sum.raw += bytes.len() as u64;
            sum.gzipped += gzipped(&bytes)
                .map_err(|error| Failure::file("compress", file, &error))?
                .len() as u64;
        }
        Ok(sum)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kilobytes = |bytes: u64| bytes as f64 / 1000.0;
        write!(
            f,
            "{:.1} KB, {:.1} KB gzipped",
            kilobytes(self.raw),
            kilobytes(self.gzipped)
        )
    }
}

/// The sizes of the built page, for a person.
pub(crate) fn report(settings: &Settings) -> Result<Outcome> {
    let [wasm, javascript] = measure(settings)?;
    Ok(Outcome::Done(format!(
        "wasm {wasm}; JavaScript {javascript}"
    )))
}

/// The same, but a failure above the limit.
pub(crate) fn check(settings: &Settings) -> Result<Outcome> {
    let [wasm, javascript] = measure(settings)?;
    for (kind, size) in [("wasm", wasm), ("JavaScript", javascript)] {
        if size.gzipped > LIMIT {
            return Err(Failure::new(
                format!("the page's {kind} is too large: {size}"),
                format!("the limit is {} KB gzipped", LIMIT / 1000),
                "find what the last changes pulled in (for wasm often a dependency that formats or panics, for JavaScript an import of a whole library)",
            ));
        }
    }
    report(settings)
}

fn measure(settings: &Settings) -> Result<[Size; 2]> {
    let dist = settings.web().join("dist");
    let files = files_below(&dist).map_err(|error| Failure::file("read", &dist, &error))?;
    Ok([
        Size::of(&ending_in(&files, "wasm"))?,
        Size::of(&ending_in(&files, "js"))?,
    ])
}

fn ending_in(files: &[PathBuf], extension: &str) -> Vec<PathBuf> {
    let fits = |file: &&PathBuf| Path::extension(file).is_some_and(|end| end == extension);
    files.iter().filter(fits).cloned().collect()
}

fn gzipped(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::{Size, ending_in, gzipped};
    use std::path::PathBuf;

    #[test]
    fn what_repeats_shrinks() {
        let bytes = gzipped(&[7; 100_000]).unwrap_or_default();
        assert!(!bytes.is_empty() && bytes.len() < 300, "{}", bytes.len());
    }

    #[test]
    fn precompressed_copies_are_not_counted_twice() {
        let files = ["a.js", "a.js.br", "a.wasm"].map(PathBuf::from);
        assert_eq!(ending_in(&files, "js"), [PathBuf::from("a.js")]);
    }

    #[test]
    fn sizes_are_shown_in_kilobytes() {
        let size = Size {
            raw: 390_123,
            gzipped: 126_049,
        };
        assert_eq!(size.to_string(), "390.1 KB, 126.0 KB gzipped");
    }
}
