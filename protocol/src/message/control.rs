//! Handshake, clock and farewell: rare messages, by serde and bincode.
//!
//! bincode 2 is no longer maintained; this is the only module that knows it, so that another format is a change of two functions.

use bincode::config::{Configuration, Limit, standard};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{CONTROL, Token};
use crate::audit::{Audit, MAX_AUDIT};
use crate::cadence::Cadence;
use crate::error::DecodeError;
use crate::limits::{MAX_NAME, MAX_NET_ID, MAX_TEXT, MAX_TIERS};
use crate::snapshot::NetId;
use crate::tick::Tick;

/// Bytes of a control message at most; bincode allocates no more than that.
const LIMIT: usize = 1000;

/// From the client. (bincode: the variant's number, then its fields, integers as varints.)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientControl {
    /// The first message on every connection.
    Hello {
        /// [`PROTOCOL_VERSION`](super::PROTOCOL_VERSION) of the client.
        protocol: u16,
        /// Hash of the client's [`GameSchema`](crate::GameSchema).
        schema: u64,
        /// Hash of the tables that the client's [`GameSchema`](crate::GameSchema) has.
        tables: u64,
        /// The game that the client plays, for the message on a mismatch.
        game: String,
        /// What the player wants to be called; at most [`MAX_NAME`] bytes.
        name: String,
        /// Who lost a connection shows what its Welcome said, and takes part as the same player again. Without it, or when the
        /// seat is no longer kept, a new player joins.
        token: Option<Token>,
    },
    /// Asks for the server's time.
    Ping {
        /// The client's time in µs, sent back untouched.
        sent: u64,
    },
    /// The player leaves.
    Goodbye,
    /// A snapshot's checksum was wrong, or it could not be read: asks for a repair.
    Audit(Audit),
    /// Nobody looks any more: the page is hidden. Snapshots come once a second from now on, and no commands are expected.
    Hidden,
    /// Somebody looks again.
    Shown,
    /// Whether the player wants to know how shots were judged. What a receipt says is the game's own: it is an event.
    Receipts {
        /// On from now on, or off again. Off at first.
        on: bool,
    },
}

/// From the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerControl {
    /// The client takes part from now on.
    Welcome(Welcome),
    /// The client may not take part; the connection ends.
    Reject {
        /// What is wrong, and with which side.
        reason: String,
        /// Whether a later try may succeed (server full) or not (wrong version).
        retry: bool,
    },
    /// The answer to a ping.
    Pong {
        /// What the ping said.
        sent: u64,
        /// The tick that the server simulates next.
        tick: Tick,
        /// How much of the time between the last tick and that one was over, in 1/65536.
        fraction: u16,
        /// How long the server kept the ping before it answered, in µs: tick and fraction tell the time of the answer, and
        /// the round trip is this much shorter than it looks.
        held: u32,
    },
    /// The connection ends.
    Goodbye {
        /// Why.
        reason: String,
        /// Whether to come back (server restarts) or not (thrown out).
        retry: bool,
    },
    /// How the server does, once a second.
    Health(Health),
    /// What every player on this connection has to know, to be shown as long as it lasts: that the server simulates a bad link,
    /// say. It may come at any time, before the Welcome too; the last one counts.
    Notice {
        /// For people; at most [`MAX_TEXT`] bytes.
        text: String,
    },
    /// What this player's command brought about is in the world, see [`Game::spawns`](crate::Game::spawns).
    Spawned {
        /// The command's tick.
        tick: Tick,
        /// Which of the spawns of that tick, from 0.
        index: u8,
        /// For how many ticks it had been on its way when it began: the player saw the others of that long ago.
        ahead: u8,
        /// The entity; `None` when it came and went within the tick.
        id: Option<NetId>,
    },
}

/// What a client that takes part has to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The player's own entity; it appears in snapshots as soon as the game gives it components.
    pub own: NetId,
    /// The tick the server is at.
    pub tick: Tick,
    /// Ticks per second.
    pub tick_rate: u8,
    /// Ticks from one snapshot to the next.
    pub snapshot_interval: u8,
    /// For each tier of rows, in how manieth snapshots it is told of, see [`Cadence`](crate::Cadence); 0 behind the last.
    pub tiers: [u8; MAX_TIERS],
    /// How far back the server looks for this player's shots at most, in ms: the usual round trip and the interpolation
    /// delay together. What is drawn further back cannot be hit where it is drawn. 0 if the server never looks back.
    pub rewind_limit: u16,
    /// The level's name.
    pub level: String,
    /// Hash of the level's text ([`level_hash`](crate::level_hash)).
    pub level_hash: u64,
    /// For the next Hello, if the connection is lost; `None` when this server keeps no seats.
    pub token: Option<Token>,
}

