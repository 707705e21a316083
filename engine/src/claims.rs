//! View claims, checked: a client may shoot at what the server itself sent it, at about the time at which it must have drawn it.
//!
//! Everything here is measured by the server, per session, when something arrives; positions and times are in ticks.
//!
//! - The *round trip* of a snapshot: from its writing to the arrival of the first message that shows that the client has it, by
//!   acknowledging it or by claiming to have drawn it. The median is the usual round trip, the 95th percentile minus the median
//!   the jitter.
//! - The *interpolation delay*: how much older than a round trip the claimed moments usually are. A client may wait two snapshot
//!   intervals, or as long as it takes to bridge the lateness that the round trips show, six intervals at most.
//! - A claim is admissible within one tick plus the larger of 10 ms and twice the jitter around *arrival − usual round trip −
//!   interpolation delay*. The nearest admissible moment stands in for any other.
//!
//! What a client gains that lies:
//! - A claim beside its own habit is moved back to the habit, but for that tolerance.
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
/// Slacks to remember: a second of commands.
const SLACKS: usize = 64;
/// Round trips and slacks are put in order with every so many: usual ones do not change within half a second.
const RENEWED: usize = 16;
/// Interpolation delay of a client on a quiet link, and at most, in snapshot intervals.
const LEAST_DELAY: f64 = 2.0;
const MOST_DELAY: f64 = 6.0;
/// A client's timeline moves back by no more than this share of time when its link calms down.
const CALMING: f64 = 0.05;
/// Seconds of tolerance on the quietest link, beside one tick.
const TOLERANCE: f64 = 0.010;
/// For how many seconds an honest client's commands wait for their ticks at most: the largest margin for lateness that a
/// client keeps, and two ticks.
const LONGEST_MARGIN: f64 = 0.100;

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
    round_trips: Window,
    habits: Window,
    slacks: Window,
    /// The longest interpolation delay that is legitimate now, and since when.
    longest: f64,
    measured: Duration,
    /// For the commands that wait: whether their claims were clamped.
    clamped: VecDeque<(Tick, bool)>,
    last_clamped: bool,
}

impl Claims {
    /// For a client that is sent a snapshot every `interval` ticks.
    pub(crate) fn new(tick_rate: u32, interval: u8) -> Self {
        Self {
            tick_rate: f64::from(tick_rate),
            interval: f64::from(interval),
            sent: VecDeque::new(),
            shown: None,
            round_trips: Window::renewed(ROUND_TRIPS, RENEWED),
            habits: Window::new(CLAIMS),
            slacks: Window::renewed(SLACKS, RENEWED),
            longest: 0.0,
            measured: Duration::ZERO,
            clamped: VecDeque::new(),
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

    /// A message that arrived at `at` shows that the client has the snapshot of `tick`.
    pub(crate) fn note_shown(&mut self, tick: Tick, at: Duration) {
        if self.shown.is_some_and(|shown| !tick.is_after(shown)) {
            return;
        }
        // One that was never sent shows nothing.
        if !self.sent.iter().any(|sent| sent.tick == tick) {
            return;
        }
        // What came before it has come too, though not earlier than anybody said: a stall holds up several.
        let first = self.shown.replace(tick).unwrap_or(tick - 1);
        for sent in &self.sent {
            if sent.tick.is_after(first) && !sent.tick.is_after(tick) {
                let round_trip = at.saturating_sub(sent.at).as_secs_f64() * self.tick_rate;
                self.round_trips.push(round_trip);
            }
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

    /// For how many ticks this client's commands usually wait, as far as that is honest.
    fn wait(&self) -> f64 {
        let longest = LONGEST_MARGIN * self.tick_rate + 2.0;
        self.slacks.median().clamp(0.0, longest)
    }

    /// How far around the expected moment a claim is believed, in ticks.
    fn tolerance(&self) -> f64 {
        let jitter = self.round_trips.per_mille(950) - self.round_trips.median();
        1.0 + (TOLERANCE * self.tick_rate).max(2.0 * jitter)
    }

    /// Checks the claim of the command for tick `command`, which arrived `since_tick` ticks after the end of tick `now`. Gives it
    /// back, or the nearest admissible one; `None` as long as nothing was sent.
    pub(crate) fn check(
        &mut self,
        view: View,
        command: Tick,
        now: Tick,
        since_tick: f64,
    ) -> Option<View> {
        let claimed = f64::from(view.from.since(now)) + view.reach(self.tick_rate);
        let age = since_tick - claimed;
        // What would follow a snapshot is drawn only by who has nothing newer: others could choose between two pasts.
        let goes_on = view.from == view.to && view.fraction > 0;
        let was_sent = self.is_pair(view) && (!goes_on || self.shown == Some(view.from));
        let usual = self.round_trips.median();
        if was_sent && !self.round_trips.is_empty() {
            self.habits.push(age - usual);
        }
        let shortest = LEAST_DELAY * self.interval;
        let delay = self
            .habits
            .median()
            .clamp(shortest, self.longest.max(shortest));
        let (expected, tolerance) = (usual + delay, self.tolerance());
        let admissible = age.clamp(expected - tolerance, expected + tolerance);
        let is_admissible = was_sent && age == admissible;
        if self.clamped.len() == HISTORY_TICKS as usize {
            self.clamped.pop_front();
        }
        self.clamped.push_back((command, !is_admissible));
        if is_admissible {
            Some(view)
        } else {
            self.view_at(since_tick - admissible, now)
        }
    }

    /// What the player sees who carries a command out in `tick` with this checked claim.
    pub(crate) fn viewing(&mut self, view: Option<View>, tick: Tick) -> Viewing {
        let clamped = view.is_some() && self.was_clamped(tick);
        Viewing::new(view, clamped, self.wait())
    }

    /// Whether the claim of the command that is carried out in `tick` was clamped; as the last one's if that has none.
    fn was_clamped(&mut self, tick: Tick) -> bool {
        while let Some((command, clamped)) = self.clamped.front().copied()
            && !command.is_after(tick)
        {
            self.last_clamped = clamped;
            self.clamped.pop_front();
        }
        self.last_clamped
    }

    /// Whether the client was sent both snapshots, and none between them.
    fn is_pair(&self, view: View) -> bool {
        let from = self
            .sent
            .partition_point(|sent| view.from.is_after(sent.tick));
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
