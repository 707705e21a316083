//! The message around a snapshot: a header of the client's own, then delta bits that clients share.

use super::{TICK_PATH, take};
use crate::error::DecodeError;
use crate::limits::HISTORY_TICKS;
use crate::tick::Tick;

/// What each client is told beside the world. Seven bytes: tick (u32), ticks back to the baseline (u8), slack (i16), all
/// little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotHeader {
    /// The snapshot's tick.
    pub tick: Tick,
    /// What the delta builds on; `None` is the empty snapshot.
    pub baseline: Option<Tick>,
    /// Input slack: how long before the start of its tick a command of this client arrived, in 1/4 ms; negative when it came
    /// late. The least since the last snapshot; `None` when there was no command.
    pub slack: Option<i16>,
}

/// In place of a slack: none measured yet.
const NO_SLACK: i16 = i16::MIN;

impl SnapshotHeader {
    pub(super) fn decode(bytes: &[u8]) -> Result<(Self, &[u8]), DecodeError> {
        let (tick, bytes) = take::<4>(bytes)?;
        let ([back], bytes) = take::<1>(bytes)?;
        let (slack, delta) = take::<2>(bytes)?;
        DecodeError::check(
            "ticks back to the baseline",
            u64::from(back),
            u64::from(HISTORY_TICKS - 1),
        )?;
        let tick = Tick(u32::from_le_bytes(tick));
        let slack = i16::from_le_bytes(slack);
        let header = Self {
            tick,
            baseline: (back > 0).then(|| tick - u32::from(back)),
            slack: (slack != NO_SLACK).then_some(slack),
        };
        Ok((header, delta))
    }
}

/// A snapshot message: `header`, then the bytes of [`delta::encode`](crate::delta::encode).
///
/// # Panics
/// When the baseline is not 1 to 63 ticks older than the snapshot.
#[must_use]
#[expect(clippy::expect_used, reason = "documented above")]
pub fn encode_snapshot(header: SnapshotHeader, delta: &[u8]) -> Vec<u8> {
    let back = header.baseline.map_or(0, |baseline| {
        let back = u8::try_from(header.tick.since(baseline))
            .expect("a baseline is older than its snapshot");
        assert!(
            (1..HISTORY_TICKS).contains(&u32::from(back)),
            "a baseline is at most 63 ticks old"
        );
        back
    });
    let mut bytes = Vec::with_capacity(8 + delta.len());
    bytes.push(TICK_PATH);
    bytes.extend(header.tick.0.to_le_bytes());
    bytes.push(back);
    bytes.extend(
        header
            .slack
            .map_or(NO_SLACK, |slack| slack.max(-i16::MAX))
            .to_le_bytes(),
    );
    bytes.extend(delta);
    bytes
}
