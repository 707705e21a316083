//! One client of a match, and its connection.

use std::collections::VecDeque;
use std::time::Duration;

use tickwire_client::{Client, Connection, Delivered};
use tickwire_engine::{EcsGame, SessionId};
use tickwire_protocol::Bytes;
use tickwire_protocol::explain::websocket_header;
use tickwire_protocol::link::{Link, Pipe};

use super::{Play, Witness};

pub(super) struct Seat<G: EcsGame> {
    pub(super) number: usize,
    pub(super) client: Client<G>,
    pub(super) play: Play<G>,
    pub(super) link: Link,
    pub(super) socket: Option<Socket>,
    pub(super) draw_interval: Duration,
    /// How much longer a picture takes than that at most, and what decides.
    pub(super) stutter: (Duration, fastrand::Rng),
    pub(super) next_draw: Duration,
    /// How long ticks wait for a picture, if not for ever, and when they no longer do.
    pub(super) beat: Option<Duration>,
    pub(super) next_beat: Duration,
    pub(super) heard: Vec<Delivered<G::Event>>,
    /// Bytes, see [`Match::received`](super::Match::received).
    pub(super) received: u64,
    /// The program of the client does nothing before this.
    pub(super) frozen: Duration,
    /// Nobody looks until the next picture.
    pub(super) hidden: bool,
}

pub(super) struct Socket {
    pub(super) session: SessionId,
    pub(super) up: Pipe,
    pub(super) down: Pipe,
    /// The outbox: what waits for the wire, on two lanes.
    pub(super) events: VecDeque<Bytes>,
    pub(super) state: Option<Bytes>,
    /// The server has said its last word.
    pub(super) ended: bool,
}

impl Socket {
    pub(super) fn open(session: SessionId, link: Link, seed: u64) -> Self {
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
            self.down.send(message.into(), now);
        }
    }

    fn is_over(&self) -> bool {
        self.ended && self.events.is_empty() && self.state.is_none() && self.down.is_empty()
    }

    /// When something of it is next to be done: the client's part not before `thaw`.
    fn next_moment(&self, thaw: Duration) -> Option<Duration> {
        let waits = !self.events.is_empty() || self.state.is_some();
        let writes = self.down.next_writable().filter(|_| waits);
        let ends = self.is_over().then_some(thaw);
        let reads = self.down.next_arrival().map(|at| at.max(thaw));
        let moments = [self.up.next_arrival(), reads, writes, ends];
        moments.into_iter().flatten().min()
    }
}

impl<G: EcsGame> Seat<G> {
    /// The present picture is drawn: says when the next one is due.
    pub(super) fn plan_draw(&mut self) {
        let (most, rng) = &mut self.stutter;
        let takes = self.draw_interval + most.mul_f64(rng.f64());
        self.next_draw = (self.next_draw + takes).max(self.frozen);
    }

    /// When something is next to be done here.
    pub(super) fn next_moment(&self) -> Duration {
        let dials = match self.client.connection() {
            Connection::Waiting { at, .. } => Some((*at).max(self.frozen)),
            _ => None,
        };
        let beats = self.beat.map(|_| self.next_beat);
        let draws = beats.map_or(self.next_draw, |beats| beats.min(self.next_draw));
        let draws = draws.max(self.frozen);
        let socket = self.socket.as_ref();
        let socket = socket.and_then(|socket| socket.next_moment(self.frozen));
        let moments = [dials, socket].into_iter().flatten();
        moments.fold(draws, Duration::min)
    }

    /// Writes what waits for the socket.
    pub(super) fn flush(&mut self, now: Duration) {
        if let Some(socket) = &mut self.socket {
            socket.flush(now);
        }
    }

    /// Hands over what has arrived; says why the connection has to end, if it has.
    pub(super) fn receive(
        &mut self,
        now: Duration,
        witness: &mut Option<Box<dyn Witness<G>>>,
    ) -> Option<String> {
        let socket = self.socket.as_mut()?;
        let received = self.received;
        while let Some((at, mut bytes)) = socket.down.receive(now) {
            let len = bytes.len() as u64;
            self.received += len + websocket_header(len);
            if let Some(witness) = witness {
                witness.downstream(self.number, &mut bytes, now);
            }
            // What waited for a program that was not there is read when it is.
            let at = at.max(self.frozen);
            let taken = self.client.handle_message(&bytes, at);
            if let Err(error) = taken {
                return Some(error.to_string());
            }
            if let Some(witness) = witness {
                witness.took(self.number, &self.client, now);
            }
        }
        let is_over = socket.is_over();
        if self.hidden && self.received > received {
            self.client.tick(now);
            self.tell_events(witness);
        }
        is_over.then(|| "closed by the server".to_owned())
    }

    pub(super) fn draw(&mut self, now: Duration, witness: &mut Option<Box<dyn Witness<G>>>) {
        if std::mem::take(&mut self.hidden) {
            self.client.set_hidden(false, now);
        }
        // As in a page: what the player does on seeing a picture is in the commands that come with the next one.
        self.next_beat = now + self.beat.unwrap_or_default();
        self.client.tick(now);
        self.tell_events(witness);
        let input = (self.play)(&mut self.client, now);
        self.client.handle_input(&input);
    }

    /// Ticks, when no picture has come for long enough.
    pub(super) fn tick_between(&mut self, now: Duration) {
        let Some(wait) = self.beat.filter(|_| now >= self.next_beat && !self.hidden) else {
            return;
        };
        self.next_beat = now + wait;
        self.client.tick(now);
    }

    fn tell_events(&mut self, witness: &mut Option<Box<dyn Witness<G>>>) {
        let new = self.heard.len();
        self.heard
            .extend(std::iter::from_fn(|| self.client.poll_event()));
        if let Some(witness) = witness {
            let heard = self.heard.drain(new..);
            heard.for_each(|event| witness.heard(self.number, &event));
        }
    }

    pub(super) fn transmit(&mut self, now: Duration) {
        while let Some(message) = self.client.poll_transmit() {
            if let Some(socket) = &mut self.socket {
                socket.up.send(message, now);
            }
        }
    }
}
