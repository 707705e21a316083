//! A simulated bad link between a player's socket and the room, for whoever wants to feel one: `serve --link`.
//!
//! Each direction is a [`Pipe`] that holds 16 KiB and a message at most: beyond that the outbox, or the system's socket, has to
//! wait, and with it whoever fills it. So a bad link costs the server no more memory than that, and a narrow one gets fewer
//! snapshots, as a real one would.

use std::future::pending;
use std::time::{Duration, Instant};

use tickwire_engine::{Inbound, InboxError, Lane, RoomHandle, SessionId};
use tickwire_protocol::link::{Link, Pipe};
use tickwire_protocol::message::ServerControl;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::sleep_until;

use super::end::End;
use super::outbox::{Next, Outgoing};

/// Messages between the socket and a link that is full. When these places are taken too, nothing more is read.
const PLACES: usize = 8;

/// A message, and when it came.
type Stamped = (Vec<u8>, Instant);

/// A player's way into the room.
#[derive(Clone, Copy)]
pub(super) struct Door<'a> {
    pub(super) session: SessionId,
    pub(super) room: &'a RoomHandle,
}

impl Door<'_> {
    /// A message that came at `at`.
    fn take(&self, bytes: Vec<u8>, at: Instant) -> Result<(), InboxError> {
        let session = self.session;
        self.room.try_send(Inbound::Message { session, bytes, at })
    }
}

/// Where the socket's messages go: straight to the room, or over a link.
pub(super) enum Inlet<'a> {
    Room(Door<'a>),
    Link(Sender<Stamped>),
}

impl Inlet<'_> {
    /// A message that came at `at`. Waits while a link is full.
    pub(super) async fn take(&self, bytes: Vec<u8>, at: Instant) -> Result<(), InboxError> {
        match self {
            Self::Room(door) => door.take(bytes, at),
            Self::Link(uplink) => {
                let sent = uplink.send((bytes, at)).await;
                sent.map_err(|_| InboxError::Closed)
            }
        }
    }
}

/// The link towards the room; without one there is nothing to carry.
pub(super) struct Uplink<'a> {
    door: Door<'a>,
    link: Option<(Pipe, Receiver<Stamped>)>,
}

/// The way from the socket to the room, over `link` if there is one.
pub(super) fn uplink(door: Door<'_>, link: Option<Link>) -> (Inlet<'_>, Uplink<'_>) {
    let Some(link) = link else {
        return (Inlet::Room(door), Uplink { door, link: None });
    };
    let (sender, receiver) = channel(PLACES);
    let pipe = Pipe::upstream(link, door.session.0);
    let link = Some((pipe, receiver));
    (Inlet::Link(sender), Uplink { door, link })
}

impl Uplink<'_> {
    /// Carries messages until the room takes no more; for ever, if it need not.
    pub(super) async fn run(self) -> End {
        let Some((mut pipe, mut messages)) = self.link else {
            return pending().await;
        };
        let started = Instant::now();
        loop {
            let now = started.elapsed();
            while let Some((at, bytes)) = pipe.receive(now) {
                match self.door.take(bytes, started + at) {
                    Ok(()) => {}
                    Err(InboxError::Full) => return End::Overloaded,
                    // As in a session without a link: the goodbye is in the outbox.
                    Err(InboxError::Closed) => return pending().await,
                }
            }
            let writable = pipe.is_writable(now);
            tokio::select! {
                Some((bytes, at)) = messages.recv(), if writable => {
                    pipe.send(bytes, at.saturating_duration_since(started).max(now));
                }
                () = next_change(&pipe, now, started) => {}
            }
        }
    }
}

/// Where the writing task gets its messages: straight from the outbox, or over a link.
pub(super) enum Source {
    Outbox(Outgoing),
    Link(Box<Downlink>),
}

impl Source {
    /// The messages of `outgoing`, over `link` if there is one; then the first of them says so to the player.
    pub(super) fn new(outgoing: Outgoing, link: Option<Link>, session: SessionId) -> Self {
        let Some(link) = link else {
            return Self::Outbox(outgoing);
        };
        let mut pipe = Pipe::downstream(link, !session.0);
        let text = format!("The server simulates a bad link: {}", link.describe());
        pipe.send(ServerControl::Notice { text }.encode(), Duration::ZERO);
        Self::Link(Box::new(Downlink {
            outgoing,
            pipe,
            started: Instant::now(),
            ended: false,
        }))
    }

