//! Why a session ended, and how the client is told.

use std::fmt;
use std::io::ErrorKind;

use tickwire_protocol::limits::MAX_CLIENT_MESSAGE;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// Why a session ended.
#[derive(Debug)]
pub(crate) enum End {
    /// The client closed the connection.
    Left,
    /// The room finished with the client, for a reason that its last message gave.
    RoomEnded,
    /// The server stops.
    Stopping,
    /// Nothing was said after connecting.
    NoHello,
    /// Nothing came, not even the answer to a ping.
    Silent,
    /// Nothing could be written.
    Stalled,
    /// More messages or bytes than a game takes.
    TooFast,
    /// A message above the limit.
    TooLong,
    /// A message of text; the protocol has bytes only.
    Text,
    /// The room's inbox was full.
    Overloaded,
    /// The connection broke.
    Broken(Error),
}

impl End {
    /// What an error of the WebSocket means.
    pub(crate) fn of(error: Error) -> Self {
        match error {
            Error::ConnectionClosed | Error::AlreadyClosed => Self::Left,
            // A browser's tab that is shut, for example.
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Left,
            Error::Capacity(_) => Self::TooLong,
            Error::Io(error) if error.kind() == ErrorKind::QuotaExceeded => Self::TooFast,
            error => Self::Broken(error),
        }
    }

    /// What the client is told, if it can still be.
    pub(crate) fn close_frame(&self) -> Option<CloseFrame> {
        let code = match self {
            Self::Left | Self::Stalled | Self::Broken(_) => return None,
            Self::RoomEnded => CloseCode::Normal,
            Self::Stopping => CloseCode::Away,
            Self::NoHello | Self::Silent | Self::TooFast => CloseCode::Policy,
            Self::TooLong => CloseCode::Size,
            Self::Text => CloseCode::Unsupported,
            Self::Overloaded => CloseCode::Again,
        };
        Some(CloseFrame {
            code,
            reason: self.to_string().into(),
        })
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left => write!(f, "the client left"),
            Self::RoomEnded => write!(f, "the match ended the session"),
            Self::Stopping => write!(f, "the server is shutting down"),
            Self::NoHello => write!(f, "no hello came in time"),
            Self::Silent => write!(f, "the client stopped answering"),
            Self::Stalled => write!(f, "the client stopped reading"),
            Self::TooFast => write!(f, "the client sent more than a game needs"),
            Self::TooLong => write!(f, "a message had more than {MAX_CLIENT_MESSAGE} bytes"),
            Self::Text => write!(f, "a message was text; only binary ones are understood"),
            Self::Overloaded => write!(f, "the server is overloaded"),
            Self::Broken(error) => write!(f, "the connection broke: {error}"),
        }
    }
}
