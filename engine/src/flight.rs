//! Snapshots on their way to one client: how many may be, before the client has said that it has them.
//!
//! What the system holds back for a slow link is out of the server's hands: a socket's buffers take a second or two of a narrow
//! link's snapshots, and all of them are old when they arrive. So it is not the socket that decides when there is room for the
//! next one, but the client, which names the newest snapshot that it has with its commands.

use std::collections::VecDeque;
use std::time::Duration;

use tickwire_protocol::Tick;

/// As long as no more bytes are on their way there is room: a link of 256 kbit/s takes 64 ms for them.
const FREE: usize = 2048;

/// For so long snapshots may wait in queues on their way, in seconds, and so many times the way as a whole they may take. Chosen
/// by simulation: on the link of 256 kbit/s 98 % of it are used, and what is shown is 180 ms old at most; without queues, with the
/// jitter and the stalls of 1 % of lost segments, 2 % of snapshots are left out, none of which would have been fresher.
const QUEUEING: f64 = 0.03;
const GAIN: f64 = 1.25;

/// For how long the best throughput is remembered, once or twice; and how often a link on which there was no room is let run
/// empty, to learn how long the way takes without queues.
const REMEMBERED: Duration = Duration::from_secs(5);

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
/// There is room for as many bytes as the link takes in the time of the way there and back, and a little more: its throughput is
/// the most that has lately arrived during the way of a snapshot, and the way is measured with nothing else under way. This is
/// the model of BBR (Cardwell et al., "BBR: Congestion-Based Congestion Control", ACM Queue 14.5, 2016); but where TCP would
/// wait with the bytes it has, a snapshot that is not written at all makes place for a fresher one.
///
/// A client that has never acknowledged one is not held to any of this: it may be there to look on, and its socket bounds it.
#[derive(Debug, Default)]
pub(crate) struct Flight {
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
    /// When the last one was written, how long it was, and how long to wait for a word before the next.
    written: Duration,
    usual: usize,
    pause: Duration,
}

impl Flight {
    /// Whether there is room for another one at `now`.
    pub(crate) fn has_room(&mut self, now: Duration) -> bool {
        let Some(way) = self.way.filter(|_| !self.sent.is_empty()) else {
            return true;
        };
        if self.was_full && now.saturating_sub(self.measured) >= REMEMBERED {
            return self.is_silent(now);
        }
        let rate = self.most[0].max(self.most[1]);
        let most = rate * (way + QUEUEING).max(way * GAIN);
        let is_full = self.bytes > FREE && (self.bytes + self.usual) as f64 > most;
        self.was_full |= is_full;
        !is_full || self.is_silent(now)
    }

    /// Nothing was heard for so long that another one goes all the same: for those who acknowledge late.
    fn is_silent(&self, now: Duration) -> bool {
        now.saturating_sub(self.written) >= self.pause.max(FIRST_PAUSE)
    }

