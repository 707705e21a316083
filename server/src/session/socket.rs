//! A WebSocket that one task both reads and writes.

use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::mem::{self, MaybeUninit};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tickwire_protocol::limits::{MAX_CLIENT_MESSAGE, MAX_SERVER_MESSAGE};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::metered::Metered;
use super::stream::Stream;

/// Bytes that are read at once: some dozens of commands, which come together after a stall.
const READ_BYTES: usize = 1024;

/// A message as it mostly is. There is such a buffer for every connection, and what is free in it is cleared before each message.
const MESSAGE_BUFFER: usize = 128;

/// Small, because there is one for every connection, and a full one would hide that a client has fallen behind.
const WRITE_BUFFER: usize = 4096;

/// The server's end of a WebSocket.
///
/// It is polled and not split into halves: both directions belong to one task, which a snapshot or a message has just woken, and
/// whose memory is cold by then. So all that either needs lies together, and what need not be looked at is not.
#[derive(Debug)]
pub(super) struct Socket<S> {
    stream: Metered<S>,
    context: WebSocketContext,
    /// What was read behind a message, and has not gone to the context yet.
    rest: Vec<u8>,
    /// The context, or the rest, may hold a whole message.
    holds: bool,
    /// There may be something that the stream has not taken yet.
    unsent: bool,
}

impl<S: Stream> Socket<S> {
    /// A connection that is a WebSocket from now on; `early` is what was read of it already.
    pub(super) fn new(stream: Metered<S>, early: Vec<u8>) -> Self {
        Self {
            stream,
            context: WebSocketContext::from_partially_read(early, Role::Server, Some(config())),
            rest: Vec::new(),
            holds: true,
            unsent: false,
        }
    }

    /// The stream below.
    pub(super) fn stream(&self) -> &Metered<S> {
        &self.stream
    }

    /// The stream below; what is still unsent goes with the rest.
    pub(super) fn into_stream(self) -> S {
        self.stream.into_inner()
    }

    /// When the last bytes came.
    pub(super) fn heard(&self) -> Instant {
        self.stream.heard()
    }

    /// Waits for a message, see [`poll_next`](Self::poll_next).
    pub(super) async fn next(&mut self) -> Result<Message, Error> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next message.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        if self.holds {
            let rest = mem::take(&mut self.rest);
            if let Poll::Ready(message) = self.decode(&rest, false, cx) {
                return Poll::Ready(message);
            }
        }
        // Here and not into the context's own buffer: mostly nothing has come, and that would be cleared first all the same.
        let mut space = [MaybeUninit::uninit(); READ_BYTES];
        loop {
            let mut arrived = ReadBuf::uninit(&mut space);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut arrived))?;
            let ended = arrived.filled().is_empty();
            if let Poll::Ready(message) = self.decode(arrived.filled(), ended, cx) {
                return Poll::Ready(message);
            }
        }
    }

    /// Reads a message out of what has arrived, and keeps what is behind it. Nobody is woken when that was too little.
    fn decode(
        &mut self,
        mut arrived: &[u8],
        ended: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Message, Error>> {
        let message = self.context.read(&mut Ends {
            arrived: &mut arrived,
            ended,
            unsent: &mut self.unsent,
            stream: &mut self.stream,
            cx,
        });
        self.holds = !is_blocked(&message);
        if !self.holds {
            return Poll::Pending;
        }
        if !arrived.is_empty() {
            self.rest = arrived.to_vec();
        }
        // The context has an answer to these.
        self.unsent |= matches!(message, Ok(Message::Ping(_) | Message::Close(_)));
        Poll::Ready(message)
    }

    /// Sends a message, and waits until the stream has taken it.
    pub(super) async fn send(&mut self, message: Message) -> Result<(), Error> {
        let mut message = Some(message);
        poll_fn(|cx| {
            if let Some(message) = message.take() {
                self.write(message, cx)?;
            }
            self.poll_flush(cx)
        })
        .await
    }

    /// Puts a message behind those that are unsent; [`poll_flush`](Self::poll_flush) sends them.
    pub(super) fn write(&mut self, message: Message, cx: &mut Context<'_>) -> Result<(), Error> {
        self.unsent = true;
        match self.with_context(cx, |context, ends| context.write(ends, message)) {
            // It has been taken even so.
            written if is_blocked(&written) => Ok(()),
            written => written,
        }
    }

    /// Hands the stream what is unsent: what is late for the network is seen here and not hidden in a buffer.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if !self.unsent {
            return Poll::Ready(Ok(()));
        }
        self.unsent = false;
        let flushed = self.with_context(cx, |context, ends| context.flush(ends));
        match is_blocked(&flushed) {
            true => Poll::Pending,
            false => Poll::Ready(flushed),
        }
    }

    fn with_context<T>(
        &mut self,
        cx: &mut Context<'_>,
        act: impl FnOnce(&mut WebSocketContext, &mut Ends<'_, '_, '_, S>) -> T,
    ) -> T {
        let mut ends = Ends {
            arrived: &mut &[][..],
            ended: false,
            unsent: &mut self.unsent,
            stream: &mut self.stream,
            cx,
        };
        act(&mut self.context, &mut ends)
    }
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(MESSAGE_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(2 * MAX_SERVER_MESSAGE)
        .max_message_size(Some(MAX_CLIENT_MESSAGE))
        .max_frame_size(Some(MAX_CLIENT_MESSAGE))
}

fn is_blocked<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock)
}

