//! A server, a client and the link between them, whose clocks one can stop, bend and read.

use std::collections::VecDeque;
use std::time::Duration;

use tickwire_client::{Client, ClientConfig};
use tickwire_engine::{Lane, Room, RoomConfig, SessionId, Sim};
use tickwire_protocol::message::{ClientMessage, ServerMessage, decode_client, decode_server};
use tickwire_protocol::{Bytes, Game};

use super::walk::{Gait, Walk, Walker, build};
use crate::{Link, Pipe};

const STEP: Duration = Duration::from_millis(1);
const DRAW: Duration = Duration::from_nanos(16_666_667);
const SESSION: SessionId = SessionId(1);

/// Ticks that a server makes up for after a stop; after that the match slows down, as on a real host.
const CATCH_UP: usize = 3;

/// What the player does at a moment.
pub(super) type Play = Box<dyn FnMut(Duration) -> Gait>;

/// One thread, one seed; time passes only as the caller says.
pub(super) struct Table {
    pub(super) now: Duration,
    pub(super) client: Client<Walk>,
    /// How many times too fast the client's clock runs.
    pub(super) speed: u32,
    room: Room<Walk>,
    up: Pipe,
    down: Pipe,
    play: Play,
    events: VecDeque<Bytes>,
    state: Option<Bytes>,
    next_draw: Duration,
    /// A picture was drawn in this very step: then the client's figures are of now.
    drew: bool,
    /// The page is in the background: no pictures, but messages come.
    asleep: bool,
    /// The server's process stands still until then.
    stopped: Duration,
    /// Ticks since the anchor, which moves when the match slows down.
    anchor: Duration,
    ticked: u32,
    /// Commands that left, and snapshots that came.
    pub(super) commands: u64,
    pub(super) snapshots: u64,
}

impl Table {
    pub(super) fn new(link: Link, seed: u64, play: impl FnMut(Duration) -> Gait + 'static) -> Self {
        let mut room = Room::new(Sim::new(seed, build), RoomConfig::default());
        room.connect(SESSION);
        // The server's ticks and the client's pictures have nothing to do with each other.
        let mut rng = fastrand::Rng::with_seed(seed);
        let [server, client] = [(); 2].map(|()| DRAW.mul_f64(rng.f64()));
        let mut client_end = Client::new(ClientConfig::new("Ann", seed));
        assert!(
            client_end.poll_connect(Duration::ZERO),
            "it is time to dial"
        );
        client_end.handle_open(Duration::ZERO);
        Self {
            now: Duration::ZERO,
            client: client_end,
            speed: 1,
            room,
            up: Pipe::upstream(link, rng.u64(..)),
            down: Pipe::downstream(link, rng.u64(..)),
            play: Box::new(play),
            events: VecDeque::new(),
            state: None,
            next_draw: client,
            drew: false,
            asleep: false,
            stopped: Duration::ZERO,
            anchor: server,
            ticked: 0,
            commands: 0,
            snapshots: 0,
        }
    }

    pub(super) fn run(&mut self, time: Duration, mut look: impl FnMut(&Self)) {
        let end = self.now + time;
        while self.now < end {
            self.now += STEP;
            if self.now >= self.stopped {
                self.serve();
            }
            self.step_client();
            look(self);
        }
    }

    /// From now on the link is another.
    pub(super) fn set_link(&mut self, link: Link) {
        self.up.set_link(link, self.now);
        self.down.set_link(link, self.now);
    }

    /// Stops the server's process for a while: nothing is read, ticked or written.
    pub(super) fn stop_server(&mut self, time: Duration) {
        self.stopped = self.now + time;
    }

    /// The page goes into the background, or comes back.
    pub(super) fn set_hidden(&mut self, hidden: bool) {
        self.client.set_hidden(hidden, self.now * self.speed);
        self.asleep = hidden;
        self.transmit();
        if !hidden {
            self.next_draw = self.now * self.speed;
        }
    }

