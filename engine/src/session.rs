//! One client in a room: what it told, what it has yet to be told.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bevy_ecs::entity::Entity;
use tickwire_protocol::message::{Health, ServerControl, Slack, Token};
use tickwire_protocol::{Cadence, Game, GameSchema, NetId, Sender, Sight, Snapshot, Tick};

use crate::budget::Budget;
use crate::claims::Claims;
use crate::command::CommandBuffer;
use crate::flight::Flight;
use crate::interest::Viewer;
use crate::player::PlayerId;
use crate::queue::EventQueue;
use crate::room::Waiting;

/// One connection, as the listener numbers it; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Pings that wait for the next tick, at most.
const MAX_PINGS: usize = 8;

/// While so many control messages wait, answers to pings among them, further pings go unanswered.
const MAX_ANSWERS: usize = 32;

/// Control messages that wait for a place in the outbox, at most: whoever is to be told more has fallen too far behind.
const MAX_CONTROL: usize = 1024;

/// Commands whose slack is remembered until the next snapshot, at most: the newest.
const MAX_SLACKS: usize = 256;

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Connected, has not said hello.
    New,
    /// Takes part as this player.
    Playing(PlayerId),
    /// Gets its last messages; what it says is no longer heard.
    Ending,
}

pub(crate) struct Session<G: Game> {
    pub(crate) stage: Stage,
    /// The player's, while the client commands it.
    pub(crate) entity: Option<Entity>,
    /// With which the player's seat is had again.
    pub(crate) token: Option<Token>,
    /// The client has said something since its Welcome, so it knows its token.
    pub(crate) has_spoken: bool,
    /// It only looks on: somebody else commands its player.
    pub(crate) watches: bool,
    pub(crate) commands: CommandBuffer<G::Input>,
    /// What the client may have seen.
    pub(crate) claims: Claims,
    pub(crate) sender: Sender,
    /// The snapshot after which the simulation was told what the client has.
    pub(crate) known: Option<Tick>,
    pub(crate) budget: Budget,
    /// Whose eyes the client sees with, once it takes part.
    pub(crate) viewer: Option<Viewer>,
    pub(crate) snapshot_due: bool,
    /// Nobody looks: a snapshot a second is enough.
    pub(crate) hidden: bool,
    /// When somebody last looked again and was shown the present for it.
    pub(crate) returned: Option<Duration>,
    /// When its player is taken out of play for that.
    pub(crate) out_at: Option<Duration>,
    /// When the client last asked for a repair.
    pub(crate) audited: Option<Tick>,
    /// The newest snapshot that the client says it has.
    pub(crate) acked: Option<Tick>,
    /// The snapshots after that.
    pub(crate) flight: Flight,
    control: VecDeque<Vec<u8>>,
    /// The Welcome has been polled: before it the client can make nothing of a snapshot.
    greeted: bool,
    pub(crate) events: EventQueue,
    pings: VecDeque<(u64, Duration)>,
    /// How long before their ticks the commands since the last snapshot came, in seconds.
    slacks: VecDeque<f64>,
    /// What the client will be told of the present second.
    pub(crate) health: Health,
}

impl<G: Game> Session<G> {
    pub(crate) fn new(schema: &GameSchema, cadence: Cadence, budget: Budget) -> Self {
        let tick = Duration::from_secs(1) / schema.tick_rate;
        Self {
            claims: Claims::new(schema.tick_rate, cadence.interval()),
            budget,
            stage: Stage::New,
            entity: None,
            token: None,
            has_spoken: false,
            watches: false,
            commands: CommandBuffer::new(Arc::clone(&schema.input), schema.tick_rate),
            flight: Flight::new(tick, tick * u32::from(cadence.interval())),
            sender: Sender::new(None, cadence),
            known: None,
            viewer: None,
            snapshot_due: false,
            hidden: false,
            returned: None,
            out_at: None,
            audited: None,
            acked: None,
            control: VecDeque::new(),
            greeted: false,
            events: EventQueue::new(schema.tick_rate),
            pings: VecDeque::new(),
            slacks: VecDeque::new(),
            health: Health::default(),
        }
    }

    /// The player that the client commands.
    pub(crate) fn plays(&self) -> Option<PlayerId> {
        match self.stage {
            Stage::Playing(player) if !self.watches => Some(player),
            _ => None,
        }
    }

    pub(crate) fn tell(&mut self, message: &ServerControl) {
        self.control.push_back(message.encode());
    }

    /// The client asks for the time. One that asks and does not read is not answered for ever.
    pub(crate) fn pinged(&mut self, sent: u64, at: Duration) {
        let answers = self.control.len() + self.pings.len();
        if self.pings.len() < MAX_PINGS && answers < MAX_ANSWERS {
            self.pings.push_back((sent, at));
        }
    }

