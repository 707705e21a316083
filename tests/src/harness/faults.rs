//! What goes wrong in a match when a test wants it to.

use std::time::Duration;

use tickwire_client::{Client, ClientConfig};
use tickwire_engine::{EcsGame, Sim};
use tickwire_protocol::link::Link;
use tickwire_protocol::message::Token;

use super::{Match, open_room};

impl<G: EcsGame> Match<G> {
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

    /// Gives a client another link at once.
    pub fn change_link(&mut self, number: usize, link: Link) {
        let now = self.now;
        if let Some(seat) = self.seats.get_mut(number) {
            seat.link = link;
            if let Some(socket) = &mut seat.socket {
                socket.up.set_link(link, now);
                socket.down.set_link(link, now);
            }
        }
    }

    /// Nothing passes between a client and the server for so long.
    pub fn blackhole(&mut self, number: usize, time: Duration) {
        let until = self.now + time;
        let seat = self.seats.get_mut(number);
        if let Some(socket) = seat.and_then(|seat| seat.socket.as_mut()) {
            socket.up.hold_until(until);
            socket.down.hold_until(until);
        }
    }

    /// A client's program does nothing at all for so long, and reads nothing.
    pub fn freeze(&mut self, number: usize, time: Duration) {
        if let Some(seat) = self.seats.get_mut(number) {
            seat.frozen = self.now + time;
        }
    }

    /// A client draws nothing for so long, and says so, but reads what comes: as a page does that nobody looks at.
    pub fn hide(&mut self, number: usize, time: Duration) {
        if let Some(seat) = self.seats.get_mut(number) {
            seat.next_draw = self.now + time;
            seat.hidden = true;
            seat.client.set_hidden(true, self.now);
        }
    }

    /// Ends what [`Self::freeze`] and [`Self::hide`] began.
    pub fn show(&mut self, number: usize) {
        if let Some(seat) = self.seats.get_mut(number) {
            seat.frozen = self.now;
            seat.next_draw = self.now;
        }
    }

    /// A client's program dies, and another starts in its place.
    pub fn restart(&mut self, number: usize) {
        self.start_anew(number, None);
    }

    /// The same, but the new program knows the token of the client `of`: its own, as a page that is loaded anew does, or another's.
    pub fn reload(&mut self, number: usize, of: usize) {
        let token = self.seats.get(of).and_then(|seat| seat.client.token());
        self.start_anew(number, token);
    }

    fn start_anew(&mut self, number: usize, token: Option<Token>) {
        self.cut(number);
        if let Some(seat) = self.seats.get_mut(number) {
            let seed = self.seed ^ self.next_session.rotate_left(32) ^ number as u64;
            let config = ClientConfig::new(&format!("client {number}"), seed);
            // However long the old one would have been hidden, the new one draws.
            seat.hidden = false;
            seat.next_draw = self.now;
            seat.client = Client::new(ClientConfig { token, ..config });
        }
    }

    /// Sends a message as if from a client, which knows nothing of it.
    pub fn say(&mut self, number: usize, bytes: Vec<u8>) {
        let seat = self.seats.get_mut(number);
        if let Some(socket) = seat.and_then(|seat| seat.socket.as_mut()) {
            socket.up.send(bytes, self.now);
        }
    }

    /// The server's program does nothing for so long; then it makes up for the ticks that it missed, one a millisecond.
    pub fn freeze_server(&mut self, time: Duration) {
        self.frozen = self.now + time;
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
        // Another server's tokens are others.
        let seed = self.seed ^ self.next_session.rotate_left(16);
        self.room = open_room(Sim::new(self.seed, self.build), &self.config, seed);
        self.lingering.clear();
        self.server_started = self.now;
        self.ticks = 0;
    }
}
