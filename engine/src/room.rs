//! A match with players on connections. Bytes in, bytes out; no clock, no socket.

mod config;
mod heal;
mod hidden;
mod inspect;
mod seats;
mod spawns;
mod transmit;
mod watch;

pub use config::RoomConfig;
pub use inspect::Waiting;
pub use watch::Watched;

use config::cadence;
use seats::{Kept, Tokens};

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tickwire_protocol::message::{
    ClientControl, ClientMessage, Commands, ServerControl, decode_client, encode_event,
};
use tickwire_protocol::{Cadence, Finding, GameSchema, NetId, Schema, SharedDeltas, Tick};

use crate::budget::Budget;
use crate::claims::Arrival;
use crate::ecs::EcsGame;
use crate::events::Recipient;
use crate::interest::Relevance;
use crate::queue::WaitingEvent;
use crate::session::{Session, SessionId, Stage};
use crate::sim::Sim;
use crate::timing::Timing;

/// Why a client is thrown out that does not read what must not be lost.
const TOO_SLOW: &str = "the connection is too slow: too many events are waiting";

/// A [`Sim`] and its sessions.
///
/// The driver calls, for each tick: [`handle_message`](Self::handle_message) for what arrived (with the moment of arrival),
/// [`tick`](Self::tick), then for each session [`poll_transmit`](Self::poll_transmit) **as long as the session's outbox has a
/// place**: encoding happens there, so what cannot be sent is never encoded. It asks for the state lane first, or says
/// [`skip`](Self::skip), in every tick: a place there says that the last snapshot has left, and an event that names an entity
/// must not overtake the snapshot which brings it. `now` is the time since any fixed moment.
pub struct Room<G: EcsGame> {
    sim: Sim<G>,
    config: RoomConfig,
    sessions: BTreeMap<SessionId, Session<G>>,
    /// Players whose connections were lost, those first whose time is over first.
    kept: VecDeque<Kept<G>>,
    tokens: Tokens,
    deltas: SharedDeltas,
    cadence: Cadence,
    /// `None`: everyone sees everything.
    relevance: Option<Relevance>,
    /// Whether the game has anything that clients predict.
    predicts: bool,
    /// When the last tick started.
    ticked: Duration,
    skipped: u64,
    held_back: u64,
    commands: CommandCount,
    timing: Timing,
    closing: Option<ServerControl>,
    findings: Vec<(SessionId, Finding)>,
}

impl<G: EcsGame> Room<G> {
    /// A room around a match; the match's first tick is expected one tick length after time 0.
    ///
    /// # Panics
    /// When the snapshot interval is not 1 to 32: the ring must hold more than one snapshot.
    #[must_use]
    pub fn new(mut sim: Sim<G>, config: RoomConfig) -> Self {
        assert!(
            (1..=32).contains(&config.snapshot_interval),
            "a snapshot every 1 to 32 ticks"
        );
        let GameSchema { rows, tables, .. } = sim.schema();
        let deltas = SharedDeltas::new(rows, Arc::clone(tables));
        let relevance = sim.take_relevance();
        let periods = relevance.as_ref().map_or(&[1][..], Relevance::periods);
        let cadence = cadence(config.snapshot_interval, periods).checking_every(G::TICK_RATE);
        Self {
            predicts: !Schema::of::<G::Predicted>().components().is_empty(),
            sim,
            relevance,
            config,
            sessions: BTreeMap::new(),
            kept: VecDeque::new(),
            tokens: seats::random(),
            deltas,
            cadence,
            ticked: Duration::ZERO,
            skipped: 0,
            held_back: 0,
            commands: CommandCount::default(),
            timing: Timing::default(),
            closing: None,
            findings: Vec::new(),
        }
    }

    /// The length of a tick.
    #[must_use]
    pub fn tick_length(&self) -> Duration {
        Duration::from_secs(1) / G::TICK_RATE
    }

    /// A client has connected and will say hello.
    pub fn connect(&mut self, session: SessionId) {
        let budget = Budget::new(self.config.budget, self.ticked);
        let mut new = Session::new(self.sim.schema(), self.cadence.clone(), budget);
        if let Some(goodbye) = &self.closing {
            new.tell(goodbye);
            new.stage = Stage::Ending;
        }
        self.sessions.insert(session, new);
    }

