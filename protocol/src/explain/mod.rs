//! Where the bytes go: what every bit that a server sent was for.
//!
//! The *reader* of a snapshot takes it down: it knows what each bit means, and it cannot leave one out. So the figures hold for
//! whoever reads, a client or a server that reads along what it sends, and the writer's hot path knows nothing of them. Whoever
//! does not want them passes `()` as the [`Witness`], and the compiler removes every trace.
//!
//! Bits are whole: of a symbol that costs 0.3 bits the [`Ledger`] gets none or one, so that the sum over any message is exactly
//! its length. Counted is what goes into the socket: messages and the WebSocket's own headers. What TCP and IP add is not.

mod account;
mod event;
mod ledger;
mod shadow;
mod tree;

pub use account::{Account, Report};
pub use ledger::{Ledger, websocket_header};
pub use shadow::Shadow;
pub use tree::Node;

/// What a bit was sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A row that the client had is different now; with a column: its word, with a component only: whether it changed or came
    /// or went, with neither: whether the row changed.
    Change,
    /// A row that the client did not have.
    Spawn,
    /// A row that is gone: despawned or out of sight.
    Removal,
    /// Which entities the bits around it are about.
    Id,
    /// What each snapshot says beside its rows: tick, baseline, slack.
    Header,
    /// What checks that both ends have the same.
    Checksum,
    /// What fills up the last byte.
    Padding,
    /// An event, or, without a name, the header of a message of events.
    Event,
    /// Handshake, pong, goodbye.
    Control,
    /// The headers that the WebSocket puts before messages.
    WebSocket,
    /// What was passed over, or could not be read.
    Unread,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Change,
        Self::Spawn,
        Self::Removal,
        Self::Id,
        Self::Header,
        Self::Checksum,
        Self::Padding,
        Self::Event,
        Self::Control,
        Self::WebSocket,
        Self::Unread,
    ];

    /// One word for reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Spawn => "spawn",
            Self::Removal => "removal",
            Self::Id => "id",
            Self::Header => "header",
            Self::Checksum => "checksum",
            Self::Padding => "padding",
            Self::Event => "event",
            Self::Control => "control",
            Self::WebSocket => "WebSocket",
            Self::Unread => "unread",
        }
    }
}

/// What a bit was sent for, and in which place of a row it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    /// Which of [`Schema::components`](crate::Schema::components); `None` when it concerns whole rows or no row.
    pub component: Option<u8>,
    /// Which of [`Schema::columns`](crate::Schema::columns) (of all, not of the component's); `None` when it concerns the whole
    /// component.
    pub column: Option<u16>,
    /// Why it was sent.
    pub reason: Reason,
}

impl Cause {
    /// Of whole rows, or of no row.
    #[must_use]
    pub const fn of(reason: Reason) -> Self {
        Self {
            component: None,
            column: None,
            reason,
        }
    }

    /// Of a component as a whole.
    #[must_use]
    pub const fn component(component: u8, reason: Reason) -> Self {
        Self {
            component: Some(component),
            column: None,
            reason,
        }
    }

    /// Of one column of a component.
    #[must_use]
    pub const fn column(component: u8, column: u16, reason: Reason) -> Self {
        Self {
            component: Some(component),
            column: Some(column),
            reason,
        }
    }
}

/// Who is told what bits were for.
pub trait Witness {
    /// Whether it matters: a reader may leave out work that only serves to tell.
    const LISTENS: bool;
    /// `bits` bits were sent for `cause`.
    fn add(&mut self, cause: Cause, bits: u64);
}

/// Nobody: costs nothing.
impl Witness for () {
    const LISTENS: bool = false;
    #[inline]
    fn add(&mut self, _: Cause, _: u64) {}
}

impl Witness for Ledger {
    const LISTENS: bool = true;
    #[inline]
    fn add(&mut self, cause: Cause, bits: u64) {
        Self::add(self, cause, bits);
    }
}

impl<W: Witness> Witness for &mut W {
    const LISTENS: bool = W::LISTENS;
    #[inline]
    fn add(&mut self, cause: Cause, bits: u64) {
        W::add(self, cause, bits);
    }
}

#[cfg(test)]
mod tests;
