//! Everything that goes over a connection. One WebSocket message (binary) is one message; its first byte is the kind.
//!
//! | byte | from the client | from the server |
//! |---|---|---|
//! | 0 | [`ClientControl`] (bincode) | [`ServerControl`] (bincode) |
//! | 1 | [`Command`]s (bits) | snapshot ([`SnapshotHeader`], then the bits of a [`Sender`](crate::Sender)) |
//! | 2 | | [`EventBatch`] (MessagePack in a list) |
//!
//! The client speaks first: [`ClientControl::Hello`]. The server answers [`ServerControl::Welcome`] or
//! [`ServerControl::Reject`].

mod command;
mod control;
mod event;
mod sheet;
mod snapshot;
mod token;

pub use command::{Command, Commands, View};
pub use control::{ClientControl, Health, ServerControl, Welcome};
pub use event::{EventBatch, EventEntry, decode_event, encode_event};
pub(crate) use sheet::Sheet;
pub(crate) use snapshot::Common;
pub use snapshot::{Slack, SnapshotHeader, Start};
pub use token::Token;

use crate::error::DecodeError;
use crate::game::{Game, GameSchema};
use crate::limits::{MAX_CLIENT_MESSAGE, MAX_SERVER_MESSAGE};

/// The WebSocket subprotocol that both ends ask for.
pub const SUBPROTOCOL: &str = "tickwire.v3";

/// The version of this crate's messages; both ends must have the same.
pub const PROTOCOL_VERSION: u16 = 3;

const CONTROL: u8 = 0;
const TICK_PATH: u8 = 1;
const EVENTS: u8 = 2;
/// The bits of the first byte that say the kind; only snapshots use the others.
const KIND_MASK: u8 = 3;

/// A message from a client.
#[derive(Debug, Clone, PartialEq)]
pub enum ClientMessage<I> {
    /// Handshake, ping, whether anybody looks, goodbye.
    Control(ClientControl),
    /// What the player does.
    Commands(Commands<I>),
}

/// A message from the server; snapshots are still undecoded, because that takes what they build on.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerMessage<'a> {
    /// Handshake, pong, figures, goodbye.
    Control(ServerControl),
    /// A snapshot: its header and its body.
    Snapshot(SnapshotHeader, &'a [u8]),
    /// Events of one tick.
    Events(EventBatch<'a>),
}

/// Reads a message from a client.
///
/// # Errors
/// When the bytes are no such message, or it is longer than [`MAX_CLIENT_MESSAGE`].
pub fn decode_client<G: Game>(
    bytes: &[u8],
    schema: &GameSchema,
) -> Result<ClientMessage<G::Input>, DecodeError> {
    DecodeError::check(
        "length of a client message",
        bytes.len() as u64,
        MAX_CLIENT_MESSAGE as u64,
    )?;
    let (&kind, body) = bytes.split_first().ok_or(DecodeError::Truncated)?;
    match kind {
        CONTROL => Ok(ClientMessage::Control(ClientControl::decode(body)?)),
        TICK_PATH => Ok(ClientMessage::Commands(Commands::decode(
            body,
            &schema.input,
        )?)),
        kind => Err(DecodeError::UnknownKind(kind)),
    }
}

/// Reads a message from the server.
///
/// # Errors
/// When the bytes are no such message, or it is longer than [`MAX_SERVER_MESSAGE`].
pub fn decode_server(bytes: &[u8]) -> Result<ServerMessage<'_>, DecodeError> {
    DecodeError::check(
        "length of a server message",
        bytes.len() as u64,
        MAX_SERVER_MESSAGE as u64,
    )?;
    let (&kind, body) = bytes.split_first().ok_or(DecodeError::Truncated)?;
    match kind {
        CONTROL => Ok(ServerMessage::Control(ServerControl::decode(body)?)),
        kind if kind & KIND_MASK == TICK_PATH => {
            let (header, body) = SnapshotHeader::decode(kind, body)?;
            Ok(ServerMessage::Snapshot(header, body))
        }
        EVENTS => Ok(ServerMessage::Events(EventBatch::decode(body)?)),
        kind => Err(DecodeError::UnknownKind(kind)),
    }
}

/// Whether a message, from either end, concerns the connection itself: [`ClientControl`] or [`ServerControl`].
#[must_use]
pub fn is_control(message: &[u8]) -> bool {
    message.first() == Some(&CONTROL)
}

/// Splits off `N` bytes.
fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), DecodeError> {
    let (head, rest) = bytes
        .split_first_chunk::<N>()
        .ok_or(DecodeError::Truncated)?;
    Ok((*head, rest))
}
