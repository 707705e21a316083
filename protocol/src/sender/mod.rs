//! The server's end of one client's snapshots.

mod audit;
mod budget;
mod compose;
mod deltas;
mod exact;
mod held;
mod plan;
mod turnover;

pub use deltas::SharedDeltas;

use bytes::Bytes;

use crate::cadence::Cadence;
use crate::history::History;
use crate::limits::HISTORY_TICKS;
use crate::message::{Slack, SnapshotHeader, Start};
use crate::sight::{Known, Sight};
use crate::snapshot::NetId;
use crate::tick::Tick;
use held::Held;

/// What a client got last. On an ordered, reliable connection what was written will arrive, so that is the next snapshot's
/// baseline, and no acknowledgement is needed.
#[derive(Debug)]
pub struct Sender {
    own: Option<NetId>,
    cadence: Cadence,
    held: Held,
    held_back: usize,
    /// The tick of the last message. The client may not have been able to read it.
    sent: Option<Tick>,
    /// The tick of the last message with a checksum.
    checked: Option<Tick>,
    /// The next message does not build on the last, but on the one before the client lost its way.
    rebased: bool,
}

impl Sender {
    /// A client that has nothing; `own` is its own entity, which never waits for a place in the budget.
    #[must_use]
    pub fn new(own: Option<NetId>, cadence: Cadence) -> Self {
        Self {
            own,
            cadence,
            held: Held::default(),
            held_back: 0,
            sent: None,
            checked: None,
            rebased: false,
        }
    }

    /// The tick of the last snapshot written.
    #[must_use]
    pub fn written(&self) -> Option<Tick> {
        self.held.lineage.last()
    }

    /// Whether the client has a row of this entity, by what was written.
    #[must_use]
    pub fn holds(&self, id: NetId) -> bool {
        self.held.slots.contains(id.0 as usize)
    }

    /// The entities that the client has rows of after the last message, ascending, each with the tick whose words it has:
    /// `None` for one that has waited for so long that history has forgotten it.
    pub fn view(&self) -> impl Iterator<Item = (NetId, Option<Tick>)> {
        let ids = self
            .held
            .slots
            .iter()
            .filter_map(|slot| u32::try_from(slot).ok());
        ids.map(|id| (NetId(id), self.held.version(id as usize)))
    }

    /// Writes down whom the client has rows of after the last message, in the memory that `known` has.
    pub fn tell_known(&self, known: &mut Known) {
        known.slots.copy(&self.held.slots);
        known.veils.copy(&self.held.veils);
    }

    /// Bit `i`: component `i` of this entity was kept from the client in the last message.
    #[must_use]
    pub fn hidden(&self, id: NetId) -> u32 {
        self.held.veils.of(id.0 as usize)
    }

    /// Rows that found no place in the last message.
    #[must_use]
    pub fn held_back(&self) -> usize {
        self.held_back
    }

    /// The message that brings the client to what `sight` shows of the newest snapshot of `deltas`; `None` when it is there
    /// already, or when there is no snapshot yet. The caller has a place for the message: it counts as written.
    ///
    /// With a `limit` in bits, rows for which there is no place wait for a later message: those with the least priority, which
    /// is [`Seen::weight`](crate::Seen::weight) times the ticks since the client's version of the row, or since it first
    /// should have had the row. The own entity never waits, what is gone is always told, and at least one other row goes.
    pub fn write(
        &mut self,
        slack: Option<Slack>,
        sight: Sight<'_>,
        limit: Option<u32>,
        history: &History,
        deltas: &mut SharedDeltas,
    ) -> Option<Bytes> {
        let now = deltas.now()?.tick();
        if self.sent.is_some_and(|sent| !now.is_after(sent)) {
            return None;
        }
        self.sent = Some(now);
        let last = self.written();
        let rare = Rare {
            merge: last.is_none_or(|last| last.0 / HISTORY_TICKS != now.0 / HISTORY_TICKS),
            check: self.is_check_due(now),
        };
        let followed = compose::follow(self, (slack, sight, limit), deltas);
        if followed.is_some() && !rare.is_any() {
            return followed;
        }
        let message = followed.unwrap_or_else(|| {
            let start = self.start(now);
            let header = SnapshotHeader { start, slack };
            compose::compose(self, header, (sight, limit), history, deltas)
        });
        Some(if rare.is_any() {
            self.add(rare, message, history, deltas)
        } else {
            message
        })
    }

    /// The message, and what is done beside it now and then.
    #[inline(never)]
    fn add(
        &mut self,
        rare: Rare,
        message: Bytes,
        history: &History,
        deltas: &mut SharedDeltas,
    ) -> Bytes {
        if rare.merge {
            deltas.merge(&mut self.held);
        }
        if rare.check
            && let Some(sum) = deltas.sum(&self.held, history)
        {
            self.checked = self.sent;
            return deltas.sheet.cut(&message, &sum.to_le_bytes());
        }
        message
    }

    /// What the message of `now` builds on.
    fn start(&mut self, now: Tick) -> Start {
        let rebased = std::mem::take(&mut self.rebased);
        match self.held.lineage.last() {
            Some(last) if now.since(last).unsigned_abs() >= HISTORY_TICKS => {
                self.held = Held::default();
                Start::Empty(now)
            }
            Some(last) if rebased => Start::Rebased {
                tick: now,
                baseline: last,
            },
            Some(last) => Start::Next(now.since(last).unsigned_abs()),
            None => Start::Empty(now),
        }
    }
}

/// What a client is told of its commands, what it is shown, and in how many bits.
type Told<'a> = (Option<Slack>, Sight<'a>, Option<u32>);

/// What is done beside a message now and then.
#[derive(Clone, Copy)]
struct Rare {
    /// Clients that have the same come to share it.
    merge: bool,
    /// A checksum.
    check: bool,
}

impl Rare {
    fn is_any(self) -> bool {
        self.merge || self.check
    }
}
