//! View claims, checked: a client may shoot at what the server itself sent it, at about the time at which it must have drawn it.
//!
//! Everything here is measured by the server, per session, when something arrives; positions and times are in ticks.
//!
//! - The *round trip* of a snapshot: from its writing to the arrival of the first message that shows that the client has it, by
//!   acknowledging it or by claiming to have drawn it. The median is the usual round trip, the 95th percentile minus the median
//!   the jitter.
//! - The *interpolation delay*: how much older than a round trip the claimed moments usually are. A client may wait two snapshot
//!   intervals, or as long as it takes to bridge the lateness that the round trips show, six intervals at most.
//! - The *rhythm*: how long before its command's tick the claimed moment usually is. Both are the client's own timelines, so an
//!   honest one hardly varies, however unsteady the link or the pictures. A claim is admissible within a tick and a little around
//!   it; where the interpolation delay is not legitimate, around what the rhythm would be if it were. There twice the jitter is
//!   forgiven. The nearest admissible moment stands in for any other.
//!
//! What a client gains that lies:
//! - A claim beside its own rhythm is moved back to it, but for that tolerance. Who picks the best moment within it for each shot
//!   hits what is as far beside the ray as a victim runs in that time: 12 cm at 7 m/s. `tests/src/shots` measures what that gains.
//! - A habit beside what is legitimate is moved back to what is.
//! - Acknowledging late makes the round trip look longer, claims of all ages old, and the picture at hand no older: who does so
//!   shoots at moments like an honest player who is that far away, but without knowing less. All of it ends at the
//!   [`RewindLimit`](crate::RewindLimit), as for that player.
//! - Acknowledging a snapshot before it came makes the round trip look shorter, so that the client's own pictures are too old.

use std::collections::VecDeque;
use std::time::Duration;

use tickwire_protocol::Tick;
use tickwire_protocol::limits::HISTORY_TICKS;
use tickwire_protocol::message::View;
use tickwire_protocol::window::Window;

use crate::rewind::Viewing;

/// Round trips to remember: four seconds at 30 snapshots per second, as many as a client remembers arrivals.
const ROUND_TRIPS: usize = 128;
/// Claims to remember for the habit: half a second at 60 commands per second, so that it follows a client whose interpolation
/// delay grows or shrinks by a twentieth of time.
const CLAIMS: usize = 32;
/// Claims to remember for the rhythm: a quarter of a second, in which clocks that are steered move by no more than a tick.
const RHYTHM: usize = 16;
/// Slacks to remember: a second of commands.
const SLACKS: usize = 64;
/// Round trips and slacks are put in order with every so many: usual ones do not change within half a second.
const RENEWED: usize = 16;
/// Interpolation delay of a client on a quiet link, and at most, in snapshot intervals.
const LEAST_DELAY: f64 = 2.0;
const MOST_DELAY: f64 = 6.0;
/// Ticks until a client draws the next picture. With it goes what shows that a snapshot has come, which makes round trips longer
/// than what is drawn is old; and with it go the commands that were given on the last one, which makes claims older.
const A_PICTURE: f64 = 1.0;
/// A client's timeline moves back by no more than this share of time when its link calms down.
const CALMING: f64 = 0.05;
/// A claim may be so many ticks beside the rhythm: the tick after a picture comes at once or a tick later, and clocks are steered.
const TOLERANCE: f64 = 1.0625;
/// Twice the jitter is forgiven beyond so many seconds, which the tolerance covers.
const STEADY: f64 = 0.010;
/// When a snapshot was written.
#[derive(Debug, Clone, Copy)]
struct Sent {
    tick: Tick,
    at: Duration,
}

