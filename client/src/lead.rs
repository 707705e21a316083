//! How far ahead of the server commands are made, so that they arrive in time and not much earlier.

use std::collections::VecDeque;
use std::time::Duration;

use tickwire_protocol::Tick;
use tickwire_protocol::message::Slack;

use crate::clock::ServerClock;
use crate::limits::MAX_WAITING_COMMANDS;
use crate::window::Window;

/// Slacks to remember for the usual and for the present lateness: after a step of the round trip they must change within a
/// second. At 30 snapshots per second it is 0.8 s.
const RECENT: usize = 24;
/// Slacks to remember for the figures: four seconds at 30 snapshots per second.
const SHOWN: usize = 128;
/// Below this many the pings know better.
const ENOUGH: usize = 8;
/// The largest margin for late arrivals, in seconds.
const MAX_MARGIN: f64 = 0.1;
/// Ticks of margin that are always there: one for lateness that was not seen yet.
const MIN_MARGIN: f64 = 1.0;
/// A command waits this many ticks longer than it must: the server takes it at the start of its tick.
const SPARE: f64 = 1.0;
/// Ticks of margin that may be forgone where it costs hits.
const FORGONE: f64 = 1.0;
/// A lateness that was seen counts for half after this many seconds. A lost segment in a thousand stalls 60 commands a second
/// every 17 s: who forgets it sooner is late each time anew.
const HALF_LIFE: f64 = 15.0;

/// Steers the command timeline by the slack that the server measures.
///
/// The *shift* of the timeline is its position minus local time, in ticks. A command made at shift `s` that arrived with
/// slack `l` would have arrived just in time at shift `s − l`, wherever the timeline has gone since. So each slack is a
/// sample of the shift that is needed; corrections that are still in flight cannot be counted twice, and nothing oscillates.
///
/// What is aimed at is the usual need (the middle of the last second's), and a margin for how much later than usual commands
/// arrive at their latest: now, and lately. Lately is remembered as a difference to what was usual *at that time*, before and
/// after it, so a step of the round trip is no lateness, and moves the aim only once. What a program that stood still sent late
/// says nothing of the link and is not remembered: it counts as long as it is what happens now, as with slow pictures.
#[derive(Debug)]
pub(crate) struct Lead {
    tick_rate: f64,
    /// The shift at which each of the last commands was made, and whether in time.
    made: VecDeque<(Tick, f64, bool)>,
    /// The shifts that the middle commands needed, and the latest ones.
    usual: Window,
    latest: Window,
    /// What the latest ones needed, until it is known what was usual before and after; and what the middle ones needed there.
    unjudged: VecDeque<f64>,
    around: VecDeque<f64>,
    /// How much later than usual commands were lately, in ticks, fading.
    lateness: f64,
    faded: Duration,
    /// Ticks by which the margin is less than lateness asks for.
    forgone: f64,
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
            usual: Window::new(RECENT),
            latest: Window::new(RECENT),
            unjudged: VecDeque::with_capacity(RECENT),
            around: VecDeque::with_capacity(RECENT),
            lateness: 0.0,
            faded: Duration::ZERO,
            forgone: 0.0,
            middles: Window::new(SHOWN),
            leasts: Window::new(SHOWN),
            slack: None,
        }
    }

    /// The command for `tick` was made when the timeline was at `position`; not `in_time` by a program that stood still before.
    pub(crate) fn note_command(&mut self, tick: Tick, position: f64, in_time: bool, now: Duration) {
        if self.made.len() == MAX_WAITING_COMMANDS {
            self.made.pop_front();
        }
        let shift = position - now.as_secs_f64() * self.tick_rate;
        self.made.push_back((tick, shift, in_time));
    }

    /// The snapshot of `tick` says with what slack the commands arrived that came shortly before it.
    pub(crate) fn handle_slack(&mut self, tick: Tick, slack: Slack, now: Duration) {
        let [middle, least] = [slack.p50, slack.p1].map(|units| f64::from(units) * Slack::UNIT);
        self.slack = Some(middle);
        self.middles.push(middle);
        self.leasts.push(least);
        if let Some((needed, _)) = self.needed_by(tick, middle) {
            self.usual.push(needed);
            if self.around.len() == RECENT {
                self.around.pop_front();
            }
            self.around.push_back(needed);
        }
        if let Some((needed, in_time)) = self.needed_by(tick, least) {
            self.latest.push(needed);
            self.unjudged
                .push_back(if in_time { needed } else { f64::NEG_INFINITY });
        }
        self.judge(now);
    }

    /// The shift at which a command would have arrived just in time that came with such a slack, shortly before `tick`; and whether
    /// it was made in time.
    fn needed_by(&self, tick: Tick, slack: f64) -> Option<(f64, bool)> {
        let ticks = slack * self.tick_rate;
        // Which command it was is known to within the snapshot interval, during which the shift hardly changes.
        let about = |made: Tick| f64::from(made.since(tick)) <= ticks;
        let (_, shift, in_time) = self.made.iter().rev().find(|(made, ..)| about(*made))?;
        Some((shift - ticks, *in_time))
    }

    /// Remembers how late the one was that came half a window ago: now it is known what was usual before it and after it. Right
    /// at a step it was one of both, so the greater counts.
    fn judge(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.faded).as_secs_f64();
        self.faded = now;
        self.lateness *= (-passed / HALF_LIFE).exp2();
        if self.unjudged.len() > RECENT / 2
            && let Some(needed) = self.unjudged.pop_front()
        {
            let (before, after) = self.around.as_slices();
            let around = [before, after].concat();
            let (before, after) = around.split_at(around.len() / 2);
            let late = needed - middle(before).max(middle(after));
            self.lateness = self.lateness.max(late.min(MAX_MARGIN * self.tick_rate));
        }
    }

    /// The position at which the command timeline should be now.
    pub(crate) fn target(&self, clock: &ServerClock, now: Duration) -> f64 {
        let (arrives, late) = if self.latest.len() < ENOUGH {
            let half_way = clock.round_trip().as_secs_f64() / 2.0 * self.tick_rate;
            let late = clock.jitter().as_secs_f64() * self.tick_rate;
            (clock.position(now) + half_way, late)
        } else {
            let local = now.as_secs_f64() * self.tick_rate;
            let usual = self.usual.median();
            let late = self.latest.per_mille(1000) - usual;
            (local + usual, late.max(self.lateness))
        };
        let margin = late.min(MAX_MARGIN * self.tick_rate) - self.forgone;
        let margin = margin.max(MIN_MARGIN);
        arrives + margin + SPARE
    }

    /// What is drawn is `ticks` older than shots may be when their commands are carried out: commands wait a little less then, a
    /// tick at most, and a few more of them come late.
    pub(crate) fn forgo(&mut self, ticks: f64) {
        self.forgone = (ticks + self.forgone).clamp(0.0, FORGONE);
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

/// The middle one; nothing is less than all.
fn middle(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.get(values.len() / 2);
    middle.copied().unwrap_or(f64::NEG_INFINITY)
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
                lead.handle_slack(tick, slack, ms(t));
            }
            timeline.advance(ms(t), lead.target(&clock, ms(t)));
            let tick = Origin(Tick(0)).tick(timeline.at(ms(t)));
            while tick.is_after(ticked) {
                ticked = ticked.next();
                lead.note_command(ticked, timeline.at(ms(t)), true, ms(t));
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
