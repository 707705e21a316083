//! The result of a measurement.

use std::time::Duration;

use serde_json::{Value, json};

use crate::probe::Findings;

/// What one client got within the measured time.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Received {
    /// Payload, without what the WebSocket adds.
    pub(crate) bytes: u64,
    pub(crate) messages: u64,
    /// Bytes of the largest message.
    pub(crate) largest: u64,
}

/// The line that ends a measurement of length `took`, in which the client's process used `cpu` seconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of less than 2^52, to be divided"
)]
pub(crate) fn result(
    received: &[Received],
    mut found: Findings,
    took: Duration,
    cpu: f64,
) -> Value {
    let seconds = took.as_secs_f64();
    let clients = received.len().max(1) as f64;
    let bytes: u64 = received.iter().map(|client| client.bytes).sum();
    let messages: u64 = received.iter().map(|client| client.messages).sum();
    let (latencies, gaps, errors) = (&mut found.latencies, &mut found.gaps, &mut found.errors);
    [latencies, gaps, errors]
        .into_iter()
        .for_each(|values| values.sort_by(f64::total_cmp));
    json!({ "result": {
        "clients": received.len(),
        "secs": round(seconds, 3),
        "bytesPerClientPerSec": round(bytes as f64 / clients / seconds, 1),
        "msgsPerClientPerSec": round(messages as f64 / clients / seconds, 3),
        "bytesPerMsg": round(bytes as f64 / messages.max(1) as f64, 1),
        "maxMsg": received.iter().map(|client| client.largest).max(),
        "silent": received.iter().filter(|client| client.messages == 0).count(),
        "latN": found.latencies.len(),
        "latP50": quantile(&found.latencies, 0.5),
        "latP90": quantile(&found.latencies, 0.9),
        "latP99": quantile(&found.latencies, 0.99),
        "latMax": quantile(&found.latencies, 1.0),
        "gapP50": quantile(&found.gaps, 0.5),
        "gapP99": quantile(&found.gaps, 0.99),
        "gapMax": quantile(&found.gaps, 1.0),
        "clientCpu": round(cpu / seconds, 3),
        "posErrP99": quantile(&found.errors, 0.99),
        "posErrMax": quantile(&found.errors, 1.0),
        "rowsPerSnap": round(found.errors.len() as f64 / found.snapshots.max(1) as f64, 1),
        "wrongRows": found.wrong_rows,
    }})
}

/// Of sorted values; −1 when there are none.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a length is an index"
    )]
    let index = (share * sorted.len() as f64) as usize;
    let value = sorted.get(index).or(sorted.last());
    value.map_or(-1.0, |value| round(*value, 4))
}

/// To so many digits behind the point.
pub(crate) fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
