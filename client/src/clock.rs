//! Time: which tick the server is at, and timelines that follow it smoothly.

use std::collections::VecDeque;
use std::time::Duration;

use tickwire_protocol::Tick;

use crate::error::ClientError;
use crate::limits::MAX_PINGS;
use crate::window::Window;

/// Pings of the first moments, close together: until the median has something to choose from, one stall would mislead it.
const EAGER_PINGS: u32 = 8;
const EAGER_EVERY: Duration = Duration::from_millis(60);
const PING_EVERY: Duration = Duration::from_millis(500);
const SAMPLES: usize = 20;
/// So many answers in a row that waited for the program are passed over. When there is no other for as long, they have to do.
const PASSED_OVER: u32 = 20;

/// A pong that took the usual time and yet is so far off the median, in seconds, is no jitter: the server's clock has been set,
/// as after a stop of its process.
const SURPRISE: f64 = 0.025;
/// After so many of them in a row what was measured before is void.
const SURPRISES: u32 = 3;

/// A timeline runs at most this much faster or slower than time.
const MAX_DILATION: f64 = 0.05;
/// An error fades with this time constant, in seconds, where the dilation allows it.
const SETTLE: f64 = 0.25;

/// Where positions on a timeline are counted from: position 0 is the start of this tick, 1 the start of the next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin(pub(crate) Tick);

impl Origin {
    /// The start of `tick`.
    pub(crate) fn position(self, tick: Tick) -> f64 {
        f64::from(tick.since(self.0))
    }

    /// The tick that is under way at `position`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates: only a server that lies about its ticks leads so far away"
    )]
    pub(crate) fn tick(self, position: f64) -> Tick {
        Tick(self.0.0.wrapping_add_signed(position.floor() as i32))
    }
}

/// A position that moves with time towards a moving target: by dilation when it is near, by a jump when it is far.
#[derive(Debug)]
pub(crate) struct Timeline {
    position: f64,
    moved: Duration,
    tick_rate: f64,
    jump: f64,
    /// How much faster than time it last ran; 0 after a jump.
    dilation: f64,
}

impl Timeline {
    /// Starts at `position`; from an error of `jump` ticks on it jumps.
    pub(crate) fn new(position: f64, now: Duration, tick_rate: f64, jump: f64) -> Self {
        Self {
            position,
            moved: now,
            tick_rate,
            jump,
            dilation: 0.0,
        }
    }

    /// How much faster than time it runs, -[`MAX_DILATION`] to [`MAX_DILATION`].
    pub(crate) fn dilation(&self) -> f64 {
        self.dilation
    }

    /// Where it is at `now`, which is not before the last [`Self::advance`].
    pub(crate) fn at(&self, now: Duration) -> f64 {
        self.position + now.saturating_sub(self.moved).as_secs_f64() * self.tick_rate
    }

    /// Moves to `now` and by a little towards `target`, which is where it should be now.
    pub(crate) fn advance(&mut self, now: Duration, target: f64) {
        let elapsed = now.saturating_sub(self.moved).as_secs_f64();
        self.position += elapsed * self.tick_rate;
        self.moved = self.moved.max(now);
        let error = target - self.position;
        if error.abs() > self.jump {
            self.position = target;
            self.dilation = 0.0;
            return;
        }
        if elapsed > 0.0 {
            let wanted = error * (elapsed / SETTLE).min(1.0) / (elapsed * self.tick_rate);
            self.dilation = wanted.clamp(-MAX_DILATION, MAX_DILATION);
            self.position += self.dilation * elapsed * self.tick_rate;
        }
    }
}

/// The error from which the command timeline jumps, in ticks.
pub(crate) const JUMP: f64 = 10.0;

/// What pings tell of the server's clock.
#[derive(Debug)]
pub(crate) struct ServerClock {
    origin: Origin,
    tick_rate: f64,
    asked: VecDeque<u64>,
    asks: u32,
    next_ask: Duration,
    /// Server position minus local time, in ticks.
    offsets: Window,
    /// In seconds.
    round_trips: Window,
    /// Surprising pongs in a row.
    surprises: u32,
    /// The only sample is a poor one: the handshake, which also contains the time to let the player in, or an answer that waited.
    rough: bool,
    /// Answers in a row that were passed over.
    passed_over: u32,
}

impl ServerClock {
    /// A first guess from the handshake: the server was somewhere in tick `origin` half a round trip ago.
    pub(crate) fn new(origin: Origin, tick_rate: f64, round_trip: Duration, now: Duration) -> Self {
        let mut clock = Self {
            origin,
            tick_rate,
            asked: VecDeque::new(),
            asks: 0,
            next_ask: now,
            offsets: Window::new(SAMPLES),
            round_trips: Window::new(SAMPLES),
            surprises: 0,
            rough: true,
            passed_over: 0,
        };
        clock.sample(0.5, round_trip.as_secs_f64(), now);
        clock
    }

