//! The match: a world on bevy_ecs that advances in ticks, its snapshots, its rooms and the thread they run on.
//!
//! - [`Sim`] is a game's world and systems: no bytes, no clock. Headless matches and tests drive it in a plain loop.
//! - [`Room`] is a `Sim` with players on connections: bytes in, bytes out, still no clock and no socket.
//! - [`Host`] is the OS thread that gives rooms their time; the only place here that reads a clock.
//!
//! Systems meet the network through components and resources only: [`Player`], [`PlayerInput`], [`Replicated`], [`Events`],
//! [`Rewind`].

mod budget;
mod claims;
mod command;
mod ecs;
mod events;
mod flight;
mod host;
mod ids;
mod inbox;
mod interest;
mod name;
mod near;
mod pace;
mod player;
mod priority;
mod queue;
mod receipts;
mod rewind;
mod rng;
mod room;
mod session;
mod sim;
mod spawned;
mod spread;
mod stats;
mod timing;

/// What a game's systems need.
pub mod prelude {
    pub use crate::{
        Audience, Away, Bot, CurrentTick, EcsGame, Events, Hidden, Interest, LevelRes, NetIds,
        Player, PlayerId, PlayerInput, Replicated, Returned, Rewind, Rng, Sim, SpawnedBy,
        move_players,
    };
    pub use bevy_ecs::prelude::*;
}

pub use command::CommandBuffer;
pub use ecs::{EcsComponents, EcsGame};
pub use events::{Events, Recipient};
pub use host::{Host, Inbound, InboxError, Lane, Outbox, RoomHandle};
pub use ids::{NetIds, Replicated};
pub use interest::{Audience, Interest, Relevance, Viewer};
pub use near::{Capsule, Place, Placed};
pub use player::{
    Away, Bot, Hidden, Player, PlayerId, PlayerInput, Returned, bot_name, move_players,
};
pub use priority::TickPriority;
pub use receipts::Receipts;
pub use rewind::{FastForward, Rewind, RewindLimit, Rewound};
pub use rng::Rng;
pub use room::{CommandCount, Room, RoomConfig, Waiting, Watched};
pub use session::SessionId;
pub use sim::{CurrentTick, LevelRes, Sim};
pub use spawned::SpawnedBy;
pub use stats::RoomStats;
