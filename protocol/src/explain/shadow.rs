//! Reading along what a client is sent.

use super::Ledger;
use crate::cadence::Cadence;
use crate::error::DecodeError;
use crate::game::GameSchema;
use crate::message::{ServerControl, ServerMessage, Welcome, decode_server};
use crate::receiver::Receiver;

/// Reads what one client is sent, as the client does, to take down what it is for.
///
/// A server keeps one for each session that is to be explained. It must hear every message, in order.
#[derive(Debug)]
pub struct Shadow {
    schema: GameSchema,
    receiver: Option<Receiver>,
}

impl Shadow {
    /// For a client that has just connected.
    #[must_use]
    pub const fn new(schema: GameSchema) -> Self {
        Self {
            schema,
            receiver: None,
        }
    }

    /// Reads the next message and takes down all its bits.
    ///
    /// # Errors
    /// When a client could not read it either.
    pub fn hear(&mut self, message: &[u8], ledger: &mut Ledger) -> Result<(), DecodeError> {
        let len = message.len();
        let message = decode_server(message)?;
        ledger.add_message(&message, len);
        match message {
            ServerMessage::Control(ServerControl::Welcome(Welcome {
                snapshot_interval,
                tiers,
                ..
            })) => {
                let GameSchema { rows, tables, .. } = &self.schema;
                let cadence = Cadence::of_welcome(snapshot_interval, tiers);
                self.receiver =
                    cadence.map(|cadence| Receiver::new(rows.clone(), tables.clone(), cadence));
            }
            ServerMessage::Snapshot(header, body) => {
                let receiver = self.receiver.as_mut().ok_or(DecodeError::Contradiction(
                    "a snapshot before the client is welcome",
                ))?;
                ledger.read(receiver, header, body)?;
            }
            ServerMessage::Control(_) | ServerMessage::Events(_) => {}
        }
        Ok(())
    }

    /// What it has read.
    #[must_use]
    pub fn receiver(&self) -> Option<&Receiver> {
        self.receiver.as_ref()
    }
}
