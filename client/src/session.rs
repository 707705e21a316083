//! One connection's worth of play, from the Welcome to the end. A new connection starts with a new one: clock samples,
//! baselines, predictions and events of the old are void.

use std::sync::Arc;
use std::time::Duration;

use tickwire_protocol::explain::Ledger;
use tickwire_protocol::message::{Command, EventBatch, SnapshotHeader, View, decode_event};
use tickwire_protocol::{
    Around, Audit, Cadence, Game, GameSchema, Moment, NetId, REWIND_WAIT_MS, Receiver, Snapshot,
    Tick,
};

use crate::clock::{JUMP, Origin, ServerClock, Timeline};
use crate::error::ClientError;
use crate::events::{Delivered, EventQueue};
use crate::feel::Feel;
use crate::healing::Healing;
use crate::input::InputLatch;
use crate::interpolate::ViewClock;
use crate::lead::Lead;
use crate::limits::MAX_CATCH_UP;
use crate::looks::{Claim, Drawn, Looks};
use crate::outbox::Outbox;
use crate::predict::Predictor;
use crate::scene::Scene;
use crate::smooth::Smoothing;
use crate::spawn::{Confirmed, Times};
use crate::stats::Stats;
use crate::steps::Step;
use crate::wakes::Wakes;

/// Ticks in which the player looks at a picture and acts.
const A_LOOK: f64 = 1.0;

/// Ticks from where the commands are to the next tick, at most: the command that claims the picture is for that.
const NEXT_TICK: f64 = 1.0;

/// Ticks that are left between what is drawn and the server's limit: what the server knows of slack is half a second old.
const SPARE: f64 = 1.0;

/// What the Welcome says that matters here.
pub(crate) struct Terms {
    pub(crate) own: NetId,
    pub(crate) tick: Tick,
    pub(crate) cadence: Cadence,
    /// How far back the server looks for shots, if it does.
    pub(crate) rewind_limit: Option<Duration>,
    /// From the Hello to the Welcome.
    pub(crate) round_trip: Duration,
}

pub(crate) struct Session<G: Game> {
    own: NetId,
    tick_rate: f64,
    interval: u8,
    rewind_limit: Option<Duration>,
    origin: Origin,
    receiver: Receiver,
    healing: Healing,
    wakes: Wakes,
    clock: ServerClock,
    lead: Lead,
    /// Where commands are made: ahead of the server.
    commands: Timeline,
    /// The last tick that a command was made for.
    ticked: Option<Tick>,
    predictor: Predictor<G>,
    /// Whether the server believes that nobody looks.
    pub(crate) told_hidden: bool,
    /// Whether the server believes that the player wants receipts.
    pub(crate) told_receipts: bool,
    /// Where the others are drawn: behind the server.
    view: ViewClock,
    feel: Feel,
    looks: Looks,
    events: EventQueue<G::Event>,
}

impl<G: Game> Session<G> {
    pub(crate) fn new(
        terms: &Terms,
        schema: &GameSchema,
        smoothing: Smoothing,
        now: Duration,
    ) -> Self {
        let tick_rate = f64::from(schema.tick_rate);
        let origin = Origin(terms.tick);
        let clock = ServerClock::new(origin, tick_rate, terms.round_trip, now);
        let lead = Lead::new(tick_rate);
        Self {
            own: terms.own,
            tick_rate,
            interval: terms.cadence.interval(),
            rewind_limit: terms.rewind_limit,
            origin,
            receiver: Receiver::new(
                Arc::clone(&schema.rows),
                Arc::clone(&schema.tables),
                terms.cadence.clone(),
            ),
            healing: Healing::default(),
            wakes: Wakes::new(now),
            commands: Timeline::new(lead.target(&clock, now), now, tick_rate, JUMP),
            clock,
            lead,
            ticked: None,
            told_hidden: false,
            told_receipts: false,
            predictor: Predictor::new(schema, smoothing, terms.own),
            view: ViewClock::new(origin, schema.tick_rate, terms.cadence.interval()),
            feel: Feel::default(),
            looks: Looks::default(),
            events: EventQueue::new(),
        }
    }

    /// Which remedies are on from now on.
    pub(crate) fn set_feel(&mut self, feel: Feel) {
        self.feel = feel;
        self.view.set_interpolating(feel.interpolation);
    }

    /// The newest snapshot that was received.
    pub(crate) fn newest(&self) -> Option<&Arc<Snapshot>> {
        self.receiver.history().latest()
    }

    pub(crate) fn has_left(&self, id: NetId) -> bool {
        self.receiver.has_left(id)
    }

