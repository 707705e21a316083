//! The wire from outside: what a game author derives, what travels, what a stranger's bytes can do.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

mod arbitrary;
mod duel;
mod everything;
mod explain;
mod fields;
mod golden;
mod harbour;
mod hostile;
mod messages;
mod pair;
mod schema;
mod session;
mod sight;
