//! A sample sent in pieces, so that a clock runs over many ticks of one kind of work at a time.
//!
//! Encoding comes tick after tick as on a server, without what only the measurement needs in between (comparing all rows with what
//! was sent, and finding out which rows moved, which a server knows from writing them).

use tickwire_protocol::codec::recording::Sample;
use tickwire_protocol::codec::tables::Tables;

use crate::sending::{CHUNK, Sending, Tally};

/// Where the sending of a sample is. Every call must bring the same sample and tables.
pub struct Pieces {
    sending: Sending,
    tally: Tally,
    /// The piece's first tick and the one after its last.
    next: usize,
    end: usize,
    sent: Vec<Vec<u8>>,
    ok: bool,
}

impl Pieces {
    /// Before the first.
    #[must_use]
    pub fn new(sample: &Sample<'_>) -> Self {
        Self {
            sending: Sending::new(sample.recording),
            tally: Tally::default(),
            next: sample.from,
            end: sample.from,
            sent: Vec::new(),
            ok: true,
        }
    }

    /// Begins the next piece; its ticks either all have a baseline or all have none. False: there is no more.
    pub fn begin(&mut self, sample: &Sample<'_>) -> bool {
        let counted = sample.from + sample.back;
        let end = if self.next < counted {
            counted.min(self.next + CHUNK)
        } else {
            self.next + CHUNK
        };
        self.end = end.min(sample.to);
        for tick in self.next..self.end {
            self.sending.look(sample, tick);
        }
        self.next < self.end
    }

    /// Encodes it.
    pub fn encode(&mut self, sample: &Sample<'_>, tables: &Tables) {
        for tick in self.next..self.end {
            let bytes = self.sending.encode(sample, tables, tick);
            self.sent.push(bytes);
        }
    }

    /// Decodes it.
    pub fn decode(&mut self, sample: &Sample<'_>, tables: &Tables) {
        for (tick, bytes) in (self.next..).zip(&self.sent) {
            let read = self.sending.decode(sample, tables, tick, bytes);
            self.ok &= read.is_ok();
        }
    }

    /// Compares it and says whether it counts.
    pub fn check(&mut self, sample: &Sample<'_>) -> bool {
        let mut counts = false;
        for bytes in self.sent.drain(..) {
            self.ok &= self.sending.holds(sample.recording, self.next);
            counts = self.tally.add(sample, self.next, &bytes);
            self.next += 1;
        }
        counts
    }

    /// The sums so far, and whether all came back.
    #[must_use]
    pub fn result(&self) -> (&Tally, bool) {
        (&self.tally, self.ok)
    }
}
