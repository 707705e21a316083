//! A simulated bad link between a player's socket and the room, for whoever wants to feel one: `serve --link`.
//!
//! Each direction is a [`Pipe`] that holds 16 KiB and a message at most: beyond that the outbox, or the system's socket, has to
//! wait, and with it whoever fills it. So a bad link costs the server no more memory than that, and a narrow one gets fewer
//! snapshots, as a real one would.

use std::future::pending;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tickwire_engine::{InboxError, Lane, RoomHandle, SessionId};
use tickwire_protocol::link::{Link, Pipe};
use tickwire_protocol::message::ServerControl;
use tokio::sync::mpsc::error::{SendError, TrySendError};
use tokio::sync::mpsc::{OwnedPermit, Receiver, Sender, channel};
use tokio::time::{Sleep, sleep_until};

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
    fn take(&self, bytes: &[u8], at: Instant) -> Result<(), InboxError> {
        self.room.try_send_message(self.session, bytes, at)
    }
}

/// Where the socket's messages go: straight to the room, or over a link.
pub(super) enum Inlet<'a> {
    Room(Door<'a>),
    Link {
        uplink: Sender<Stamped>,
        /// For a place, while there is none.
        waiting: Option<Waiting>,
    },
}

/// Ready with a place, and when the link is gone.
type Waiting = Pin<Box<dyn Future<Output = Result<OwnedPermit<Stamped>, SendError<()>>> + Send>>;

impl Inlet<'_> {
    /// Waits for a place for a message: a link may be full.
    pub(super) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Self::Link { uplink, waiting } = self else {
            return Poll::Ready(());
        };
        if uplink.capacity() == 0 {
            let place = waiting.get_or_insert_with(|| Box::pin(uplink.clone().reserve_owned()));
            // Given back at once: nobody else can take it.
            drop(ready!(place.as_mut().poll(cx)));
        }
        *waiting = None;
        Poll::Ready(())
    }

    /// A message that came at `at`; there is a place for it on the link, if it goes over one.
    pub(super) fn take(&self, bytes: &[u8], at: Instant) -> Result<(), InboxError> {
        match self {
            Self::Room(door) => door.take(bytes, at),
            Self::Link { uplink, .. } => {
                let sent = uplink.try_send((bytes.to_vec(), at));
                sent.map_err(|error| match error {
                    TrySendError::Full(_) => InboxError::Full,
                    TrySendError::Closed(_) => InboxError::Closed,
                })
            }
        }
    }
}

/// The link towards the room.
pub(super) struct Uplink<'a> {
    door: Door<'a>,
    pipe: Pipe,
    messages: Receiver<Stamped>,
}

/// The way from the socket to the room, and the link on it if there is one.
pub(super) fn uplink(door: Door<'_>, link: Option<Link>) -> (Inlet<'_>, Option<Uplink<'_>>) {
    let Some(link) = link else {
        return (Inlet::Room(door), None);
    };
    let (uplink, messages) = channel(PLACES);
    let pipe = Pipe::upstream(link, door.session.0);
    let inlet = Inlet::Link {
        uplink,
        waiting: None,
    };
    (
        inlet,
        Some(Uplink {
            door,
            pipe,
            messages,
        }),
    )
}

impl Uplink<'_> {
    /// Carries messages until the room takes no more.
    pub(super) async fn run(mut self) -> End {
        let started = Instant::now();
        loop {
            let now = started.elapsed();
            while let Some((at, bytes)) = self.pipe.receive(now) {
                match self.door.take(&bytes, started + at) {
                    Ok(()) => {}
                    Err(InboxError::Full) => return End::Overloaded,
                    // As in a session without a link: the goodbye is in the outbox.
                    Err(InboxError::Closed) => return pending().await,
                }
            }
            let writable = self.pipe.is_writable(now);
            tokio::select! {
                Some((bytes, at)) = self.messages.recv(), if writable => {
                    self.pipe.send(bytes, at.saturating_duration_since(started).max(now));
                }
                () = wait_until(next_change(&self.pipe, now), started) => {}
            }
        }
    }
}

/// Where the socket gets its messages: straight from the outbox, or over a link.
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
        let started = Instant::now();
        Self::Link(Box::new(Downlink {
            outgoing,
            pipe,
            started,
            alarm: Box::pin(sleep_until(started.into())),
            ended: false,
        }))
    }

    /// The next message.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        match self {
            Self::Outbox(outgoing) => outgoing.poll_next(cx),
            Self::Link(link) => link.poll_next(cx),
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
    /// For the pipe's next change.
    alarm: Pin<Box<Sleep>>,
    /// The host has dropped its end of the outbox.
    ended: bool,
}

impl Downlink {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        loop {
            let now = self.started.elapsed();
            if let Some((_, bytes)) = self.pipe.receive(now) {
                // Its place in the outbox is free since it entered the link, so the lane does not matter.
                return Poll::Ready(Next::Message(Lane::Events, bytes.into()));
            }
            if self.ended && self.pipe.is_empty() {
                return Poll::Ready(Next::Ended);
            }
            let writable = !self.ended && self.pipe.is_writable(now);
            if writable && let Poll::Ready(next) = self.outgoing.poll_next(cx) {
                match next {
                    Next::Message(lane, bytes) => {
                        self.pipe.send(bytes.into(), self.started.elapsed());
                        self.outgoing.written(lane);
                    }
                    Next::Ended => self.ended = true,
                }
                continue;
            }
            let Some(at) = next_change(&self.pipe, now) else {
                return Poll::Pending;
            };
            self.alarm.as_mut().reset((self.started + at).into());
            ready!(self.alarm.as_mut().poll(cx));
        }
    }
}

/// When a message arrives, or a pipe that is full takes more; `None` if neither will happen by itself.
fn next_change(pipe: &Pipe, now: Duration) -> Option<Duration> {
    let full = !pipe.is_writable(now);
    let writable = pipe.next_writable().filter(|_| full);
    pipe.next_arrival().into_iter().chain(writable).min()
}

/// Waits for the moment `at` after `started`; for ever, if there is none.
async fn wait_until(at: Option<Duration>, started: Instant) {
    match at {
        Some(at) => sleep_until((started + at).into()).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;

    use tickwire_engine::Outbox;

    use super::super::outbox::outbox;
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    async fn next(source: &mut Source) -> Next {
        poll_fn(|cx| source.poll_next(cx)).await
    }

    #[tokio::test]
    async fn messages_take_their_time_in_order_behind_the_notice_and_the_end_waits_for_them() {
        let (mut host, outgoing) = outbox(Arc::default());
        let mut source = Source::new(outgoing, Some(Link::P2), SessionId(7));
        let started = Instant::now();
        for i in 0..20 {
            host.send(Lane::Events, vec![i].into());
        }
        host.send(Lane::State, vec![20].into());
        let mut messages = Vec::new();
        for _ in 0..21 {
            if let Next::Message(_, bytes) = next(&mut source).await {
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
        assert!(matches!(next(&mut source).await, Next::Message(_, bytes) if bytes == [20][..]));
        assert!(matches!(next(&mut source).await, Next::Ended));
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
                host.send(Lane::State, vec![0; 1000].into());
                sent += 1;
            }
            tokio::select! {
                biased;
                _ = next(&mut source) => panic!("nothing passes"),
                () = tokio::task::yield_now() => {}
            }
        }
        assert!((16..=18).contains(&sent), "16 KiB and a message: {sent}");
    }
}
