//! Snapshots on their way to one client: how many may be, before the client has said that it has them.
//!
//! What the system holds back for a slow link is out of the server's hands: a socket's buffers take a second or two of a narrow
//! link's snapshots, and all of them are old when they arrive. So it is not the socket that decides when there is room for the
//! next one, but the client, which names the newest snapshot that it has with its commands.

mod full;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use tickwire_protocol::Tick;

use full::Full;

/// As long as no more bytes are on their way there is room, on a link that is not known to be full.
const FREE: usize = 2048;

/// No more than this, or two snapshots, is ever on its way, whatever the link seemed to take: words that come in a bunch, as after a
/// stall, look like a link without end, and a client may fall silent at any time. Over a way of 200 ms it is more than 1 Mbit/s.
const MOST: usize = 32 * 1024;

/// On such a link snapshots may wait for so long in queues on their way, in seconds, or so many times the way as a whole they may
/// take: with the jitter and the stalls of 1 % of lost segments few are left out, none of which would have been fresher.
const QUEUEING: f64 = 0.03;
const GAIN: f64 = 1.25;

/// For how long the best throughput is remembered, once or twice; and how often a link on which there was no room is let run
/// empty, to learn how long the way takes without queues.
const REMEMBERED: Duration = Duration::from_secs(5);

/// What arrives is counted over this long at least: acknowledgements come in the client's rhythm, and over a shorter time it would
/// be that which is measured.
const QUARTER: Duration = Duration::from_millis(250);

/// In so many quarters on end there was no room at some time: the link is full. A stall is over sooner.
const FULL_AFTER: u32 = 4;

/// Who says nothing is sent another one after so long, then after twice as long, up to the longest pause.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// Snapshots that are remembered: more are not on their way, unless somebody never says what it has.
const MAX_SENT: usize = 128;

#[derive(Debug, Clone, Copy)]
struct Sent {
    tick: Tick,
    bytes: usize,
    at: Duration,
    /// Nothing else was on its way.
    alone: bool,
    /// Bytes that had arrived by then.
    arrived: u64,
}

/// The snapshots that were written and are not acknowledged, and what the link bears.
///
/// As long as the link is not known to be full, there is room for as many bytes as it takes in the time of the way there and back,
/// and a little more. Its throughput is the most that has lately arrived during the way of a snapshot, and the way is measured with
/// nothing else under way. That is generous, for what was on its way before has often arrived when a snapshot is written, without
/// anybody having said so yet; but it holds nobody up, and a link that is not narrow never becomes full.
///
/// When there has been no room again and again for a second, it is: then it is measured better, and what goes is timed ([`Full`]),
/// until for two cycles of its measuring nothing has had to wait.
///
/// A client that has never acknowledged a snapshot is not held to any of this: it may be there to look on, and its socket bounds it.
#[derive(Debug)]
pub(crate) struct Flight {
    /// From one tick to the next, and from one snapshot to the next: it is looked for room in every tick.
    tick: Duration,
    interval: Duration,
    sent: VecDeque<Sent>,
    bytes: usize,
    /// Bytes that arrived, of all snapshots.
    arrived: u64,
    /// Most bytes per second: in the present five seconds, and in those before.
    most: [f64; 2],
    most_since: Duration,
    /// From writing to acknowledgement, without queues, in seconds; and when that was measured.
    way: Option<f64>,
    measured: Duration,
    /// There was no room since then.
    was_full: bool,
    quarter: Quarter,
    full: Option<Full>,
    /// When the last one was written, how long it was, and how long to wait for a word before the next.
    written: Duration,
    usual: usize,
    pause: Duration,
}

/// The present quarter of a second, and those before it in which there was no room.
#[derive(Debug, Default)]
struct Quarter {
    since: Duration,
    /// Bytes that had arrived by then.
    arrived: u64,
    /// There was no room at some time in it: it was not for want of snapshots that no more came.
    was_full: bool,
    /// So many on end were full before it, and the most bytes per second in these.
    full: u32,
    most: f64,
}

impl Flight {
    /// The server looks for room in every tick, and would send a snapshot in each interval.
    pub(crate) fn new(tick: Duration, interval: Duration) -> Self {
        Self {
            tick,
            interval,
            sent: VecDeque::new(),
            bytes: 0,
            arrived: 0,
            most: [0.0; 2],
            most_since: Duration::ZERO,
            way: None,
            measured: Duration::ZERO,
            was_full: false,
            quarter: Quarter::default(),
            full: None,
            written: Duration::ZERO,
            usual: 0,
            pause: Duration::ZERO,
        }
    }

    /// Whether there is room for another one at `now`.
    pub(crate) fn has_room(&mut self, now: Duration) -> bool {
        let has_room = match &self.full {
            Some(full) => full.has_room(&self.sent, now, self.tick),
            None => self.bears_another(now),
        };
        self.quarter.was_full |= !has_room;
        has_room || self.is_silent(now)
    }