    /// Bytes of a client that arrived at `now`. Malformed ones end its session, with a goodbye that says why.
    pub fn handle_message(&mut self, session: SessionId, bytes: &[u8], now: Duration) {
        let Some(stage) = self.sessions.get(&session).map(|s| s.stage) else {
            return;
        };
        if stage == Stage::Ending {
            return;
        }
        if let (Some(session), Stage::Playing(_)) = (self.sessions.get_mut(&session), stage) {
            session.has_spoken = true;
        }
        match (decode_client::<G>(bytes, self.sim.schema()), stage) {
            (
                Ok(ClientMessage::Control(ClientControl::Hello {
                    protocol,
                    schema,
                    tables,
                    game,
                    name,
                    token,
                })),
                Stage::New,
            ) => match self.objection(protocol, (schema, tables), &game, token) {
                Some(reject) => self.end(session, &reject),
                None => self.welcome(session, &name, token),
            },
            (Ok(ClientMessage::Commands(commands)), Stage::Playing(_)) => {
                self.file_commands(session, commands, now)
            }
            (Ok(ClientMessage::Control(ClientControl::Ping { sent })), Stage::Playing(_)) => {
                if let Some(session) = self.sessions.get_mut(&session) {
                    session.pinged(sent, now);
                }
            }
            (Ok(ClientMessage::Control(ClientControl::Audit(audit))), Stage::Playing(_)) => {
                self.heal(session, &audit);
            }
            (Ok(ClientMessage::Control(ClientControl::Hidden)), Stage::Playing(_)) => {
                self.set_hidden(session, true);
            }
            (Ok(ClientMessage::Control(ClientControl::Shown)), Stage::Playing(_)) => {
                self.set_hidden(session, false);
            }
            (Ok(ClientMessage::Control(ClientControl::Receipts { on })), Stage::Playing(_)) => {
                if let Some(entity) = self.sessions.get(&session).and_then(|it| it.entity) {
                    self.sim.want_receipts(entity, on);
                }
            }
            (Ok(ClientMessage::Control(ClientControl::Goodbye)), _) => {
                self.end(
                    session,
                    &ServerControl::Goodbye {
                        reason: "you left".into(),
                        retry: false,
                    },
                );
            }
            (Ok(_), Stage::New) => self.throw_out(session, "the first message must be a hello"),
            (Ok(_), _) => self.throw_out(session, "a second hello"),
            (Err(error), _) => self.throw_out(session, &error.to_string()),
        }
    }

    fn file_commands(&mut self, session: SessionId, commands: Commands<G::Input>, now: Duration) {
        let next = self.sim.now().next();
        let since_tick = now.as_secs_f64() - self.ticked.as_secs_f64();
        let Some(session) = self.sessions.get_mut(&session) else {
            return;
        };
        if let Some(ack) = commands.ack {
            session.acked = Some(ack);
            session.flight.handle_ack(ack, now);
        }
        let drawn = commands.list.iter().filter_map(|command| command.view);
        let drawn = drawn.map(|view| view.to);
        session.claims.note_message();
        for shown in commands.ack.into_iter().chain(drawn) {
            session.claims.note_shown(shown, now);
        }
        let arrival = Arrival {
            now: self.sim.now(),
            since_tick: since_tick * f64::from(G::TICK_RATE),
        };
        for mut command in commands.list {
            let ticks_ahead = command.tick.since(self.sim.now());
            let slack = f64::from(ticks_ahead) / f64::from(G::TICK_RATE) - since_tick;
            let is_late = ticks_ahead <= 0;
            session.note_command(slack, is_late);
            self.commands.total += 1;
            self.commands.late += u64::from(is_late);
            // Its client learns from what is dropped too, but nobody's usual wait is to be what they like.
            if !session.commands.counts(command.tick, next) {
                continue;
            }
            let claims = &mut session.claims;
            claims.note_slack(f64::from(ticks_ahead) - arrival.since_tick);
            command.view = command
                .view
                .and_then(|view| claims.check(view, command.tick, arrival));
            session.commands.push(command, next);
        }
    }

    /// Ends a session that broke the protocol.
    fn throw_out(&mut self, session: SessionId, why: &str) {
        tracing::info!(%session, why, "client thrown out");
        self.end(
            session,
            &ServerControl::Goodbye {
                reason: why.to_owned(),
                retry: false,
            },
        );
    }

    fn end(&mut self, session: SessionId, last_words: &ServerControl) {
        let Some(session) = self.sessions.get_mut(&session) else {
            return;
        };
        session.tell(last_words);
        (session.entity, session.token) = (None, None);
        let player = session.plays();
        session.stage = Stage::Ending;
        if let Some(player) = player {
            self.sim.leave(player);
        }
    }

