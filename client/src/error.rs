//! What can be wrong with what a server sends.

use thiserror::Error;
use tickwire_protocol::DecodeError;

/// Why the connection cannot go on. The driver closes its socket and calls `handle_closed` with this as the reason.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Bytes that are no message of this protocol.
    #[error("the server's message cannot be read: {0}")]
    Decode(#[from] DecodeError),
    /// A message that does not belong here.
    #[error("the server broke the protocol: it sent {0}")]
    Unexpected(&'static str),
    /// The server runs the game at another speed than this client was built for.
    #[error(
        "the server runs {server} ticks per second, this client {client}: one of the two is out of date"
    )]
    TickRate {
        /// Of the server.
        server: u32,
        /// Of the client.
        client: u32,
    },
    /// Events come in, and nobody takes them by `poll_event`.
    #[error(
        "{0} events wait to be taken: call `poll_event` until it is empty, also while nothing is drawn"
    )]
    EventsNotTaken(usize),
    /// Bytes from a connection that was given up.
    #[error("a message came although the connection had ended: close the socket")]
    NotConnected,
}
