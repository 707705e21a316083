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
    /// The client closed the connection, and meant it.
    Left,
    /// The connection ended in some other way: a shut tab, a page that is loaded anew, a network that is gone.
    Lost,
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
            Error::ConnectionClosed | Error::AlreadyClosed => Self::Lost,
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Lost,
            Error::Capacity(_) => Self::TooLong,
            Error::Io(error) if error.kind() == ErrorKind::QuotaExceeded => Self::TooFast,
            error => Self::Broken(error),
        }
    }

    /// What the client meant by closing: only the ordinary code says that it is done. A browser says another when its page goes
    /// away, for whatever reason.
    pub(crate) fn of_close(frame: Option<&CloseFrame>) -> Self {
        match frame {
            Some(frame) if frame.code == CloseCode::Normal => Self::Left,
            _ => Self::Lost,
        }
    }

    /// Whether the player may want to come back to its seat: what ended was the connection, and nobody is to blame.
    pub(crate) fn is_loss(&self) -> bool {
        match self {
            Self::Lost | Self::Silent | Self::Stalled | Self::Overloaded | Self::Broken(_) => true,
            Self::Left
            | Self::RoomEnded
            | Self::Stopping
            | Self::NoHello
            | Self::TooFast
            | Self::TooLong
            | Self::Text => false,
        }
    }

    /// What the client is told, if it can still be.
    pub(crate) fn close_frame(&self) -> Option<CloseFrame> {
        let code = match self {
            Self::Left | Self::Lost | Self::Stalled | Self::Broken(_) => return None,
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
            Self::Lost => write!(f, "the connection was lost"),
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
