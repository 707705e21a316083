//! A recording that is sent in wasm, for the codec's benchmark.

use tickwire_protocol::codec::recording::{Recording, Sample};
use tickwire_protocol::codec::tables::Tables;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::parse::parse;
use crate::sending::{CHUNK, Sending, Tally, tables_of};

/// Both ends of a recording, in pieces: the caller has the clock.
#[wasm_bindgen]
pub struct Replay {
    recording: Recording,
    tables: Tables,
    /// The first tick and the one after the last, ticks to the baseline and the stride.
    sample: [usize; 4],
    sending: Sending,
    tally: Tally,
    next: usize,
    /// The snapshots of this piece, from `next` on.
    sent: Vec<Vec<u8>>,
    ok: bool,
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
        Ok(Self {
            tables: tables_of(recording.layout(), tables),
            sample: [from, to, back, stride],
            sending: Sending::new(&recording),
            tally: Tally::default(),
            next: from,
            sent: Vec::new(),
            ok: true,
            recording,
        })
    }

    /// Starts again.
    pub fn rewind(&mut self) {
        self.sending = Sending::new(&self.recording);
        self.tally = Tally::default();
        [self.next, ..] = self.sample;
        self.sent.clear();
    }

    /// Encodes the next piece; its ticks either all have a baseline or all have none. False: there is no more.
    pub fn encode(&mut self) -> bool {
        let sample = sample(&self.recording, self.sample);
        let counted = sample.from + sample.back;
        let end = if self.next < counted {
            counted
        } else {
            self.next + CHUNK
        };
        for tick in self.next..end.min(sample.to) {
            let bytes = self.sending.encode(&sample, &self.tables, tick);
            self.sent.push(bytes);
        }
        !self.sent.is_empty()
    }

    /// Decodes the piece.
    pub fn decode(&mut self) {
        let sample = sample(&self.recording, self.sample);
        for (tick, bytes) in (self.next..).zip(&self.sent) {
            let read = self.sending.decode(&sample, &self.tables, tick, bytes);
            self.ok &= read.is_ok();
        }
    }

    /// Compares the piece and says whether it counts.
    pub fn check(&mut self) -> bool {
        let sample = sample(&self.recording, self.sample);
        let mut counts = false;
        for bytes in self.sent.drain(..) {
            self.ok &= self.sending.holds(&self.recording, self.next);
            counts = self.tally.add(&sample, self.next, &bytes);
            self.next += 1;
        }
        counts
    }

    /// Bytes, ticks, changed rows, the hash of the snapshots, and whether all came back.
    #[must_use]
    pub fn tally(&self) -> String {
        let (tally, hash, ok) = (&self.tally, self.tally.hash.digest(), self.ok);
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