    /// Answers the pings at the start of `tick`, which was at `now`.
    pub(crate) fn answer_pings(&mut self, tick: Tick, now: Duration, tick_length: Duration) {
        while let Some((sent, at)) = self.pings.pop_front() {
            // A ping that was read together with the tick's commands can be a little younger than the tick.
            let over = at.saturating_sub(now);
            let fraction = over.as_secs_f64() / tick_length.as_secs_f64() * 65536.0;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "`as` saturates, and more than a tick counts as one"
            )]
            let fraction = fraction as u16;
            let held = u32::try_from(now.saturating_sub(at).as_micros()).unwrap_or(u32::MAX);
            self.control.push_back(
                ServerControl::Pong {
                    sent,
                    tick: tick.next(),
                    fraction,
                    held,
                }
                .encode(),
            );
        }
    }

    /// A command came so many seconds before its tick.
    pub(crate) fn note_command(&mut self, slack: f64, is_late: bool) {
        if self.slacks.len() == MAX_SLACKS {
            self.slacks.pop_front();
        }
        self.slacks.push_back(slack);
        let health = &mut self.health;
        health.commands = health.commands.saturating_add(1);
        health.late = health.late.saturating_add(u16::from(is_late));
    }

    /// The game has looked back for the player, perhaps at another moment than the client had claimed.
    pub(crate) fn note_look(&mut self, clamped: bool) {
        let health = &mut self.health;
        health.looks = health.looks.saturating_add(1);
        health.clamped = health.clamped.saturating_add(u16::from(clamped));
    }

    /// The slack since the last time.
    pub(crate) fn take_slack(&mut self) -> Option<Slack> {
        let slack = Slack::of(self.slacks.make_contiguous());
        self.slacks.clear();
        slack
    }

    /// Tells the client how the server does, and begins a new second. When the client has not taken the last control message
    /// yet there is no hurry: these figures may wait, and must not pile up.
    pub(crate) fn tell_health(&mut self, (start_p999_us, tick_p999_us): (u32, u32)) {
        if self.control.is_empty() {
            self.tell(&ServerControl::Health(Health {
                start_p999_us,
                tick_p999_us,
                ..self.health
            }));
            self.health = Health::default();
        }
    }

    /// The bits that a snapshot may have now, by the budget and by what a full link takes.
    pub(crate) fn limit(&mut self, now: Duration) -> Option<u32> {
        let link = self.flight.limit(now);
        let link = link.map(|bytes| u32::try_from(8 * bytes).unwrap_or(u32::MAX));
        let budget = self.budget.limit(now);
        link.into_iter().chain(budget).min()
    }

    /// The next message that must not be lost.
    pub(crate) fn poll_reliable(&mut self) -> Option<Vec<u8>> {
        let Some(control) = self.control.pop_front() else {
            return self.events.poll();
        };
        self.greeted = matches!(self.stage, Stage::Playing(_));
        Some(control)
    }

    /// Whether there is anything that must not be lost.
    pub(crate) fn is_told(&self) -> bool {
        !self.control.is_empty() || !self.events.is_empty()
    }

    /// A snapshot is due. Whether one was already: that one is left out, for this one is fresher.
    pub(crate) fn mark_snapshot(&mut self) -> bool {
        let skips = self.wants_snapshot();
        self.health.skipped = self.health.skipped.saturating_add(u16::from(skips));
        self.snapshot_due = matches!(self.stage, Stage::Playing(_));
        skips
    }

    /// Whether a snapshot is to be sent now.
    pub(crate) fn wants_snapshot(&self) -> bool {
        self.snapshot_due && self.greeted
    }

    /// The last snapshot has left the outbox: events that waited for it may follow.
    pub(crate) fn snapshot_left(&mut self, now: &Snapshot) {
        if self.events.holds_back() {
            let lacks = |id| !self.sender.holds(id) && now.row(id).is_some();
            self.events.snapshot_left(now.tick(), lacks);
        }
    }

    /// A snapshot that shows `sight` of `now` goes into the outbox.
    pub(crate) fn snapshot_written(&mut self, sight: Sight<'_>, now: &Snapshot) {
        if !self.events.holds_back() {
            return;
        }
        let is_seen = |id: NetId| match sight {
            Sight::All => now.row(id).is_some(),
            Sight::Rows(rows) => rows.contains(id),
        };
        let lacks = |id: NetId| !self.sender.holds(id) && is_seen(id);
        self.events.snapshot_written(now.tick(), lacks);
    }

    pub(crate) fn waiting(&self) -> Waiting {
        Waiting {
            control: self.control.len(),
            events: self.events.len(),
            pings: self.pings.len(),
            commands: self.commands.len(),
        }
    }

    /// Whether more control messages wait than a client that reads ever lets wait.
    pub(crate) fn is_behind(&self) -> bool {
        self.control.len() >= MAX_CONTROL
    }

    pub(crate) fn is_drained(&self) -> bool {
        self.control.is_empty()
    }
}