    /// Simulates the next tick, whose scheduled time is `now`.
    pub fn tick(&mut self, now: Duration) {
        self.ticked = now;
        self.free_seats();
        self.take_out();
        self.take_commands();
        self.sim.tick();
        self.count_looks();
        // Before this tick's control messages, which need not have been taken yet: pings keep step with it for minutes.
        self.tell_health();
        self.file_spawns();
        self.file_events();
        self.mark_snapshots();
        self.answer_pings(now);
    }

    fn take_commands(&mut self) {
        let next = self.sim.now().next();
        for session in self.sessions.values_mut() {
            if let Some(entity) = session.entity {
                let written = session.sender.written();
                if self.predicts && session.known != written {
                    session.known = written;
                    self.sim.show(entity, &session.sender);
                }
                let (input, view) = session.commands.take(next);
                self.sim
                    .command(entity, input, session.claims.viewing(view, next));
            }
        }
        for seat in &mut self.kept {
            let (input, view) = seat.commands.take(next);
            self.sim
                .command(seat.entity, input, seat.claims.viewing(view, next));
        }
    }

    fn file_events(&mut self) {
        let tick = self.sim.now();
        let mut behind = Vec::new();
        for (recipient, event) in self.sim.take_events() {
            let body: Arc<[u8]> = match encode_event(&event) {
                Ok(body) => body.into(),
                Err(why) => {
                    tracing::error!(why, "an event was not sent");
                    continue;
                }
            };
            let names: Arc<[NetId]> = G::names(&event).into();
            for (id, session) in &mut self.sessions {
                let Stage::Playing(player) = session.stage else {
                    continue;
                };
                let at_once = recipient == Recipient::One(player);
                let heard = at_once || recipient == Recipient::All;
                if heard
                    && !session.events.file(WaitingEvent {
                        tick,
                        at_once,
                        names: Arc::clone(&names),
                        body: Arc::clone(&body),
                    })
                {
                    behind.push(*id);
                }
            }
        }
        for session in behind {
            self.throw_out(session, TOO_SLOW);
        }
    }

    fn answer_pings(&mut self, now: Duration) {
        let length = self.tick_length();
        for session in self.sessions.values_mut() {
            session.answer_pings(self.sim.now(), now, length);
        }
    }

    /// A session that is over: it has polled its last message. The driver closes the connection.
    pub fn poll_ended(&mut self) -> Option<SessionId> {
        let (id, _) = self
            .sessions
            .iter()
            .find(|(_, session)| session.stage == Stage::Ending && session.is_drained())?;
        let id = *id;
        self.sessions.remove(&id);
        Some(id)
    }

    /// Ends all sessions, present and future.
    pub fn close(&mut self, reason: &str, retry: bool) {
        let goodbye = ServerControl::Goodbye {
            reason: reason.to_owned(),
            retry,
        };
        let sessions: Vec<_> = self.sessions.keys().copied().collect();
        for session in sessions {
            self.end(session, &goodbye);
        }
        for seat in self.kept.drain(..) {
            self.sim.leave(seat.player);
        }
        self.closing = Some(goodbye);
    }

    /// The match.
    #[must_use]
    pub fn sim(&self) -> &Sim<G> {
        &self.sim
    }

    /// The match, to change between ticks.
    pub fn sim_mut(&mut self) -> &mut Sim<G> {
        &mut self.sim
    }

    /// Whether players may see less than everything.
    #[must_use]
    pub fn has_interest(&self) -> bool {
        self.relevance.is_some()
    }

    /// Whether rows that clients have may be older than their snapshots: in tiers, or because a budget was used up.
    #[must_use]
    pub fn tells_late(&self) -> bool {
        self.cadence.tiers() > 1 || self.held_back > 0
    }

    /// Players on connections.
    #[must_use]
    pub fn player_count(&self) -> usize {
        self.sessions
            .values()
            .filter(|session| matches!(session.stage, Stage::Playing(_)))
            .count()
    }

    /// Snapshots that were due and found no place, over all sessions.
    #[must_use]
    pub fn skipped_snapshots(&self) -> u64 {
        self.skipped
    }

    /// Rows that found no place in their client's budget and waited for a later snapshot, over all snapshots and sessions.
    #[must_use]
    pub fn held_back_rows(&self) -> u64 {
        self.held_back
    }

    /// Commands that came, over all sessions.
    #[must_use]
    pub fn command_count(&self) -> CommandCount {
        self.commands
    }

    /// The newest snapshot that a session's client says it has.
    #[must_use]
    pub fn acked(&self, session: SessionId) -> Option<Tick> {
        self.sessions.get(&session)?.acked
    }
}

/// How many commands came, and how many of them after their tick had begun.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct CommandCount {
    /// All.
    pub total: u64,
    /// The late ones, which move nobody.
    pub late: u64,
}
