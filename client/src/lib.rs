//! The client core of Tickwire: clock, prediction, interpolation; native and wasm.
//!
//! [`Client`] is a player's end of a match. It has no clock, no socket and no ECS: bytes and input go in, bytes, events and a
//! [`Scene`] to draw come out, so a browser, a bot and a test drive the same code.
//!
//! Three times matter in it. The *server's* is known from pings. *Commands* are made ahead of it, just so far that they arrive
//! in time; the own entity is predicted there. The *view* of everyone else lies behind it, just so far that there is nearly
//! always a newer snapshot to blend to. Both timelines follow their targets by running a little faster or slower.
//!
//! ```
//! use std::time::Duration;
//! use tickwire_client::{Client, ClientConfig, Connection};
//! use tickwire_protocol::{Around, Game, Wire};
//!
//! #[derive(Wire, Clone, Copy)]
//! struct Body {
//!     #[wire(min = 0.0, max = 100.0, step = 0.01, lerp)]
//!     x: f32,
//! }
//! #[derive(Wire, Clone, Copy, Default, PartialEq)]
//! struct Input {
//!     right: bool,
//! }
//! struct Stroll;
//! impl Game for Stroll {
//!     const TICK_RATE: u32 = 60;
//!     type Input = Input;
//!     type Replicated = (Body,);
//!     type Predicted = (Body,);
//!     type Event = ();
//!     type Level = ();
//!     fn predict((body,): &mut (Body,), input: &Input, _: &Around<'_, Self>) {
//!         body.x += if input.right { 0.1 } else { 0.0 };
//!     }
//! }
//!
//! let mut client = Client::<Stroll>::new(ClientConfig::new("Ann", 42));
//! let now = Duration::ZERO;
//! assert!(client.poll_connect(now), "open a socket now");
//! client.handle_open(now);
//! let hello = client.poll_transmit().expect("the client speaks first");
//! assert_eq!(*client.connection(), Connection::Handshaking);
//! // socket.send(hello); and then, for each picture (and between two, where they take longer than a tick, input and tick):
//! client.handle_input(&Input { right: true });
//! client.tick(now);
//! for row in client.scene(now).rows() {
//!     let (id, body) = (row.id, row.get::<Body>());
//! }
//! ```

mod client;
mod clock;
mod commands;
mod config;
mod connection;
mod control;
mod error;
mod events;
mod feel;
mod healing;
mod input;
mod interpolate;
mod lead;
mod limits;
mod looks;
mod outbox;
mod predict;
mod scene;
mod session;
mod smooth;
mod spawn;
mod stats;
mod steps;
#[cfg(test)]
mod tests;
mod track;
mod wakes;

pub use client::Client;
pub use config::ClientConfig;
pub use connection::Connection;
pub use error::ClientError;
pub use events::Delivered;
pub use feel::Feel;
pub use scene::{Scene, SceneRow};
pub use smooth::Smoothing;
pub use stats::{ShotOutcome, Stats};
pub use steps::Step;

use tickwire_protocol::window;
