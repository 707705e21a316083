//! Every maximum of the client beyond those of the wire, with the relations between them checked by the compiler.

use tickwire_protocol::limits::{HISTORY_TICKS, MAX_EVENTS, MAX_VIEW_AGE};

/// Ticks that prediction runs ahead of the newest snapshot; after that the own entity waits for the server.
pub(crate) const MAX_PREDICTED: u32 = 64;

/// Ticks that one call may run: those of a slow picture. When more are due they are left out: their commands would all be late.
pub(crate) const MAX_CATCH_UP: u32 = 20;

/// Spawns of the player's own that are drawn ahead of the others; the oldest go first.
pub(crate) const MAX_SPAWNS: usize = 64;

/// Ticks of the own entity that wait for the driver; the oldest are dropped first. A game that never asks keeps these few.
pub(crate) const MAX_STEPS: usize = 64;

/// Commands that wait for the driver; the oldest are dropped first, they would come too late anyway.
pub(crate) const MAX_WAITING_COMMANDS: usize = 64;

/// Control messages that wait for the driver; no more pings are made until it takes them.
pub(crate) const MAX_WAITING_CONTROL: usize = 8;

/// Pings without an answer yet.
pub(crate) const MAX_PINGS: usize = 32;

/// Events that wait for the view to reach their tick, or for the driver.
pub(crate) const MAX_WAITING_EVENTS: usize = 4096;

/// Bytes of the reason why a connection ended, as the driver gives it.
pub(crate) const MAX_REASON: usize = 256;

const _: () = assert!(
    MAX_PREDICTED.is_power_of_two(),
    "a wrapping tick must map onto the ring without a seam"
);
const _: () = assert!(
    MAX_PREDICTED >= HISTORY_TICKS,
    "prediction bridges any gap that a delta can"
);
const _: () = assert!(
    MAX_CATCH_UP < MAX_PREDICTED && MAX_CATCH_UP < MAX_VIEW_AGE,
    "catching up stays within what is remembered"
);
const _: () = assert!(
    MAX_WAITING_EVENTS > 4 * MAX_EVENTS,
    "several full batches may wait"
);