/// What is known of one client's pictures.
#[derive(Debug)]
pub(crate) struct Claims {
    tick_rate: f64,
    /// Ticks from one snapshot to the next.
    interval: f64,
    /// The snapshots that were written in the last 64 ticks, oldest first.
    sent: VecDeque<Sent>,
    /// The newest snapshot that the client has shown to have.
    shown: Option<Tick>,
    /// The newest one before the present message.
    shown_before: Option<Tick>,
    round_trips: Window,
    habits: Window,
    /// How long before its command's tick a claimed moment was.
    rhythm: Window,
    slacks: Window,
    /// The longest interpolation delay that is legitimate now, and since when.
    longest: f64,
    measured: Duration,
    /// For the commands that wait.
    judged: VecDeque<Judged>,
    /// Of the last one that was carried out: whether its claim was clamped.
    last_clamped: bool,
}

/// A command that waits for its tick.
#[derive(Debug, Clone, Copy)]
struct Judged {
    tick: Tick,
    /// Whether its claim was not admissible.
    clamped: bool,
    /// For how many ticks it waits.
    wait: f64,
}

/// When a message with commands arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    /// The last tick that was simulated.
    pub(crate) now: Tick,
    /// Ticks since the end of that.
    pub(crate) since_tick: f64,
}

impl Claims {
    /// For a client that is sent a snapshot every `interval` ticks.
    pub(crate) fn new(tick_rate: u32, interval: u8) -> Self {
        Self {
            tick_rate: f64::from(tick_rate),
            interval: f64::from(interval),
            sent: VecDeque::new(),
            shown: None,
            shown_before: None,
            round_trips: Window::renewed(ROUND_TRIPS, RENEWED),
            habits: Window::renewed(CLAIMS, RENEWED),
            rhythm: Window::new(RHYTHM),
            slacks: Window::renewed(SLACKS, RENEWED),
            longest: 0.0,
            measured: Duration::ZERO,
            judged: VecDeque::new(),
            last_clamped: false,
        }
    }

    fn ticks(&self, time: Duration) -> f64 {
        time.as_secs_f64() * self.tick_rate
    }

    /// The snapshot of `tick` was written at `at`.
    pub(crate) fn note_sent(&mut self, tick: Tick, at: Duration) {
        self.sent.push_back(Sent { tick, at });
        let kept = HISTORY_TICKS.cast_signed();
        while self
            .sent
            .front()
            .is_some_and(|first| tick.since(first.tick) >= kept)
        {
            self.sent.pop_front();
        }
    }

    /// A message is read: what it shows comes next.
    pub(crate) fn note_message(&mut self) {
        self.shown_before = self.shown;
    }

    /// How many of the snapshots were sent no later than in `tick`. Asked from the newest end, where the answer nearly always is:
    /// halving the ring costs a miss of the processor's cache per step.
    fn sent_until(&self, tick: Tick) -> usize {
        let later = self.sent.iter().rev();
        let later = later.take_while(|sent| sent.tick.is_after(tick)).count();
        self.sent.len() - later
    }

    /// A message that arrived at `at` shows that the client has the snapshot of `tick`.
    pub(crate) fn note_shown(&mut self, tick: Tick, at: Duration) {
        if self.shown.is_some_and(|shown| !tick.is_after(shown)) {
            return;
        }
        let end = self.sent_until(tick);
        // One that was never sent shows nothing.
        let newest = end.checked_sub(1).and_then(|newest| self.sent.get(newest));
        if newest.is_none_or(|newest| newest.tick != tick) {
            return;
        }
        // What came before it has come too, though not earlier than anybody said: a stall holds up several.
        let first = self.shown.replace(tick).unwrap_or(tick - 1);
        for sent in self.sent.range(self.sent_until(first)..end) {
            let round_trip = at.saturating_sub(sent.at).as_secs_f64() * self.tick_rate;
            self.round_trips.push(round_trip);
        }
        let bridged = (self.interval + self.round_trips.lateness())
            .clamp(LEAST_DELAY * self.interval, MOST_DELAY * self.interval);
        let calmed = self.longest - CALMING * self.ticks(at.saturating_sub(self.measured));
        self.longest = bridged.max(calmed);
        self.measured = at;
    }

    /// A command arrived `slack` ticks before its tick.
    pub(crate) fn note_slack(&mut self, slack: f64) {
        self.slacks.push(slack);
    }