/// What the context reads from and writes to while it is polled.
struct Ends<'a, 'b, 'c, S> {
    arrived: &'a mut &'b [u8],
    /// Nothing comes after that.
    ended: bool,
    unsent: &'a mut bool,
    stream: &'a mut Metered<S>,
    cx: &'a mut Context<'c>,
}

impl<S> Read for Ends<'_, '_, '_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.arrived.is_empty() && !self.ended {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.arrived.read(buffer)
    }
}

impl<S: AsyncWrite + Unpin> Ends<'_, '_, '_, S> {
    /// Takes down that the stream is to be tried again.
    fn or_blocked<T>(&mut self, polled: Poll<io::Result<T>>) -> io::Result<T> {
        match polled {
            Poll::Ready(result) => result,
            Poll::Pending => {
                *self.unsent = true;
                Err(ErrorKind::WouldBlock.into())
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> Write for Ends<'_, '_, '_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let polled = Pin::new(&mut *self.stream).poll_write(self.cx, bytes);
        self.or_blocked(polled)
    }

    fn flush(&mut self) -> io::Result<()> {
        let polled = Pin::new(&mut *self.stream).poll_flush(self.cx);
        self.or_blocked(polled)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{SinkExt, StreamExt};
    use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
    use tokio_tungstenite::WebSocketStream;

    use super::super::bucket::Bucket;
    use super::*;

    /// More than any test sends.
    const SPACE: usize = 1 << 16;

    fn server(stream: DuplexStream, early: Vec<u8>) -> Socket<DuplexStream> {
        let now = Instant::now();
        let allowance = Bucket::new(u32::MAX, 0, now);
        Socket::new(Metered::new(stream, allowance, now), early)
    }

    async fn client(stream: DuplexStream) -> WebSocketStream<DuplexStream> {
        WebSocketStream::from_raw_socket(stream, Role::Client, None).await
    }

    #[tokio::test]
    async fn messages_that_come_together_are_all_read_in_order() {
        let (near, far) = duplex(SPACE);
        let (mut client, mut server) = (client(near).await, server(far, Vec::new()));
        let messages = || (0..=u8::MAX).map(|i| Message::binary(vec![i; usize::from(i)]));
        for message in messages() {
            client.feed(message).await.unwrap();
        }
        client.flush().await.unwrap();
        for message in messages() {
            assert_eq!(server.next().await.unwrap(), message);
        }
        drop(client);
        let error = server.next().await.unwrap_err();
        assert!(matches!(error, Error::Protocol(_)), "a lost one: {error}");
    }

    #[tokio::test]
    async fn a_message_comes_when_its_last_byte_does() {
        let (mut near, far) = duplex(SPACE);
        // A masked binary message; its first bytes were read with the request already.
        let bytes = [0x82, 0x83, 1, 2, 3, 4, b'a' ^ 1, b'b' ^ 2, b'c' ^ 3];
        let (early, late) = bytes.split_at(3);
        let mut server = server(far, early.to_vec());
        for byte in late {
            tokio::select! {
                biased;
                message = server.next() => panic!("too early: {message:?}"),
                () = tokio::task::yield_now() => {}
            }
            near.write_u8(*byte).await.unwrap();
        }
        assert_eq!(server.next().await.unwrap(), Message::binary(&b"abc"[..]));
    }

    #[tokio::test]
    async fn pings_are_answered_while_nothing_is_sent() {
        let (near, far) = duplex(SPACE);
        let (mut client, mut server) = (client(near).await, server(far, Vec::new()));
        let ping = Message::Ping("still there?".into());
        client.send(ping.clone()).await.unwrap();
        assert_eq!(server.next().await.unwrap(), ping);
        poll_fn(|cx| server.poll_flush(cx)).await.unwrap();
        let answer = client.next().await.unwrap().unwrap();
        assert_eq!(answer, Message::Pong("still there?".into()));
    }

    #[tokio::test]
    async fn what_the_stream_does_not_take_waits() {
        let (near, far) = duplex(16);
        let (mut client, mut server) = (client(near).await, server(far, Vec::new()));
        let message = Message::binary(vec![7; 3 * WRITE_BUFFER]);
        let mut sending = std::pin::pin!(server.send(message.clone()));
        assert!(futures_util::poll!(&mut sending).is_pending());
        let (sent, received) = tokio::join!(sending, client.next());
        sent.unwrap();
        assert_eq!(received.unwrap().unwrap(), message);
    }
}
