//! Events: what happens once and must be told, reliably and in order.
//!
//! Their content is the game's own, in MessagePack by rmp-serde (structs as arrays, enum variants by name): clients in any
//! language have a library for that.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{EVENTS, take};
use crate::error::DecodeError;
use crate::limits::{MAX_EVENT, MAX_EVENT_DEPTH, MAX_EVENTS};
use crate::tick::Tick;

/// One event on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventEntry<'a> {
    /// Whether the client hands it to the game at once (what concerns the player: "you were hit") or when its picture of the
    /// others has reached the event's tick (what is seen: a shot).
    pub at_once: bool,
    /// MessagePack.
    pub body: &'a [u8],
}

/// The events of one tick for one client.
///
/// Tick (u32), then a count (u8, at least 1), then for each event a u16 (bit 15: at once; bits 0–14: length) and its bytes. All
/// little-endian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBatch<'a> {
    /// When they happened.
    pub tick: Tick,
    /// In order.
    pub events: Vec<EventEntry<'a>>,
}

const AT_ONCE: u16 = 0x8000;
const _: () = assert!(
    MAX_EVENT < AT_ONCE as usize,
    "the length leaves the flag free"
);

impl<'a> EventBatch<'a> {
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let (tick, bytes) = take::<4>(bytes)?;
        let ([count], mut rest) = take::<1>(bytes)?;
        if count == 0 {
            return Err(DecodeError::Contradiction("a batch without events"));
        }
        let mut events = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            let (head, after) = take::<2>(rest)?;
            let head = u16::from_le_bytes(head);
            let len = usize::from(head & !AT_ONCE);
            DecodeError::check("length of an event", len as u64, MAX_EVENT as u64)?;
            let (body, after) = after.split_at_checked(len).ok_or(DecodeError::Truncated)?;
            events.push(EventEntry {
                at_once: head & AT_ONCE != 0,
                body,
            });
            rest = after;
        }
        if rest.is_empty() {
            Ok(Self {
                tick: Tick(u32::from_le_bytes(tick)),
                events,
            })
        } else {
            Err(DecodeError::Trailing(rest.len()))
        }
    }

    /// The message's bytes.
    ///
    /// # Panics
    /// When there is no event, more than [`MAX_EVENTS`], or one longer than [`MAX_EVENT`].
    #[must_use]
    #[expect(clippy::expect_used, reason = "documented above")]
    pub fn encode(&self) -> Vec<u8> {
        assert!(
            (1..=MAX_EVENTS).contains(&self.events.len()),
            "1 to {MAX_EVENTS} events go in a message"
        );
        let mut bytes = vec![EVENTS];
        bytes.extend(self.tick.0.to_le_bytes());
        bytes.push(u8::try_from(self.events.len()).expect("asserted just before"));
        for event in &self.events {
            assert!(
                event.body.len() <= MAX_EVENT,
                "an event has at most {MAX_EVENT} bytes"
            );
            let len = u16::try_from(event.body.len()).expect("asserted just before");
            bytes.extend((len | if event.at_once { AT_ONCE } else { 0 }).to_le_bytes());
            bytes.extend(event.body);
        }
        bytes
    }
}

/// One event's bytes.
///
/// # Errors
/// When the event cannot be written as MessagePack, or has more than [`MAX_EVENT`] bytes.
pub fn encode_event(event: &impl Serialize) -> Result<Vec<u8>, String> {
    let bytes = rmp_serde::to_vec(event).map_err(|e| e.to_string())?;
    if bytes.len() <= MAX_EVENT {
        Ok(bytes)
    } else {
        Err(format!(
            "an event has {} bytes; at most {MAX_EVENT} are allowed",
            bytes.len()
        ))
    }
}

/// One event again.
///
/// # Errors
/// [`DecodeError::Malformed`] when the bytes are not such an event, [`DecodeError::Trailing`] when there are more of them.
pub fn decode_event<E: DeserializeOwned>(bytes: &[u8]) -> Result<E, DecodeError> {
    DecodeError::check("length of an event", bytes.len() as u64, MAX_EVENT as u64)?;
    let malformed = |why: String| DecodeError::Malformed { what: "event", why };
    let mut reader = rmp_serde::Deserializer::new(bytes);
    reader.set_max_depth(MAX_EVENT_DEPTH);
    let event = E::deserialize(&mut reader).map_err(|e| malformed(e.to_string()))?;
    match reader.get_ref().len() {
        0 => Ok(event),
        left => Err(DecodeError::Trailing(left)),
    }
}
