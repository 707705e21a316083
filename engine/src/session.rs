//! One client in a room: what it told, what it has yet to be told.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tickwire_protocol::limits::MAX_EVENTS;
use tickwire_protocol::message::{EventBatch, EventEntry, ServerControl};
use tickwire_protocol::{Game, GameSchema, Sender, Tick};

use crate::command::CommandBuffer;
use crate::interest::Viewer;
use crate::player::PlayerId;

/// One connection, as the listener numbers it; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Events that wait for a place in the outbox, at most.
const MAX_WAITING_EVENTS: usize = 1024;

/// Pings that wait for the next tick, at most.
const MAX_PINGS: usize = 8;

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
    pub(crate) commands: CommandBuffer<G::Input>,
    pub(crate) sender: Sender,
    /// Whose eyes the client sees with, once it takes part.
    pub(crate) viewer: Option<Viewer>,
    pub(crate) snapshot_due: bool,
    /// The newest snapshot that the client says it has.
    pub(crate) acked: Option<Tick>,
    control: VecDeque<Vec<u8>>,
    events: VecDeque<WaitingEvent>,
    pings: VecDeque<(u64, Duration)>,
    pub(crate) slack: Option<i16>,
}

#[derive(Clone)]
pub(crate) struct WaitingEvent {
    pub(crate) tick: Tick,
    pub(crate) at_once: bool,
    /// Shared by all sessions that hear of it.
    pub(crate) body: Arc<[u8]>,
}

impl<G: Game> Session<G> {
    pub(crate) fn new(schema: &GameSchema) -> Self {
        Self {
            stage: Stage::New,
            commands: CommandBuffer::new(Arc::clone(&schema.input), schema.tick_rate),
            sender: Sender::new(),
            viewer: None,
            snapshot_due: false,
            acked: None,
            control: VecDeque::new(),
            events: VecDeque::new(),
            pings: VecDeque::new(),
            slack: None,
        }
    }

    pub(crate) fn tell(&mut self, message: &ServerControl) {
        self.control.push_back(message.encode());
    }

    /// Files an event; `false` when the client has fallen too far behind to be told everything.
    pub(crate) fn file(&mut self, event: WaitingEvent) -> bool {
        if self.events.len() >= MAX_WAITING_EVENTS {
            return false;
        }
        self.events.push_back(event);
        true
    }

    pub(crate) fn pinged(&mut self, sent: u64, at: Duration) {
        if self.pings.len() < MAX_PINGS {
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

    /// Notes how long before its tick a command came, in seconds.
    pub(crate) fn note_slack(&mut self, seconds: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
        let slack = (seconds * 4000.0).round() as i16;
        self.slack = Some(self.slack.map_or(slack, |least| least.min(slack)));
    }

    /// The next message that must not be lost.
    pub(crate) fn poll_reliable(&mut self) -> Option<Vec<u8>> {
        self.control.pop_front().or_else(|| self.poll_events())
    }

    fn poll_events(&mut self) -> Option<Vec<u8>> {
        let tick = self.events.front()?.tick;
        let count = self
            .events
            .iter()
            .take(MAX_EVENTS)
            .take_while(|event| event.tick == tick)
            .count();
        let batch: Vec<_> = self.events.drain(..count).collect();
        let events = batch
            .iter()
            .map(|event| EventEntry {
                at_once: event.at_once,
                body: &event.body,
            })
            .collect();
        Some(EventBatch { tick, events }.encode())
    }

    pub(crate) fn is_drained(&self) -> bool {
        self.control.is_empty()
    }
}
