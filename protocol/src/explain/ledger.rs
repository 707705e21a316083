//! The sums.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::event::event_name;
use super::{Cause, Reason, Witness};
use crate::error::DecodeError;
use crate::limits::{MAX_COLUMNS, MAX_COMPONENTS};
use crate::message::{ServerMessage, SnapshotHeader};
use crate::receiver::Receiver;
use crate::schema::Schema;
use crate::snapshot::Snapshot;

/// How many bits were sent for what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// By place (0: no component; then the components; then the columns), then by reason; as long as it had to become.
    bits: Vec<u64>,
    /// Events by name.
    events: BTreeMap<Box<str>, u64>,
}

const REASONS: usize = Reason::ALL.len();
const FIRST_COLUMN: usize = 1 + MAX_COMPONENTS;

/// Events that are told apart by name: names come from the network, so there must be an end to them.
const MAX_NAMES: usize = 64;

/// Where the names end.
const OTHERS: &str = "others";

/// Bytes of the header of a message of events: kind, tick, count.
const EVENTS_HEADER: u64 = 6;

/// Bytes before each event: its length.
const EVENT_HEADER: u64 = 2;

impl Ledger {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes down that `bits` bits were sent for `cause`.
    ///
    /// # Panics
    /// When no schema can have such a component or column.
    #[inline]
    pub fn add(&mut self, cause: Cause, bits: u64) {
        let place = match (cause.column, cause.component) {
            (Some(column), _) => FIRST_COLUMN + usize::from(column),
            (None, Some(component)) => 1 + usize::from(component),
            (None, None) => 0,
        };
        self.add_at(place * REASONS + cause.reason as usize, bits);
    }

    #[inline]
    fn add_at(&mut self, at: usize, bits: u64) {
        match self.bits.get_mut(at) {
            Some(sum) => *sum += bits,
            None => self.grow(at, bits),
        }
    }

    #[cold]
    fn grow(&mut self, at: usize, bits: u64) {
        assert!(
            at < (FIRST_COLUMN + MAX_COLUMNS) * REASONS,
            "no schema has a place {at}"
        );
        self.bits.resize(at + 1, 0);
        self.add_at(at, bits);
    }

    /// Takes down the bits of events of that name.
    pub fn add_event(&mut self, name: &str, bits: u64) {
        if let Some(sum) = self.events.get_mut(name) {
            *sum += bits;
        } else {
            let known = self.events.len() < MAX_NAMES;
            let name = if known { name } else { OTHERS };
            *self.events.entry(name.into()).or_default() += bits;
        }
    }

    /// Takes down everything of a message that is `len` bytes long but a snapshot's body: that is for its reader.
    pub fn add_message(&mut self, message: &ServerMessage<'_>, len: usize) {
        let len = len as u64;
        self.add(Cause::of(Reason::WebSocket), 8 * websocket_header(len));
        match message {
            ServerMessage::Control(_) => self.add(Cause::of(Reason::Control), 8 * len),
            ServerMessage::Snapshot(_, body) => {
                let header = len.saturating_sub(body.len() as u64);
                self.add(Cause::of(Reason::Header), 8 * header);
            }
            ServerMessage::Events(batch) => {
                self.add(Cause::of(Reason::Event), 8 * EVENTS_HEADER);
                for event in &batch.events {
                    let bits = 8 * (EVENT_HEADER + event.body.len() as u64);
                    match event_name(event.body) {
                        Some(name) => self.add_event(name, bits),
                        None => self.add_event(OTHERS, bits),
                    }
                }
            }
        }
    }

    /// Reads a snapshot's body and takes down all its bits, also when it cannot be read.
    ///
    /// # Errors
    /// As [`Receiver::read`].
    pub fn read<'a>(
        &mut self,
        receiver: &'a mut Receiver,
        header: SnapshotHeader,
        body: &[u8],
    ) -> Result<&'a Arc<Snapshot>, DecodeError> {
        let mut rest = Rest {
            ledger: self,
            bits: 8 * body.len() as u64,
        };
        let read = receiver.read_explained(header, body, &mut rest);
        if read.is_err() {
            let bits = rest.bits;
            self.add(Cause::of(Reason::Unread), bits);
        }
        read
    }

    /// Takes down a snapshot's body that nobody reads.
    pub fn pass_over(&mut self, body: &[u8]) {
        self.add(Cause::of(Reason::Unread), 8 * body.len() as u64);
    }

    /// All bits.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.bits.iter().chain(self.events.values()).sum()
    }

    /// Adds what another one has.
    pub fn merge(&mut self, other: &Self) {
        for (at, bits) in other.bits.iter().enumerate().filter(|(_, bits)| **bits > 0) {
            self.add_at(at, *bits);
        }
        for (name, bits) in &other.events {
            self.add_event(name, *bits);
        }
    }

    /// Starts again from nothing, in the same memory.
    pub fn clear(&mut self) {
        self.bits.fill(0);
        self.events.clear();
    }

    /// All causes that had bits, in the order of the schema. Events that have a name are not among them: see [`Self::events`].
    pub fn iter(&self, schema: &Schema) -> impl Iterator<Item = (Cause, u64)> {
        let places = self.bits.chunks(REASONS).enumerate();
        places.flat_map(move |(place, sums)| {
            let (component, column) = whose(place, schema);
            let told = Reason::ALL
                .into_iter()
                .zip(sums)
                .filter(|(_, sum)| **sum > 0);
            told.map(move |(reason, sum)| {
                let cause = Cause {
                    component,
                    column,
                    reason,
                };
                (cause, *sum)
            })
        })
    }

    /// Events by name, each with the header of its own, in alphabetical order.
    pub fn events(&self) -> impl Iterator<Item = (&str, u64)> {
        self.events.iter().map(|(name, bits)| (&**name, *bits))
    }
}

/// A ledger, and what is not told yet of a body. From one that is malformed a reader may take more than there is.
struct Rest<'a> {
    ledger: &'a mut Ledger,
    bits: u64,
}

impl Witness for Rest<'_> {
    const LISTENS: bool = true;
    #[inline]
    fn add(&mut self, cause: Cause, bits: u64) {
        let bits = bits.min(self.bits);
        self.bits -= bits;
        self.ledger.add(cause, bits);
    }
}

/// Which component and column a place is.
fn whose(place: usize, schema: &Schema) -> (Option<u8>, Option<u16>) {
    let Some(column) = place.checked_sub(FIRST_COLUMN) else {
        let component = place.checked_sub(1);
        return (component.and_then(|c| u8::try_from(c).ok()), None);
    };
    let component = schema
        .components()
        .iter()
        .position(|component| component.columns.contains(&column));
    (
        component.and_then(|c| u8::try_from(c).ok()),
        u16::try_from(column).ok(),
    )
}

/// Bytes of the header that a WebSocket server puts before a message of `len` bytes. It masks nothing and splits nothing.
#[must_use]
pub const fn websocket_header(len: u64) -> u64 {
    match len {
        0..=125 => 2,
        126..=0xFFFF => 4,
        _ => 10,
    }
}
