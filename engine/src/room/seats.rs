//! Who takes part: the handshake, and seats that are kept for those whose connection is lost.

use std::time::Duration;

use bevy_ecs::entity::Entity;
use tickwire_protocol::limits::MAX_NAME;
use tickwire_protocol::message::{PROTOCOL_VERSION, ServerControl, Token, Welcome};
use tickwire_protocol::{Game, Sender};

use super::Room;
use crate::claims::Claims;
use crate::command::CommandBuffer;
use crate::ecs::EcsGame;
use crate::interest::Viewer;
use crate::name::{clean_name, shorten};
use crate::player::PlayerId;
use crate::session::{SessionId, Stage};

/// The seat of a player whose connection was lost. What the client had sent still happens, and is then missed as from a client
/// that is late: see [`CommandBuffer`].
pub(super) struct Kept<G: Game> {
    pub(super) player: PlayerId,
    pub(super) entity: Entity,
    pub(super) commands: CommandBuffer<G::Input>,
    pub(super) claims: Claims,
    token: Token,
    /// When the player is taken out of play, as one whose page is hidden.
    hides: Option<Duration>,
    /// When the player leaves.
    until: Duration,
}

/// Where tokens come from; `None` when there is none to be had, and no seat is kept then.
pub(super) type Tokens = Box<dyn FnMut() -> Option<Token> + Send>;

/// From the system's source of secrets.
#[cfg(not(target_family = "wasm"))]
pub(super) fn random() -> Tokens {
    Box::new(|| {
        let mut bytes = [0; Token::BYTES];
        match getrandom::fill(&mut bytes) {
            Ok(()) => Some(Token::new(bytes)),
            Err(error) => {
                tracing::warn!(%error, "the system has no secret for a player: its seat will not be kept");
                None
            }
        }
    })
}

/// There is none in wasm, where matches are only simulated.
#[cfg(target_family = "wasm")]
pub(super) fn random() -> Tokens {
    Box::new(|| None)
}

impl<G: EcsGame> Room<G> {
    /// A client's connection is lost. Its player's seat is kept for [`seat_kept`](super::RoomConfig::seat_kept), if the client
    /// has said anything since its Welcome: who has not may not know its token.
    pub fn disconnect(&mut self, session: SessionId) {
        let Some(session) = self.sessions.remove(&session) else {
            return;
        };
        let Some(player) = session.plays() else {
            return;
        };
        match (session.token, session.entity) {
            (Some(token), Some(entity)) if session.has_spoken => {
                self.sim.lose(entity);
                self.kept.push_back(Kept {
                    player,
                    entity,
                    token,
                    commands: session.commands,
                    claims: session.claims,
                    hides: self
                        .config
                        .hidden_stands
                        .map(|time| self.ticked.saturating_add(time)),
                    until: self.ticked.saturating_add(self.config.seat_kept),
                });
            }
            _ => self.sim.leave(player),
        }
    }

    /// A client has closed its connection on purpose: its player leaves.
    pub fn leave(&mut self, session: SessionId) {
        let session = self.sessions.remove(&session);
        if let Some(player) = session.and_then(|session| session.plays()) {
            self.sim.leave(player);
        }
    }

    /// For tests: tokens that come again with the seed. They must not be foreseeable on a server.
    #[doc(hidden)]
    pub fn set_tokens(&mut self, mut tokens: impl FnMut() -> Token + Send + 'static) {
        self.tokens = Box::new(move || Some(tokens()));
    }

    /// Seats that are kept for players without a connection.
    #[must_use]
    pub fn kept_seats(&self) -> usize {
        self.kept.len()
    }

    /// Those who did not come back in time leave.
    pub(super) fn free_seats(&mut self) {
        while let Some(seat) = self.kept.pop_front_if(|seat| seat.until <= self.ticked) {
            self.sim.leave(seat.player);
        }
        for seat in &mut self.kept {
            if seat.hides.take_if(|at| *at <= self.ticked).is_some() {
                self.sim.set_hidden(seat.entity, true);
            }
        }
    }

    /// Why a client with this hello cannot take part.
    pub(super) fn objection(
        &self,
        protocol: u16,
        (schema, tables): (u64, u64),
        game: &str,
        token: Option<Token>,
    ) -> Option<ServerControl> {
        let ours = self.sim.schema();
        let reject = |reason, retry| Some(ServerControl::Reject { reason, retry });
        if protocol != PROTOCOL_VERSION {
            return reject(
                format!(
                    "the server speaks protocol {PROTOCOL_VERSION}, the client {protocol}: bring both to the same version"
                ),
                false,
            );
        }
        if schema != ours.hash {
            let (name, hash) = (ours.name, ours.hash);
            return reject(
                format!(
                    "the server plays {name} with schema {hash:016x}, the client {game} with schema {schema:016x}: build both from the same source"
                ),
                false,
            );
        }
        if tables != ours.tables.hash {
            let (name, hash) = (ours.name, ours.tables.hash);
            return reject(
                format!(
                    "the server codes {name} by tables {hash:016x}, the client by tables {tables:016x}: build both from the same source"
                ),
                false,
            );
        }
        let (players, most) = (self.player_count(), self.config.max_players);
        if players >= most && !token.is_some_and(|token| self.knows(token)) {
            return reject(
                format!("the server is full: {players} of {most} players"),
                true,
            );
        }
        None
    }

