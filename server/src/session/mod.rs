//! A task per player. It owns the socket and its limits, and knows nothing of the game: bytes in, bytes out.

mod bell;
mod bucket;
mod end;
mod link;
mod metered;
mod outbox;
mod playing;
mod socket;
mod stream;

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tickwire_engine::{Inbound, InboxError, RoomHandle, SessionId};
use tickwire_protocol::link::Link;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Bytes, Message};

pub(crate) use bell::Bell;
pub(crate) use stream::{Stamped, is_stamped};

use bucket::Bucket;
use end::End;
use link::{Door, Source, uplink};
use metered::Metered;
use outbox::outbox;
use playing::Playing;
use socket::Socket;
use stream::Stream;

use crate::explain::{Explain, Listener};
use crate::stopping::Stopping;

/// From the upgrade to the first message.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);

/// For the last words, and for the client to close its side.
const FAREWELL: Duration = Duration::from_millis(500);

/// Messages per tick that a client may send in the long run; an honest one sends about one.
const MESSAGES_PER_TICK: u32 = 2;

/// Bytes per message in the long run, the WebSocket's own included; an honest client needs a quarter of that.
const BYTES_PER_MESSAGE: u32 = 256;

/// What a session must keep to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionLimits {
    /// The longest silence, and the longest time that a message may take to be written.
    pub(crate) ping_timeout: Duration,
    /// The game's ticks per second, by which messages are rationed.
    pub(crate) tick_rate: u32,
    /// The bad link that is simulated, if any.
    pub(crate) link: Option<Link>,
}

impl SessionLimits {
    fn messages_per_second(self) -> u32 {
        self.tick_rate.saturating_mul(MESSAGES_PER_TICK)
    }

    /// A link may stall for as long as the ping timeout, and what then arrives at once is no flood.
    fn burst(self) -> u32 {
        let seconds = u32::try_from(self.ping_timeout.as_secs()).unwrap_or(u32::MAX);
        self.messages_per_second()
            .saturating_mul(seconds.saturating_add(2))
    }

    fn messages(self, now: Instant) -> Bucket {
        Bucket::new(self.burst(), self.messages_per_second(), now)
    }

    fn bytes(self, now: Instant) -> Bucket {
        let bytes = |messages: u32| messages.saturating_mul(BYTES_PER_MESSAGE);
        Bucket::new(bytes(self.burst()), bytes(self.messages_per_second()), now)
    }
}

/// A client that has just been upgraded to WebSocket.
pub(crate) struct Visitor<S> {
    pub(crate) stream: S,
    /// What was read behind the request already.
    pub(crate) early: Vec<u8>,
    pub(crate) session: SessionId,
    pub(crate) peer: SocketAddr,
}

/// Serves a client until either side ends it.
pub(crate) async fn run<S>(
    visitor: Visitor<S>,
    room: &RoomHandle,
    limits: SessionLimits,
    bell: &Arc<Bell>,
    explain: Option<&Arc<Explain>>,
    mut stopping: Stopping,
) where
    S: Stream,
{
    let Visitor {
        stream,
        early,
        session,
        peer,
    } = visitor;
    let started = Instant::now();
    let stream = Metered::new(stream, limits.bytes(started), started);
    let mut socket = Socket::new(stream, early);
    tracing::info!(%session, %peer, "session started");
    let hello = tokio::select! {
        hello = timeout(HELLO_TIMEOUT, first_message(&mut socket)) => hello.unwrap_or(Err(End::NoHello)),
        () = stopping.wait() => Err(End::Stopping),
    };
    let end = match hello {
        Ok(hello) => {
            let listener = explain.map(|explain| explain.listen(session, &hello));
            play(&mut socket, (hello, listener), session, room, limits, bell).await
        }
        Err(end) => end,
    };
    tracing::info!(
        %session,
        %peer,
        reason = %end,
        seconds = started.elapsed().as_secs(),
        bytes_in = socket.stream().received(),
        bytes_out = socket.stream().sent(),
        "session ended"
    );
    // Who does not take the farewell in time goes without.
    let _ = timeout(FAREWELL, farewell(socket, &end)).await;
}

/// Until a client has said something, its room does not hear of it.
async fn first_message<S>(socket: &mut Socket<S>) -> Result<Bytes, End>
where
    S: Stream,
{
    loop {
        match socket.next().await {
            Ok(Message::Binary(bytes)) => return Ok(bytes),
            Ok(Message::Text(_)) => return Err(End::Text),
            Ok(Message::Close(_)) => return Err(End::Lost),
            Ok(_) => {}
            Err(error) => return Err(End::of(error)),
        }
    }
}

/// The time in the room.
async fn play<S>(
    socket: &mut Socket<S>,
    (hello, listener): (Bytes, Option<Listener>),
    session: SessionId,
    room: &RoomHandle,
    limits: SessionLimits,
    bell: &Arc<Bell>,
) -> End
where
    S: Stream,
{
    let (outbox, outgoing) = outbox(Arc::clone(bell));
    let connect = Inbound::Connect {
        session,
        outbox: Box::new(outbox),
    };
    match room.try_send(connect) {
        Ok(()) => {}
        Err(InboxError::Full) => return End::Overloaded,
        Err(InboxError::Closed) => return End::Stopping,
    }
    let source = Source::new(outgoing, limits.link, session);
    let (inlet, uplink) = uplink(Door { session, room }, limits.link);
    let alarm = pin!(sleep(limits.ping_timeout));
    let mut playing = Playing::new(socket, (source, inlet), listener, limits, alarm);
    let end = match (playing.take(Message::Binary(hello)), uplink) {
        (Err(end), _) => end,
        (Ok(()), None) => poll_fn(|cx| playing.poll(cx)).await,
        (Ok(()), Some(uplink)) => {
            // In a place of its own, so that sessions without a link are small.
            let uplink = Box::pin(uplink.run());
            tokio::select! {
                biased;
                end = poll_fn(|cx| playing.poll(cx)) => end,
                end = uplink => end,
            }
        }
    };
    disconnect(session, room, end.is_loss()).await;
    end
}

/// The room must hear of it, or the player would stand there for ever; it has only to keep up again.
async fn disconnect(session: SessionId, room: &RoomHandle, is_loss: bool) {
    let gone = || match is_loss {
        true => Inbound::Disconnect { session },
        false => Inbound::Leave { session },
    };
    while room.try_send(gone()) == Err(InboxError::Full) {
        sleep(Duration::from_millis(20)).await;
    }
}

/// Says why, then waits for the client to close: a socket with unread bytes in it would be reset, and the words lost.
async fn farewell<S>(mut socket: Socket<S>, end: &End)
where
    S: Stream,
{
    if let Some(frame) = end.close_frame() {
        let _ = socket.send(Message::Close(Some(frame))).await;
    } else if matches!(end, End::Left | End::Lost) {
        let _ = poll_fn(|cx| socket.poll_flush(cx)).await;
    } else {
        return;
    }
    let mut stream = socket.into_stream();
    let mut unread = [0; 1024];
    if stream.shutdown().await.is_ok() {
        while matches!(stream.read(&mut unread).await, Ok(1..)) {}
    }
}

#[cfg(test)]
mod tests;
