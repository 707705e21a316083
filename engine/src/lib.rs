//! The match: world, tick, extraction, rooms and the host thread of Tickwire.
