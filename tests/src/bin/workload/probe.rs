//! A client that looks closely: what it sees, when, and how far from the truth.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tickwire_protocol::message::SnapshotHeader;
use tickwire_protocol::{Cadence, DecodeError, GameSchema, NetId, Receiver, Row, Snapshot, Wire};

use crate::game::{Body, Counter, Health, Kind, Size};
use crate::generator::Walker;
use crate::truth::Truth;

/// What probes find within the measured time.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// From sending a number to seeing it, ms.
    pub(crate) latencies: Vec<f64>,
    /// From one snapshot to the next, ms.
    pub(crate) gaps: Vec<f64>,
    /// Of each row: how far it lies from the truth, units.
    pub(crate) errors: Vec<f64>,
    /// Rows that differ from the quantised truth of their tick.
    pub(crate) wrong_rows: u64,
    pub(crate) snapshots: u64,
}

/// One of the clients that decode.
pub(crate) struct Probe {
    own: NetId,
    size: Arc<Size>,
    receiver: Receiver,
    truth: Arc<Mutex<Truth>>,
    /// Numbers that have not been seen yet.
    sent: VecDeque<(u32, Instant)>,
    last: Option<Instant>,
}

impl Probe {
    pub(crate) fn new(
        own: NetId,
        size: Arc<Size>,
        (schema, cadence): (&GameSchema, Cadence),
        truth: Arc<Mutex<Truth>>,
    ) -> Self {
        Self {
            own,
            size,
            receiver: Receiver::new(
                Arc::clone(&schema.rows),
                Arc::clone(&schema.tables),
                cadence,
            ),
            truth,
            sent: VecDeque::new(),
            last: None,
        }
    }

    pub(crate) fn note_sent(&mut self, number: u32, at: Instant) {
        self.sent.push_back((number, at));
    }

    /// Decodes a snapshot that came at `at`; what it shows goes into `findings` while there are some to be made.
    pub(crate) fn look(
        &mut self,
        (header, body): (SnapshotHeader, &[u8]),
        at: Instant,
        findings: Option<&mut Findings>,
    ) -> Result<(), DecodeError> {
        let snapshot = Arc::clone(self.receiver.read(header, body)?);
        let gap = self.last.replace(at).map(|last| at - last);
        let latencies = self.effects(&snapshot);
        let Some(findings) = findings else {
            return Ok(());
        };
        findings.snapshots += 1;
        findings.latencies.extend(latencies);
        findings.gaps.extend(gap.map(|gap| gap.as_secs_f64() * 1e3));
        self.judge(&snapshot, findings);
        Ok(())
    }

    /// The latencies of the numbers that `snapshot` shows, until now: decoding is part of it.
    fn effects(&mut self, snapshot: &Snapshot) -> Vec<f64> {
        let own = snapshot.row(self.own).and_then(|row| row.get::<Counter>());
        let shown = own.map_or(0, |own| own.counter);
        let seen = self.sent.iter().take_while(|(n, _)| *n <= shown).count();
        let now = Instant::now();
        self.sent
            .drain(..seen)
            .map(|(_, at)| (now - at).as_secs_f64() * 1e3)
            .collect()
    }

    fn judge(&self, snapshot: &Snapshot, findings: &mut Findings) {
        let mut truth = self.truth.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(walkers) = truth.at(snapshot.tick()) else {
            return;
        };
        drop(truth);
        for row in snapshot.rows() {
            let index = self.size.index_of(row.id);
            let walker = index.and_then(|index| walkers.get(index));
            findings.wrong_rows += u64::from(!walker.is_some_and(|walker| is_exact(&row, walker)));
            let (Some(walker), Some(body)) = (walker, row.get::<Body>()) else {
                continue;
            };
            let error = (body.x - walker.x).hypot(body.y - walker.y);
            findings.errors.push(f64::from(error));
        }
    }
}

fn is_exact(row: &Row<'_>, walker: &Walker) -> bool {
    row.get() == Some(Body::from(walker).quantised())
        && row.get() == Some(Health::from(walker))
        && row.get() == Some(Kind::from(walker))
}
