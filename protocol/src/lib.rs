//! The wire of Tickwire: ticks, words, snapshots, deltas and messages, both ends.
