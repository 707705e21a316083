//! How far ahead of the server commands are made, so that they arrive in time and not much earlier.

use std::collections::VecDeque;
use std::time::Duration;

use tickwire_protocol::Tick;
use tickwire_protocol::message::Slack;

use crate::clock::ServerClock;
use crate::limits::MAX_WAITING_COMMANDS;
use crate::window::Window;

/// Slacks to remember for the lateness: six seconds at 20 snapshots per second.
const SAMPLES: usize = 128;
/// Slacks to remember for the usual: after a step of the round trip it must change within a second.
const RECENT: usize = 24;
/// Below this many the pings know better.
const ENOUGH: usize = 8;
/// The largest margin for late arrivals, in seconds.
const MAX_MARGIN: f64 = 0.1;
/// Ticks of margin that are always there: one for lateness that was not seen yet.
const MIN_MARGIN: f64 = 1.0;
/// A command waits this many ticks longer than it must: the server takes it at the start of its tick.
const SPARE: f64 = 1.0;

/// Steers the command timeline by the slack that the server measures.
///
/// The *shift* of the timeline is its position minus local time, in ticks. A command made at shift `s` that arrived with
/// slack `l` would have arrived just in time at shift `s − l`, wherever the timeline has gone since. So each slack is a
/// sample of the shift that is needed; corrections that are still in flight cannot be counted twice, and nothing oscillates.
#[derive(Debug)]
pub(crate) struct Lead {
    tick_rate: f64,
    /// The shift at which each of the last commands was made.
    made: VecDeque<(Tick, f64)>,
    needed: Window,
    recent: Window,
    /// What the server measured, in seconds: middles and leasts.
    middles: Window,
    leasts: Window,
    slack: Option<f64>,
}

impl Lead {
    /// Knows nothing yet.
    pub(crate) fn new(tick_rate: f64) -> Self {
        Self {
            tick_rate,
            made: VecDeque::with_capacity(MAX_WAITING_COMMANDS),
            needed: Window::new(SAMPLES),
            recent: Window::new(RECENT),
            middles: Window::new(SAMPLES),
            leasts: Window::new(SAMPLES),
            slack: None,
        }
    }

    /// The command for `tick` was made when the timeline was at `position`.
    pub(crate) fn note_command(&mut self, tick: Tick, position: f64, now: Duration) {
        if self.made.len() == MAX_WAITING_COMMANDS {
            self.made.pop_front();
        }
        let shift = position - now.as_secs_f64() * self.tick_rate;
        self.made.push_back((tick, shift));
    }

    /// The snapshot of `tick` says with what slack the commands arrived that came shortly before it.
    pub(crate) fn handle_slack(&mut self, tick: Tick, slack: Slack) {
        let [middle, least] = [slack.p50, slack.p1].map(|units| f64::from(units) * Slack::UNIT);
        self.slack = Some(middle);
        self.middles.push(middle);
        self.leasts.push(least);
        if let Some(needed) = self.needed_by(tick, middle) {
            self.recent.push(needed);
        }
        if let Some(needed) = self.needed_by(tick, least) {
            self.needed.push(needed);
        }
    }

    /// The shift at which a command would have arrived just in time that came with such a slack, shortly before `tick`.
    fn needed_by(&self, tick: Tick, slack: f64) -> Option<f64> {
        let ticks = slack * self.tick_rate;
        // Which command it was is known to within the snapshot interval, during which the shift hardly changes.
        let about = |made: Tick| f64::from(made.since(tick)) <= ticks;
        let (_, shift) = self.made.iter().rev().find(|(made, _)| about(*made))?;
        Some(shift - ticks)
    }

    /// The position at which the command timeline should be now.
    pub(crate) fn target(&self, clock: &ServerClock, now: Duration) -> f64 {
        let (arrives, late) = if self.needed.len() < ENOUGH {
            let half_way = clock.round_trip().as_secs_f64() / 2.0 * self.tick_rate;
            let late = clock.jitter().as_secs_f64() * self.tick_rate;
            (clock.position(now) + half_way, late)
        } else {
            let local = now.as_secs_f64() * self.tick_rate;
            let usual = self.recent.median();
            (local + usual, self.needed.per_mille(990) - usual)
        };
        let margin = late.min(MAX_MARGIN * self.tick_rate).max(MIN_MARGIN);
        arrives + margin + SPARE
    }

