//! The whole system in one thread.

use std::collections::VecDeque;
use std::time::Duration;

use tickwire_client::{Client, ClientConfig, Connection, Delivered};
use tickwire_engine::{EcsGame, Lane, Room, RoomConfig, SessionId, Sim};
use tickwire_protocol::explain::websocket_header;
use tickwire_protocol::limits::HISTORY_TICKS;
use tickwire_protocol::link::{Link, Pipe};
use tickwire_protocol::{Game, LoadedLevel, Row, Schema, Snapshot};

/// How finely time passes.
const STEP: Duration = Duration::from_millis(1);

/// Messages on an outbox's lane of events.
const EVENT_PLACES: usize = 64;

/// How often a client draws.
const DRAW_INTERVAL: Duration = Duration::from_nanos(16_666_667);

/// Decides what a player does, once for each picture.
pub type Play<G> = Box<dyn FnMut(&mut Client<G>, Duration) -> <G as Game>::Input>;

/// A server, its clients and the links between them: one thread, one seed, and time passes only as the test says.
///
/// Everything that both ends exchange is real: bytes, handshakes, deltas, prediction. Only sockets and clocks are replaced.
pub struct Match<G: EcsGame> {
    seed: u64,
    link: Link,
    build: fn(&mut Sim<G>),
    config: RoomConfig,
    room: Room<G>,
    now: Duration,
    /// When the present server was started, and how many ticks it has run.
    server_started: Duration,
    ticks: u32,
    seats: Vec<Seat<G>>,
    next_session: u64,
    server_is_down: bool,
}

struct Seat<G: EcsGame> {
    client: Client<G>,
    play: Play<G>,
    link: Link,
    socket: Option<Socket>,
    next_draw: Duration,
    heard: Vec<Delivered<G::Event>>,
    /// Bytes, see [`Match::received`].
    received: u64,
}

struct Socket {
    session: SessionId,
    up: Pipe,
    down: Pipe,
    /// The outbox: what waits for the wire, on two lanes.
    events: VecDeque<Vec<u8>>,
    state: Option<Vec<u8>>,
    /// The server has said its last word.
    ended: bool,
}

impl Socket {
    fn open(session: SessionId, link: Link, seed: u64) -> Self {
        Self {
            session,
            up: Pipe::upstream(link, seed),
            down: Pipe::downstream(link, !seed),
            events: VecDeque::new(),
            state: None,
            ended: false,
        }
    }

    /// Does what the server's task of a player does: writes as long as the socket takes it, events first.
    fn flush(&mut self, now: Duration) {
        while self.down.is_writable(now)
            && let Some(message) = self.events.pop_front().or_else(|| self.state.take())
        {
            self.down.send(message, now);
        }
    }

    fn is_over(&self) -> bool {
        self.ended && self.events.is_empty() && self.down.is_empty()
    }
}

impl<G: EcsGame> Match<G> {
    /// A match on the game's default level, with `link` between the server and each client.
    #[must_use]
    pub fn new(seed: u64, link: Link, build: fn(&mut Sim<G>)) -> Self {
        Self::with_config(seed, link, build, RoomConfig::default())
    }

    /// A match with other settings of the room.
    #[must_use]
    pub fn with_config(seed: u64, link: Link, build: fn(&mut Sim<G>), config: RoomConfig) -> Self {
        let room = Room::new(Sim::new(seed, build), config.clone());
        Self {
            seed,
            link,
            build,
            config,
            room,
            now: Duration::ZERO,
            server_started: Duration::ZERO,
            ticks: 0,
            seats: Vec::new(),
            next_session: 0,
            server_is_down: false,
        }
    }

    /// A client joins; `play` decides what it does. Returns its number.
    pub fn join(
        &mut self,
        name: &str,
        play: impl FnMut(&mut Client<G>, Duration) -> G::Input + 'static,
    ) -> usize {
        let number = self.seats.len();
        let seed = self
            .seed
            .wrapping_mul(1_000_003)
            .wrapping_add(number as u64);
        // Clients do not all draw at the same moment.
        let phase = DRAW_INTERVAL.mul_f64(fastrand::Rng::with_seed(seed).f64());
        self.seats.push(Seat {
            client: Client::new(ClientConfig::new(name, seed)),
            play: Box::new(play),
            link: self.link,
            socket: None,
            next_draw: self.now + phase,
            heard: Vec::new(),
            received: 0,
        });
        number
    }

