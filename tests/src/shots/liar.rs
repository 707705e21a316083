//! Clients that lie about what their players saw.

use tickwire_engine::{Room, SessionId};
use tickwire_protocol::message::{ClientMessage, View, decode_client};
use tickwire_protocol::{GameSchema, Tick};

use super::range::Range;
use crate::Witness;

/// What clients claim instead of what they drew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// A moment so many ticks before: the past of who has run into cover.
    Older(u32),
    /// A moment so many ticks later.
    Newer(u32),
    /// The same moment for a second.
    Frozen,
    /// Any moment of the last third of a second.
    Random,
    /// The tick of the command itself.
    Future,
    /// Snapshots are acknowledged, and claimed to be drawn, so many ticks late: a link that seems longer than it is.
    Slow(u32),
}

impl Lie {
    /// One of each kind, for snapshots every second tick.
    pub const ALL: [Self; 6] = [
        Self::Older(6),
        Self::Newer(4),
        Self::Frozen,
        Self::Random,
        Self::Future,
        Self::Slow(6),
    ];
}

/// Rewrites what the clients of a match say, on its way to the server.
pub(super) struct Liar {
    lie: Lie,
    schema: GameSchema,
    rng: fastrand::Rng,
    /// For each client: the view that it keeps claiming, and since when.
    frozen: Vec<Option<(Tick, View)>>,
}

impl Liar {
    pub(super) fn new(lie: Lie, seed: u64, clients: usize) -> Self {
        Self {
            lie,
            schema: GameSchema::of::<Range>(),
            rng: fastrand::Rng::with_seed(seed),
            frozen: vec![None; clients],
        }
    }

    fn claim(&mut self, client: usize, command: Tick, view: View) -> View {
        let moved = |ticks: i32| View {
            from: Tick(view.from.0.wrapping_add_signed(ticks)),
            to: Tick(view.to.0.wrapping_add_signed(ticks)),
            ..view
        };
        match self.lie {
            Lie::Older(ticks) | Lie::Slow(ticks) => moved(-ticks.cast_signed()),
            Lie::Newer(ticks) => moved(ticks.cast_signed()),
            Lie::Random => moved(2 * self.rng.i32(-8..=2)),
            Lie::Future => View {
                from: command,
                to: command,
                fraction: 0,
            },
            Lie::Frozen => {
                let Some(kept) = self.frozen.get_mut(client) else {
                    return view;
                };
                let fresh = kept.is_none_or(|(since, _)| command.since(since) >= 60);
                if fresh {
                    *kept = Some((command, view));
                }
                kept.map_or(view, |(_, view)| view)
            }
        }
    }
}

impl Witness<Range> for Liar {
    fn upstream(&mut self, client: usize, _: SessionId, bytes: &mut Vec<u8>, _: &Room<Range>) {
        let Ok(ClientMessage::Commands(mut commands)) = decode_client::<Range>(bytes, &self.schema)
        else {
            return;
        };
        if let Lie::Slow(ticks) = self.lie {
            commands.ack = commands.ack.map(|ack| ack - ticks);
        }
        for command in &mut commands.list {
            let lied = command
                .view
                .map(|view| self.claim(client, command.tick, view));
            command.view = lied;
        }
        *bytes = commands.encode(&self.schema.input);
    }
}