    fn sample(&mut self, position: f64, round_trip: f64, now: Duration) {
        let present = position + round_trip / 2.0 * self.tick_rate;
        let offset = present - now.as_secs_f64() * self.tick_rate;
        if round_trip <= self.round_trips.median() + SURPRISE {
            let off = (offset - self.offsets.median()).abs() / self.tick_rate;
            let surprises = !self.offsets.is_empty() && off > SURPRISE;
            self.surprises = if surprises { self.surprises + 1 } else { 0 };
        }
        if self.surprises == SURPRISES {
            self.offsets.clear();
            self.surprises = 0;
        }
        if self.surprises > 0 {
            self.next_ask = self.next_ask.min(now + EAGER_EVERY);
        }
        self.offsets.push(offset);
        self.round_trips.push(round_trip);
    }

    /// The content of a ping when it is time for one.
    pub(crate) fn poll_ping(&mut self, now: Duration) -> Option<u64> {
        if now < self.next_ask || self.asked.len() >= MAX_PINGS {
            return None;
        }
        self.asks = self.asks.saturating_add(1);
        let eager = self.asks < EAGER_PINGS;
        self.next_ask = now + if eager { EAGER_EVERY } else { PING_EVERY };
        let sent = micros(now);
        self.asked.push_back(sent);
        Some(sent)
    }

    /// The answer to a ping: the server was `fraction` (1/65536) of a tick before `tick` when it had `held` (µs) the ping. One that
    /// may have `waited` for a program that stood still says nothing that others do not say better.
    ///
    /// # Errors
    /// When it answers a ping that was not sent.
    pub(crate) fn handle_pong(
        &mut self,
        sent: u64,
        tick: Tick,
        fraction: u16,
        held: u32,
        waited: bool,
        now: Duration,
    ) -> Result<(), ClientError> {
        let place = self.asked.iter().position(|asked| *asked == sent);
        let place = place.ok_or(ClientError::Unexpected(
            "the answer to a ping that was not sent",
        ))?;
        // The connection is ordered: older pings will not be answered any more.
        self.asked.drain(..=place);
        self.passed_over = if waited {
            self.passed_over.saturating_add(1)
        } else {
            0
        };
        self.rough |= self.passed_over > PASSED_OVER;
        if waited && !self.rough {
            return Ok(());
        }
        if self.rough {
            self.rough = waited;
            self.offsets.clear();
            self.round_trips.clear();
        }
        let away = micros(now).saturating_sub(sent);
        let round_trip = Duration::from_micros(away.saturating_sub(u64::from(held)));
        let position = self.origin.position(tick) - 1.0 + f64::from(fraction) / 65536.0;
        self.sample(position, round_trip.as_secs_f64(), now);
        Ok(())
    }

    /// Pings without an answer.
    pub(crate) fn waiting(&self) -> usize {
        self.asked.len()
    }

    /// Where the server is now.
    pub(crate) fn position(&self, now: Duration) -> f64 {
        now.as_secs_f64() * self.tick_rate + self.offsets.median()
    }

    /// The usual round trip.
    pub(crate) fn round_trip(&self) -> Duration {
        Duration::try_from_secs_f64(self.round_trips.median()).unwrap_or_default()
    }

    /// What 19 of 20 round trips take at most.
    pub(crate) fn round_trip_p95(&self) -> Duration {
        Duration::try_from_secs_f64(self.round_trips.per_mille(950)).unwrap_or_default()
    }

    /// How much longer than usual a round trip takes at times.
    pub(crate) fn jitter(&self) -> Duration {
        Duration::try_from_secs_f64(self.round_trips.per_mille(900) - self.round_trips.median())
            .unwrap_or_default()
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers"
)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_timeline_dilates_by_five_percent_at_most() {
        let mut timeline = Timeline::new(0.0, ms(0), 60.0, JUMP);
        let target = |t: u64| t as f64 * 0.06 + 5.0;
        let mut before = 0.0;
        for t in (10..=2000).step_by(10) {
            timeline.advance(ms(t), target(t));
            let step = timeline.at(ms(t)) - before;
            before += step;
            assert!((0.57..=0.6301).contains(&step), "{step} ticks in 10 ms");
        }
        assert!(
            (before - target(2000)).abs() < 0.15,
            "5 ticks settle in 2 s"
        );
    }

