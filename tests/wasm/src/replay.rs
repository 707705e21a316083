//! A recording that is sent in wasm, for the codec's benchmark.

use tickwire_protocol::codec::recording::{Recording, Sample};
use tickwire_protocol::codec::tables::Tables;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::parse::parse;
use crate::pieces::Pieces;
use crate::sending::tables_of;

/// Both ends of a recording, in pieces: the caller has the clock.
#[wasm_bindgen]
pub struct Replay {
    recording: Recording,
    tables: Tables,
    /// The first tick and the one after the last, ticks to the baseline and the stride.
    sample: [usize; 4],
    pieces: Pieces,
}

#[wasm_bindgen]
impl Replay {
    /// The part of a recording (as in a file, unpacked) from a tick to before another, with tables as `tables_of` reads them.
    ///
    /// # Errors
    /// Throws when there is no such recording.
    #[wasm_bindgen(constructor)]
    pub fn new(
        recording: &[u8],
        tables: &[u8],
        from: usize,
        to: usize,
        back: usize,
        stride: usize,
    ) -> Result<Self, String> {
        let (_, recording) = parse(recording).ok_or("this is no recording")?;
        let numbers = [from, to, back, stride];
        Ok(Self {
            tables: tables_of(recording.layout(), tables),
            sample: numbers,
            pieces: Pieces::new(&sample(&recording, numbers)),
            recording,
        })
    }

    /// Starts again.
    pub fn rewind(&mut self) {
        self.pieces = Pieces::new(&sample(&self.recording, self.sample));
    }

    /// Begins the next piece. False: there is no more.
    pub fn begin(&mut self) -> bool {
        self.pieces.begin(&sample(&self.recording, self.sample))
    }

    /// Encodes the piece.
    pub fn encode(&mut self) {
        let sample = sample(&self.recording, self.sample);
        self.pieces.encode(&sample, &self.tables);
    }

    /// Decodes the piece.
    pub fn decode(&mut self) {
        let sample = sample(&self.recording, self.sample);
        self.pieces.decode(&sample, &self.tables);
    }

    /// Compares the piece and says whether it counts.
    pub fn check(&mut self) -> bool {
        self.pieces.check(&sample(&self.recording, self.sample))
    }

    /// Bytes, ticks, changed rows, the hash of the snapshots, and whether all came back.
    #[must_use]
    pub fn tally(&self) -> String {
        let (tally, ok) = self.pieces.result();
        let hash = tally.hash.digest();
        format!(
            "{} {} {} {hash} {ok}",
            tally.bytes, tally.ticks, tally.changed
        )
    }
}

fn sample(recording: &Recording, [from, to, back, stride]: [usize; 4]) -> Sample<'_> {
    Sample {
        recording,
        from,
        to,
        back,
        stride,
    }
}
