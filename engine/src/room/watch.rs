//! A match whose players are all looked at: what it would cost to send it to them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tickwire_protocol::explain::{Ledger, Shadow};

use crate::ecs::EcsGame;
use crate::host::Lane;
use crate::player::PlayerId;
use crate::room::{Room, RoomConfig};
use crate::session::SessionId;
use crate::sim::Sim;

impl<G: EcsGame> Room<G> {
    /// A client has connected that sees with the eyes of a player who is there, a bot for instance, and does nothing: it is
    /// sent what a client in that place would be sent. It says no hello, and when it goes the player stays.
    pub fn watch(&mut self, session: SessionId, player: PlayerId) {
        self.connect(session);
        if let Some(session) = self.sessions.get_mut(&session) {
            session.watches = true;
            session.entity = None;
        }
        self.seat(session, player);
    }
}

/// A match in which every player, bots above all, is watched as if on a connection that takes everything at once; what is sent
/// there is read and taken down.
///
/// There is no client that asks for the time, so there are no pongs, no figures of health, and no slack that would be worth a byte.
/// Everything else is as on a server: interest, tiers, events, the handshake.
pub struct Watched<G: EcsGame> {
    room: Room<G>,
    shadows: BTreeMap<SessionId, Shadow>,
    ledger: Ledger,
    ticks: u32,
    player_ticks: u64,
}

impl<G: EcsGame> fmt::Debug for Watched<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut watched = f.debug_struct("Watched");
        watched.field("shadows", &self.shadows.len());
        watched.field("ticks", &self.ticks).finish()
    }
}

impl<G: EcsGame> Watched<G> {
    /// Watches everyone who plays in `sim` so far.
    ///
    /// # Panics
    /// As [`Room::new`].
    #[must_use]
    pub fn new(sim: Sim<G>, config: RoomConfig) -> Self {
        let schema = sim.schema().clone();
        let players: Vec<_> = sim.players().collect();
        let mut room = Room::new(sim, config);
        let mut shadows = BTreeMap::new();
        for (session, player) in (0..).map(SessionId).zip(players) {
            room.watch(session, player);
            shadows.insert(session, Shadow::new(schema.clone()));
        }
        Self {
            room,
            shadows,
            ledger: Ledger::new(),
            ticks: 0,
            player_ticks: 0,
        }
    }

    /// Simulates the next tick, sends and reads.
    ///
    /// # Panics
    /// When what the room sends cannot be read: a defect of the wire.
    pub fn tick(&mut self) {
        self.ticks += 1;
        self.player_ticks += self.shadows.len() as u64;
        self.room
            .tick(Duration::from_secs(self.ticks.into()) / G::TICK_RATE);
        for (session, shadow) in &mut self.shadows {
            for lane in [Lane::State, Lane::Events] {
                while let Some(message) = self.room.poll_transmit(*session, lane) {
                    read(shadow, &message, &mut self.ledger);
                }
            }
        }
    }

    /// The match.
    #[must_use]
    pub fn sim(&self) -> &Sim<G> {
        self.room.sim()
    }

    /// What was sent so far, to all players together.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// For how many ticks players were watched, each player's counted.
    #[must_use]
    pub fn player_ticks(&self) -> u64 {
        self.player_ticks
    }
}

#[expect(clippy::expect_used, reason = "documented at `tick`")]
fn read(shadow: &mut Shadow, message: &[u8], ledger: &mut Ledger) {
    shadow
        .hear(message, ledger)
        .expect("a client reads what the room writes");
}
