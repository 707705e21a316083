//! Listener, a task per player and the command line that every Tickwire game gets.
//!
//! A game's whole program ends in one call of [`cli`]. This is all of Catch, the game to start from:
//!
//! ```no_run
#![doc = include_str!("../../examples/catch/src/main.rs")]
//! ```
//!
//! `catch serve` then runs a server and `catch bots` plays matches without network or clock; `--help` lists their options.
//! [`App`] adds a web page, and [`Server`] is for programs and tests that want the server without the command line.
//!
//! On the one port of a server there are
//! - `/ws`: the WebSocket, subprotocol [`SUBPROTOCOL`](tickwire_protocol::message::SUBPROTOCOL);
//! - `/level`: the text of the level that is played;
//! - `/healthz`: 200 as long as the match goes on, otherwise 503; with figures as JSON;
//! - `/explain`, if [`ServerConfig::explain`] asks for it: what the bytes to each client are for, live;
//! - everything else: the files of the game's [`Site`].

mod bots;
mod cli;
mod connection;
mod crowd;
mod error;
mod explain;
mod network;
mod recording;
mod server;
mod session;
mod stopping;
#[cfg(test)]
#[path = "../tests/support/stroll.rs"]
mod stroll;
mod training;
mod web;

pub use cli::{App, cli};
pub use error::Error;
pub use network::Network;
pub use server::{Server, ServerConfig};
pub use web::{Origins, Site};
