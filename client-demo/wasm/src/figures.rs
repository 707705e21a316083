//! Figures of the connection as plain numbers, for the page to draw many times a second.

use std::time::Duration;

use tickwire_client::Stats;

/// A figure's name and where it is from. Times are in ms, counts are over all connections.
type Figure = (&'static str, fn(&Stats) -> f64);

/// All figures, in the order of the page's numbers.
pub(crate) const FIGURES: &[Figure] = &[
    ("rtt", |stats| ms(stats.rtt)),
    ("rttP95", |stats| ms(stats.rtt_p95)),
    ("jitter", |stats| ms(stats.jitter)),
    ("lead", |stats| ms(stats.lead)),
    ("slackP50", |stats| seconds(stats.slack_p50)),
    ("slackP1", |stats| seconds(stats.slack_p1)),
    ("commands", |stats| stats.commands as f64),
    ("late", |stats| stats.late as f64),
    // The clock runs as soon as there is a round trip.
    ("dilation", |stats| {
        known(!stats.rtt.is_zero(), stats.dilation)
    }),
    ("snapshotAge", |stats| ms(stats.snapshot_age)),
    ("snapshots", |stats| stats.snapshots as f64),
    ("skipped", |stats| stats.left_out as f64),
    ("interpolationDelay", |stats| ms(stats.interpolation_delay)),
    ("starved", |stats| stats.starved as f64),
    ("pictures", |stats| stats.pictures as f64),
    ("corrections", |stats| stats.corrections as f64),
    ("correctionSize", |stats| {
        known(stats.corrections > 0, stats.correction_size)
    }),
    ("shots", |stats| stats.shots as f64),
    ("hits", |stats| stats.hits as f64),
    ("agreed", |stats| stats.agreed as f64),
    ("dead", |stats| stats.dead as f64),
    // What `agreed` is a share of.
    ("agreeable", |stats| {
        stats.hits.saturating_sub(stats.dead) as f64
    }),
    ("gifts", |stats| stats.gifts as f64),
    ("looks", |stats| stats.looks as f64),
    ("clamped", |stats| stats.clamped as f64),
    ("mispredictions", |stats| stats.mispredictions as f64),
    ("replayedTicks", |stats| stats.replayed_ticks as f64),
    ("snapshotBytesIn", |stats| stats.snapshot_bytes_in as f64),
    ("eventBytesIn", |stats| stats.event_bytes_in as f64),
    ("controlBytesIn", |stats| stats.control_bytes_in as f64),
    ("commandBytesOut", |stats| {
        stats.bytes_out.saturating_sub(stats.control_bytes_out) as f64
    }),
    ("serverStartP999", |stats| ms(stats.server_start_p999)),
    ("serverTickP999", |stats| ms(stats.server_tick_p999)),
    ("controlBytesOut", |stats| stats.control_bytes_out as f64),
];

/// A figure that means something only when `there`.
fn known(there: bool, figure: f32) -> f64 {
    if there { figure.into() } else { f64::NAN }
}

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