    /// `count` clients join, each played by what `player` makes for its number.
    pub fn join_many<F>(&mut self, count: usize, mut player: impl FnMut(usize) -> F)
    where
        F: FnMut(&mut Client<G>, Duration) -> G::Input + 'static,
    {
        for i in 0..count {
            self.join(&format!("client {i}"), player(i));
        }
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += STEP;
            self.step();
        }
    }

    /// Lets whole seconds pass.
    pub fn run_seconds(&mut self, seconds: u64) {
        self.run(Duration::from_secs(seconds));
    }

    /// Lets time pass until `done`, checked every millisecond.
    ///
    /// # Panics
    /// With the seed, when `limit` is over first.
    #[track_caller]
    pub fn run_until(&mut self, limit: Duration, what: &str, mut done: impl FnMut(&Self) -> bool) {
        let end = self.now + limit;
        while !done(self) {
            assert!(
                self.now < end,
                "seed {}: {what} did not happen within {limit:?}",
                self.seed
            );
            self.now += STEP;
            self.step();
        }
    }

    fn step(&mut self) {
        self.deliver_upstream();
        self.tick_server();
        for i in 0..self.seats.len() {
            self.step_client(i);
        }
    }

    fn deliver_upstream(&mut self) {
        for socket in self
            .seats
            .iter_mut()
            .filter_map(|seat| seat.socket.as_mut())
        {
            while let Some((at, bytes)) = socket.up.receive(self.now) {
                if !self.server_is_down {
                    self.room.handle_message(
                        socket.session,
                        &bytes,
                        at - self.server_started.min(at),
                    );
                }
            }
        }
    }

    fn tick_server(&mut self) {
        let due =
            self.server_started + Duration::from_secs(u64::from(self.ticks) + 1) / G::TICK_RATE;
        if self.server_is_down || self.now < due {
            return;
        }
        self.ticks += 1;
        self.room.tick(due - self.server_started);
        self.fill_pipes();
    }

    fn fill_pipes(&mut self) {
        for socket in self
            .seats
            .iter_mut()
            .filter_map(|seat| seat.socket.as_mut())
        {
            if socket.state.is_some() {
                self.room.skip(socket.session);
            } else {
                socket.state = self.room.poll_transmit(socket.session, Lane::State);
            }
            while socket.events.len() < EVENT_PLACES
                && let Some(message) = self.room.poll_transmit(socket.session, Lane::Events)
            {
                socket.events.push_back(message);
            }
        }
        while let Some(ended) = self.room.poll_ended() {
            let mut sockets = self
                .seats
                .iter_mut()
                .filter_map(|seat| seat.socket.as_mut());
            if let Some(socket) = sockets.find(|socket| socket.session == ended) {
                socket.ended = true;
            }
        }
    }

    fn step_client(&mut self, number: usize) {
        let Some(seat) = self.seats.get_mut(number) else {
            return;
        };
        let now = self.now;
        if seat.client.poll_connect(now) {
            if self.server_is_down {
                seat.client.handle_closed("nobody answers", now);
            } else {
                let session = SessionId(self.next_session);
                self.next_session += 1;
                self.room.connect(session);
                let seed = self.seed ^ session.0 << 32 ^ number as u64;
                seat.socket = Some(Socket::open(session, seat.link, seed));
                seat.client.handle_open(now);
            }
        }
        let mut broken = seat.receive(now);
        if now >= seat.next_draw {
            seat.next_draw += DRAW_INTERVAL;
            seat.draw(now);
        }
        if matches!(seat.client.connection(), Connection::NeedsLevel { .. }) {
            let text = LoadedLevel::<G>::default_level().text;
            if let Err(why) = seat.client.handle_level(&text) {
                broken = Some(why);
            }
        }
        seat.transmit(now);
        if let Some(why) = broken {
            self.hang_up(number, &why);
        }
    }

    fn hang_up(&mut self, number: usize, why: &str) {
        let Some(seat) = self.seats.get_mut(number) else {
            return;
        };
        if let Some(socket) = seat.socket.take() {
            self.room.disconnect(socket.session);
            seat.client.handle_closed(why, self.now);
        }
    }

    /// Cuts a client's connection, as a lost network does.
    pub fn cut(&mut self, number: usize) {
        self.hang_up(number, "the network is gone");
    }

    /// Gives a client another link, from its next connection on.
    pub fn set_link(&mut self, number: usize, link: Link) {
        if let Some(seat) = self.seats.get_mut(number) {
            seat.link = link;
        }
    }

    /// Kills the server: connections break, and nobody answers.
    pub fn kill_server(&mut self) {
        self.server_is_down = true;
        for number in 0..self.seats.len() {
            self.hang_up(number, "the server died");
        }
    }

    /// Starts a new server.
    pub fn start_server(&mut self) {
        self.server_is_down = false;
        self.room = Room::new(Sim::new(self.seed, self.build), self.config.clone());
        self.server_started = self.now;
        self.ticks = 0;
    }

    /// A client, by its number.
    ///
    /// # Panics
    /// When there is no such client.
    #[must_use]
    #[expect(clippy::expect_used, reason = "documented above")]
    pub fn client(&self, number: usize) -> &Client<G> {
        &self.seats.get(number).expect("a client's number").client
    }

    /// A client, to ask for its scene.
    ///
    /// # Panics
    /// When there is no such client.
    #[must_use]
    #[expect(clippy::expect_used, reason = "documented above")]
    pub fn client_mut(&mut self, number: usize) -> &mut Client<G> {
        &mut self
            .seats
            .get_mut(number)
            .expect("a client's number")
            .client
    }

    /// The events that a client was told so far.
    #[must_use]
    pub fn heard(&self, number: usize) -> &[Delivered<G::Event>] {
        self.seats.get(number).map_or(&[], |seat| &seat.heard)
    }

    /// Bytes of all messages that reached a client, each with the header that a WebSocket would put before it.
    #[must_use]
    pub fn received(&self, number: usize) -> u64 {
        self.seats.get(number).map_or(0, |seat| seat.received)
    }

    /// How many clients there are.
    #[must_use]
    pub fn client_count(&self) -> usize {
        self.seats.len()
    }

    /// The server's room.
    #[must_use]
    pub fn room(&self) -> &Room<G> {
        &self.room
    }

    /// The server's room, to change between steps.
    #[must_use]
    pub fn room_mut(&mut self) -> &mut Room<G> {
        &mut self.room
    }

    /// The time since the match began.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.now
    }

    /// The seed, for messages of failure.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Checks that every client's newest snapshot is, word for word, the server's snapshot of that tick; in a game with an
    /// interest, that what it holds is, and where rows may be told of late, that each is as it was at that tick or in the 63
    /// before. Returns how many clients had one that the server still remembers.
    ///
    /// # Panics
    /// With the seed, when one differs.
    #[track_caller]
    pub fn assert_views_match(&self) -> usize {
        let mut compared = 0;
        for (number, seat) in self
            .seats
            .iter()
            .enumerate()
            .filter(|(_, seat)| seat.socket.is_some())
        {
            let Some(view) = seat.client.newest() else {
                continue;
            };
            let Some(truth) = self.room.sim().history().get(view.tick()) else {
                continue;
            };
            let agree = if self.room.tells_late() {
                let past = (0..HISTORY_TICKS).map(|ago| view.tick() - ago);
                let past = past.filter_map(|tick| self.room.sim().history().get(tick));
                let past: Vec<_> = past.map(|snapshot| &**snapshot).collect();
                holds_nothing_else(view, &past)
            } else if self.room.has_interest() {
                holds_nothing_else(view, &[truth])
            } else {
                view == truth
            };
            assert!(
                agree,
                "seed {}: client {number} holds another world of tick {}: {view:?}, not {truth:?}",
                self.seed,
                view.tick()
            );
            compared += 1;
        }
        compared
    }
}

