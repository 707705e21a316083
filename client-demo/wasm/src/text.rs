//! What the page reads as JSON.

use std::time::Duration;

use arena::{Arena, Event};
use serde::Serialize;
use serde_json::Value;
use tickwire_client::{Client, Connection, Stats};
use tickwire_protocol::LoadedLevel;
use tickwire_protocol::explain::Report;

/// `{"shot": {…}}`, as serde writes it, becomes `{"type": "shot", …}`, as pages like it; with `"drawn": true` if the page has drawn
/// it already.
pub(crate) fn event(event: &Event, drawn: bool) -> String {
    let mut line = serde_json::Map::new();
    if drawn {
        line.insert("drawn".to_owned(), Value::Bool(true));
    }
    if let Ok(Value::Object(tagged)) = serde_json::to_value(event) {
        for (name, fields) in tagged {
            line.insert("type".to_owned(), Value::String(name));
            if let Value::Object(fields) = fields {
                line.extend(fields);
            }
        }
    }
    Value::Object(line).to_string()
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct ConnectionText<'a> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_in_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<u32>,
}

/// Where the connection stands.
pub(crate) fn connection(client: &Client<Arena>, now: Duration) -> String {
    let simply = |state| ConnectionText {
        state,
        ..Default::default()
    };
    let text = match client.connection() {
        Connection::Waiting {
            at,
            attempt,
            reason,
        } => ConnectionText {
            state: "waiting",
            reason: reason.as_deref(),
            retry_in_ms: u64::try_from(at.saturating_sub(now).as_millis()).ok(),
            attempt: Some(*attempt),
            ..Default::default()
        },
        Connection::Dialling => simply("dialling"),
        Connection::Handshaking => simply("handshaking"),
        Connection::NeedsLevel { name, .. } => ConnectionText {
            state: "needs-level",
            level: Some(name),
            ..Default::default()
        },
        Connection::Playing => ConnectionText {
            state: "playing",
            level: client.level().map(|level| &*level.name),
            own: client.own().map(|own| own.0),
            ..Default::default()
        },
        Connection::Refused { reason } => ConnectionText {
            state: "refused",
            reason: Some(reason),
            ..Default::default()
        },
    };
    json(&text)
}

#[derive(Serialize)]
struct MapText<'a> {
    name: &'a str,
    width: usize,
    height: usize,
    cells: String,
}

/// The floor plan.
pub(crate) fn map(level: &LoadedLevel<Arena>) -> String {
    let map = &level.level;
    json(&MapText {
        name: &level.name,
        width: map.width(),
        height: map.height(),
        cells: map.cells().iter().map(|cell| cell.character()).collect(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatsText {
    rtt_ms: f64,
    jitter_ms: f64,
    /// How far ahead of the server commands are made.
    lead_ms: f64,
    /// How long before its tick the last measured command arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    slack_ms: Option<f64>,
    snapshot_age_ms: f64,
    view_age_ms: f64,
    delay_ms: f64,
    corrections: u64,
    skipped: u64,
    starved: u64,
    kbps: f64,
    kbps_up: f64,
    /// What the server wants the player to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
}

/// Figures of the connection; nothing while there is none.
pub(crate) fn stats(client: &Client<Arena>, meter: &Meter) -> String {
    if client.own().is_none() {
        return "{}".to_owned();
    }
    let stats = client.stats();
    json(&StatsText {
        rtt_ms: ms(stats.rtt),
        jitter_ms: ms(stats.jitter),
        lead_ms: ms(stats.lead),
        slack_ms: stats.slack.map(|slack| tenth(f64::from(slack) * 1000.0)),
        snapshot_age_ms: ms(stats.snapshot_age),
        view_age_ms: ms(stats.view_age),
        delay_ms: ms(stats.interpolation_delay),
        corrections: stats.corrections,
        skipped: stats.skipped,
        starved: stats.starved,
        kbps: meter.down,
        kbps_up: meter.up,
        notice: client.notice().map(str::to_owned),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExplainText {
    tick_rate: u32,
    /// The last five seconds.
    recent: Report,
    /// Since it was asked for.
    all: Report,
}

/// What the bytes were for; nothing unless somebody wants to know.
pub(crate) fn explain(client: &Client<Arena>) -> String {
    let Some(account) = client.account() else {
        return String::new();
    };
    let schema = &client.schema().rows;
    json(&ExplainText {
        tick_rate: client.schema().tick_rate,
        recent: Report::new(&account.recent(), schema),
        all: Report::new(&account.all(), schema),
    })
}

fn ms(time: Duration) -> f64 {
    tenth(time.as_secs_f64() * 1000.0)
}

fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// Plain structs of texts and numbers always become JSON.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Turns counted bytes into kbit/s of the last second.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    since: Duration,
    bytes_in: u64,
    bytes_out: u64,
    down: f64,
    up: f64,
}

impl Meter {
    const PERIOD: Duration = Duration::from_secs(1);

    pub(crate) fn measure(&mut self, stats: &Stats, now: Duration) {
        let period = now.saturating_sub(self.since);
        if period < Self::PERIOD {
            return;
        }
        let kbps = |bytes: u64| tenth(bytes as f64 * 8.0 / 1000.0 / period.as_secs_f64());
        self.down = kbps(stats.bytes_in.saturating_sub(self.bytes_in));
        self.up = kbps(stats.bytes_out.saturating_sub(self.bytes_out));
        (self.bytes_in, self.bytes_out) = (stats.bytes_in, stats.bytes_out);
        self.since = now;
    }
}
