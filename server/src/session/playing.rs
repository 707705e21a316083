//! A player's time in the room.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tickwire_engine::{InboxError, Lane};
use tokio::time::Sleep;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::SessionLimits;
use super::bucket::Bucket;
use super::end::End;
use super::link::{Inlet, Source};
use super::outbox::Next;
use super::socket::Socket;
use super::stream::Stream;
use crate::explain::Listener;

/// Carries messages between the socket and the room until either side ends it. Reading and writing go on side by side: commands
/// must not wait behind a slow snapshot.
///
/// A state that is polled, and not tasks or futures that run beside each other: of those each would have timers and locks of its
/// own to look at whenever anything happens, all over the memory.
pub(super) struct Playing<'a, S> {
    socket: &'a mut Socket<S>,
    source: Source,
    inlet: Inlet<'a>,
    listener: Option<Listener>,
    /// Messages that the client may still send.
    allowance: Bucket,
    ping_timeout: Duration,
    /// When the last message came.
    heard: Instant,
    /// The room takes no more messages.
    closed: bool,
    /// The lane of the message that is being written.
    sending: Option<Lane>,
    /// When the client is given up that takes nothing.
    stalls: Option<Instant>,
    /// A ping waits for a moment when nothing else does.
    ping_due: bool,
    next_ping: Instant,
    /// For the first of the moments at which something is to be done though nothing happens.
    alarm: Pin<&'a mut Sleep>,
}

impl<'a, S: Stream> Playing<'a, S> {
    /// From now on; `alarm` is a timer to set.
    pub(super) fn new(
        socket: &'a mut Socket<S>,
        (source, inlet): (Source, Inlet<'a>),
        listener: Option<Listener>,
        limits: SessionLimits,
        alarm: Pin<&'a mut Sleep>,
    ) -> Self {
        let now = socket.heard();
        let mut playing = Self {
            socket,
            source,
            inlet,
            listener,
            allowance: limits.messages(now),
            ping_timeout: limits.ping_timeout,
            heard: now,
            closed: false,
            sending: None,
            stalls: None,
            ping_due: false,
            next_ping: now,
            alarm,
        };
        playing.plan_ping(now);
        playing.set_alarm();
        playing
    }

    /// Does what can be done; ready when the session has ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        // Snapshots grow old, and commands wait for the next tick.
        if let Poll::Ready(end) = self.poll_write(cx) {
            return Poll::Ready(end);
        }
        if let Poll::Ready(end) = self.poll_read(cx) {
            return Poll::Ready(end);
        }
        self.poll_alarm(cx)
    }

    /// From the room to the socket.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            match self.socket.poll_flush(cx) {
                Poll::Ready(Ok(())) => self.stalls = None,
                Poll::Ready(Err(error)) => return Poll::Ready(End::of(error)),
                Poll::Pending => {
                    if self.stalls.is_none() {
                        self.stalls = Some(Instant::now() + self.ping_timeout);
                        self.set_alarm();
                    }
                    return Poll::Pending;
                }
            }
            if let Some(lane) = self.sending.take() {
                self.source.written(lane);
            }
            let message = match self.source.poll_next(cx) {
                Poll::Ready(Next::Message(lane, bytes)) => {
                    self.sending = Some(lane);
                    Message::Binary(bytes)
                }
                Poll::Ready(Next::Ended) => return Poll::Ready(End::RoomEnded),
                // What waits goes first: a ping has time until nothing does.
                Poll::Pending if self.ping_due => {
                    self.ping_due = false;
                    Message::Ping(Bytes::new())
                }
                Poll::Pending => return Poll::Pending,
            };
            if let Some(listener) = &mut self.listener {
                match &message {
                    Message::Binary(bytes) => listener.hear(bytes),
                    _ => listener.hear_ping(),
                }
            }
            if let Err(error) = self.socket.write(message, cx) {
                return Poll::Ready(End::of(error));
            }
        }
    }

    /// From the socket to the room.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        while !self.closed {
            ready!(self.inlet.poll_ready(cx));
            let message = match ready!(self.socket.poll_next(cx)) {
                Ok(message) => message,
                Err(error) => return Poll::Ready(End::of(error)),
            };
            self.heard = self.socket.heard();
            if let Err(end) = self.take(message) {
                return Poll::Ready(end);
            }
        }
        Poll::Pending
    }

    /// Gives the room a message that came just now. There must be a place on the way to it.
    ///
    /// # Errors
    /// When that ends the session.
    pub(super) fn take(&mut self, message: Message) -> Result<(), End> {
        if !self.allowance.take(1, self.heard) {
            return Err(End::TooFast);
        }
        match message {
            Message::Binary(bytes) => match self.inlet.take(&bytes, self.heard) {
                Ok(()) => Ok(()),
                Err(InboxError::Full) => Err(End::Overloaded),
                // The room's goodbye is in the outbox: what ends the session is that it has been written.
                Err(InboxError::Closed) => {
                    self.closed = true;
                    Ok(())
                }
            },
            Message::Text(_) => Err(End::Text),
            Message::Close(reason) => Err(End::of_close(reason.as_ref())),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(()),
        }
    }

    /// Pings, and gives up a client from whom nothing comes, or who takes nothing.
    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        while self.alarm.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if self.falls_silent().is_some_and(|at| now >= at) {
                return Poll::Ready(End::Silent);
            }
            if self.stalls.is_some_and(|at| now >= at) {
                return Poll::Ready(End::Stalled);
            }
            if now >= self.next_ping {
                self.ping_due = true;
                self.plan_ping(now);
            }
            self.set_alarm();
            if let Poll::Ready(end) = self.poll_write(cx) {
                return Poll::Ready(end);
            }
        }
        Poll::Pending
    }

    /// When nothing has come for too long; nobody listens any more in a room that has closed.
    fn falls_silent(&self) -> Option<Instant> {
        (!self.closed).then(|| self.heard + self.ping_timeout)
    }

    fn plan_ping(&mut self, now: Instant) {
        // Three chances to answer within the timeout.
        self.next_ping = now + self.ping_timeout / 3;
    }

    /// Messages do not set it anew, though they put the silence off: that would cost more than the message.
    fn set_alarm(&mut self) {
        let ends = self.falls_silent().into_iter().chain(self.stalls);
        let first = ends.fold(self.next_ping, Instant::min);
        self.alarm.as_mut().reset(first.into());
    }
}
