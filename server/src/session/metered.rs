//! A stream that counts its bytes and ends when too many come in.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::bucket::Bucket;
use super::stream::Stream;

/// Counts on the stream itself, below the WebSocket, where no kind of message escapes.
#[derive(Debug)]
pub(crate) struct Metered<S> {
    stream: S,
    allowance: Bucket,
    received: u64,
    sent: u64,
    heard: Instant,
}

impl<S> Metered<S> {
    /// A stream that has just been heard of.
    pub(crate) fn new(stream: S, allowance: Bucket, now: Instant) -> Self {
        Self {
            stream,
            allowance,
            received: 0,
            sent: 0,
            heard: now,
        }
    }

    /// When the last bytes came.
    pub(crate) fn heard(&self) -> Instant {
        self.heard
    }

    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    pub(crate) fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: Stream> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        std::task::ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let received = buffer.filled().len() - before;
        self.received += received as u64;
        let now = self.stream.arrived(Instant::now()).max(self.heard);
        self.heard = now;
        let tokens = u32::try_from(received).unwrap_or(u32::MAX);
        Poll::Ready(if self.allowance.take(tokens, now) {
            Ok(())
        } else {
            Err(io::ErrorKind::QuotaExceeded.into())
        })
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let sent = std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.sent += sent as u64;
        Poll::Ready(Ok(sent))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn bytes_are_counted_and_limited() {
        let (mut client, server) = tokio::io::duplex(64);
        let now = Instant::now();
        let mut server = Metered::new(server, Bucket::new(10, 0, now), now);
        server.write_all(b"hello").await.unwrap();
        client.write_all(&[0; 8]).await.unwrap();
        let mut buffer = [0; 8];
        server.read_exact(&mut buffer).await.unwrap();
        assert_eq!((server.received(), server.sent()), (8, 5));
        client.write_all(&[0; 8]).await.unwrap();
        let error = server.read_exact(&mut buffer).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::QuotaExceeded);
    }
}