    pub(crate) fn own(&self) -> NetId {
        self.own
    }

    /// The newest snapshot's tick.
    pub(crate) fn ack(&self) -> Option<Tick> {
        self.receiver.history().latest().map(|s| s.tick())
    }

    pub(crate) fn poll_ping(&mut self, now: Duration) -> Option<u64> {
        self.clock.poll_ping(now)
    }

    pub(crate) fn handle_pong(
        &mut self,
        sent: u64,
        tick: Tick,
        fraction: u16,
        held: u32,
        now: Duration,
    ) -> Result<(), ClientError> {
        self.wakes.note(now);
        let waited = !self.wakes.ran_since(Duration::from_micros(sent));
        self.clock
            .handle_pong(sent, tick, fraction, held, waited, now)
    }

    /// What the server is to be asked about a snapshot that went wrong.
    pub(crate) fn poll_audit(&mut self) -> Option<Audit> {
        self.healing.poll()
    }

    /// For tests: a fault in the newest snapshot, see [`Receiver::flip`].
    pub(crate) fn flip(&mut self, id: NetId, column: usize) -> bool {
        self.receiver.flip(id, column)
    }

    /// Pings and events that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.clock.waiting() + self.events.len()
    }

    pub(crate) fn poll_step(&mut self) -> Option<Step<G::Predicted>> {
        let (tick, value) = self.predictor.poll_step()?;
        let view = self.looks.take(tick);
        Some(Step { tick, value, view })
    }

    /// What a command claimed, as long as the snapshots are remembered.
    pub(crate) fn picture(&self, view: View) -> Option<Moment<'_>> {
        view.moment(self.receiver.history(), self.view.tick_rate())
    }

    pub(crate) fn poll_event(&mut self) -> Option<Delivered<G::Event>> {
        self.events.poll()
    }

    /// Decodes a snapshot, and tells `ledger` what it is made of. `level` is missing as long as it is not known: there is no
    /// prediction without it.
    pub(crate) fn handle_snapshot(
        &mut self,
        header: SnapshotHeader,
        body: &[u8],
        ledger: Option<&mut Ledger>,
        level: Option<&G::Level>,
        stats: &mut Stats,
        now: Duration,
    ) -> Result<(), ClientError> {
        if self.healing.passes_over(header.start) {
            ledger.into_iter().for_each(|ledger| ledger.pass_over(body));
            return Ok(());
        }
        let tick = self.receiver.tick_of(header)?;
        if let Some(last) = self.ack().filter(|_| !self.told_hidden) {
            let ticks = tick.since(last).max(0).cast_unsigned();
            stats.skipped += u64::from((ticks / u32::from(self.interval.max(1))).saturating_sub(1));
        }
        let read = match ledger {
            Some(ledger) => ledger.read(&mut self.receiver, header, body),
            None => self.receiver.read(header, body),
        };
        let snapshot = match read {
            Ok(snapshot) => Arc::clone(snapshot),
            Err(why) => return Ok(self.healing.note_unread(why, &self.receiver, now)?),
        };
        self.healing.note_read(header.start, &self.receiver, now);
        stats.snapshots += 1;
        self.wakes.note(now);
        self.view.handle_snapshot(&snapshot, &self.wakes, now);
        if let Some(slack) = header.slack {
            self.lead.handle_slack(tick, slack, now);
        }
        self.reconcile(level, stats, now);
        Ok(())
    }

    /// Brings the prediction in line with the newest snapshot.
    pub(crate) fn reconcile(&mut self, level: Option<&G::Level>, stats: &mut Stats, now: Duration) {
        if let (Some(level), Some(snapshot)) = (level, self.receiver.history().latest()) {
            let around = Around::new(level, self.own, snapshot);
            let tick = self.ticked.unwrap_or(snapshot.tick());
            let verdict = self.predictor.reconcile(tick, &around, now);
            stats.prediction_error = verdict.error;
            stats.mispredictions += u64::from(verdict.wrong);
            stats.replayed_ticks += u64::from(verdict.replayed);
            if let Some(times) = self.times(now) {
                self.predictor.land(&around, times, now);
            }
            if let Some(size) = verdict.corrected {
                stats.corrections += 1;
                stats.correction_size = size;
            }
        }
    }

    /// The server says what the `index`th spawn of the command for `tick` is.
    pub(crate) fn handle_spawned(&mut self, tick: Tick, index: u8, says: Confirmed, now: Duration) {
        // Before the first snapshot there was no command.
        if let Some(times) = self.times(now) {
            self.predictor.handle_spawned(tick, index, says, times);
        }
    }

    /// Where the timelines stand; `None` before the first snapshot.
    fn times(&self, now: Duration) -> Option<Times> {
        let view = self.view.position(now)?;
        let ticked = self.origin.position(self.ticked?);
        Some(Times {
            origin: self.origin,
            // The tick after the last one is on its way, but not more.
            commands: self.commands.at(now).clamp(ticked, ticked + 1.0),
            view,
            tick_rate: self.tick_rate,
        })
    }

    pub(crate) fn handle_events(&mut self, batch: &EventBatch<'_>) -> Result<(), ClientError> {
        for entry in &batch.events {
            self.events.push(Delivered {
                tick: batch.tick,
                at_once: entry.at_once,
                event: decode_event(entry.body)?,
            })?;
        }
        Ok(())
    }

    /// Moves the timelines to `now` and lets go of the events that the view has reached.
    ///
    /// # Errors
    /// When a snapshot went wrong and the server does not repair it.
    pub(crate) fn advance(&mut self, stats: &mut Stats, now: Duration) -> Result<(), ClientError> {
        self.wakes.note(now);
        self.healing.advance(&self.receiver, now)?;
        self.commands
            .advance(now, self.lead.target(&self.clock, now));
        let longest = self.longest_delay(now);
        self.view.set_longest(longest);
        let over = longest.map(|longest| self.view.least_delay() - longest);
        self.lead.forgo(over.unwrap_or(f64::NEG_INFINITY));
        self.view.advance(&self.wakes, now);
        if let Some(view) = self.view.position(now) {
            let (origin, own) = (self.origin, self.own);
            let newest = self.receiver.history().latest();
            let picture = self.view.moment(self.receiver.history(), now);
            // What the event names is in the picture, unless it is never to be: not seen from here, or gone again.
            let is_there = |id: &NetId| {
                *id == own
                    || picture.is_some_and(|picture| picture.from.row(*id).is_some())
                    || newest.is_some_and(|newest| newest.row(*id).is_none())
            };
            self.events.release(|delivered| {
                origin.position(delivered.tick) <= view
                    && G::names(&delivered.event).iter().all(is_there)
            });
            let times = self.times(now);
            if let (Some(newest), Some(times)) = (self.receiver.history().latest(), times) {
                self.predictor.end_spawns(newest, times, now);
            }
            let spawns = self.predictor.take_spawn_counts();
            stats.spawns += spawns.predicted;
            stats.matched_spawns += spawns.matched;
            stats.refused_spawns += spawns.refused;
            let newest = self.ack().map(|tick| origin.position(tick));
            let starved = newest.is_some_and(|newest| newest <= view);
            stats.pictures += 1;
            stats.starved += u64::from(starved && self.feel.interpolation);
        }
        Ok(())
    }

    /// The interpolation delay, in ticks, with which shots at what is drawn are within the server's limit.
    fn longest_delay(&self, now: Duration) -> Option<f64> {
        let limit = self.rewind_limit.filter(|_| self.feel.compensation)?;
        let ticks = |seconds: f64| seconds * self.tick_rate;
        let slack = self.lead.usual_slack();
        let waits = slack.map_or(0.0, |(middle, _)| ticks(middle)) + A_LOOK;
        let free = waits.clamp(0.0, ticks(f64::from(REWIND_WAIT_MS) / 1000.0));
        let oldest = self.commands.at(now) + NEXT_TICK - ticks(limit.as_secs_f64()) - free;
        Some(self.view.present(now) - oldest - SPARE)
    }

    /// Play stops or goes on again at `now`: nothing is predicted from before, and commands are due from where the clock says.
    pub(crate) fn pause(&mut self, now: Duration) {
        self.ticked = None;
        self.predictor.forget();
        self.looks.draw(None);
        let target = self.lead.target(&self.clock, now);
        self.commands = Timeline::new(target, now, self.tick_rate, JUMP);
    }

    /// Makes the commands that are due, and predicts what they do.
    pub(crate) fn run_ticks(
        &mut self,
        level: &G::Level,
        input: &mut InputLatch<G::Input>,
        outbox: &mut Outbox<G::Input>,
        stats: &mut Stats,
        now: Duration,
    ) {
        let position = self.commands.at(now);
        let present = self.origin.tick(position);
        let in_time = !self.wakes.catches_up(now);
        let mut tick = self.first_due(present, stats);
        while present.is_after(tick) {
            tick = tick.next();
            let view = self.claim(tick, present, now);
            if let Some(view) = view {
                self.looks.note(tick, view);
            }
            let input = input.take();
            self.lead.note_command(tick, position, in_time, now);
            self.predictor.record(tick, input.clone());
            outbox.push_command(Command { tick, view, input });
        }
        self.ticked = Some(tick);
        if let Some(snapshot) = self.receiver.history().latest() {
            let around = Around::new(level, self.own, snapshot);
            self.predictor.advance(tick, &around, now);
        }
    }

    /// The tick after which commands are due. At most [`MAX_CATCH_UP`] are: after a pause, or when the clock has jumped, the
    /// ticks between are left out.
    fn first_due(&mut self, present: Tick, stats: &mut Stats) -> Tick {
        let Some(ticked) = self.ticked else {
            return present - 1;
        };
        let due = present.since(ticked);
        if due.unsigned_abs() <= MAX_CATCH_UP {
            return ticked;
        }
        if due < 0 {
            self.predictor.forget();
        } else {
            stats.jumped_ticks += u64::from(due.cast_unsigned() - 1);
        }
        present - 1
    }

    /// What the player saw when giving the command for `tick`, when those up to `present` are made `now`.
    fn claim(&self, tick: Tick, present: Tick, now: Duration) -> Option<View> {
        if !self.feel.compensation {
            return None;
        }
        let view = self.view.position(now)?;
        let position = match self.looks.claim(tick, now) {
            Claim::Picture(view) => return Some(view),
            Claim::After(position) => position.min(view),
            Claim::Undrawn => view - f64::from(present.since(tick)),
        };
        let moment = self.view.moment_at(self.receiver.history(), position);
        moment.map(|moment| moment.view())
    }

    /// What is to be drawn at `now`. `level` and `latest` input are for the own entity.
    pub(crate) fn scene(
        &self,
        level: Option<&G::Level>,
        latest: &G::Input,
        now: Duration,
    ) -> Scene<'_, G> {
        let history = self.receiver.history();
        let newest = history.latest();
        let moment = self.view.moment(history, now);
        self.looks.draw(self.drawn(moment, now));
        let level = level.filter(|_| self.feel.prediction);
        let predicted = level.zip(newest).and_then(|(level, snapshot)| {
            let around = Around::new(level, self.own, snapshot);
            let (tick, predictor) = (self.ticked?, &self.predictor);
            let fraction = self.fraction(tick, now);
            let times = self.times(now)?;
            Some((
                predictor.drawn(tick, fraction, latest, &around, now),
                predictor.drawn_spawns(history, &around, times, now),
            ))
        });
        let (ours, (spawns, over)) = predicted.unwrap_or_else(|| {
            let ours = self.predictor.ids().map(|id| (id, None));
            (ours.collect(), Default::default())
        });
        Scene {
            moment,
            newest: newest.map(|snapshot| &**snapshot),
            ours,
            spawns,
            over,
        }
    }

    /// The picture that is drawn `now`: what the next command claims.
    fn drawn(&self, moment: Option<Moment<'_>>, now: Duration) -> Option<Drawn> {
        Some(Drawn {
            at: now,
            view: moment?.view(),
            position: self.view.position(now)?,
            ticked: self.ticked?,
        })
    }

    /// How much of the tick after `tick` is over.
    #[expect(clippy::cast_possible_truncation, reason = "from 0 to 1")]
    fn fraction(&self, tick: Tick, now: Duration) -> f32 {
        (self.commands.at(now) - self.origin.position(tick)).clamp(0.0, 1.0) as f32
    }

    /// Fills in what is measured, as of `now`.
    #[expect(clippy::cast_possible_truncation, reason = "a figure to be read")]
    pub(crate) fn measure(&self, stats: &mut Stats, now: Duration) {
        let time = |ticks: f64| {
            Duration::try_from_secs_f64((ticks / self.tick_rate).max(0.0)).unwrap_or_default()
        };
        let present = self.clock.position(now);
        let newest = self.ack().map(|tick| self.origin.position(tick));
        stats.rtt = self.clock.round_trip();
        stats.rtt_p95 = self.clock.round_trip_p95();
        stats.jitter = self.clock.jitter();
        stats.lead = time(self.commands.at(now) - present);
        stats.slack = self.lead.slack().map(|slack| slack as f32);
        let usual = self.lead.usual_slack();
        stats.slack_p50 = usual.map(|(middle, _)| middle as f32);
        stats.slack_p1 = usual.map(|(_, least)| least as f32);
        stats.dilation = self.commands.dilation() as f32;
        stats.snapshot_age = newest.map_or(Duration::ZERO, |newest| time(present - newest));
        stats.view_age = newest
            .zip(self.view.position(now))
            .map_or(Duration::ZERO, |(newest, view)| {
                time(present - view.min(newest))
            });
        stats.interpolation_delay = time(self.view.delay());
    }
}
