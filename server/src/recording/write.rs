//! The writing end: a match into a file, tick by tick.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use tickwire_protocol::{GameSchema, Snapshot};
use zstd::stream::write::Encoder;

use super::MAGIC;
use crate::Error;

/// Snapshots are long and much alike, which the fast levels see as well as the thorough ones.
const LEVEL: i32 = 3;

/// Writes a recording. Without [`Self::finish`] the file ends in the middle.
pub(crate) struct Recorder<W: Write> {
    packed: Encoder<'static, W>,
    /// The bytes of one tick.
    bytes: Vec<u8>,
}

/// A [`Recorder`] into a file; its errors name the file.
pub(crate) struct RecordingFile {
    path: PathBuf,
    recorder: Recorder<BufWriter<File>>,
}

impl RecordingFile {
    /// Starts a file, over one that may be there.
    pub(crate) fn create(path: PathBuf, schema: &GameSchema) -> Result<Self, Error> {
        match File::create(&path).and_then(|file| Recorder::new(BufWriter::new(file), schema)) {
            Ok(recorder) => Ok(Self { path, recorder }),
            Err(why) => Err(Error::output(&path, "record", why)),
        }
    }

    /// Adds the tick that follows the last one.
    pub(crate) fn push(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        let pushed = self.recorder.push(snapshot);
        pushed.map_err(|why| Error::output(&self.path, "record", why))
    }

    /// Ends the recording and writes what is still to be written.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let finished = self.recorder.finish();
        finished.map_err(|why| Error::output(&self.path, "record", why))
    }
}

impl<W: Write> Recorder<W> {
    pub(crate) fn new(out: W, schema: &GameSchema) -> io::Result<Self> {
        let mut packed = Encoder::new(out, LEVEL)?;
        packed.include_checksum(true)?;
        let name = schema.name.as_bytes();
        let name = name
            .get(..schema.name.floor_char_boundary(255))
            .unwrap_or_default();
        let mut bytes = MAGIC.to_vec();
        bytes.extend(schema.rows.hash().to_le_bytes());
        bytes.extend([schema.tick_rate, length(name.len())].map(|n| n.to_le_bytes()[0]));
        bytes.extend(name);
        packed.write_all(&bytes)?;
        Ok(Self { packed, bytes })
    }

    /// Adds the tick that follows the last one.
    pub(crate) fn push(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        let components = snapshot.schema().components();
        self.bytes.clear();
        let mut put = |n: u32| self.bytes.extend(n.to_le_bytes());
        put(snapshot.tick().0);
        put(length(snapshot.len()));
        for row in snapshot.rows() {
            put(row.id.0);
            put(row.mask);
            for (i, component) in components.iter().enumerate() {
                let words = row.words.get(component.columns.clone());
                let words = words.filter(|_| row.mask >> i & 1 == 1);
                words.unwrap_or_default().iter().copied().for_each(&mut put);
            }
        }
        self.packed.write_all(&self.bytes)
    }

    /// Ends the recording and writes what is still to be written.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.packed.finish()?.flush()
    }
}

/// Limits keep all lengths far below 2³².
fn length(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
