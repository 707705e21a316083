//! The wire of Tickwire, both ends of it: ticks, words, snapshots, deltas and messages.
//!
//! There is no clock, no socket and no ECS in here; the same code runs in the server and, as wasm, in the browser.
//!
//! - A game describes its components once, by [`#[derive(Wire)]`](derive@Wire), and itself by [`Game`].
//! - A [`Snapshot`] is the quantised world of one tick, an immutable table of `u32` words; [`History`] is a ring of them.
//! - [`delta`] turns two snapshots into bits and one snapshot and bits into the other.
//! - [`codec`] is the modelled coder that will take its place.
//! - [`message`] is everything that goes over a connection.

// The derive macro names this crate by its outside name.
extern crate self as tickwire_protocol;

pub mod bits;
pub mod codec;
mod components;
pub mod delta;
mod error;
pub mod field;
mod game;
mod history;
pub mod limits;
pub mod message;
mod receiver;
mod reference;
mod rotation;
mod schema;
mod sender;
mod sight;
mod snapshot;
mod tick;
mod view;
mod wire;

pub use components::Components;
pub use error::DecodeError;
pub use game::{Around, Game, GameSchema, Level, LoadedLevel, level_hash};
pub use history::History;
pub use receiver::Receiver;
pub use rotation::{Rotation, SmallestThree};
pub use schema::{Column, ColumnKind, Columns, Component, Schema};
pub use sender::{Sender, SharedDeltas};
pub use sight::{Seen, Sight};
pub use snapshot::{NetId, Row, Snapshot};
pub use tick::Tick;
pub use tickwire_protocol_derive::Wire;
pub use wire::{Wire, WordReader, WordWriter, Words};
