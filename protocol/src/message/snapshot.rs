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
/// Then the slack: its middle in one byte, 32 more than it is, from 0 to 253; 254 for no slack at all; 255 when it does not fit
/// and follows (i16, little-endian). Behind the middle, how far the least is below it: 0 to 254 in one byte, or 255 when it
/// follows (u16, little-endian). So three bytes are usual for all of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotHeader {
    /// Which tick on which baseline.
    pub start: Start,
    /// How early this client's commands arrived; `None` when none has since the last snapshot.
    pub slack: Option<Slack>,
}

/// Input slack: how long before the start of its tick a command arrived at the server, in 1/2 ms; negative when it came late.
///
/// The server measures over the commands that arrived since it last sent this client a snapshot: so each command counts once,
/// and a client can tell which of them were meant and how far ahead it was when it made them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slack {
    /// The middle one.
    pub p50: i16,
    /// The 1st percentile, which of up to 100 commands is the least; not above `p50`.
    pub p1: i16,
}

impl Slack {
    /// Seconds of one unit.
    pub const UNIT: f64 = 0.0005;

    /// The slack of commands that arrived so many seconds before their ticks; `None` when there is none. Sorts them.
    #[must_use]
    pub fn of(seconds: &mut [f64]) -> Option<Self> {
        seconds.sort_unstable_by(f64::total_cmp);
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
        let units = |seconds: f64| (seconds / Self::UNIT).round() as i16;
        let at = |place: usize| seconds.get(place).copied().map(units);
        let count = seconds.len();
        Some(Self {
            p50: at(count.saturating_sub(1) / 2)?,
            p1: at(count.saturating_sub(1) / 100)?,
        })
    }
}

/// Middles from here on take a byte.
const LEAST_SHORT: i16 = -32;
/// Bytes of the longest header.
const MAX_HEADER: usize = 12;
/// In place of a short slack: none was measured.
const NO_SLACK: u8 = 254;
/// In place of a middle, or of how far the least is below it: it follows.
const LONG: u8 = 255;

impl SnapshotHeader {
    /// `kind` is the first byte of the message, `bytes` what follows it.
    pub(super) fn decode(kind: u8, bytes: &[u8]) -> Result<(Self, &[u8]), DecodeError> {
        let (start, bytes) = match u32::from(kind >> 2) {
            0 => Self::decode_start(bytes)?,
            ticks => (Start::Next(ticks), bytes),
        };
        let (slack, bytes) = Self::decode_slack(bytes)?;
        Ok((Self { start, slack }, bytes))
    }

    fn decode_slack(bytes: &[u8]) -> Result<(Option<Slack>, &[u8]), DecodeError> {
        let ([middle], bytes) = take::<1>(bytes)?;
        let (p50, bytes) = match middle {
            NO_SLACK => return Ok((None, bytes)),
            LONG => {
                let (middle, bytes) = take::<2>(bytes)?;
                (i16::from_le_bytes(middle), bytes)
            }
            short => (i16::from(short) + LEAST_SHORT, bytes),
        };
        let ([below], bytes) = take::<1>(bytes)?;
        let (below, bytes) = match below {
            LONG => {
                let (below, bytes) = take::<2>(bytes)?;
                (u16::from_le_bytes(below), bytes)
            }
            short => (u16::from(short), bytes),
        };
        let p1 = p50.checked_sub_unsigned(below);
        let p1 = p1.ok_or(DecodeError::Contradiction("a least slack that cannot be"))?;
        Ok((Some(Slack { p50, p1 }), bytes))
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
        match self.slack {
            None => bytes.push(NO_SLACK),
            Some(slack) => encode_slack(slack, &mut bytes),
        }
        bytes
    }
}

fn encode_slack(Slack { p50, p1 }: Slack, bytes: &mut Vec<u8>) {
    match u8::try_from(i32::from(p50) - i32::from(LEAST_SHORT)) {
        Ok(short) if short < NO_SLACK => bytes.push(short),
        _ => {
            bytes.push(LONG);
            bytes.extend(p50.to_le_bytes());
        }
    }
    let below = p50.max(p1).abs_diff(p1);
    match u8::try_from(below) {
        Ok(short) if short < LONG => bytes.push(short),
        _ => {
            bytes.push(LONG);
            bytes.extend(below.to_le_bytes());
        }
    }
}

#[expect(clippy::expect_used, reason = "documented above")]
fn ticks_back(ticks: u32) -> u8 {
    let fits = (1..HISTORY_TICKS).contains(&ticks);
    let ticks = u8::try_from(ticks).ok().filter(|_| fits);
    ticks.expect("a baseline is 1 to 63 ticks older than its snapshot")
}
