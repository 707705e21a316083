//! Listener, a task per player and the command line that every Tickwire game gets.
//!
//! A game's whole program is one call:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use tickwire_engine::prelude::*;
//! use tickwire_protocol::{Game, Wire};
//!
//! #[derive(Component, Wire, Clone, Copy, Default, PartialEq)]
//! struct Place {
//!     #[wire(max = 1000)]
//!     x: u16,
//! }
//!
//! #[derive(Wire, Clone, Copy, Default, PartialEq)]
//! struct Walk {
//!     right: bool,
//! }
//!
//! struct Stroll;
//! impl Game for Stroll {
//!     const TICK_RATE: u32 = 60;
//!     type Input = Walk;
//!     type Replicated = (Place,);
//!     type Predicted = ();
//!     type Event = ();
//!     type Level = ();
//! }
//!
//! fn build(sim: &mut Sim<Stroll>) {
//!     sim.observe(welcome).add_systems(walk);
//! }
//!
//! fn welcome(new: On<Add<Player>>, mut commands: Commands) {
//!     commands.entity(new.entity).insert(Place::default());
//! }
//!
//! fn walk(mut players: Query<(&PlayerInput<Walk>, &mut Place)>) {
//!     for (input, mut place) in &mut players {
//!         place.x = (place.x + u16::from(input.right)).min(1000);
//!     }
//! }
//!
//! fn main() -> ExitCode {
//!     tickwire_server::cli::<Stroll>(build)
//! }
//! ```
//!
//! `stroll serve` then runs a server and `stroll bots` plays matches without network or clock; `--help` lists their options.
//! [`App`] adds a web page, and [`Server`] is for programs and tests that want the server without the command line.
//!
//! On the one port of a server there are
//! - `/ws`: the WebSocket, subprotocol [`SUBPROTOCOL`](tickwire_protocol::message::SUBPROTOCOL);
//! - `/level`: the text of the level that is played;
//! - `/healthz`: 200 as long as the match goes on, otherwise 503; with figures as JSON;
//! - everything else: the files of the game's [`Site`].

mod bots;
mod cli;
mod connection;
mod crowd;
mod error;
mod server;
mod session;
mod stopping;
#[cfg(test)]
#[path = "../tests/support/stroll.rs"]
mod stroll;
mod web;

pub use cli::{App, cli};
pub use error::Error;
pub use server::{Server, ServerConfig};
pub use web::Site;
