//! Listener, a task per player and the command line that every Tickwire game gets.
mod cli;
mod connection;
mod crowd;
mod error;
mod server;
mod session;
mod stopping;
mod web;
pub use error::Error;
pub use server::{Server, ServerConfig};
pub use web::Site;
