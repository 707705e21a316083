//! What a client is made with.

use std::time::Duration;

use tickwire_protocol::message::Token;

use crate::smooth::Smoothing;

/// What a client is made with.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// What the player wants to be called; the wire cuts it to 48 bytes.
    pub name: String,
    /// Decides how retries are spread in time: different for each client.
    pub seed: u64,
    /// How corrections fade.
    pub smoothing: Smoothing,
    /// A server that says nothing for so long is given up.
    pub silence: Duration,
    /// From an earlier client of the same player ([`Client::token`](crate::Client::token)), whose seat may still be kept: a page
    /// that was loaded anew goes on where it was.
    pub token: Option<Token>,
}

impl ClientConfig {
    /// A player called `name`, everything else as usual; `seed` differs from client to client.
    #[must_use]
    pub fn new(name: &str, seed: u64) -> Self {
        Self {
            name: name.to_owned(),
            seed,
            smoothing: Smoothing::default(),
            silence: Duration::from_secs(10),
            token: None,
        }
    }
}
