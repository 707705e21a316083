//! What can be wrong with bytes.

use thiserror::Error;

/// Why bytes from the network were refused. Never a panic: the peer's bytes are the peer's fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The message ends before its content does.
    #[error("the message ends too early")]
    Truncated,
    /// Whole bytes are left after the content.
    #[error("{0} bytes are left over after the message")]
    Trailing(usize),
    /// The first byte names no known message.
    #[error("unknown kind of message: {0}")]
    UnknownKind(u8),
    /// A number lies outside what its place allows.
    #[error("{what} is {value}, but at most {max} is allowed")]
    OutOfRange {
        /// The name of the place: a column, a count, an id.
        what: &'static str,
        /// The number found there.
        value: u64,
        /// The largest allowed.
        max: u64,
    },
    /// The delta refers to a snapshot that this end does not hold.
    #[error("the delta builds on tick {0}, which is not held here")]
    UnknownBaseline(u32),
    /// Each number is in its range, but together, or with the baseline, they make no sense.
    #[error("the message makes no sense: {0}")]
    Contradiction(&'static str),
    /// A control message or an event is malformed.
    #[error("malformed {what}: {why}")]
    Malformed {
        /// Which message.
        what: &'static str,
        /// What the decoder said of it.
        why: String,
    },
}

impl DecodeError {
    /// Checks `value <= max`.
    pub(crate) fn check(what: &'static str, value: u64, max: u64) -> Result<(), Self> {
        if value <= max {
            Ok(())
        } else {
            Err(Self::OutOfRange { what, value, max })
        }
    }
}
