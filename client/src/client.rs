//! The client: the other end of a match.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tickwire_protocol::explain::Account;
use tickwire_protocol::message::{
    ClientControl, PROTOCOL_VERSION, ServerMessage, Token, View, decode_server,
};
use tickwire_protocol::{Game, GameSchema, LoadedLevel, Moment, NetId, Snapshot, level_hash};

use crate::config::ClientConfig;
use crate::connection::{Connection, LASTED, Retry};
use crate::error::ClientError;
use crate::events::Delivered;
use crate::feel::Feel;
use crate::input::InputLatch;
use crate::outbox::Outbox;
use crate::scene::Scene;
use crate::session::Session;
use crate::stats::{ShotOutcome, Stats};
use crate::steps::Step;

/// A player's end of a match: bytes in, bytes out, and what to draw.
///
/// It has no clock and no socket. `now` is the time since any fixed start and never goes back. A driver
///
/// - dials whenever [`Self::poll_connect`] says so, dropping the socket it had, and reports by [`Self::handle_open`],
///   [`Self::handle_message`] (on an error: close the socket and pass the error on) and [`Self::handle_closed`];
/// - calls [`Self::handle_input`] when the player does something, then [`Self::tick`], once per picture or about as often as
///   the game ticks; it runs the ticks that are due;
/// - sends what [`Self::poll_transmit`] gives, after each of these, until it gives nothing;
/// - draws [`Self::scene`] and shows what [`Self::poll_event`] gives, until it gives nothing;
/// - fetches the level when [`Self::connection`] asks for it, and hands it to [`Self::handle_level`].
pub struct Client<G: Game> {
    pub(crate) config: ClientConfig,
    pub(crate) schema: GameSchema,
    pub(crate) connection: Connection,
    pub(crate) retry: Retry,
    /// When the present try began, or the server last said something.
    pub(crate) heard: Duration,
    /// When the server was asked to let the player in.
    pub(crate) greeted: Duration,
    /// The time of the last tick.
    pub(crate) now: Duration,
    pub(crate) level: Option<LoadedLevel<G>>,
    pub(crate) input: InputLatch<G::Input>,
    /// Nobody looks, see [`Self::set_hidden`].
    pub(crate) hidden: bool,
    pub(crate) outbox: Outbox<G::Input>,
    pub(crate) session: Option<Session<G>>,
    pub(crate) feel: Feel,
    /// What the server wants the player to know.
    pub(crate) notice: Option<String>,
    pub(crate) totals: Stats,
    /// What the bytes from the server were for, while somebody wants to know.
    pub(crate) account: Option<Account>,
    /// The player wants to know how shots were judged.
    pub(crate) receipts: bool,
    /// With which the server gives the player its seat back.
    pub(crate) token: Option<Token>,
}

impl<G: Game> fmt::Debug for Client<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut client = f.debug_struct("Client");
        client.field("name", &self.config.name);
        client.field("connection", &self.connection);
        client.field("stats", &self.stats()).finish()
    }
}

