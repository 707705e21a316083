//! The whole system in one thread.

mod faults;
mod seat;
mod views;
mod witness;

pub use witness::Witness;

use std::collections::VecDeque;
use std::time::Duration;

use tickwire_client::{Client, ClientConfig, Connection, Delivered};
use tickwire_engine::{EcsGame, Lane, Room, RoomConfig, SessionId, Sim};
use tickwire_protocol::link::Link;
use tickwire_protocol::message::Token;
use tickwire_protocol::{Game, LoadedLevel};

use seat::{Seat, Socket};

/// How finely time passes.
const STEP: Duration = Duration::from_millis(1);

/// For so long the server waits for a client that says nothing.
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Messages on an outbox's lane of events.
const EVENT_PLACES: usize = 64;

/// How often a client draws unless it is told otherwise.
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
    /// Connections that clients gave up, and when the server notices.
    lingering: VecDeque<(Duration, SessionId)>,
    next_session: u64,
    server_is_down: bool,
    /// The server does nothing before this.
    frozen: Duration,
    witness: Option<Box<dyn Witness<G>>>,
}

/// A server whose secrets come from a seed too.
fn open_room<G: EcsGame>(sim: Sim<G>, config: &RoomConfig, seed: u64) -> Room<G> {
    let mut room = Room::new(sim, config.clone());
    let mut rng = fastrand::Rng::with_seed(!seed);
    room.set_tokens(move || Token::new(rng.u128(..).to_be_bytes()));
    room
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
        let room = open_room(Sim::new(seed, build), &config, seed);
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
            lingering: VecDeque::new(),
            next_session: 0,
            server_is_down: false,
            frozen: Duration::ZERO,
            witness: None,
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
        let mut rng = fastrand::Rng::with_seed(seed);
        let phase = DRAW_INTERVAL.mul_f64(rng.f64());
        self.seats.push(Seat {
            number,
            client: Client::new(ClientConfig::new(name, seed)),
            play: Box::new(play),
            link: self.link,
            socket: None,
            draw_interval: DRAW_INTERVAL,
            stutter: (Duration::ZERO, rng),
            next_draw: self.now + phase,
            beat: None,
            next_beat: Duration::ZERO,
            heard: Vec::new(),
            received: 0,
            frozen: Duration::ZERO,
            hidden: false,
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
            self.step(end);
        }
    }

    /// Lets whole seconds pass.
    pub fn run_seconds(&mut self, seconds: u64) {
        self.run(Duration::from_secs(seconds));
    }

    /// Lets time pass until `done`, checked whenever anything has happened.
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
            self.step(end);
        }
    }

    /// Goes on to the next millisecond in which there is something to do, but not beyond `end`.
    fn step(&mut self, end: Duration) {
        let seats = self.seats.iter().map(Seat::next_moment);
        let next = seats.fold(self.next_tick().unwrap_or(end), Duration::min);
        // Whatever happens within a millisecond happens at its end.
        let late = next.saturating_sub(self.now + STEP).as_nanos();
        let steps = u32::try_from(late.div_ceil(STEP.as_nanos())).unwrap_or(u32::MAX);
        self.now = (self.now + STEP * steps.saturating_add(1)).min(end.max(self.now + STEP));
        self.deliver_upstream();
        self.notice_silence();
        self.tick_server();
        for i in 0..self.seats.len() {
            self.step_client(i);
        }
    }

    fn deliver_upstream(&mut self) {
        if self.now < self.frozen {
            return;
        }
        for seat in &mut self.seats {
            let Some(socket) = &mut seat.socket else {
                continue;
            };
            while let Some((at, mut bytes)) = socket.up.receive(self.now) {
                if self.server_is_down {
                    continue;
                }
                if let Some(witness) = &mut self.witness {
                    witness.upstream(seat.number, socket.session, &mut bytes, &self.room);
                }
                let at = at.max(self.frozen);
                let at = at - self.server_started.min(at);
                self.room.handle_message(socket.session, &bytes, at);
            }
        }
    }

    /// When the server's next tick is due, if there is a server.
    fn next_tick(&self) -> Option<Duration> {
        let ticks = Duration::from_secs(u64::from(self.ticks) + 1) / G::TICK_RATE;
        (!self.server_is_down).then(|| (self.server_started + ticks).max(self.frozen))
    }

    /// Notices connections that nobody is at the other end of.
    fn notice_silence(&mut self) {
        let is_over = |(at, _): &mut (Duration, SessionId)| *at <= self.now;
        while let Some((_, session)) = self.lingering.pop_front_if(is_over) {
            self.room.disconnect(session);
        }
    }

    fn tick_server(&mut self) {
        let Some(due) = self.next_tick().filter(|due| self.now >= *due) else {
            return;
        };
        self.ticks += 1;
        self.room.tick(due - self.server_started);
        self.fill_pipes();
        if let Some(witness) = &mut self.witness {
            witness.ticked(&self.room, self.now);
        }
    }

    fn fill_pipes(&mut self) {
        for socket in self
            .seats
            .iter_mut()
            .filter_map(|seat| seat.socket.as_mut())
        {
            let (_, state) = self.room.wants(socket.session);
            if socket.state.is_some() {
                self.room.skip(socket.session);
            } else if state {
                socket.state = self.room.poll_transmit(socket.session, Lane::State);
            }
            while socket.events.len() < EVENT_PLACES
                && let Some(message) = self.room.poll_transmit(socket.session, Lane::Events)
            {
                socket.events.push_back(message);
            }
            // As the host does: the first snapshot follows the Welcome at once.
            if !state && socket.state.is_none() && self.room.wants(socket.session).1 {
                socket.state = self.room.poll_transmit(socket.session, Lane::State);
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
        seat.flush(now);
        if now < seat.frozen {
            return;
        }
        // What lies there is read first: whoever has stood still must not take that for the server's silence.
        let mut broken = seat.receive(now, &mut self.witness);
        if broken.is_none() && seat.client.poll_connect(now) {
            self.dial(number);
        }
        let Some(seat) = self.seats.get_mut(number) else {
            return;
        };
        if now >= seat.next_draw {
            seat.plan_draw();
            seat.draw(now, &mut self.witness);
        }
        seat.tick_between(now);
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

    /// A client opens a new socket, and drops the one that it had.
    fn dial(&mut self, number: usize) {
        let Some(seat) = self.seats.get_mut(number) else {
            return;
        };
        if let Some(old) = seat.socket.take() {
            // The client gave it up because nothing passed: the server has not heard of that either.
            self.lingering
                .push_back((self.now + PING_TIMEOUT, old.session));
        }
        if self.server_is_down {
            seat.client.handle_closed("nobody answers", self.now);
            return;
        }
        let session = SessionId(self.next_session);
        self.next_session += 1;
        self.room.connect(session);
        let seed = self.seed ^ session.0 << 32 ^ number as u64;
        seat.socket = Some(Socket::open(session, seat.link, seed));
        seat.client.handle_open(self.now);
        if let Some(witness) = &mut self.witness {
            witness.connected(number, Some(session));
        }
    }

    fn hang_up(&mut self, number: usize, why: &str) {
        let Some(seat) = self.seats.get_mut(number) else {
            return;
        };
        if let Some(socket) = seat.socket.take() {
            self.room.disconnect(socket.session);
            seat.client.handle_closed(why, self.now);
            if let Some(witness) = &mut self.witness {
                witness.connected(number, None);
            }
        }
    }

    /// How often a client draws from now on: 60 times a second unless it is told otherwise.
    pub fn set_draw_interval(&mut self, number: usize, interval: Duration) {
        if let Some(seat) = self.seats.get_mut(number) {
            seat.draw_interval = interval;
            seat.next_draw = seat.next_draw.min(self.now + interval);
        }
    }

    /// Each picture of a client takes up to `most` longer from now on, as on a machine that has other things to do.
    pub fn set_stutter(&mut self, number: usize, most: Duration) {
        if let Some(seat) = self.seats.get_mut(number) {
            seat.stutter.0 = most;
        }
    }

    /// A client's ticks do not wait longer than so long for a picture from now on, as a page's do not: while a slow picture is drawn,
    /// its program may still have time.
    pub fn set_beat(&mut self, number: usize, wait: Duration) {
        if let Some(seat) = self.seats.get_mut(number) {
            seat.beat = Some(wait);
        }
    }

    /// Somebody looks on from now on. Events are told to it and no longer remembered.
    pub fn set_witness(&mut self, witness: impl Witness<G> + 'static) {
        self.witness = Some(Box::new(witness));
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
}
