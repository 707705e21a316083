//! The wire of Tickwire, both ends of it: ticks, words, snapshots, deltas and messages.
//!
//! There is no clock, no socket and no ECS in here; the same code runs in the server and, as wasm, in the browser.
//!
//! - A game describes its components once, by [`#[derive(Wire)]`](derive@Wire), and itself by [`Game`].
//! - A [`Snapshot`] is the quantised world of one tick, an immutable table of `u32` words; [`History`] is a ring of them.
//! - [`Sender`] and [`Receiver`] bring the view of one client up to date, snapshot by snapshot, by the [`codec`]'s chunks.
//! - [`message`] is everything that goes over a connection.
//! - [`explain`] says what every bit of it was for.
//! - [`link`] is a bad network, for tests and for whoever wants to feel one.

// The derive macro names this crate by its outside name.
extern crate self as tickwire_protocol;

mod audit;
pub mod bits;
mod cadence;
pub mod codec;
mod components;
mod error;
pub mod explain;
pub mod field;
mod game;
mod history;
pub mod limits;
pub mod link;
pub mod message;
mod moment;
mod receiver;
mod reference;
mod renewal;
mod rotation;
mod schema;
mod sender;
mod sight;
mod snapshot;
mod spawn;
mod tick;
pub mod window;
mod wire;

pub use audit::{Audit, Finding};
/// A message on its way out: clients that are told the same share its memory.
pub use bytes::Bytes;
pub use cadence::Cadence;
pub use components::Components;
pub use error::DecodeError;
pub use game::{Around, Game, GameSchema, Level, LoadedLevel, level_hash};
pub use history::History;
pub use moment::{EXTRAPOLATION_MS, Moment, REWIND_WAIT_MS, Way};
pub use receiver::Receiver;
pub use renewal::Renewal;
pub use rotation::{Rotation, SmallestThree};
pub use schema::{Column, ColumnKind, Columns, Component, Schema};
pub use sender::{Sender, SharedDeltas};
pub use sight::{Known, Seen, SeenRows, Sight};
pub use snapshot::{NetId, Row, Snapshot};
pub use spawn::Spawn;
pub use tick::Tick;
pub use tickwire_protocol_derive::Wire;
pub use wire::{Wire, WordReader, WordWriter, Words};
