//! The message around a snapshot: a header of the client's own, then a body of which clients share most.

use bytes::Bytes;

use super::{Sheet, TICK_PATH, take};
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

    /// The middle and how far the least is below it in a byte each, as it mostly is.
    fn short(self) -> Option<[u8; 2]> {
        Some([self.middle()?, self.below()?])
    }

    fn middle(self) -> Option<u8> {
        let short = u8::try_from(i32::from(self.p50) - i32::from(LEAST_SHORT));
        short.ok().filter(|short| *short < NO_SLACK)
    }

    fn below(self) -> Option<u8> {
        let short = u8::try_from(self.spread());
        short.ok().filter(|short| *short < LONG)
    }

    fn spread(self) -> u16 {
        self.p50.max(self.p1).abs_diff(self.p1)
    }
}

/// Middles from here on take a byte.
const LEAST_SHORT: i16 = -32;
/// Bytes of the longest header: its kind, tick and ticks back, a long middle, and how far the least is below it.
const MAX_HEADER: usize = 1 + (4 + 1) + (1 + 2) + (1 + 2);
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
        self.head().bytes().to_vec()
    }

    /// The same without memory of its own.
    #[inline]
    pub(crate) fn head(&self) -> Head {
        match (self.start, self.slack.map(Slack::short)) {
            (Start::Next(ticks), None) => Head::of([kind_next(ticks), NO_SLACK]),
            (Start::Next(ticks), Some(Some([middle, below]))) => {
                Head::of([kind_next(ticks), middle, below])
            }
            _ => self.long_head(),
        }
    }

    #[cold]
    fn long_head(&self) -> Head {
        let mut head = Head::default();
        match self.start {
            Start::Next(ticks) => head.put([kind_next(ticks)]),
            Start::Empty(tick) => head.put_start(tick, 0),
            Start::Rebased { tick, baseline } => {
                head.put_start(tick, ticks_back(tick.since(baseline).unsigned_abs()));
            }
        }
        match self.slack {
            None => head.put([NO_SLACK]),
            Some(slack) => head.put_slack(slack),
        }
        head
    }
}

/// The bytes of a header.
#[derive(Debug, Default)]
pub(crate) struct Head {
    bytes: [u8; MAX_HEADER],
    len: usize,
}

impl Head {
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    #[inline]
    fn of<const N: usize>(bytes: [u8; N]) -> Self {
        let mut head = Self::default();
        head.put(bytes);
        head
    }

    #[inline]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        let end = self.len + N;
        if let Some(place) = self.bytes.get_mut(self.len..end) {
            place.copy_from_slice(&bytes);
            self.len = end;
        }
    }

    fn put_start(&mut self, tick: Tick, back: u8) {
        self.put([TICK_PATH]);
        self.put(tick.0.to_le_bytes());
        self.put([back]);
    }

    fn put_slack(&mut self, slack: Slack) {
        if let Some(short) = slack.middle() {
            self.put([short]);
        } else {
            self.put([LONG]);
            self.put(slack.p50.to_le_bytes());
        }
        if let Some(short) = slack.below() {
            self.put([short]);
        } else {
            self.put([LONG]);
            self.put(slack.spread().to_le_bytes());
        }
    }
}

/// A message that several clients get, each behind a header of its own.
#[derive(Debug)]
pub(crate) struct Common {
    /// As the first got it.
    message: Bytes,
    header: SnapshotHeader,
    /// Bytes of the header.
    head: usize,
    /// What others got who were told something else of their commands, each in the place of its slack. In a crowd many are told the
    /// same.
    others: Vec<Option<(Option<Slack>, Bytes)>>,
}

/// Places for messages with another slack.
const SLACKS: usize = 64;

impl Common {
    /// The message of the first, which begins with this header.
    pub(crate) fn new(message: Bytes, header: SnapshotHeader) -> Self {
        let head = header.head().len;
        Self {
            message,
            header,
            head,
            others: Vec::new(),
        }
    }

    /// The message of another that builds on the same; on the same memory when it is told the same of its commands.
    #[inline]
    pub(crate) fn with(&mut self, slack: Option<Slack>, sheet: &mut Sheet) -> Bytes {
        if slack == self.header.slack {
            self.message.clone()
        } else {
            self.with_another(slack, sheet)
        }
    }