impl<G: Game> Client<G> {
    /// A client that will dial at once.
    ///
    /// # Panics
    /// When the game breaks a limit of the wire.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        let schema = GameSchema::of::<G>();
        Self {
            connection: Connection::Waiting {
                at: Duration::ZERO,
                attempt: 0,
                reason: None,
            },
            retry: Retry::new(config.seed),
            heard: Duration::ZERO,
            greeted: Duration::ZERO,
            now: Duration::ZERO,
            level: None,
            input: InputLatch::new(&schema.input),
            hidden: false,
            outbox: Outbox::new(&schema.input),
            session: None,
            feel: Feel::default(),
            notice: None,
            totals: Stats::default(),
            account: None,
            receipts: false,
            token: config.token,
            config,
            schema,
        }
    }

    /// The game's schema.
    #[must_use]
    pub fn schema(&self) -> &GameSchema {
        &self.schema
    }

    /// Where the connection stands.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether to open a new socket now; true once for each try.
    pub fn poll_connect(&mut self, now: Duration) -> bool {
        self.end_silence(now);
        let due = matches!(&self.connection, Connection::Waiting { at, .. } if now >= *at);
        if due {
            self.connection = Connection::Dialling;
            self.heard = now;
        }
        due
    }

    /// The socket is open.
    pub fn handle_open(&mut self, now: Duration) {
        if self.connection == Connection::Dialling {
            self.connection = Connection::Handshaking;
            self.heard = now;
            self.greeted = now;
            self.outbox.push_control(&ClientControl::Hello {
                protocol: PROTOCOL_VERSION,
                schema: self.schema.hash,
                tables: self.schema.tables.hash,
                game: self.schema.name.to_owned(),
                name: self.config.name.clone(),
                token: self.token,
            });
        }
    }

    /// The socket is closed, or could not be opened: `reason` is for the player. There will be another try, unless the server
    /// has said that it would be in vain; at once, if the player had played for a while: the server keeps the seat.
    pub fn handle_closed(&mut self, reason: &str, now: Duration) {
        let open = !matches!(
            self.connection,
            Connection::Waiting { .. } | Connection::Refused { .. }
        );
        if open {
            let lasted = self.session.is_some() && now.saturating_sub(self.greeted) >= LASTED;
            self.end(reason, true, now);
            if let Connection::Waiting { at, attempt, .. } = &mut self.connection
                && lasted
            {
                (*at, *attempt) = (now, 0);
                self.retry.reset();
            }
        }
    }

    /// A message has come.
    ///
    /// # Errors
    /// When the server breaks the protocol, or events are not taken: close the socket, then call [`Self::handle_closed`].
    pub fn handle_message(&mut self, bytes: &[u8], now: Duration) -> Result<(), ClientError> {
        match self.connection {
            // Whatever was still on the way does not matter any more.
            Connection::Refused { .. } => return Ok(()),
            Connection::Waiting { .. } | Connection::Dialling => {
                return Err(ClientError::NotConnected);
            }
            _ => {}
        }
        self.heard = self.heard.max(now);
        let message = decode_server(bytes)?;
        self.totals.count_message(&message, bytes.len());
        let mut ledger = self.account.as_mut().map(|account| account.at(now));
        if let Some(ledger) = &mut ledger {
            ledger.add_message(&message, bytes.len());
        }
        match (message, &mut self.session) {
            (ServerMessage::Control(message), _) => self.handle_control(message, now),
            (ServerMessage::Snapshot(header, body), Some(session)) => {
                let level = self.level.as_ref().map(|loaded| &*loaded.level);
                session.handle_snapshot(header, body, ledger, level, &mut self.totals, now)
            }
            (ServerMessage::Events(batch), Some(session)) => session.handle_events(&batch),
            (_, None) => Err(ClientError::Unexpected("something before its welcome")),
        }
    }

    /// The text of the level that [`Connection::NeedsLevel`] asks for.
    ///
    /// # Errors
    /// When it is not that level or cannot be read, in words for the player. It is still wanted then.
    pub fn handle_level(&mut self, text: &str) -> Result<(), String> {
        let Connection::NeedsLevel { name, hash } = &self.connection else {
            return Err("no level is wanted now".to_owned());
        };
        if level_hash(text) != *hash {
            return Err(format!(
                "this is not the level {name} that the server plays: its text differs; fetch it again from the same server"
            ));
        }
        self.level = Some(LoadedLevel::parse(name, text)?);
        self.connection = Connection::Playing;
        if let (Some(session), Some(loaded)) = (&mut self.session, &self.level) {
            session.reconcile(Some(&loaded.level), &mut self.totals, self.now);
        }
        Ok(())
    }

    /// Whether anybody looks: a page that goes into the background says so, and again when it comes back.
    ///
    /// While it is hidden the client makes no commands and takes no input, and the server sends a snapshot a second; the player
    /// stands as soon as the last command is 150 ms old. When it is shown again the next snapshot comes at once, the clock is
    /// set anew, and play goes on from neutral input: what was pressed before is not replayed. Call
    /// [`Self::tick`] and take the events now and then meanwhile, when messages come for instance: the clock is kept, and
    /// events are not lost.
    pub fn set_hidden(&mut self, hidden: bool, now: Duration) {
        if self.hidden == hidden {
            return;
        }
        self.hidden = hidden;
        self.now = self.now.max(now);
        self.input.reset();
        self.outbox.drop_commands();
        if let Some(session) = &mut self.session {
            session.pause(self.now);
        }
        self.tell_wishes();
    }

    /// Tells the server what it does not know yet: whether anybody looks, and whether receipts are wanted.
    pub(crate) fn tell_wishes(&mut self) {
        let Some(session) = &mut self.session else {
            return;
        };
        if session.told_hidden != self.hidden && self.outbox.takes_control() {
            session.told_hidden = self.hidden;
            self.outbox.push_control(&if self.hidden {
                ClientControl::Hidden
            } else {
                ClientControl::Shown
            });
        }
        if session.told_receipts != self.receipts && self.outbox.takes_control() {
            session.told_receipts = self.receipts;
            let on = self.receipts;
            self.outbox.push_control(&ClientControl::Receipts { on });
        }
    }

    /// The player's input from now on. One-shots (`#[wire(edge)]`) mean: since the last call. They stay set until a tick has
    /// taken them, and are then taken exactly once.
    pub fn handle_input(&mut self, input: &G::Input) {
        if !self.hidden {
            self.input.set(input);
        }
    }

    /// Brings everything to `now`: makes the commands that are due and predicts what they do, pings, releases events.
    pub fn tick(&mut self, now: Duration) {
        self.now = self.now.max(now);
        if let Some(account) = &mut self.account {
            account.advance(now);
        }
        self.end_silence(now);
        let Some(session) = &mut self.session else {
            return;
        };
        if let Err(why) = session.advance(&mut self.totals, now) {
            return self.handle_closed(&why.to_string(), now);
        }
        let plays = self.connection == Connection::Playing && !self.hidden;
        if self.outbox.takes_control()
            && let Some(audit) = session.poll_audit()
        {
            self.outbox.push_control(&ClientControl::Audit(audit));
        }
        if self.outbox.takes_control()
            && let Some(sent) = session.poll_ping(now)
        {
            self.outbox.push_control(&ClientControl::Ping { sent });
        }
        if let Some(loaded) = self.level.as_ref().filter(|_| plays) {
            let (input, outbox) = (&mut self.input, &mut self.outbox);
            session.run_ticks(&loaded.level, input, outbox, &mut self.totals, now);
        }
        self.tell_wishes();
    }

    /// The next message to send. A driver whose socket is full leaves it here: what waits too long is dropped.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        let ack = self.session.as_ref().and_then(Session::ack);
        let message = self.outbox.poll(ack, &self.schema.input)?;
        self.totals.count_sent(&message);
        Some(message)
    }

    /// The next event to show: what concerns the player straight away, all else when the picture has reached its tick.
    pub fn poll_event(&mut self) -> Option<Delivered<G::Event>> {
        self.session.as_mut()?.poll_event()
    }

    /// What the player's next command led to for the player's own entity. Each tick comes once, when it is predicted first: for
    /// what is to be seen and heard at once, such as a shot. The server may see it otherwise, and says so in its snapshots and
    /// events.
    pub fn poll_step(&mut self) -> Option<Step<G::Predicted>> {
        self.session.as_mut()?.poll_step()
    }

    /// Where the others were in what a [step](Self::poll_step)'s command claims: there the server judges its shots. `None` when
    /// that is more than 63 ticks ago.
    #[must_use]
    pub fn picture(&self, view: View) -> Option<Moment<'_>> {
        self.session.as_ref()?.picture(view)
    }

    /// How many messages, commands, pings and events wait in it, for the driver or for their time: bounded, whatever the server
    /// and the driver do.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.outbox.len() + self.session.as_ref().map_or(0, Session::waiting)
    }

    /// What to draw at `now`, which is not before the last [`Self::tick`]. Commands claim this picture from now on.
    #[must_use]
    pub fn scene(&self, now: Duration) -> Scene<'_, G> {
        match &self.session {
            Some(session) => {
                let level = self.level.as_ref().map(|loaded| &*loaded.level);
                session.scene(level, self.input.peek(), now)
            }
            None => Scene::empty(),
        }
    }

    /// The player's own entity, once the server has let the player in. It need not be in the scene.
    #[must_use]
    pub fn own(&self) -> Option<NetId> {
        self.session.as_ref().map(Session::own)
    }

    /// What gives the player its seat back: sent with every Hello, and for [`ClientConfig::token`] of a client that is to go on
    /// where this one ends. A secret. `None` until the server has told it, and when the player has left.
    #[must_use]
    pub fn token(&self) -> Option<Token> {
        self.token
    }

    /// The newest snapshot that was received.
    #[must_use]
    pub fn newest(&self) -> Option<&Arc<Snapshot>> {
        self.session.as_ref()?.newest()
    }

    /// For tests: flips the lowest bit of a word (by row and column) of the newest snapshot, as a fault of the machine may.
    /// Whether there is such a word.
    #[doc(hidden)]
    pub fn flip(&mut self, id: NetId, column: usize) -> bool {
        let session = self.session.as_mut();
        session.is_some_and(|session| session.flip(id, column))
    }

    /// Whether an entity that is no longer in the newest snapshot has merely left the player's view in the last 63 ticks, and
    /// lives on out of sight. `false` for one that is despawned: show how it ends.
    #[must_use]
    pub fn has_left(&self, id: NetId) -> bool {
        self.session
            .as_ref()
            .is_some_and(|session| session.has_left(id))
    }

    /// The level that is played, once it is known.
    #[must_use]
    pub fn level(&self) -> Option<&LoadedLevel<G>> {
        self.level.as_ref().filter(|_| self.session.is_some())
    }

    /// How the connection does, as of the last [`Self::tick`].
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut stats = self.totals;
        if let Some(session) = &self.session {
            session.measure(&mut stats, self.now);
        }
        stats
    }

    /// What the server wants the player to know for as long as the connection lasts: show it.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Which remedies against a slow link are on, from now on and over all connections.
    pub fn set_feel(&mut self, feel: Feel) {
        self.feel = feel;
        if let Some(session) = &mut self.session {
            session.set_feel(feel);
        }
    }

    /// Whether to take down what every byte from the server is for, from `now` on and over all connections; asked for again,
    /// it starts anew. Costs a little while it is on, and nothing while it is off.
    pub fn explain(&mut self, on: bool, now: Duration) {
        self.account = on.then(|| Account::new(now));
    }

    /// What was taken down so far; `None` unless [`Self::explain`] asked for it.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// Whether the server is to tell how own shots were judged, on this connection and the next ones: by events of the game.
    pub fn want_receipts(&mut self, on: bool) {
        self.receipts = on;
        self.tell_wishes();
    }

    /// Whether the server tells how own shots were judged.
    #[must_use]
    pub fn wants_receipts(&self) -> bool {
        self.receipts
    }

    /// For the figures: it is known what the server made of an own shot, beside what it had looked like on the own screen, which
    /// only the game knows.
    pub fn note_shot(&mut self, shot: ShotOutcome) {
        self.totals.note_shot(shot);
    }

    /// The player leaves: send what [`Self::poll_transmit`] still gives, then close the socket. There is no further try.
    pub fn goodbye(&mut self) {
        let told = self.session.is_some();
        self.token = None;
        self.end("the player has left", false, self.now);
        if told {
            self.outbox.push_control(&ClientControl::Goodbye);
        }
    }
}
