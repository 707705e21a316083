//! The client against a small server of its own kind: one thread, no socket, time as a number.

mod connection;
mod hostile;
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers"
)]
mod play;
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers"
)]
mod rig;
