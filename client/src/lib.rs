//! The client core of Tickwire: clock, prediction, interpolation; native and wasm.
//!
//! [`Client`] is a player's end of a match. It has no clock, no socket and no ECS: bytes and input go in, bytes, events and a
//! [`Scene`] to draw come out, so a browser, a bot and a test drive the same code.
//!
//! Three times matter in it. The *server's* is known from pings. *Commands* are made ahead of it, just so far that they arrive
//! in time; the own entity is predicted there. The *view* of everyone else lies behind it, just so far that there is nearly
//! always a newer snapshot to blend to. Both timelines follow their targets by running a little faster or slower.

mod client;
mod clock;
mod config;
mod connection;
mod control;
mod error;
mod events;
mod input;
mod interpolate;
mod lead;
mod limits;
mod outbox;
mod predict;
mod scene;
mod session;
mod smooth;
mod stats;
#[cfg(test)]
mod tests;
mod window;

pub use client::Client;
pub use config::ClientConfig;
pub use connection::Connection;
pub use error::ClientError;
pub use events::Delivered;
pub use scene::{Scene, SceneRow};
pub use smooth::Smoothing;
pub use stats::Stats;