/// Whether each row of the view is as in one of these worlds, as far as its components go.
fn holds_nothing_else(view: &Snapshot, worlds: &[&Snapshot]) -> bool {
    view.rows().all(|seen| {
        let mut rows = worlds.iter().filter_map(|world| world.row(seen.id));
        rows.any(|row| is_part_of(view.schema(), seen, row))
    })
}

/// Whether each component that the row has is as in the whole one.
fn is_part_of(schema: &Schema, seen: Row<'_>, row: Row<'_>) -> bool {
    let mut parts = schema.components().iter().enumerate();
    parts.all(|(i, component)| {
        let has = |mask: u32| mask >> i & 1 == 1;
        let columns = || component.columns.clone();
        if has(seen.mask) {
            has(row.mask) && seen.words.get(columns()) == row.words.get(columns())
        } else {
            seen.words
                .get(columns())
                .is_some_and(|words| words.iter().all(|word| *word == 0))
        }
    })
}

impl<G: EcsGame> Seat<G> {
    /// Hands over what has arrived; says why the connection has to end, if it has.
    fn receive(&mut self, now: Duration) -> Option<String> {
        let socket = self.socket.as_mut()?;
        socket.flush(now);
        while let Some((at, bytes)) = socket.down.receive(now) {
            let len = bytes.len() as u64;
            self.received += len + websocket_header(len);
            if let Err(error) = self.client.handle_message(&bytes, at) {
                return Some(error.to_string());
            }
        }
        socket.is_over().then(|| "closed by the server".to_owned())
    }

    fn draw(&mut self, now: Duration) {
        let input = (self.play)(&mut self.client, now);
        self.client.handle_input(&input);
        self.client.tick(now);
        self.heard
            .extend(std::iter::from_fn(|| self.client.poll_event()));
    }

    fn transmit(&mut self, now: Duration) {
        while let Some(message) = self.client.poll_transmit() {
            if let Some(socket) = &mut self.socket {
                socket.up.send(message, now);
            }
        }
    }
}
