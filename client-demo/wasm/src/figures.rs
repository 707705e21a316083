//! Figures of the connection as plain numbers, for the page to draw many times a second.

use std::time::Duration;

use tickwire_client::Stats;

/// What the page counts itself, or the core cannot know.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Calls of `tick`, about one for each picture: what starved ones are a share of.
    pub(crate) pictures: u64,
    /// There is something to measure.
    pub(crate) connected: bool,
}

/// A figure's name and where it is from. Times are in ms, counts are over all connections.
type Figure = (&'static str, fn(&Stats, &Counts) -> f64);

/// All figures, in the order of the page's numbers.
pub(crate) const FIGURES: &[Figure] = &[
    ("rtt", |stats, _| ms(stats.rtt)),
    ("rttP95", |stats, _| ms(stats.rtt_p95)),
    ("jitter", |stats, _| ms(stats.jitter)),
    ("lead", |stats, _| ms(stats.lead)),
    ("slackP50", |stats, _| seconds(stats.slack_p50)),
    ("slackP1", |stats, _| seconds(stats.slack_p1)),
    ("commands", |stats, _| stats.commands as f64),
    ("late", |stats, _| stats.late as f64),
    ("dilation", |stats, counts| {
        if counts.connected {
            f64::from(stats.dilation)
        } else {
            f64::NAN
        }
    }),
    ("snapshotAge", |stats, _| ms(stats.snapshot_age)),
    ("snapshots", |stats, _| stats.snapshots as f64),
    ("skipped", |stats, _| stats.left_out as f64),
    ("interpolationDelay", |stats, _| {
        ms(stats.interpolation_delay)
    }),
    ("starved", |stats, _| stats.starved as f64),
    ("pictures", |_, counts| counts.pictures as f64),
    ("corrections", |stats, _| stats.corrections as f64),
    ("snapshotBytesIn", |stats, _| stats.snapshot_bytes_in as f64),
    ("eventBytesIn", |stats, _| stats.event_bytes_in as f64),
    ("controlBytesIn", |stats, _| stats.control_bytes_in as f64),
    ("commandBytesOut", |stats, _| {
        stats.bytes_out.saturating_sub(stats.control_bytes_out) as f64
    }),
    ("serverStartP999", |stats, _| ms(stats.server_start_p999)),
    ("serverTickP999", |stats, _| ms(stats.server_tick_p999)),
    ("controlBytesOut", |stats, _| stats.control_bytes_out as f64),
];

/// Seconds that may be unknown, in ms.
fn seconds(seconds: Option<f32>) -> f64 {
    seconds.map_or(f64::NAN, |seconds| f64::from(seconds) * 1000.0)
}

/// A time is zero as long as it is unknown: then it is no number here either.
fn ms(time: Duration) -> f64 {
    if time.is_zero() {
        f64::NAN
    } else {
        time.as_secs_f64() * 1000.0
    }
}