    /// Waits for the next message. Nothing is lost when the waiting is broken off.
    pub(super) async fn next(&mut self) -> Next {
        match self {
            Self::Outbox(outgoing) => outgoing.next().await,
            Self::Link(link) => link.next().await,
        }
    }

    /// A message of this lane has left.
    pub(super) fn written(&self, lane: Lane) {
        if let Self::Outbox(outgoing) = self {
            outgoing.written(lane);
        }
    }
}

/// The link towards the player.
pub(super) struct Downlink {
    outgoing: Outgoing,
    pipe: Pipe,
    started: Instant,
    /// The host has dropped its end of the outbox.
    ended: bool,
}

impl Downlink {
    async fn next(&mut self) -> Next {
        loop {
            let now = self.started.elapsed();
            if let Some((_, bytes)) = self.pipe.receive(now) {
                // Its place in the outbox is free since it entered the link, so the lane does not matter.
                return Next::Message(Lane::Events, bytes);
            }
            if self.ended && self.pipe.is_empty() {
                return Next::Ended;
            }
            let writable = !self.ended && self.pipe.is_writable(now);
            tokio::select! {
                biased;
                next = self.outgoing.next(), if writable => match next {
                    Next::Message(lane, bytes) => {
                        self.pipe.send(bytes, self.started.elapsed());
                        self.outgoing.written(lane);
                    }
                    Next::Ended => self.ended = true,
                },
                () = next_change(&self.pipe, now, self.started) => {}
            }
        }
    }
}

/// Waits until a message arrives, or a pipe that is full takes more; for ever, if neither will happen by itself.
async fn next_change(pipe: &Pipe, now: Duration, started: Instant) {
    let full = !pipe.is_writable(now);
    let writable = pipe.next_writable().filter(|_| full);
    match pipe.next_arrival().into_iter().chain(writable).min() {
        Some(at) => sleep_until((started + at).into()).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tickwire_engine::Outbox;

    use super::super::outbox::outbox;
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[tokio::test]
    async fn messages_take_their_time_in_order_behind_the_notice_and_the_end_waits_for_them() {
        let (mut host, outgoing) = outbox(Arc::default());
        let mut source = Source::new(outgoing, Some(Link::P2), SessionId(7));
        let started = Instant::now();
        for i in 0..20 {
            host.send(Lane::Events, vec![i]);
        }
        host.send(Lane::State, vec![20]);
        let mut messages = Vec::new();
        for _ in 0..21 {
            if let Next::Message(_, bytes) = source.next().await {
                messages.push(bytes);
            }
        }
        drop(host);
        assert!(started.elapsed() >= ms(40), "half of 100 ± 20 ms");
        let notice = ServerControl::Notice {
            text: "The server simulates a bad link: P2: round trip 100 ± 20 ms, 0.1 % of segments lost".to_owned(),
        };
        assert_eq!(messages.remove(0), notice.encode());
        assert_eq!(messages, (0..20).map(|i| vec![i]).collect::<Vec<_>>());
        assert!(matches!(source.next().await, Next::Message(_, bytes) if bytes == [20]));
        assert!(matches!(source.next().await, Next::Ended));
    }

    #[tokio::test]
    async fn a_link_that_lets_nothing_through_holds_little_and_the_outbox_feels_it() {
        let (mut host, outgoing) = outbox(Arc::default());
        let hole = Link {
            blackhole: Some((Duration::from_secs(3600), Duration::from_secs(3600))),
            ..Link::P1
        };
        let mut source = Source::new(outgoing, Some(hole), SessionId(7));
        let mut sent = 0;
        for _ in 0..1000 {
            if host.has_place(Lane::State) {
                host.send(Lane::State, vec![0; 1000]);
                sent += 1;
            }
            tokio::select! {
                biased;
                _ = source.next() => panic!("nothing passes"),
                () = tokio::task::yield_now() => {}
            }
        }
        assert!((16..=18).contains(&sent), "16 KiB and a message: {sent}");
    }
}
