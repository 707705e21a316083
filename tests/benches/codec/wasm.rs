//! The shareable coder in wasm: what a browser pays. Node runs what `cargo xtask simulation` builds, as the page is built.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use tickwire_protocol::codec::recording::Sample;

use crate::measure::Outcome;
use crate::table;

/// A module for node, and a folder for what it reads.
pub(crate) struct Wasm {
    module: PathBuf,
    folder: PathBuf,
}

impl Wasm {
    /// Builds the module, or says why it cannot be had.
    pub(crate) fn build() -> Result<Self, &'static str> {
        let node = Command::new("node").arg("--version").output();
        if !node.is_ok_and(|output| output.status.success()) {
            return Err("there is no node");
        }
        let built = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["xtask", "simulation"])
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output();
        let built = built.ok().filter(|output| output.status.success());
        let built = built.ok_or("`cargo xtask simulation` failed")?;
        let module = String::from_utf8_lossy(&built.stdout).trim().into();
        let folder = env!("CARGO_TARGET_TMPDIR").into();
        Ok(Self { module, folder })
    }

    /// Unpacks the recording that is sent next.
    pub(crate) fn load(&self, packed: &Path) {
        let bytes = table::unpacked(packed).expect("the recording was read before");
        fs::write(self.folder.join("codec.tbl"), bytes).expect("the recording can be written");
    }

    /// Sends a sample of the loaded recording.
    pub(crate) fn run(&self, sample: Sample<'_>, tables: &[u8]) -> Outcome {
        let file = self.folder.join("codec.tables");
        fs::write(&file, tables).expect("the tables can be written");
        let numbers = [sample.from, sample.to, sample.back, sample.stride];
        let output = Command::new("node")
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/benches/codec/wasm.js"
            ))
            .args([&self.module, &self.folder.join("codec.tbl"), &file])
            .args(numbers.map(|number| number.to_string()))
            .stderr(Stdio::inherit())
            .output()
            .expect("node runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let words: Vec<_> = text.split_whitespace().collect();
        let [encode, decode, bytes, ticks, changed, hash, ok] = words[..] else {
            panic!("node says why it failed; here it said {text:?}");
        };
        let [encode, decode] = [encode, decode].map(|ms| ms.parse::<f64>().unwrap() / 1000.0);
        let [bytes, ticks, changed] = [bytes, ticks, changed].map(|count| count.parse().unwrap());
        Outcome {
            bytes,
            ticks,
            changed,
            encode: Duration::from_secs_f64(encode),
            decode: Duration::from_secs_f64(decode),
            hash: hash.parse().unwrap(),
            ok: ok == "true",
        }
    }
}
