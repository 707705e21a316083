//! The modelled coder from outside: whatever the rows, chunks and snapshots come back; whatever the bytes, nothing panics.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that fails says where"
)]

mod chunks;
mod rows;
mod store;
mod train;
