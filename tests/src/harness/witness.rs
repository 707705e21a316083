//! Somebody who looks on, and may tamper.

use std::time::Duration;

use tickwire_client::{Client, Delivered};
use tickwire_engine::{EcsGame, Room, SessionId};

/// What is told of each step of a match, for checks that look at every one of them, and for faults. Clients go by their numbers,
/// times are those of the match.
pub trait Witness<G: EcsGame> {
    /// A message has reached the server, which reads it next, as it is then: changed, it is a fault.
    fn upstream(&mut self, client: usize, session: SessionId, bytes: &mut Vec<u8>, room: &Room<G>) {
        let _ = (client, session, bytes, room);
    }

    /// A message has reached a client, which reads it next, as it is then.
    fn downstream(&mut self, client: usize, bytes: &mut Vec<u8>, now: Duration) {
        let _ = (client, bytes, now);
    }

    /// The client has read it, and found nothing wrong with it that it cannot mend.
    fn took(&mut self, number: usize, client: &Client<G>, now: Duration) {
        let _ = (number, client, now);
    }

    /// The client has handed over an event. A match with a witness remembers none itself.
    fn heard(&mut self, client: usize, event: &Delivered<G::Event>) {
        let _ = (client, event);
    }

    /// The server has simulated a tick, and said what it has to say.
    fn ticked(&mut self, room: &Room<G>, now: Duration) {
        let _ = (room, now);
    }

    /// A client has a new connection, or none any more.
    fn connected(&mut self, client: usize, session: Option<SessionId>) {
        let _ = (client, session);
    }
}