    /// A snapshot of so many bytes is written.
    pub(crate) fn note_written(&mut self, tick: Tick, bytes: usize, now: Duration) {
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
        let mut newest = None;
        let is_there = |sent: &mut Sent| !sent.tick.is_after(tick);
        while let Some(sent) = self.sent.pop_front_if(is_there) {
            self.bytes -= sent.bytes;
            self.arrived += sent.bytes as u64;
            newest = Some(sent);
        }
        let Some(sent) = newest else {
            return;
        };
        self.pause = Duration::ZERO;
        let took = now.saturating_sub(sent.at).as_secs_f64();
        self.measure_rate((self.arrived - sent.arrived) as f64 / took.max(0.001), now);
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

    /// What was on its way does not count any more: the client was not expected to say what it has.
    pub(crate) fn clear(&mut self) {
        self.sent.clear();
        self.bytes = 0;
        self.pause = Duration::ZERO;
    }

    fn forget_oldest(&mut self) {
        if let Some(sent) = self.sent.pop_front() {
            self.bytes -= sent.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// A link of 32 bytes per ms and 25 ms each way; 1,500 bytes every 32 ms, if there is room then or 16 ms later. Returns when
    /// each was written and when it arrived; from `from` on each way is `lag` ms longer.
    fn narrow(until: u64, from: u64, lag: u64) -> Vec<(u64, u64)> {
        let (mut flight, mut due) = (Flight::default(), false);
        let (mut free, mut seen, mut acks) = (0, Vec::new(), VecDeque::new());
        for t in 0..until {
            while acks.front().is_some_and(|(at, _)| *at <= t)
                && let Some((_, tick)) = acks.pop_front()
            {
                flight.handle_ack(Tick(tick), ms(t));
            }
            due |= t % 32 == 0;
            if due && t % 16 == 0 && flight.has_room(ms(t)) {
                due = false;
                let tick = u32::try_from(t / 16).unwrap();
                flight.note_written(Tick(tick), 1500, ms(t));
                free = free.max(t) + 1500 / 32;
                let way = 25 + if t >= from { lag } else { 0 };
                seen.push((t, free + way));
                acks.push_back((free + 2 * way, tick));
            }
        }
        seen
    }

    #[test]
    fn on_a_narrow_link_snapshots_are_fewer_and_never_old() {
        let seen = narrow(60_000, u64::MAX, 0);
        let shown = seen.windows(2).skip(20);
        let mut ages: Vec<_> = shown
            .flat_map(|pair| pair[0].1 - pair[0].0..pair[1].1 - pair[0].0)
            .collect();
        ages.sort_unstable();
        let p99 = ages[ages.len() * 99 / 100];
        assert!(p99 <= 50 + 150, "what is shown is {p99} ms old");
        // The link takes 21.8 a second.
        let share = seen.len() as f64 / (60.0 * 32_000.0 / 1500.0);
        assert!(share > 0.85, "{share} of what the link takes");
    }

    #[test]
    fn a_longer_way_is_learnt_and_not_taken_for_a_queue() {
        let seen = narrow(60_000, 20_000, 60);
        let later = seen.iter().filter(|(at, _)| *at > 30_000).count();
        let share = later as f64 / (30.0 * 32_000.0 / 1500.0);
        assert!(share > 0.8, "{share} of what the link takes");
    }

    #[test]
    fn a_small_game_on_a_long_way_is_never_held_up() {
        let mut flight = Flight::default();
        for i in 0..6000_u32 {
            let now = ms(33) * i;
            if let Some(acked) = i.checked_sub(if i % 50 < 10 { 12 } else { 8 }) {
                flight.handle_ack(Tick(acked), now);
            }
            assert!(flight.has_room(now), "snapshot {i}");
            flight.note_written(Tick(i), 150, now);
        }
    }

    #[test]
    fn who_stops_reading_gets_one_now_and_then_and_is_back_at_once() {
        let mut flight = Flight::default();
        flight.note_written(Tick(0), 900, ms(0));
        flight.handle_ack(Tick(0), ms(20));
        let mut written = Vec::new();
        for i in 1..1000_u32 {
            let now = ms(33) * i;
            if flight.has_room(now) {
                flight.note_written(Tick(i), 900, now);
                written.push(i);
            }
        }
        // A few at once, then after 1, 2, 4, 8, 8 and 8 seconds.
        assert!((7..=9).contains(&written.len()), "{written:?}");
        assert!(!flight.has_room(ms(33_001)));
        flight.handle_ack(Tick(999), ms(33_002));
        assert!(flight.has_room(ms(33_002)));
    }

    #[test]
    fn who_never_says_what_it_has_is_left_to_its_socket() {
        let mut flight = Flight::default();
        for i in 0..10_000_u32 {
            let now = ms(33) * i;
            assert!(flight.has_room(now));
            flight.note_written(Tick(i), 1 << 20, now);
        }
        assert_eq!(flight.sent.len(), MAX_SENT);
        flight.clear();
        assert_eq!((flight.bytes, flight.has_room(ms(1 << 20))), (0, true));
    }
}
