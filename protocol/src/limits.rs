//! Every maximum of the wire, in one place, with the relations between them checked by the compiler.
//!
//! A decoder may rely on these and on the length of the message it was given, and on nothing else.

/// Ticks that a [`History`](crate::History) remembers; a baseline is never older than that.
pub const HISTORY_TICKS: u32 = 64;

/// Entities in one snapshot.
pub const MAX_ROWS: usize = 65_536;

/// Largest network id.
pub const MAX_NET_ID: u32 = 0x00FF_FFFF;

/// Component types that a game may replicate: the presence mask of a row is one `u32`.
pub const MAX_COMPONENTS: usize = 32;

/// Columns of one row, all components together.
pub const MAX_COLUMNS: usize = 256;

/// Words in one snapshot, so that a few hostile bits cannot ask for gigabytes: 64 MiB of `u32`.
pub const MAX_WORDS: usize = 16 * 1024 * 1024;

/// Bytes of one message from a client.
pub const MAX_CLIENT_MESSAGE: usize = 1024;

/// Bytes of one message from the server: a full snapshot of the largest world that the limits above allow in practice.
pub const MAX_SERVER_MESSAGE: usize = 4 * 1024 * 1024;

/// Commands in one message.
pub const MAX_COMMANDS: usize = 8;

/// Ticks that a view claim may lie behind its command.
pub const MAX_VIEW_AGE: u32 = 255;

/// Bytes of one event.
pub const MAX_EVENT: usize = 4096;

/// Events in one message.
pub const MAX_EVENTS: usize = 255;

/// Bytes of a player's name, UTF-8.
pub const MAX_NAME: usize = 48;

/// Bytes of a reason in a reject or a goodbye, and of a level's name.
pub const MAX_TEXT: usize = 256;

/// Bytes of a level's source text.
pub const MAX_LEVEL: usize = 1024 * 1024;

const _: () = assert!(
    HISTORY_TICKS.is_power_of_two(),
    "a wrapping tick must map onto the ring without a seam"
);
const _: () = assert!(
    MAX_VIEW_AGE >= HISTORY_TICKS,
    "whatever the ring still holds can be claimed"
);
const _: () = assert!(MAX_EVENT < MAX_SERVER_MESSAGE, "an event fits a message");
const _: () = assert!(
    MAX_NAME + MAX_TEXT < MAX_CLIENT_MESSAGE,
    "a hello fits a message"
);
const _: () = assert!(
    MAX_ROWS <= MAX_NET_ID as usize,
    "every row can have an id of its own"
);