    /// The last slack, in seconds; negative when the command came late.
    pub(crate) fn slack(&self) -> Option<f64> {
        self.slack
    }

    /// The middle and the 1st percentile of the last few seconds' slacks, in seconds.
    pub(crate) fn usual_slack(&self) -> Option<(f64, f64)> {
        self.slack
            .map(|_| (self.middles.median(), self.leasts.per_mille(10)))
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers"
)]
mod tests {
    use super::*;
    use crate::clock::{JUMP, Origin, Timeline};

    const RATE: f64 = 60.0;

    fn ms(ms: f64) -> Duration {
        Duration::from_secs_f64(ms / 1000.0)
    }

    /// A perfect server at position = local time, whose snapshots (20 Hz) come back after `down` ms; commands take `up(t)` ms.
    /// Returns the lead over the server, in ms, at the end of each 50 ms.
    fn steer(up: impl Fn(f64) -> f64, down: f64, seconds: f64) -> Vec<f64> {
        let clock = ServerClock::new(Origin(Tick(0)), RATE, ms(0.0), ms(0.0));
        let mut lead = Lead::new(RATE);
        let mut timeline = Timeline::new(0.0, ms(0.0), RATE, JUMP);
        let mut answers: VecDeque<(f64, Tick, Slack)> = VecDeque::new();
        let mut arrivals: Vec<(f64, f64)> = Vec::new();
        let mut ticked = Tick(0);
        let mut leads = Vec::new();
        let mut t = 0.0;
        while t < seconds * 1000.0 {
            t += 5.0;
            while answers.front().is_some_and(|(at, ..)| *at <= t)
                && let Some((_, tick, slack)) = answers.pop_front()
            {
                lead.handle_slack(tick, slack);
            }
            timeline.advance(ms(t), lead.target(&clock, ms(t)));
            let tick = Origin(Tick(0)).tick(timeline.at(ms(t)));
            while tick.is_after(ticked) {
                ticked = ticked.next();
                lead.note_command(ticked, timeline.at(ms(t)), ms(t));
                let due = f64::from(ticked.0) / RATE * 1000.0;
                arrivals.push((t + up(t), due - t - up(t)));
            }
            if t % 50.0 == 0.0 {
                let arrived = arrivals.iter().filter(|(at, _)| *at <= t);
                let mut slacks: Vec<_> = arrived.map(|(_, slack)| *slack / 1000.0).collect();
                arrivals.retain(|(at, _)| *at > t);
                if let Some(slack) = Slack::of(&mut slacks) {
                    let tick = Tick((t * RATE / 1000.0) as u32);
                    answers.push_back((t + down, tick, slack));
                }
                leads.push((timeline.at(ms(t)) / RATE * 1000.0) - t);
            }
        }
        leads
    }

    #[test]
    fn the_lead_is_the_way_there_plus_two_ticks_on_a_quiet_link() {
        let leads = steer(|_| 50.0, 50.0, 10.0);
        for lead in &leads[60..] {
            // Half a loop of 5 ms and half a tick of the server's measuring come on top.
            assert!((80.0..=95.0).contains(lead), "{lead} ms");
        }
    }

    #[test]
    fn a_step_of_the_round_trip_settles_in_two_seconds_without_swinging() {
        let leads = steer(|t| if t < 10_000.0 { 25.0 } else { 75.0 }, 25.0, 20.0);
        let end = *leads.last().unwrap();
        assert!((105.0..=120.0).contains(&end), "{end} ms");
        for lead in &leads[200 + 40..] {
            assert!((end - 5.0..=end + 20.0).contains(lead), "{lead} ms");
        }
    }

    #[test]
    fn before_the_server_measures_the_pings_decide() {
        let clock = ServerClock::new(Origin(Tick(0)), RATE, ms(100.0), ms(0.0));
        let lead = Lead::new(RATE);
        // Half a tick by guess, half a round trip (3) to the present, another to arrive, margin 1, spare 1.
        assert!((lead.target(&clock, ms(0.0)) - 8.5).abs() < 1e-9);
    }
}