    /// How far the median habit may be beside what is legitimate, in ticks.
    fn leeway(&self) -> f64 {
        let jitter = self.round_trips.per_mille(950) - self.round_trips.median();
        (2.0 * jitter - STEADY * self.tick_rate).max(0.0)
    }

    /// Checks the claim of the command for tick `command`. Gives it back, or the nearest admissible one; `None` as long as
    /// nothing was sent.
    pub(crate) fn check(&mut self, view: View, command: Tick, arrival: Arrival) -> Option<View> {
        let Arrival { now, since_tick } = arrival;
        let ahead = f64::from(command.since(now));
        let claimed = f64::from(view.from.since(now)) + view.reach(self.tick_rate);
        let (age, before) = (since_tick - claimed, ahead - claimed);
        let was_sent = self.is_pair(view) && self.can_go_on(view);
        let usual = self.round_trips.median();
        if was_sent && !self.round_trips.is_empty() {
            self.habits.push(age - usual);
            self.rhythm.push(before);
        }
        let (habit, leeway) = (self.habits.median(), self.leeway());
        let shortest = LEAST_DELAY * self.interval;
        let longest = self.longest.max(shortest);
        let leeway = leeway.max(A_PICTURE);
        let delay = habit.clamp(shortest - leeway, longest + leeway);
        let expected = self.rhythm.median() + delay - habit;
        let admissible = before.clamp(expected - TOLERANCE, expected + TOLERANCE);
        let clamped = !was_sent || before != admissible;
        if self.judged.len() == HISTORY_TICKS as usize {
            self.judged.pop_front();
        }
        self.judged.push_back(Judged {
            tick: command,
            clamped,
            wait: ahead - since_tick,
        });
        if clamped {
            self.view_at(ahead - admissible, now)
        } else {
            Some(view)
        }
    }

    /// What the player sees who carries a command out in `tick` with this checked claim.
    pub(crate) fn viewing(&mut self, view: Option<View>, tick: Tick) -> Viewing {
        // Who names no picture looks at nothing.
        let mut wait = view.map_or(0.0, |_| self.slacks.median());
        while let Some(judged) = self.judged.front().copied()
            && !judged.tick.is_after(tick)
        {
            self.last_clamped = judged.clamped;
            if judged.tick == tick {
                wait = wait.max(judged.wait);
            }
            self.judged.pop_front();
        }
        let clamped = view.is_some() && self.last_clamped;
        Viewing::new(view, clamped, wait.max(0.0))
    }

    /// What would follow a snapshot is drawn only by who has nothing newer: others could choose between two pasts. A newer one
    /// may have come after the picture, so that the same message shows it for the first time.
    fn can_go_on(&self, view: View) -> bool {
        let is_newest = |shown: Option<Tick>| shown == Some(view.from);
        view.from != view.to
            || view.fraction == 0
            || is_newest(self.shown)
            || is_newest(self.shown_before)
    }

    /// Whether the client was sent both snapshots, and none between them.
    fn is_pair(&self, view: View) -> bool {
        let from = self.sent_until(view.from - 1);
        let mut pair = self.sent.range(from..).map(|sent| sent.tick);
        pair.next() == Some(view.from) && (view.from == view.to || pair.next() == Some(view.to))
    }

    /// The point between two snapshots that were sent which is nearest to `position`, in ticks after the end of tick `now`.
    fn view_at(&self, position: f64, now: Tick) -> Option<View> {
        let place = |sent: &Sent| f64::from(sent.tick.since(now));
        let after = self.sent.partition_point(|sent| place(sent) <= position);
        let to = self.sent.get(after).or(self.sent.back())?;
        let from = after.checked_sub(1).and_then(|from| self.sent.get(from));
        let from = from.unwrap_or(to);
        let span = (place(to) - place(from)).max(1.0);
        let share = (position - place(from)) / span;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates, which is the nearest"
        )]
        let fraction = if from.tick == to.tick {
            0
        } else {
            (share * 256.0) as u8
        };
        Some(View {
            from: from.tick,
            to: to.tick,
            fraction,
        })
    }
}

#[cfg(test)]
mod tests;
