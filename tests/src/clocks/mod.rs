//! How well both ends keep time: measured over the simulated link, one client and one server, every number from its seed.
//!
//! The functions are what tests hold to their bounds and what the report of the netcode prints. Each plays with a game of its
//! own, in which nothing can happen but walking and jumping, so whatever goes wrong is the clock's.

mod disturbed;
mod speed;
mod table;
mod walk;

use std::time::Duration;

use crate::Link;
use table::Table;
use walk::Gait;

pub use disturbed::{Hidden, Recovery, Settling, blackhole, hidden_tab, rtt_step, server_stop};
pub use speed::{flood, twice_the_clock};
pub use walk::{Walk, Walker};

const WALKS: Gait = Gait {
    walk: true,
    jump: false,
};

/// A client settles for so long before it is measured.
const SETTLING: Duration = Duration::from_secs(5);

/// How a clock does on a steady link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steady {
    /// How far off the client is about where the server is, in ms: the middle, and 99 times out of 100 at most.
    pub offset_p50_ms: f64,
    /// The 99th percentile of the same.
    pub offset_p99_ms: f64,
    /// Commands that came.
    pub commands: u64,
    /// Those that came after their tick had begun.
    pub late: u64,
    /// How far ahead of the server commands left, on average, in ms.
    pub lead_ms: f64,
    /// How much faster or slower than time the client ran, 99 times out of 100 at most.
    pub dilation_p99: f64,
    /// Ticks that the client left out.
    pub jumped: u64,
}

impl Steady {
    /// The share of late commands.
    #[must_use]
    pub fn late_share(&self) -> f64 {
        self.late as f64 / self.commands.max(1) as f64
    }
}

/// Plays over `link` for so many seconds, after five to settle.
#[must_use]
pub fn steady(link: Link, seed: u64, seconds: u64) -> Steady {
    let mut table = Table::new(link, seed, |_| WALKS);
    table.run(SETTLING, |_| {});
    let (count, stats) = (table.room().command_count(), table.client.stats());
    let (mut offsets, mut leads, mut dilations) = (Vec::new(), Vec::new(), Vec::new());
    table.run(Duration::from_secs(seconds), |table| {
        offsets.extend(table.offset_error().map(|error| error.abs() * 1000.0));
        leads.extend(table.lead());
        dilations.push(f64::from(table.client.stats().dilation.abs()));
    });
    let after = table.room().command_count();
    Steady {
        offset_p50_ms: percentile(&mut offsets, 50.0),
        offset_p99_ms: percentile(&mut offsets, 99.0),
        commands: after.total - count.total,
        late: after.late - count.late,
        lead_ms: leads.iter().sum::<f64>() / leads.len().max(1) as f64 * 1000.0,
        dilation_p99: percentile(&mut dilations, 99.0),
        jumped: table.client.stats().jumped_ticks - stats.jumped_ticks,
    }
}

/// Plays over `link` for so many seconds, with five jumps a second. Returns how many were asked for, and how many there were.
#[must_use]
pub fn one_shots(link: Link, seed: u64, seconds: u64) -> (u32, u32) {
    let mut asked = 0;
    let end = SETTLING + Duration::from_secs(seconds);
    let mut table = Table::new(link, seed, move |now| {
        let jump = SETTLING < now && now < end && (now - SETTLING).as_millis() / 200 >= asked;
        asked += u128::from(jump);
        Gait { walk: true, jump }
    });
    table.run(end + SETTLING, |_| {});
    let jumps = table.walker().map_or(0, |walker| walker.jumps);
    (u32::try_from(seconds * 5).unwrap_or(u32::MAX), jumps)
}

/// The value below which so many of a hundred are; NaN when there is none.
pub(crate) fn percentile(values: &mut [f64], percent: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list that fits the memory"
    )]
    let place = (last * percent / 100.0).ceil() as usize;
    values.get(place).copied().unwrap_or(f64::NAN)
}