    /// Whether the token is that of somebody who plays, or whose seat is kept.
    fn knows(&self, token: Token) -> bool {
        let mut sessions = self.sessions.values();
        sessions.any(|session| session.token == Some(token))
            || self.kept.iter().any(|seat| seat.token == token)
    }

    /// Lets a client take part: as the player whose token it has, or else as a new one.
    pub(super) fn welcome(&mut self, session: SessionId, name: &str, token: Option<Token>) {
        let same = token.and_then(|token| Some((self.reclaim(token)?, token)));
        let (player, token) = match same {
            Some((player, token)) => (player, Some(token)),
            None => {
                self.make_room();
                let keeps = !self.config.seat_kept.is_zero();
                let player = self.sim.join(&self.free_name(&clean_name(name)));
                (player, keeps.then(|| (self.tokens)()).flatten())
            }
        };
        if let Some(session) = self.sessions.get_mut(&session) {
            session.token = token;
            // Who comes back knows the token.
            session.has_spoken = same.is_some();
        }
        self.seat(session, player);
    }

    /// Frees a place for somebody new. Only players on connections fill a room: or else a few who drop one connection after the
    /// other would keep everybody out. The seat that has been away longest gives way, because most who come back do so at once.
    fn make_room(&mut self) {
        while self.player_count() + self.kept.len() >= self.config.max_players
            && let Some(seat) = self.kept.pop_front()
        {
            tracing::debug!(player = %seat.player, "a kept seat gave way to a newcomer");
            self.sim.leave(seat.player);
        }
    }

    /// The player whose token this is, for whom a connection is to be found; the one that still stands is ended.
    fn reclaim(&mut self, token: Token) -> Option<PlayerId> {
        if let Some(place) = self.kept.iter().position(|seat| seat.token == token) {
            let seat = self.kept.remove(place)?;
            self.sim.find(seat.entity);
            return Some(seat.player);
        }
        let mut sessions = self.sessions.values_mut();
        let old = sessions.find(|session| session.token == Some(token))?;
        let player = old.plays()?;
        old.tell(&ServerControl::Goodbye {
            reason: "you go on playing over another connection".into(),
            retry: false,
        });
        (old.stage, old.token) = (Stage::Ending, None);
        if let Some(entity) = old.entity.take() {
            self.sim.find(entity);
        }
        Some(player)
    }

    /// Lets a session see what `player` sees.
    pub(super) fn seat(&mut self, session: SessionId, player: PlayerId) {
        let rewind_limit = self.sim.rewind_limit().unwrap_or_default().as_millis();
        let (Some(own), Some(place)) =
            (self.sim.net_id_of(player), self.sessions.get_mut(&session))
        else {
            return;
        };
        place.stage = Stage::Playing(player);
        place.entity = self.sim.entity_of(player).filter(|_| !place.watches);
        place.viewer = Some(Viewer::new(own));
        place.sender = Sender::new(Some(own), self.cadence.clone());
        place.snapshot_due = true;
        // Nobody is around for a client that has nothing yet.
        if let Some(entity) = place.entity.filter(|_| self.predicts) {
            self.sim.show(entity, &place.sender);
        }
        place.tell(&ServerControl::Welcome(Welcome {
            own,
            tick: self.sim.now(),
            tick_rate: u8::try_from(G::TICK_RATE).unwrap_or(u8::MAX),
            snapshot_interval: self.cadence.interval(),
            tiers: self.cadence.welcome_tiers(),
            rewind_limit: u16::try_from(rewind_limit).unwrap_or(u16::MAX),
            level: self.sim.level().name.to_string(),
            level_hash: self.sim.level().hash(),
            token: place.token,
        }));
    }

    /// `name`, or with a number behind it if somebody at the table is called so already.
    fn free_name(&self, name: &str) -> String {
        let players = self.sim.scores();
        let taken = |name: &str| players.iter().any(|(other, _)| **other == *name);
        if !taken(name) {
            return name.to_owned();
        }
        // One of these is free: there are more numbers than players.
        let numbered = |n: u32| format!("{} ({n})", shorten(name, MAX_NAME - 8));
        (2..)
            .map(numbered)
            .find(|name| !taken(name))
            .unwrap_or_default()
    }
}
