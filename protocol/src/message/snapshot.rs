//! The message around a snapshot: a header of the client's own, then a body of which clients share most.

use super::{TICK_PATH, take};
use crate::error::DecodeError;
use crate::limits::HISTORY_TICKS;
use crate::tick::Tick;

/// What a snapshot is of, and what it builds on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// So many ticks after the last snapshot of this connection, 1 to 63, and builds on that.
    Next(u32),
    /// Of this tick, and builds on nothing.
    Empty(Tick),
    /// Of this tick, and builds on an older snapshot than the last, at most 63 ticks back: all between are void.
    Rebased {
        /// The snapshot's tick.
        tick: Tick,
        /// What it builds on.
        baseline: Tick,
    },
}

impl Start {
    /// The snapshot's tick, when the last one of the connection is of `last`; `None` when it counts from a last one and there is
    /// none.
    #[must_use]
    pub fn tick(self, last: Option<Tick>) -> Option<Tick> {
        match self {
            Self::Next(ticks) => last.map(|last| last + ticks),
            Self::Empty(tick) | Self::Rebased { tick, .. } => Some(tick),
        }
    }
}

/// What each client is told beside the world.
///
/// The first byte of the message has the kind, 1, in its lowest two bits, and above them the ticks since the last snapshot. When
/// those are 0 a tick follows (u32, little-endian) and the ticks back to the baseline (u8; 0: there is none).
///
/// Then the slack in one byte: 32 more than the slack in 1/4 ms, from 0 to 253; 254 for none; 255 when it does not fit and
/// follows (i16, little-endian).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotHeader {
    /// Which tick on which baseline.
    pub start: Start,
    /// Input slack: how long before the start of its tick a command of this client arrived, in 1/4 ms; negative when it came
    /// late. The least since the last snapshot; `None` when there was no command.
    pub slack: Option<i16>,
}

/// Slacks from here on take a byte.
const LEAST_SHORT: i16 = -32;
/// Bytes of the longest header.
const MAX_HEADER: usize = 9;
/// In place of a short slack: none was measured.
const NO_SLACK: u8 = 254;
/// The same: it follows.
const LONG_SLACK: u8 = 255;

impl SnapshotHeader {
    /// `kind` is the first byte of the message, `bytes` what follows it.
    pub(super) fn decode(kind: u8, bytes: &[u8]) -> Result<(Self, &[u8]), DecodeError> {
        let (start, bytes) = match u32::from(kind >> 2) {
            0 => Self::decode_start(bytes)?,
            ticks => (Start::Next(ticks), bytes),
        };
        let ([slack], bytes) = take::<1>(bytes)?;
        let (slack, bytes) = match slack {
            NO_SLACK => (None, bytes),
            LONG_SLACK => {
                let (slack, bytes) = take::<2>(bytes)?;
                (Some(i16::from_le_bytes(slack)), bytes)
            }
            short => (Some(i16::from(short) + LEAST_SHORT), bytes),
        };
        Ok((Self { start, slack }, bytes))
    }

    fn decode_start(bytes: &[u8]) -> Result<(Start, &[u8]), DecodeError> {
        let (tick, bytes) = take::<4>(bytes)?;
        let ([back], bytes) = take::<1>(bytes)?;
        let tick = Tick(u32::from_le_bytes(tick));
        let back = u32::from(back);
        let limit = u64::from(HISTORY_TICKS - 1);
        DecodeError::check("ticks back to the baseline", u64::from(back), limit)?;
        let start = match back {
            0 => Start::Empty(tick),
            back => Start::Rebased {
                tick,
                baseline: tick - back,
            },
        };
        Ok((start, bytes))
    }

    /// The message's first bytes; the body follows.
    ///
    /// # Panics
    /// When a baseline is not 1 to 63 ticks older than the snapshot.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encode_with(0)
    }

    /// The same, with room behind them for a body of about so many bytes.
    pub(crate) fn encode_with(&self, body: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(MAX_HEADER + body);
        match self.start {
            Start::Next(ticks) => bytes.push(TICK_PATH | ticks_back(ticks) << 2),
            Start::Empty(tick) => {
                bytes.push(TICK_PATH);
                bytes.extend(tick.0.to_le_bytes());
                bytes.push(0);
            }
            Start::Rebased { tick, baseline } => {
                bytes.push(TICK_PATH);
                bytes.extend(tick.0.to_le_bytes());
                bytes.push(ticks_back(tick.since(baseline).unsigned_abs()));
            }
        }
        let short = self
            .slack
            .map(|slack| u8::try_from(i32::from(slack) - i32::from(LEAST_SHORT)));
        match (self.slack, short) {
            (None, _) => bytes.push(NO_SLACK),
            (_, Some(Ok(short))) if short < NO_SLACK => bytes.push(short),
            (Some(slack), _) => {
                bytes.push(LONG_SLACK);
                bytes.extend(slack.to_le_bytes());
            }
        }
        bytes
    }
}

#[expect(clippy::expect_used, reason = "documented above")]
fn ticks_back(ticks: u32) -> u8 {
    let fits = (1..HISTORY_TICKS).contains(&ticks);
    let ticks = u8::try_from(ticks).ok().filter(|_| fits);
    ticks.expect("a baseline is 1 to 63 ticks older than its snapshot")
}