    /// The socket had no place for one that was due: the link has as much to do as it takes, unless it is the server that is slow.
    pub(crate) fn note_stuck(&mut self) {
        self.quarter.was_full |= self.bytes > FREE;
    }

    /// Bytes that the next one may have, on a link that is full: what it takes until the one after that is due.
    pub(crate) fn limit(&self, now: Duration) -> Option<usize> {
        let full = self.full.as_ref()?;
        Some(full.takes(self.interval, now))
    }

    /// Whether there is room on a link that is not known to be full.
    fn bears_another(&mut self, now: Duration) -> bool {
        let Some(way) = self.way.filter(|_| !self.sent.is_empty()) else {
            return true;
        };
        if self.was_full && now.saturating_sub(self.measured) >= REMEMBERED {
            return false;
        }
        let most = self.most[0].max(self.most[1]) * (way + QUEUEING).max(way * GAIN);
        let most = most.min(MOST as f64);
        // Two may always be on their way: one alone never shows what the link takes.
        let is_full =
            self.bytes > FREE && self.sent.len() > 1 && (self.bytes + self.usual) as f64 > most;
        self.was_full |= is_full;
        !is_full
    }

    /// Nothing was heard for so long that another one goes all the same: for those who acknowledge late.
    fn is_silent(&self, now: Duration) -> bool {
        now.saturating_sub(self.written) >= self.pause.max(FIRST_PAUSE)
    }

    /// A snapshot of so many bytes is written.
    pub(crate) fn note_written(&mut self, tick: Tick, bytes: usize, now: Duration) {
        // What was cut to the limit had more to say.
        let was_cut = self.limit(now).is_some_and(|most| bytes >= most / 10 * 9);
        self.quarter.was_full |= was_cut;
        let alone = self.sent.is_empty();
        if !alone && self.is_silent(now) {
            self.pause = (self.pause.max(FIRST_PAUSE) * 2).min(LONGEST_PAUSE);
        }
        if self.sent.len() == MAX_SENT {
            self.forget_oldest();
        }
        (self.written, self.usual) = (now, bytes);
        self.bytes += bytes;
        self.sent.push_back(Sent {
            tick,
            bytes,
            at: now,
            alone,
            arrived: self.arrived,
        });
    }

    /// The client has the snapshot of `tick`, it says at `now`, and so all before it.
    pub(crate) fn handle_ack(&mut self, tick: Tick, now: Duration) {
        let came = |sent: &&Sent| !sent.tick.is_after(tick);
        let count = self.sent.iter().take_while(came).count();
        let Some(sent) = count.checked_sub(1).and_then(|i| self.sent.get(i)).copied() else {
            return;
        };
        if let Some(full) = &mut self.full {
            full.handle_ack(self.sent.iter().take(count), now);
        }
        for sent in self.sent.drain(..count) {
            self.bytes -= sent.bytes;
            self.arrived += sent.bytes as u64;
        }
        self.pause = Duration::ZERO;
        let took = now.saturating_sub(sent.at).as_secs_f64();
        self.measure_rate((self.arrived - sent.arrived) as f64 / took.max(0.001), now);
        self.measure_quarter(now);
        let way = match self.way {
            Some(way) if !sent.alone && took > way => return,
            // What is quicker than usual by chance is not to be taken for the rule at once.
            Some(way) if !sent.alone => way + (took - way) / 4.0,
            _ => took,
        };
        (self.way, self.measured, self.was_full) = (Some(way), now, false);
    }

    fn measure_rate(&mut self, rate: f64, now: Duration) {
        if now.saturating_sub(self.most_since) >= REMEMBERED {
            self.most = [0.0, self.most[0]];
            self.most_since = now;
        }
        self.most[0] = self.most[0].max(rate);
    }

    /// Something arrived: how much does in a quarter of a second in which the link had as much to do as it may.
    fn measure_quarter(&mut self, now: Duration) {
        let quarter = &mut self.quarter;
        let lasted = now.saturating_sub(quarter.since);
        if lasted < QUARTER {
            return;
        }
        let rate = (self.arrived - quarter.arrived) as f64 / lasted.as_secs_f64();
        let (full, most) = match quarter.was_full {
            true => (quarter.full.saturating_add(1), quarter.most.max(rate)),
            false => (0, 0.0),
        };
        *quarter = Quarter {
            since: now,
            arrived: self.arrived,
            was_full: false,
            full,
            most,
        };
        if let Some(known) = &mut self.full {
            known.handle_quarter((full > 0).then_some(rate), now);
        } else if full >= FULL_AFTER {
            self.full = Some(Full::new(most, now));
        }
        self.full.take_if(|full| full.is_over());
    }

    /// What was on its way does not count any more: the client was not expected to say what it has.
    pub(crate) fn clear(&mut self) {
        self.sent.clear();
        self.quarter = Quarter::default();
        self.bytes = 0;
        self.pause = Duration::ZERO;
    }

    fn forget_oldest(&mut self) {
        if let Some(sent) = self.sent.pop_front() {
            self.bytes -= sent.bytes;
        }
    }
}
