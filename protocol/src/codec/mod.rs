//! The modelled coder of snapshots.
//!
//! A changed row is told as a *chunk*: its words are forecast from the entity's own past, and how far off the forecast was goes
//! through an arithmetic coder with static probability tables. A chunk depends on one entity's rows at fixed ticks and on nothing
//! else, so it is made once and copied to every client that has seen those rows.
//!
//! - [`layout`]: what a row is made of; [`past`]: what a chunk may look back on.
//! - [`motion`], [`rotation`], [`forecast`]: what is expected of each word, in which situation ([`site`]).
//! - [`tables`]: how probable each symbol is there; [`neutral`] and [`store`]: where tables come from; [`train`]: how they are made.
//! - [`token`], [`row`], [`coder`], [`chunk`], [`msb`]: a row into symbols, symbols into bits, and back.
//! - [`share`]: the server's end, with a memory (`memo`) for chunks of rows that move alike; [`view`]: the client's; [`sight`]: what both know of who saw what; [`slots`]: sets of rows.
//!
//! Both read and write *batches*: rows of one client with the same baseline. [`Sender`](crate::Sender) and
//! [`Receiver`](crate::Receiver) make messages of them. The format is in [PROTOCOL.md], the reasons and the measurements are in
//! [CODEC.md].
//!
//! [PROTOCOL.md]: https://github.com/tickwire/tickwire/blob/main/PROTOCOL.md
//! [CODEC.md]: https://github.com/tickwire/tickwire/blob/main/protocol/CODEC.md

pub mod chunk;
mod chunks;
mod cluster;
pub mod coder;
mod end;
pub mod forecast;
pub mod layout;
mod memo;
pub mod motion;
pub mod msb;
pub mod neutral;
mod novice;
pub mod past;
pub(crate) mod places;
pub mod recording;
pub mod rotation;
pub mod row;
pub mod share;
pub mod sight;
pub mod site;
pub mod slots;
pub mod store;
pub mod tables;
pub mod token;
pub mod train;
pub mod view;
