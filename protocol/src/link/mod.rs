//! The simulated network: an ordered byte stream that is slow, unsteady and sometimes stuck, from a seed.
//!
//! [`Link`] says how bad it is, [`Pipe`] is one direction of it. There is no clock and no socket in here: messages go in at
//! `now` and come out at theirs. So tests run it faster than real time, and the browser page and the server (`serve --link`)
//! put the same code between themselves and the real network.
//!
//! # The model
//!
//! A WebSocket runs over TCP: bytes are neither lost nor reordered, they are late.
//!
//! - A message takes half a round trip, which swings evenly by the jitter either way.
//! - Nothing overtakes: what is late holds up all that follows.
//! - Each segment of 1,400 bytes is lost with the share of the loss. A lost one is noticed by those after it and sent again: it
//!   comes a round trip and two send intervals (33 ms at 60 Hz) later, and everything behind it waits. That is TCP's fast
//!   retransmission (RFC 5681, section 3.2: three duplicate acknowledgements) as a game's small, steady messages see it. Linux's TCP
//!   at a round trip of 100 ± 20 ms and 1 % of loss made 6.7 % of messages at 60 Hz more than 33 ms late; so does this, within a
//!   test's bounds.
//! - A narrow link takes its time for each byte towards the client, one after the other.
//! - Where nothing passes for a while, what would arrive meanwhile arrives at its end.
//! - The sender's socket takes no more while the wire is busy, or while 16 KiB are on their way ([`Pipe::is_writable`]).

mod pipe;
mod text;

use std::time::Duration;

pub use pipe::Pipe;

/// How bad a network is, or one of the profiles that every figure is given for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Round trip without jitter.
    pub rtt: Duration,
    /// The round trip varies by up to this much either way.
    pub jitter: Duration,
    /// Share of segments lost, 0 to 1.
    pub loss: f64,
    /// Nothing passes for the last of these (the first) in each of these (the second).
    pub blackhole: Option<(Duration, Duration)>,
    /// Bytes per second towards the client, at least 1.
    pub downstream: Option<u32>,
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

impl Link {
    /// Loopback.
    pub const P0: Self = Self {
        rtt: ms(0),
        jitter: ms(0),
        loss: 0.0,
        blackhole: None,
        downstream: None,
    };
    /// A good connection: 50 ± 10 ms.
    pub const P1: Self = Self {
        rtt: ms(50),
        jitter: ms(10),
        ..Self::P0
    };
    /// An ordinary one: 100 ± 20 ms, 0.1 % loss.
    pub const P2: Self = Self {
        rtt: ms(100),
        jitter: ms(20),
        loss: 0.001,
        ..Self::P0
    };
    /// A lossy one: 100 ± 20 ms, 1 % loss.
    pub const P3: Self = Self {
        loss: 0.01,
        ..Self::P2
    };
    /// A far one: 200 ± 40 ms, 0.1 % loss.
    pub const P4: Self = Self {
        rtt: ms(200),
        jitter: ms(40),
        loss: 0.001,
        ..Self::P0
    };
    /// A mobile one: 50 ± 10 ms, and nothing passes for 2 s in every 30.
    pub const P5: Self = Self {
        blackhole: Some((ms(2_000), ms(30_000))),
        ..Self::P1
    };
    /// A narrow one: 50 ± 10 ms, 256 kbit/s towards the client.
    pub const P6: Self = Self {
        downstream: Some(32_000),
        ..Self::P1
    };
    /// All profiles with their names.
    pub const ALL: [(&'static str, Self); 7] = [
        ("P0", Self::P0),
        ("P1", Self::P1),
        ("P2", Self::P2),
        ("P3", Self::P3),
        ("P4", Self::P4),
        ("P5", Self::P5),
        ("P6", Self::P6),
    ];

    /// The longest that a message which meets no loss and no hole takes one way, without its time on the wire.
    fn longest_way(&self) -> Duration {
        (self.rtt + self.jitter) / 2
    }
}
