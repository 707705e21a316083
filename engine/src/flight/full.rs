//! A link that takes less than there is to say.

use std::collections::VecDeque;
use std::time::Duration;

use super::Sent;

/// Throughput and way are measured in cycles, and remembered for this one and the last.
const CYCLE: Duration = Duration::from_secs(4);

/// For so long at the beginning of each cycle a little more is sent than the link is known to take, or it would never be found to take
/// more; and for as long after that less, so that what came of it does not stay in a queue. Else it is so little less that
/// queues run out by themselves. BBR does the same over 8 round trips, with 1.25, 0.75 and 1; here a queue costs more than some
/// of the throughput, and what was measured is the most of many quarters, which is a little too much.
const PHASE: Duration = Duration::from_millis(400);
const PROBE: f64 = 1.1;
const DRAIN: f64 = 0.75;
const CRUISE: f64 = 0.95;

/// A link that has just been found to take so many times what was known is tried again at once, and more boldly.
const WIDER: f64 = 1.05;
const BOLD: f64 = 1.25;

/// Acknowledgements may be so much later than the quickest, in seconds, or by this share of the way, before a queue is to blame:
/// the client's rhythm of a tick, and jitter.
const LATE: f64 = 0.015;
const LATE_SHARE: f64 = 0.25;

/// A snapshot is as long as what the link takes in this time, if it would be more often due: in seconds. What is shown is as old as
/// two snapshots take on the link, at most, beside the way; shorter ones cost too much in headers.
const LENGTH: f64 = 0.035;

/// What is known of a link that is full, and when it will have done what it was given.
///
/// The link takes so many bytes per second, one after the other, and then there is the way. So it is known for each snapshot
/// when it will be through, and the next one is written when the link is free within a tick: it is never idle, and what waits before
/// it is a tick's worth. That reckoning is held against what the client says. What it has was through a way ago at the latest, and not
/// much earlier; what it does not have yet was not. So an error never adds up, whether of the reckoning or of the link: a
/// stall, somebody else's bytes on it.
///
/// Throughput is the most that arrived in a quarter of a second, the way the least that a snapshot took beside its own time on the
/// link, of this cycle and the last. That much is as in BBR (Cardwell et al., "BBR: Congestion-Based Congestion Control", ACM Queue
/// 14.5, 2016), and so is the probing. But where TCP bounds what is on its way, which at short ways is one snapshot or two and
/// nothing in between, here it is the moment that counts; and where TCP would wait with the bytes it has, a snapshot that is not
/// written at all makes place for a fresher one.
#[derive(Debug)]
pub(super) struct Full {
    /// Most bytes per second: in the present cycle, and in the one before.
    rates: [f64; 2],
    /// Least time from writing to acknowledgement beside that on the link, in seconds, of the same cycles.
    ways: [f64; 2],
    /// When the cycle began.
    since: Duration,
    /// The last one has found the link wider.
    is_wider: bool,
    /// All that is acknowledged was through by then, in seconds.
    through: f64,
}

impl Full {
    /// A link that was found to take so many bytes per second.
    pub(super) fn new(rate: f64, now: Duration) -> Self {
        Self {
            rates: [rate, 0.0],
            ways: [f64::INFINITY; 2],
            since: now,
            is_wider: false,
            through: 0.0,
        }
    }

    /// Whether another one may be written after those that were `sent`, if the next time to look is a tick later.
    pub(super) fn has_room(&self, sent: &VecDeque<Sent>, now: Duration, tick: Duration) -> bool {
        if self.way().is_infinite() {
            // The queue that showed that the link is full runs out first, and the way is measured without it.
            return sent.is_empty();
        }
        self.free(sent, now) <= (now + tick).as_secs_f64()
    }

    /// Bytes that the link takes in an interval, or in the time of a snapshot of good length.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and nothing here is negative"
    )]
    pub(super) fn takes(&self, interval: Duration, now: Duration) -> usize {
        (self.rate(now) * interval.as_secs_f64().max(LENGTH)) as usize
    }

    /// When the link will have done all that is on its way, in seconds.
    fn free(&self, sent: &VecDeque<Sent>, now: Duration) -> f64 {
        let rate = self.rate(now);
        let mut free = self.through;
        // The oldest was not through before a way ago, or the client would have said so.
        let mut earliest = now.as_secs_f64() - self.way() - self.late();
        for sent in sent {
            free = (free.max(sent.at.as_secs_f64()) + sent.bytes as f64 / rate).max(earliest);
            earliest = 0.0;
        }
        free
    }

    /// The client says at `now` that it has these, and nothing after them.
    pub(super) fn handle_ack<'a>(
        &mut self,
        sent: impl DoubleEndedIterator<Item = &'a Sent> + Clone,
        now: Duration,
    ) {
        let Some(newest) = sent.clone().next_back() else {
            return;
        };
        let rate = self.rate(now);
        let reckoned = sent.fold(self.through, |free, sent| {
            free.max(sent.at.as_secs_f64()) + sent.bytes as f64 / rate
        });
        let took = now.saturating_sub(newest.at).as_secs_f64();
        if newest.alone || self.way().is_finite() {
            let way = (took - newest.bytes as f64 / self.most()).max(0.0);
            self.ways[0] = self.ways[0].min(way);
        }
        let latest = now.as_secs_f64() - self.way().min(took);
        self.through = reckoned.clamp(latest - self.late(), latest);
    }

    /// A quarter of a second is over, in which so many bytes per second came, if the link had as much to do as it may.
    pub(super) fn handle_quarter(&mut self, rate: Option<f64>, now: Duration) {
        let into = now.saturating_sub(self.since);
        if into >= CYCLE {
            self.rates = [0.0, self.rates[0]];
            self.ways = [f64::INFINITY, self.ways[0]];
            self.since = now;
        }
        let known = self.most();
        self.rates[0] = self.rates[0].max(rate.unwrap_or(0.0));
        if self.most() > known * WIDER {
            (self.since, self.is_wider) = (now, true);
        } else if into > 2 * PHASE {
            self.is_wider = false;
        }
    }

    /// For two cycles the link has had less to do than it takes.
    pub(super) fn is_over(&self) -> bool {
        self.most() == 0.0
    }

    /// Bytes per second that the link takes, as far as it is known.
    fn most(&self) -> f64 {
        self.rates[0].max(self.rates[1])
    }

    /// Bytes per second that the link is given at `now`.
    fn rate(&self, now: Duration) -> f64 {
        let into = now.saturating_sub(self.since);
        let gain = match (into < PHASE, into < 2 * PHASE) {
            (true, _) if self.is_wider => BOLD,
            (true, _) => PROBE,
            (false, true) => DRAIN,
            (false, false) => CRUISE,
        };
        self.most() * gain
    }

    fn way(&self) -> f64 {
        self.ways[0].min(self.ways[1])
    }

    /// How much later than the quickest an acknowledgement may come without a queue.
    fn late(&self) -> f64 {
        LATE.max(self.way() * LATE_SHARE)
    }
}
