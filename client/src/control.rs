//! How a connection begins and ends.

use std::time::Duration;

use tickwire_protocol::message::{ServerControl, Welcome};
use tickwire_protocol::{Cadence, Game, Level, LoadedLevel, level_hash};

use crate::client::Client;
use crate::connection::Connection;
use crate::error::ClientError;
use crate::limits::MAX_REASON;
use crate::session::{Session, Terms};
use crate::spawn::Confirmed;

impl<G: Game> Client<G> {
    /// The server speaks of the connection itself.
    pub(crate) fn handle_control(
        &mut self,
        message: ServerControl,
        now: Duration,
    ) -> Result<(), ClientError> {
        let welcomed = self.session.is_some();
        match message {
            ServerControl::Reject { .. } if welcomed => {
                Err(ClientError::Unexpected("a reject after its welcome"))
            }
            ServerControl::Reject { reason, retry } | ServerControl::Goodbye { reason, retry } => {
                self.end(&reason, retry, now);
                Ok(())
            }
            ServerControl::Pong {
                sent,
                tick,
                fraction,
                held,
            } => match &mut self.session {
                Some(session) => session.handle_pong(sent, tick, fraction, held, now),
                None => Err(ClientError::Unexpected("a pong before its welcome")),
            },
            ServerControl::Health(health) if welcomed => {
                self.totals.hear_health(&health);
                Ok(())
            }
            ServerControl::Notice { text } => {
                self.notice = Some(text).filter(|text| !text.is_empty());
                Ok(())
            }
            ServerControl::Health(_) => Err(ClientError::Unexpected("figures before its welcome")),
            ServerControl::Spawned {
                tick,
                index,
                ahead,
                id,
            } => {
                let early = ClientError::Unexpected("a spawn before its welcome");
                let session = self.session.as_mut().ok_or(early)?;
                session.handle_spawned(tick, index, Confirmed { ahead, id }, now);
                Ok(())
            }
            ServerControl::Welcome(_) if welcomed => {
                Err(ClientError::Unexpected("a second welcome"))
            }
            ServerControl::Welcome(welcome) => self.take_welcome(welcome, now),
        }
    }

    fn take_welcome(&mut self, welcome: Welcome, now: Duration) -> Result<(), ClientError> {
        let (server, client) = (u32::from(welcome.tick_rate), self.schema.tick_rate);
        if server != client {
            return Err(ClientError::TickRate { server, client });
        }
        // The message would not have been read otherwise.
        let Some(cadence) = Cadence::of_welcome(welcome.snapshot_interval, welcome.tiers) else {
            return Err(ClientError::Unexpected("tiers that cannot be"));
        };
        self.begin(
            &Terms {
                own: welcome.own,
                tick: welcome.tick,
                cadence,
                rewind_limit: (welcome.rewind_limit > 0)
                    .then(|| Duration::from_millis(welcome.rewind_limit.into())),
                round_trip: now.saturating_sub(self.greeted),
            },
            now,
        );
        self.token = welcome.token;
        self.find_level(welcome.level, welcome.level_hash);
        Ok(())
    }

    /// The client takes part from now on.
    fn begin(&mut self, terms: &Terms, now: Duration) {
        let smoothing = self.config.smoothing;
        let mut session = Session::new(terms, &self.schema, smoothing, now);
        session.set_feel(self.feel);
        self.session = Some(session);
        self.tell_wishes();
        self.retry.reset();
    }

    /// Plays when the level is known: from an earlier connection, or because it comes with the game.
    fn find_level(&mut self, name: String, hash: u64) {
        self.level.take_if(|loaded| loaded.hash() != hash);
        if self.level.is_none() {
            let mut built_in = G::Level::BUILT_IN.iter();
            self.level = built_in
                .find(|(_, text)| level_hash(text) == hash)
                .and_then(|(name, text)| LoadedLevel::parse(name, text).ok());
        }
        self.connection = match self.level {
            Some(_) => Connection::Playing,
            None => Connection::NeedsLevel { name, hash },
        };
    }

    /// Gives a connection up on which nothing comes any more.
    pub(crate) fn end_silence(&mut self, now: Duration) {
        let silent = now.saturating_sub(self.heard);
        if silent > self.config.silence {
            let reason = format!("the server has said nothing for {} s", silent.as_secs());
            self.handle_closed(&reason, now);
        }
    }

    /// The connection has ended; whether there is another try is up to `retry`.
    pub(crate) fn end(&mut self, reason: &str, retry: bool, now: Duration) {
        let reason = reason.get(..reason.floor_char_boundary(MAX_REASON));
        let reason = reason.unwrap_or_default().to_owned();
        self.session = None;
        self.notice = None;
        self.outbox.clear();
        self.input.forget_edges();
        self.connection = if retry {
            Connection::Waiting {
                at: now + self.retry.next_wait(),
                attempt: self.retry.failures(),
                reason: Some(reason),
            }
        } else {
            Connection::Refused { reason }
        };
    }
}