    /// How many bytes that has.
    #[inline]
    pub(crate) fn len_with(&self, slack: Option<Slack>) -> usize {
        if slack == self.header.slack {
            return self.message.len();
        }
        let start = self.header.start;
        let head = SnapshotHeader { start, slack }.head();
        self.message.len() - self.head + head.len
    }

    #[inline(never)]
    fn with_another(&mut self, slack: Option<Slack>, sheet: &mut Sheet) -> Bytes {
        if self.others.is_empty() {
            self.others.resize(SLACKS, None);
        }
        // Slacks of a crowd are near each other, and so have places of their own.
        let place = slack.map_or(SLACKS - 1, |slack| {
            usize::from(slack.p50.cast_unsigned()) + 13 * usize::from(slack.spread())
        });
        let known = self.others.get(place % SLACKS);
        if let Some(Some((known, message))) = known
            && *known == slack
        {
            return message.clone();
        }
        let message = self.behind(self.header.start, slack, sheet);
        if let Some(place) = self.others.get_mut(place % SLACKS) {
            *place = Some((slack, message.clone()));
        }
        message
    }

    /// The message behind any header.
    fn behind(&self, start: Start, slack: Option<Slack>, sheet: &mut Sheet) -> Bytes {
        let header = SnapshotHeader { start, slack };
        let body = self.message.get(self.head..).unwrap_or_default();
        sheet.cut(header.head().bytes(), body)
    }
}

/// The first byte of a message that counts from the last.
fn kind_next(ticks: u32) -> u8 {
    TICK_PATH | ticks_back(ticks) << 2
}

#[expect(clippy::expect_used, reason = "documented above")]
fn ticks_back(ticks: u32) -> u8 {
    let fits = (1..HISTORY_TICKS).contains(&ticks);
    let ticks = u8::try_from(ticks).ok().filter(|_| fits);
    ticks.expect("a baseline is 1 to 63 ticks older than its snapshot")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_message_stands_behind_any_head() {
        let starts = [
            Start::Next(1),
            Start::Next(63),
            Start::Empty(Tick(70_000)),
            Start::Rebased {
                tick: Tick(9),
                baseline: Tick(2),
            },
        ];
        let slacks = [(7, 3), (221, -33), (222, 222), (-40, -300), (5, 5)];
        let slacks = slacks.map(|(p50, p1)| Some(Slack { p50, p1 }));
        let slacks = || slacks.iter().chain([&None]);
        let headers = starts.iter().flat_map(|start| {
            slacks().map(|slack| SnapshotHeader {
                start: *start,
                slack: *slack,
            })
        });
        let headers: Vec<_> = headers.collect();
        let longest = headers.iter().map(|header| header.encode().len()).max();
        assert_eq!(longest, Some(MAX_HEADER));
        let mut sheet = Sheet::default();
        for first in &headers {
            let message = [&*first.encode(), b"body"].concat();
            let common = Common::new(message.into(), *first);
            for other in &headers {
                let message = common.behind(other.start, other.slack, &mut sheet);
                assert_eq!(*message, [&*other.encode(), b"body"].concat());
                let (kind, rest) = message.split_first().unwrap();
                assert_eq!(
                    SnapshotHeader::decode(*kind, rest).unwrap(),
                    (*other, &b"body"[..])
                );
            }
        }
    }

    #[test]
    fn who_is_told_the_same_gets_the_same_memory() {
        let mut rng = fastrand::Rng::with_seed(3);
        let start = Start::Next(2);
        let slack = Some(Slack { p50: 9, p1: 9 });
        let header = SnapshotHeader { start, slack };
        let message = [&*header.encode(), b"body"].concat();
        let mut common = Common::new(message.into(), header);
        let mut sheet = Sheet::default();
        for _ in 0..10_000 {
            let p50 = if rng.u8(..) == 0 {
                rng.i16(-300..300)
            } else {
                rng.i16(5..15)
            };
            let p1 = p50 - if rng.u8(..) == 0 { rng.i16(0..300) } else { 0 };
            let slack = (rng.u8(0..20) > 0).then_some(Slack { p50, p1 });
            let message = common.with(slack, &mut sheet);
            let header = SnapshotHeader { start, slack };
            assert_eq!(*message, [&*header.encode(), b"body"].concat());
            let again = common.with(slack, &mut sheet);
            assert_eq!(again.as_ptr(), message.as_ptr());
        }
        assert!(common.others.len() <= SLACKS);
    }
}
