//! Every maximum of the wire, in one place, with the relations between them checked by the compiler.
//!
//! A decoder may rely on these and on the length of the message it was given, and on nothing else.
//!
//! What bytes can ask for at worst: a snapshot of a few kilobytes spawns rows until a snapshot has [`MAX_WORDS`] words, 2 MiB, and
//! each of the next ones, a few bytes that change nothing, makes the client keep one more such table. The ring keeps
//! [`HISTORY_TICKS`] of them: 128 MiB of words, beside them 32 MiB of ids and masks at most, 9 MiB of what is known of rows,
//! and no more.

/// Ticks that a [`History`](crate::History) remembers; a baseline is never older than that.
pub const HISTORY_TICKS: u32 = 64;

/// Entities in one snapshot; fewer when the game's rows are wide, see [`MAX_WORDS`].
pub const MAX_ROWS: usize = 65_536;

/// Largest network id.
pub const MAX_NET_ID: u32 = 0x00FF_FFFF;

/// Component types that a game may replicate: the presence mask of a row is one `u32`.
pub const MAX_COMPONENTS: usize = 32;

/// Columns of one row, all components together.
pub const MAX_COLUMNS: usize = 256;

/// Words in one snapshot: rows times columns. A row of 25 columns, say, can be there 20,971 times.
pub const MAX_WORDS: usize = 512 * 1024;

/// Bytes of one message from a client.
pub const MAX_CLIENT_MESSAGE: usize = 1024;

/// Bytes of one message from the server. Whatever snapshots the limits allow, what leads from one to another fits.
pub const MAX_SERVER_MESSAGE: usize = 8 * 1024 * 1024;

/// Commands in one message.
pub const MAX_COMMANDS: usize = 8;

/// Bits of the words of one command.
pub const MAX_INPUT_BITS: usize = 960;

/// Tiers of rows that are told of at different rates.
pub const MAX_TIERS: usize = 4;

/// Entities that one player's commands move beside the player's own, see [`Game::driver`](crate::Game::driver).
pub const MAX_DRIVEN: usize = 16;

/// Ticks that a view claim may lie behind its command.
pub const MAX_VIEW_AGE: u32 = 255;

/// Bytes of one event.
pub const MAX_EVENT: usize = 4096;

/// Events in one message.
pub const MAX_EVENTS: usize = 255;

/// Values inside values in one event.
pub const MAX_EVENT_DEPTH: usize = 32;

/// Bytes of a player's name, UTF-8.
pub const MAX_NAME: usize = 48;

/// Bytes of a reason in a reject or a goodbye, of a level's name and of a game's name.
pub const MAX_TEXT: usize = 256;

/// Bytes of a level's source text.
pub const MAX_LEVEL: usize = 1024 * 1024;

/// Bits of the largest gap between ids.
const GAP_BITS: usize = 2 * (MAX_NET_ID + 1).ilog2() as usize + 1;
/// What the least probable symbol takes.
const SYMBOL_BITS: usize = 16;
/// Bits of a row beside its words: its place among the lost, the waiting or the surprises, twice at most; a gap between ids; tiers;
/// whether it changed; its mask and whether that is another; the end of its chunk.
const ROW_BITS: usize = 3 * GAP_BITS + 4 + SYMBOL_BITS + SYMBOL_BITS + MAX_COMPONENTS + 2;
/// A word: two symbols, a sign and 32 bits; every other word at most comes with whether its group changed.
const WORD_BITS: usize = 2 * SYMBOL_BITS + 33 + SYMBOL_BITS / 2;
/// What no snapshot exceeds. A row can be lost and another new.
const BODY_BITS: usize = 2 * MAX_ROWS * ROW_BITS + MAX_WORDS * WORD_BITS;
/// The longest header of a snapshot, and its checksum.
const SNAPSHOT_HEADER: usize = 13;
/// Kind byte, acknowledgement, count and first tick of a commands message, in bits, and the bits that fill up the last byte.
const COMMANDS_BITS: usize = 8 + 33 + 3 + 32 + 7;
/// The view of a command.
const VIEW_BITS: usize = 1 + 8 + 6 + 8;

const _: () = assert!(
    HISTORY_TICKS.is_power_of_two(),
    "a wrapping tick must map onto the ring without a seam"
);
const _: () = assert!(
    MAX_VIEW_AGE >= HISTORY_TICKS,
    "whatever the ring still holds can be claimed"
);
const _: () = assert!(
    SNAPSHOT_HEADER + BODY_BITS.div_ceil(8) <= MAX_SERVER_MESSAGE,
    "the largest snapshot fits a message"
);
const _: () = assert!(
    6 + MAX_EVENTS * (2 + MAX_EVENT) <= MAX_SERVER_MESSAGE,
    "the largest batch of events fits a message"
);
const _: () = assert!(
    MAX_NAME + MAX_TEXT + 32 + crate::message::Token::BYTES < MAX_CLIENT_MESSAGE,
    "a hello fits a message"
);
const _: () = assert!(
    crate::audit::MAX_AUDIT + 16 < MAX_CLIENT_MESSAGE,
    "an audit fits a message"
);
const _: () = assert!(
    COMMANDS_BITS + MAX_COMMANDS * (VIEW_BITS + MAX_INPUT_BITS) <= 8 * MAX_CLIENT_MESSAGE,
    "the largest batch of commands fits a message"
);
const _: () = assert!(
    MAX_ROWS <= MAX_NET_ID as usize,
    "every row can have an id of its own"
);
const _: () = assert!(
    MAX_COLUMNS <= MAX_WORDS,
    "a snapshot of any game can have a row"
);
