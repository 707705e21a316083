//! A connection that knows when its bytes came.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use stamps::Stamps;

/// What a session talks to its client over.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin {
    /// When the bytes came that were read last; that was at `now`.
    fn arrived(&self, now: Instant) -> Instant {
        now
    }
}

#[cfg(test)]
impl Stream for tokio::io::DuplexStream {}

/// A TCP connection; the system stamps what comes with its time, if it is asked to.
#[derive(Debug)]
pub(crate) struct Stamped {
    stream: TcpStream,
    /// `None`: nothing is stamped, what is read has just come.
    stamps: Option<Stamps>,
    /// What was read last had waited for so long.
    age: Duration,
}

impl Stamped {
    /// A connection whose bytes are stamped if they are going to be read in rounds.
    pub(crate) fn new(stream: TcpStream, in_rounds: bool) -> Self {
        let stamps = in_rounds.then(|| Stamps::ask(&stream)).flatten();
        Self {
            stream,
            stamps,
            age: Duration::ZERO,
        }
    }
}

/// Whether the system stamps what the connections of this listener receive.
pub(crate) fn is_stamped(listener: &TcpListener) -> bool {
    Stamps::ask(listener).is_some()
}

impl Stream for Stamped {
    fn arrived(&self, now: Instant) -> Instant {
        now.checked_sub(self.age).unwrap_or(now)
    }
}

impl AsyncRead for Stamped {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self {
            stream,
            stamps,
            age,
        } = self.get_mut();
        let Some(stamps) = stamps else {
            return Pin::new(stream).poll_read(cx, buffer);
        };
        loop {
            ready!(stream.poll_read_ready(cx))?;
            let space = buffer.initialize_unfilled();
            let mut read = None;
            let tried = stream.try_io(Interest::READABLE, || {
                let (bytes, waited) = stamps.receive(stream, space)?;
                read = Some((bytes, waited));
                // Less than there was space for: that was all. To say so here spares a call that would find nothing.
                match bytes > 0 && bytes < space.len() {
                    true => Err(ErrorKind::WouldBlock.into()),
                    false => Ok(()),
                }
            });
            if let Some((bytes, waited)) = read {
                buffer.advance(bytes);
                *age = waited;
                return Poll::Ready(Ok(()));
            }
            if let Err(error) = tried
                && error.kind() != ErrorKind::WouldBlock
            {
                return Poll::Ready(Err(error));
            }
        }
    }
}

impl AsyncWrite for Stamped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(target_os = "linux")]
mod stamps {
    use std::io::{self, IoSliceMut};
    use std::os::fd::{AsFd, AsRawFd};
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use nix::cmsg_space;
    use nix::sys::socket::sockopt::ReceiveTimestampns;
    use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt};
    use nix::sys::time::TimeSpec;
    use tokio::net::TcpStream;

    /// What waited longer waited for a program that stood still, which is as if it had come when that went on; or somebody has set
    /// the clock that the stamps are of. Bytes wait for 20 ms when nothing is wrong.
    const OLDEST: Duration = Duration::from_millis(40);

    /// The system's stamps on what a socket receives, see `SO_TIMESTAMPNS` in socket(7).
    #[derive(Debug)]
    pub(super) struct Stamps {
        /// Memory for one.
        memory: Vec<u8>,
    }

    impl Stamps {
        /// From now on, if the system has any.
        pub(super) fn ask(socket: &impl AsFd) -> Option<Self> {
            match setsockopt(socket, ReceiveTimestampns, &true) {
                Ok(()) => Some(Self {
                    memory: cmsg_space!(TimeSpec),
                }),
                Err(error) => {
                    tracing::debug!(%error, "SO_TIMESTAMPNS was refused");
                    None
                }
            }
        }

        /// Reads what has come: how many bytes, and for how long the last of them had waited.
        pub(super) fn receive(
            &mut self,
            stream: &TcpStream,
            space: &mut [u8],
        ) -> io::Result<(usize, Duration)> {
            let mut parts = [IoSliceMut::new(space)];
            let memory = Some(self.memory.as_mut_slice());
            let message = recvmsg::<()>(stream.as_raw_fd(), &mut parts, memory, MsgFlags::empty())?;
            let came = message.cmsgs()?.find_map(|it| match it {
                ControlMessageOwned::ScmTimestampns(at) => Some(Duration::from(at)),
                _ => None,
            });
            let age = came.and_then(|came| {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
                now.checked_sub(came)
            });
            Ok((message.bytes, age.unwrap_or_default().min(OLDEST)))
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod stamps {
    use std::io;
    use std::time::Duration;

    use tokio::net::TcpStream;

    /// There are none here.
    #[derive(Debug)]
    pub(super) enum Stamps {}

    impl Stamps {
        pub(super) fn ask<S>(_socket: &S) -> Option<Self> {
            None
        }

        pub(super) fn receive(
            &mut self,
            _stream: &TcpStream,
            _space: &mut [u8],
        ) -> io::Result<(usize, Duration)> {
            match *self {}
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::thread::sleep;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const WAIT: Duration = Duration::from_millis(5);

    async fn pair(in_rounds: bool) -> (TcpStream, Stamped) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        assert!(is_stamped(&listener));
        let client = TcpStream::connect(listener.local_addr().unwrap()).await;
        let (server, _) = listener.accept().await.unwrap();
        (client.unwrap(), Stamped::new(server, in_rounds))
    }

    #[tokio::test]
    async fn what_waited_came_when_it_came() {
        let (mut client, mut server) = pair(true).await;
        let mut space = [0; 8];
        for _ in 0..3 {
            client.write_all(b"hello").await.unwrap();
            // Nobody can read meanwhile.
            sleep(WAIT);
            assert_eq!(server.read(&mut space).await.unwrap(), 5);
            let now = Instant::now();
            // The clock of the stamps may be a little off the other.
            let age = now - server.arrived(now);
            assert!(age >= WAIT / 2, "{age:?}");
            assert!(age <= Duration::from_millis(40), "{age:?}");
        }
    }

    #[tokio::test]
    async fn it_is_read_to_its_end_and_whole() {
        for in_rounds in [false, true] {
            let (mut client, mut server) = pair(in_rounds).await;
            let message: Vec<u8> = (0..100_000_u32).map(|i| i.to_le_bytes()[0]).collect();
            let sending = async {
                for part in message.chunks(777) {
                    client.write_all(part).await.unwrap();
                }
                client.shutdown().await.unwrap();
            };
            let mut received = Vec::new();
            let (_, read) = tokio::join!(sending, server.read_to_end(&mut received));
            assert_eq!(read.unwrap(), message.len());
            assert_eq!(received, message);
            assert!(server.write_all(b"bye").await.is_ok());
            let mut last = Vec::new();
            drop(server);
            client.read_to_end(&mut last).await.unwrap();
            assert_eq!(last, b"bye");
        }
    }
}