    #[test]
    fn a_timeline_never_overshoots_however_rarely_it_is_moved() {
        let mut timeline = Timeline::new(0.0, ms(0), 60.0, JUMP);
        timeline.advance(ms(1000), 61.0);
        assert!((60.0..=61.0).contains(&timeline.at(ms(1000))));
        timeline.advance(ms(2000), 900.0);
        assert_eq!(timeline.at(ms(2000)), 900.0, "far away it jumps");
        timeline.advance(ms(1500), 900.0);
        assert_eq!(
            timeline.at(ms(1500)),
            900.0,
            "time that goes back stands still"
        );
    }

    /// Answers each ping after `there + back` ms; the server's position at local time t is t × 60 + 7.
    fn ping_through(clock: &mut ServerClock, from: u64, until: u64, there: u64, back: u64) {
        for t in from..until {
            if let Some(sent) = clock.poll_ping(ms(t)) {
                let position = (t + there) as f64 * 0.06 + 7.0;
                let tick = Tick(position.floor() as u32 + 1);
                let fraction = (position.fract() * 65536.0) as u16;
                clock
                    .handle_pong(sent, tick, fraction, 0, false, ms(t + there + back))
                    .unwrap();
            }
        }
    }

    #[test]
    fn pings_find_the_server_and_outvote_a_stall() {
        let mut clock = ServerClock::new(Origin(Tick(0)), 60.0, ms(300), ms(0));
        ping_through(&mut clock, 0, 3000, 40, 40);
        assert!((clock.position(ms(3000)) - 187.0).abs() < 0.01);
        assert_eq!(clock.round_trip(), ms(80));
        ping_through(&mut clock, 3000, 5000, 40, 300);
        assert!((clock.position(ms(5000)) - 307.0).abs() < 0.01);
        assert_eq!(clock.round_trip(), ms(80));
    }

    #[test]
    fn the_time_a_ping_was_held_does_not_count() {
        let mut clock = ServerClock::new(Origin(Tick(0)), 60.0, ms(300), ms(0));
        let sent = clock.poll_ping(ms(0)).unwrap();
        clock
            .handle_pong(sent, Tick(4), 0, 10_000, false, ms(50))
            .unwrap();
        assert_eq!(clock.round_trip(), ms(40));
        assert!((clock.position(ms(50)) - 4.2).abs() < 0.01);
    }

    #[test]
    fn an_answer_that_waited_for_the_program_counts_only_if_there_is_no_other() {
        let mut clock = ServerClock::new(Origin(Tick(0)), 60.0, ms(300), ms(0));
        let mut ask = |asked: u64, answered: u64, waited| {
            let sent = clock.poll_ping(ms(asked)).unwrap();
            let now = ms(answered);
            clock.handle_pong(sent, Tick(4), 0, 0, waited, now).unwrap();
            clock.round_trip()
        };
        assert_eq!(ask(0, 200, true), ms(200));
        assert_eq!(ask(200, 220, false), ms(20));
        assert_eq!(ask(300, 700, true), ms(20));
    }

    #[test]
    fn where_all_answers_wait_they_tell_of_the_server_all_the_same() {
        let mut clock = ServerClock::new(Origin(Tick(0)), 60.0, ms(40), ms(0));
        ping_through(&mut clock, 0, 3000, 20, 20);
        // From now on the program takes what has come every 150 ms; and the server stood still for a second.
        for t in (3000..20_000).step_by(150) {
            if let Some(sent) = clock.poll_ping(ms(t)) {
                let tick = Tick(((t + 20 - 1000) * 6 / 100 + 7 + 1) as u32);
                clock
                    .handle_pong(sent, tick, 0, 0, true, ms(t + 150))
                    .unwrap();
            }
        }
        let off = clock.position(ms(20_000)) - (19_000.0 * 0.06 + 7.0);
        assert!(off.abs() < 6.0, "{off} ticks");
    }

    #[test]
    fn an_answer_without_a_question_is_refused() {
        let mut clock = ServerClock::new(Origin(Tick(0)), 60.0, ms(0), ms(0));
        let sent = clock.poll_ping(ms(5)).unwrap();
        assert!(
            clock
                .handle_pong(sent + 1, Tick(4), 0, 0, false, ms(50))
                .is_err()
        );
        assert!(
            clock
                .handle_pong(sent, Tick(4), 0, 0, false, ms(50))
                .is_ok()
        );
        assert!(
            clock
                .handle_pong(sent, Tick(4), 0, 0, false, ms(50))
                .is_err()
        );
    }

    #[test]
    fn positions_survive_the_wrap_and_absurd_ticks() {
        let origin = Origin(Tick(u32::MAX));
        assert_eq!(origin.position(Tick(1)), 2.0);
        assert_eq!(origin.tick(2.5), Tick(1));
        assert_eq!(origin.tick(-0.5), Tick(u32::MAX - 1));
        let _ = origin.tick(f64::INFINITY);
    }
}