    /// Where the server is on its time line, in ticks.
    pub(super) fn server(&self) -> f64 {
        let since = self.now.as_secs_f64() - self.anchor.as_secs_f64();
        let first = f64::from(self.room.sim().now().0) - f64::from(self.ticked);
        first + since * f64::from(Walk::TICK_RATE)
    }

    /// How far ahead of the server commands are made, in seconds: what the client believes, put right; known whenever it draws.
    pub(super) fn lead(&self) -> Option<f64> {
        Some(self.client.stats().lead.as_secs_f64() + self.offset_error()?)
    }

    /// How far the newest snapshot is behind the server, in seconds.
    pub(super) fn snapshot_age(&self) -> Option<f64> {
        let newest = self.client.newest()?.tick();
        Some((self.server() - f64::from(newest.0)) / f64::from(Walk::TICK_RATE))
    }

    /// The server's position as the client believes it, less what it is, in seconds; known whenever it draws.
    pub(super) fn offset_error(&self) -> Option<f64> {
        let newest = self.client.newest().filter(|_| self.drew)?.tick();
        let age = self.client.stats().snapshot_age;
        let rate = f64::from(Walk::TICK_RATE);
        let is_unknown = age == Duration::ZERO;
        let believed = f64::from(newest.0) + age.as_secs_f64() * rate;
        (!is_unknown).then_some((believed - self.server()) / rate)
    }

    pub(super) fn room(&self) -> &Room<Walk> {
        &self.room
    }

    /// The player, as the server has it.
    pub(super) fn walker(&self) -> Option<Walker> {
        self.room
            .sim()
            .snapshot()
            .row(self.client.own()?)?
            .get::<Walker>()
    }

    fn serve(&mut self) {
        // What came while the process stood still is read when it goes on, and stamped then.
        let woke = self.stopped;
        while let Some((at, bytes)) = self.up.receive(self.now) {
            self.room.handle_message(SESSION, &bytes, at.max(woke));
        }
        let mut caught_up = 0;
        while self.due() <= self.now {
            if caught_up == CATCH_UP {
                self.anchor = self.now;
                self.ticked = 0;
                break;
            }
            caught_up += 1;
            let due = self.due();
            self.ticked += 1;
            self.room.tick(due);
            self.fill_outbox();
        }
        while self.down.is_writable(self.now)
            && let Some(message) = self.events.pop_front().or_else(|| self.state.take())
        {
            self.down.send(message.into(), self.now);
        }
    }

    fn due(&self) -> Duration {
        self.anchor + Duration::from_secs(u64::from(self.ticked) + 1) / Walk::TICK_RATE
    }

    fn fill_outbox(&mut self) {
        if self.state.is_some() {
            self.room.skip(SESSION);
        } else {
            self.state = self.room.poll_transmit(SESSION, Lane::State);
        }
        while let Some(message) = self.room.poll_transmit(SESSION, Lane::Events) {
            self.events.push_back(message);
        }
    }

    #[expect(
        clippy::expect_used,
        reason = "a server that cannot be read is a defect"
    )]
    fn step_client(&mut self) {
        while let Some((at, bytes)) = self.down.receive(self.now) {
            let is_snapshot = matches!(decode_server(&bytes), Ok(ServerMessage::Snapshot(..)));
            let read = self.client.handle_message(&bytes, at * self.speed);
            read.expect("a client reads what the room writes");
            self.snapshots += u64::from(is_snapshot);
        }
        let local = self.now * self.speed;
        self.drew = !self.asleep && local >= self.next_draw;
        if self.drew {
            self.next_draw += DRAW;
            self.client.handle_input(&(self.play)(self.now));
            self.client.tick(local);
        }
        self.transmit();
    }

    fn transmit(&mut self) {
        while let Some(bytes) = self.client.poll_transmit() {
            let message = decode_client::<Walk>(&bytes, self.client.schema());
            if let Ok(ClientMessage::Commands(commands)) = message {
                self.commands += commands.list.len() as u64;
            }
            self.up.send(bytes, self.now);
        }
    }
}
