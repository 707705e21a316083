//! A task per player. It owns the socket and its limits, and knows nothing of the game: bytes in, bytes out.

mod bell;
mod bucket;
mod end;
mod link;
mod metered;
mod outbox;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt, poll};
use tickwire_engine::{Inbound, InboxError, RoomHandle, SessionId};
use tickwire_protocol::limits::{MAX_CLIENT_MESSAGE, MAX_SERVER_MESSAGE};
use tickwire_protocol::link::Link;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{MissedTickBehavior, interval_at, sleep, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message};

pub(crate) use bell::Bell;

use bucket::Bucket;
use end::End;
use link::{Door, Inlet, Source, uplink};
use metered::Metered;
use outbox::{Next, outbox};

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

/// Small, because there is one for every connection, and all of it is cleared before each read.
const READ_BUFFER: usize = 1024;

/// Small, because there is one for every connection, and a full one would hide that a client has fallen behind.
const WRITE_BUFFER: usize = 4096;

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

type Socket<S> = WebSocketStream<Metered<S>>;

/// Serves a client until either side ends it.
pub(crate) async fn run<S>(
    visitor: Visitor<S>,
    room: &RoomHandle,
    limits: SessionLimits,
    bell: &Arc<Bell>,
    explain: Option<&Arc<Explain>>,
    mut stopping: Stopping,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Visitor {
        stream,
        early,
        session,
        peer,
    } = visitor;
    let started = Instant::now();
    let stream = Metered::new(stream, limits.bytes(started));
    let mut socket =
        WebSocketStream::from_partially_read(stream, early, Role::Server, Some(config())).await;
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
        bytes_in = socket.get_ref().received(),
        bytes_out = socket.get_ref().sent(),
        "session ended"
    );
    // Who does not take the farewell in time goes without.
    let _ = timeout(FAREWELL, farewell(socket, &end)).await;
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(2 * MAX_SERVER_MESSAGE)
        .max_message_size(Some(MAX_CLIENT_MESSAGE))
        .max_frame_size(Some(MAX_CLIENT_MESSAGE))
}

/// Until a client has said something, its room does not hear of it.
async fn first_message<S>(socket: &mut Socket<S>) -> Result<Bytes, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) => return Ok(bytes),
            Some(Ok(Message::Text(_))) => return Err(End::Text),
            Some(Ok(Message::Close(_))) | None => return Err(End::Lost),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(End::of(error)),
        }
    }
}

/// The time in the room. Reading and writing go on side by side: commands must not wait behind a slow snapshot.
async fn play<S>(
    socket: &mut Socket<S>,
    (hello, listener): (Bytes, Option<Listener>),
    session: SessionId,
    room: &RoomHandle,
    limits: SessionLimits,
    bell: &Arc<Bell>,
) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
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
    let (mut sink, mut stream) = socket.split();
    let end = tokio::select! {
        biased;
        end = write(&mut sink, source, listener, limits.ping_timeout) => end,
        end = read(&mut stream, hello, &inlet, limits) => end,
        end = uplink.run() => end,
    };
    disconnect(session, room, end.is_loss()).await;
    end
}

/// From the socket to the room.
async fn read<S>(
    stream: &mut SplitStream<&mut Socket<S>>,
    hello: Bytes,
    inlet: &Inlet<'_>,
    limits: SessionLimits,
) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut at = Instant::now();
    let mut patience = pin!(sleep_until((at + limits.ping_timeout).into()));
    let mut allowance = limits.messages(at);
    let mut message = Message::Binary(hello);
    loop {
        if !allowance.take(1, at) {
            return End::TooFast;
        }
        match message {
            Message::Binary(bytes) => {
                match inlet.take(bytes.into(), at).await {
                    Ok(()) => {}
                    Err(InboxError::Full) => return End::Overloaded,
                    // The room's goodbye is in the outbox: what ends the session is that it has been written.
                    Err(InboxError::Closed) => return std::future::pending().await,
                }
            }
            Message::Text(_) => return End::Text,
            Message::Close(frame) => return End::of_close(frame.as_ref()),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
        let next = loop {
            tokio::select! {
                biased;
                next = stream.next() => break next,
                () = &mut patience => {
                    // It was set before the last message came: a timer set anew for each would cost more than the message.
                    let end = at + limits.ping_timeout;
                    if Instant::now() >= end {
                        return End::Silent;
                    }
                    patience.as_mut().reset(end.into());
                }
            }
        };
        message = match next {
            None => return End::Lost,
            Some(Err(error)) => return End::of(error),
            Some(Ok(message)) => message,
        };
        at = Instant::now();
    }
}

/// From the room to the socket.
async fn write<S>(
    sink: &mut SplitSink<&mut Socket<S>, Message>,
    mut source: Source,
    mut listener: Option<Listener>,
    ping_timeout: Duration,
) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Three chances to answer within the timeout.
    let every = ping_timeout / 3;
    let mut pings = interval_at(tokio::time::Instant::now() + every, every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        // What waits goes first: a ping has time until nothing does.
        let (lane, message) = tokio::select! {
            biased;
            next = source.next() => match next {
                Next::Message(lane, bytes) => (Some(lane), Message::Binary(bytes.into())),
                Next::Ended => return End::RoomEnded,
            },
            _ = pings.tick() => (None, Message::Ping(Bytes::new())),
        };
        if let Some(listener) = &mut listener {
            match &message {
                Message::Binary(bytes) => listener.hear(bytes),
                _ => listener.hear_ping(),
            }
        }
        // Sends and flushes: what is late for the network is seen here and not hidden in a buffer.
        let mut sending = sink.send(message);
        // Nearly always the system takes it at once, and no timer is needed.
        let sent = match poll!(&mut sending) {
            Poll::Ready(sent) => sent,
            Poll::Pending => match timeout(ping_timeout, sending).await {
                Ok(sent) => sent,
                Err(_) => return End::Stalled,
            },
        };
        if let Err(error) = sent {
            return End::of(error);
        }
        if let Some(lane) = lane {
            source.written(lane);
        }
    }
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
    S: AsyncRead + AsyncWrite + Unpin,
{
    if let Some(frame) = end.close_frame() {
        let _ = socket.send(Message::Close(Some(frame))).await;
    } else if matches!(end, End::Left | End::Lost) {
        let _ = socket.flush().await;
    } else {
        return;
    }
    let mut stream = socket.into_inner().into_inner();
    let mut unread = [0; 1024];
    if stream.shutdown().await.is_ok() {
        while matches!(stream.read(&mut unread).await, Ok(1..)) {}
    }
}

#[cfg(test)]
mod tests;
