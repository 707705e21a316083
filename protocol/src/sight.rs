//! What one client gets to see of a snapshot.

/// What a client gets to see of the newest snapshot.
#[derive(Debug, Clone, Copy)]
pub enum Sight<'a> {
    /// Everything: clients that see all share their deltas.
    All,
    /// These rows, by ascending [`Seen::row`].
    Rows(&'a [Seen]),
}

/// One row that a client gets to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The row's place in the snapshot, 0 to [`Snapshot::len`](crate::Snapshot::len) − 1.
    pub row: u32,
    /// Bit `i`: the client may see component `i`. What it may not see is taken out of the row: mask and words.
    pub allowed: u32,
    /// The row is part of the view but not of this message: a client that has it keeps the version it has, and one that
    /// lacks it goes without for now.
    pub held: bool,
}

impl Seen {
    /// The row as it is now.
    #[must_use]
    pub const fn now(row: u32, allowed: u32) -> Self {
        Self {
            row,
            allowed,
            held: false,
        }
    }
}
