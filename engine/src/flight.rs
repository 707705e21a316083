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

/// For so long something has to be on its way, one after the other, before what comes tells how much the link takes: acknowledgements
/// come in the client's rhythm, and over a shorter time it would be that which is measured.
const BUSY: Duration = Duration::from_millis(250);

/// So many times what was measured so is tried, or else the link would never be found to take more. Chosen by simulation: snapshots of
/// 1,500 bytes on the link of 256 kbit/s are 30 ms younger at most than without that measure, and nearly as many.
const PROBE: f64 = 1.15;

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

/// A time during which something was always on its way.
#[derive(Debug, Clone, Copy)]
struct Busy {
    since: Duration,
    /// Bytes that had arrived by then.
    arrived: u64,
    /// There was no room at some time in it: it was not for want of snapshots that no more came.
    was_full: bool,
}

/// The snapshots that were written and are not acknowledged, and what the link bears.
///
/// There is room for as many bytes as the link takes in the time of the way there and back, and a little more: its throughput is
/// the most that has lately arrived during the way of a snapshot, and the way is measured with nothing else under way. This is
/// the model of BBR (Cardwell et al., "BBR: Congestion-Based Congestion Control", ACM Queue 14.5, 2016); but where TCP would
/// wait with the bytes it has, a snapshot that is not written at all makes place for a fresher one.
///
/// That throughput is flattering: what was on its way before has often arrived when a snapshot is written, without anybody having
/// said so yet. Where there was no room, what comes while the link is never idle says it exactly, and bounds it.
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
    /// The same, of what came while the link was full.
    full: [f64; 2],
    most_since: Duration,
    busy: Option<Busy>,
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
        let most = self.rate() * (way + QUEUEING).max(way * GAIN);
        let is_full = self.bytes > FREE && (self.bytes + self.usual) as f64 > most;
        self.was_full |= is_full;
        if let Some(busy) = &mut self.busy {
            busy.was_full |= is_full;
        }
        !is_full || self.is_silent(now)
    }

    /// What the link takes, in bytes per second, as far as it is known.
    fn rate(&self) -> f64 {
        let [most, full] = [self.most, self.full].map(|[now, before]| now.max(before));
        if full > 0.0 {
            most.min(full * PROBE)
        } else {
            most
        }
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
        self.measure_full(now);
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
            self.full = [0.0, self.full[0]];
            self.most_since = now;
        }
        self.most[0] = self.most[0].max(rate);
    }

    /// Something arrived: how much does in a time in which the link was never idle, and had as much to do as it may.
    fn measure_full(&mut self, now: Duration) {
        let begins = Busy {
            since: now,
            arrived: self.arrived,
            was_full: false,
        };
        let Some(busy) = self.busy.filter(|_| !self.sent.is_empty()) else {
            self.busy = (!self.sent.is_empty()).then_some(begins);
            return;
        };
        let took = now.saturating_sub(busy.since);
        if took < BUSY {
            return;
        }
        if busy.was_full {
            let rate = (self.arrived - busy.arrived) as f64 / took.as_secs_f64();
            self.full[0] = self.full[0].max(rate);
        }
        self.busy = Some(begins);
    }

    /// What was on its way does not count any more: the client was not expected to say what it has.
    pub(crate) fn clear(&mut self) {
        self.sent.clear();
        self.busy = None;
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
        let way = |t| 25 + if t >= from { lag } else { 0 };
        through(until, 1, |_| 1500, way)
    }

    /// The same with snapshots and ways of any length; a client says every `rhythm` ms what it has.
    fn through(
        until: u64,
        rhythm: u64,
        size: impl Fn(u64) -> u64,
        way: impl Fn(u64) -> u64,
    ) -> Vec<(u64, u64)> {
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
                flight.note_written(Tick(tick), usize::try_from(size(t)).unwrap(), ms(t));
                free = free.max(t) + size(t) / 32;
                let there = free + way(t);
                seen.push((t, there));
                acks.push_back((there.next_multiple_of(rhythm) + way(t), tick));
            }
        }
        seen
    }

    #[test]
    fn on_a_narrow_link_snapshots_are_fewer_and_never_old() {
        let seen = narrow(60_000, u64::MAX, 0);
        let p99 = age_p99(&seen);
        assert!(p99 <= 50 + 150, "what is shown is {p99} ms old");
        // The link takes 21.8 a second.
        let share = seen.len() as f64 / (60.0 * 32_000.0 / 1500.0);
        assert!(share > 0.85, "{share} of what the link takes");
    }

    /// The age of what is shown, in ms, that 99 of 100 moments do not exceed.
    fn age_p99(seen: &[(u64, u64)]) -> u64 {
        let shown = seen.windows(2).skip(20);
        let mut ages: Vec<_> = shown
            .flat_map(|pair| pair[0].1 - pair[0].0..pair[1].1 - pair[0].0)
            .collect();
        ages.sort_unstable();
        ages[ages.len() * 99 / 100]
    }

    #[test]
    fn snapshots_unlike_each_other_and_a_client_with_a_rhythm_do_not_make_a_link_look_wide() {
        let unlike = |t: u64| 1275 + (t / 16 * 2_654_435_761) % 451;
        for way in [0, 2, 5, 10, 20] {
            let seen = through(60_000, 16, unlike, |t| way + (t / 16 * 40_503) % 5);
            let (p99, most) = (age_p99(&seen), 2 * way + 150);
            assert!(p99 <= most, "way {way}: what is shown is {p99} ms old");
            let share = seen.len() as f64 / (60.0 * 32_000.0 / 1500.0);
            assert!(share > 0.85, "way {way}: {share} of what the link takes");
        }
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
