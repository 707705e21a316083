//! What waits for the driver to send it.

use std::collections::VecDeque;

use tickwire_protocol::limits::{MAX_CLIENT_MESSAGE, MAX_COMMANDS};
use tickwire_protocol::message::{ClientControl, Command, Commands};
use tickwire_protocol::{Schema, Tick, Wire};

use crate::limits::{MAX_WAITING_COMMANDS, MAX_WAITING_CONTROL};

/// Kind, acknowledgement, count and first tick, generously.
const HEAD_BITS: usize = 10 * 8;
/// A command's view at most.
const VIEW_BITS: usize = 23;

/// Control messages first, then commands, as many of them in one message as are due.
#[derive(Debug)]
pub(crate) struct Outbox<I> {
    control: VecDeque<Vec<u8>>,
    commands: VecDeque<Command<I>>,
    per_message: usize,
}

impl<I: Wire> Outbox<I> {
    /// For commands of this schema.
    ///
    /// # Panics
    /// When a single input does not fit a message: a defect of the game.
    pub(crate) fn new(input: &Schema) -> Self {
        let bits: usize = input.columns().iter().map(|c| c.bits() as usize).sum();
        let per_message = (MAX_CLIENT_MESSAGE * 8 - HEAD_BITS) / (VIEW_BITS + bits);
        assert!(
            per_message > 0,
            "an input has at most {MAX_CLIENT_MESSAGE} bytes"
        );
        Self {
            control: VecDeque::new(),
            commands: VecDeque::new(),
            per_message: per_message.min(MAX_COMMANDS),
        }
    }

    /// Queues a control message, if there is a place for it.
    pub(crate) fn push_control(&mut self, message: &ClientControl) {
        if self.takes_control() {
            self.control.push_back(message.encode());
        }
    }

    /// Whether there is a place for a control message.
    pub(crate) fn takes_control(&self) -> bool {
        self.control.len() < MAX_WAITING_CONTROL
    }

    /// Queues a command; its tick is after those of the others.
    pub(crate) fn push_command(&mut self, command: Command<I>) {
        if self.commands.len() == MAX_WAITING_COMMANDS {
            self.commands.pop_front();
        }
        self.commands.push_back(command);
    }

    /// The next message; `ack` is the newest snapshot that was received.
    pub(crate) fn poll(&mut self, ack: Option<Tick>, input: &Schema) -> Option<Vec<u8>> {
        if let Some(message) = self.control.pop_front() {
            return Some(message);
        }
        let mut list = vec![self.commands.pop_front()?];
        while list.len() < self.per_message
            && let Some(last) = list.last()
            && let next = last.tick.next()
            && let Some(command) = self.commands.pop_front_if(|c| c.tick == next)
        {
            list.push(command);
        }
        Some(Commands { ack, list }.encode(input))
    }

    /// Forgets the commands that wait.
    pub(crate) fn drop_commands(&mut self) {
        self.commands.clear();
    }

    /// Control messages and commands that wait.
    pub(crate) fn len(&self) -> usize {
        self.control.len() + self.commands.len()
    }

    /// Forgets everything: it was meant for a connection that has ended.
    pub(crate) fn clear(&mut self) {
        self.control.clear();
        self.commands.clear();
    }
}
