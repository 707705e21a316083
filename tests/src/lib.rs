//! The Match harness of Tickwire: a server, its clients and the links between them, in one thread, from one seed.
//!
//! It is shipped for game authors too: whatever goes wrong in a [`Match`] goes wrong again with the same seed.

pub mod clocks;
mod harness;
pub mod netcode;
pub mod places;
pub mod shots;
pub mod simulate;
pub mod smoothness;
pub mod sockets;
mod wander;

pub use harness::{Match, Play, Witness};
pub use tickwire_protocol::link::{Link, Pipe};
pub use wander::wander;