/// How the server does, and what became of this client's commands and snapshots in the last second. Usually eleven to thirteen
/// bytes on the wire.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// How late the latest of 1,000 ticks began, in µs (99.9th percentile of the last 2,048 ticks).
    pub start_p999_us: u32,
    /// How long the slowest of 1,000 ticks took, what was sent included, in µs (likewise).
    pub tick_p999_us: u32,
    /// Commands of this client that came, in the last second.
    pub commands: u16,
    /// How many of them came after their tick had begun, and moved nobody.
    pub late: u16,
    /// Snapshots that were due for this client and left out, because it had not taken the ones before yet; in the last second.
    pub skipped: u16,
    /// Ticks of the last second in which the game looked back for this player: shots, mostly.
    pub looks: u16,
    /// In how many of them it looked at another moment than the client had claimed.
    pub clamped: u16,
}

fn config() -> Configuration<bincode::config::LittleEndian, bincode::config::Varint, Limit<LIMIT>> {
    standard().with_limit::<LIMIT>()
}

fn decode<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, DecodeError> {
    let (message, read) =
        bincode::serde::decode_from_slice(bytes, config()).map_err(|e| match e {
            bincode::error::DecodeError::UnexpectedEnd { .. } => DecodeError::Truncated,
            other => DecodeError::Malformed {
                what,
                why: other.to_string(),
            },
        })?;
    if read == bytes.len() {
        Ok(message)
    } else {
        Err(DecodeError::Trailing(bytes.len() - read))
    }
}

#[expect(
    clippy::expect_used,
    reason = "these enums have no map and no sequence of unknown length, and a Vec takes all bytes"
)]
fn encode(message: &impl Serialize) -> Vec<u8> {
    let mut bytes = vec![CONTROL];
    bincode::serde::encode_into_std_write(message, &mut bytes, config())
        .expect("a control message can be written");
    bytes
}

fn check_text(what: &'static str, text: &str, max: usize) -> Result<(), DecodeError> {
    DecodeError::check(what, text.len() as u64, max as u64)
}

/// The longest start of `text` that has at most `max` bytes.
fn clip(text: &str, max: usize) -> String {
    text.get(..text.floor_char_boundary(max))
        .unwrap_or_default()
        .to_owned()
}

impl ClientControl {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let message = decode("client control message", bytes)?;
        if let Self::Hello { name, game, .. } = &message {
            check_text("length of the player's name", name, MAX_NAME)?;
            check_text("length of the game's name", game, MAX_TEXT)?;
        }
        if let Self::Audit(audit) = &message {
            let (len, max) = (audit.sums.len() as u64, MAX_AUDIT as u64);
            DecodeError::check("length of an audit", len, max)?;
        }
        Ok(message)
    }

    /// The message's bytes; names are cut to their limits.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Hello {
                protocol,
                schema,
                tables,
                game,
                name,
                token,
            } => encode(&Self::Hello {
                protocol: *protocol,
                schema: *schema,
                tables: *tables,
                game: clip(game, MAX_TEXT),
                name: clip(name, MAX_NAME),
                token: *token,
            }),
            other => encode(other),
        }
    }
}

impl ServerControl {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let message = decode("server control message", bytes)?;
        match &message {
            Self::Welcome(Welcome {
                own,
                tick_rate,
                snapshot_interval,
                tiers,
                level,
                ..
            }) => {
                DecodeError::check("network id", u64::from(own.0), u64::from(MAX_NET_ID))?;
                check_text("length of the level's name", level, MAX_TEXT)?;
                if *tick_rate == 0 || Cadence::of_welcome(*snapshot_interval, *tiers).is_none() {
                    return Err(DecodeError::Contradiction(
                        "a tick rate, a snapshot interval or tiers that cannot be",
                    ));
                }
            }
            Self::Reject { reason, .. } | Self::Goodbye { reason, .. } => {
                check_text("length of the reason", reason, MAX_TEXT)?;
            }
            Self::Notice { text } => check_text("length of the notice", text, MAX_TEXT)?,
            Self::Spawned { id: Some(id), .. } => {
                DecodeError::check("network id", u64::from(id.0), u64::from(MAX_NET_ID))?;
            }
            Self::Pong { .. } | Self::Health(_) | Self::Spawned { id: None, .. } => {}
        }
        Ok(message)
    }

    /// The message's bytes; texts are cut to their limits.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Reject { reason, retry } => encode(&Self::Reject {
                reason: clip(reason, MAX_TEXT),
                retry: *retry,
            }),
            Self::Goodbye { reason, retry } => encode(&Self::Goodbye {
                reason: clip(reason, MAX_TEXT),
                retry: *retry,
            }),
            Self::Welcome(welcome) => encode(&Self::Welcome(Welcome {
                level: clip(&welcome.level, MAX_TEXT),
                ..welcome.clone()
            })),
            Self::Notice { text } => encode(&Self::Notice {
                text: clip(text, MAX_TEXT),
            }),
            Self::Pong { .. } | Self::Health(_) | Self::Spawned { .. } => encode(self),
        }
    }
}
