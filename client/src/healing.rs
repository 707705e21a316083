//! What to do about a snapshot that is not what the server meant: ask what is wrong and go on from what is right.

use std::time::Duration;

use tickwire_protocol::message::Start;
use tickwire_protocol::{Audit, DecodeError, Receiver};

/// For how long an answer is waited for before the client asks again.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often it asks for one repair: after that the connection is beyond it, and a new one starts from nothing.
const TRIES: u8 = 3;

/// Where a repair stands.
#[derive(Debug, Default)]
pub(crate) struct Healing {
    /// When the server was asked last, and how often.
    asked: Option<Duration>,
    tries: u8,
    /// Snapshots that build on the last cannot be read: one of them could not.
    lost: bool,
    audit: Option<Audit>,
}

impl Healing {
    /// Whether a snapshot is of no use: it builds on one that could not be read.
    pub(crate) fn passes_over(&self, start: Start) -> bool {
        self.lost && matches!(start, Start::Next(_))
    }

    /// A snapshot was read. `start` is what it built on.
    pub(crate) fn note_read(&mut self, start: Start, receiver: &Receiver, now: Duration) {
        if !matches!(start, Start::Next(_)) {
            *self = Self::default();
        }
        if receiver.is_broken() {
            self.ask(receiver, now);
        }
    }

    /// A snapshot could not be read.
    ///
    /// # Errors
    /// When there is nothing to go on from, or asking has not helped.
    pub(crate) fn note_unread(
        &mut self,
        why: DecodeError,
        receiver: &Receiver,
        now: Duration,
    ) -> Result<(), DecodeError> {
        if self.tries >= TRIES || receiver.history().latest().is_none() {
            return Err(why);
        }
        self.lost = true;
        self.asked = None;
        self.ask(receiver, now);
        Ok(())
    }

    /// Asks again when there was no answer.
    ///
    /// # Errors
    /// When asking has not helped.
    pub(crate) fn advance(
        &mut self,
        receiver: &Receiver,
        now: Duration,
    ) -> Result<(), DecodeError> {
        if self.lost
            && self
                .asked
                .is_some_and(|asked| now.saturating_sub(asked) > PATIENCE)
        {
            if self.tries >= TRIES {
                return Err(DecodeError::Contradiction(
                    "a snapshot could not be read, and the server did not repair it",
                ));
            }
            self.ask(receiver, now);
        }
        Ok(())
    }

    fn ask(&mut self, receiver: &Receiver, now: Duration) {
        let is_waiting = |asked| now.saturating_sub(asked) <= PATIENCE;
        if self.asked.is_some_and(is_waiting) {
            return;
        }
        self.audit = receiver.audit();
        self.asked = Some(now);
        self.tries = self.tries.saturating_add(1);
    }

    /// What the server is to be asked.
    pub(crate) fn poll(&mut self) -> Option<Audit> {
        self.audit.take()
    }
}
