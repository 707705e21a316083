//! `/healthz`: whether the match goes on.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use serde_json::json;
use tickwire_engine::RoomStats;
use tokio::time::{Instant, sleep};

use super::answer::{Answer, put, text};

/// How long a match may stand still and still count as healthy.
const PATIENCE: Duration = Duration::from_secs(1);

const POLL: Duration = Duration::from_millis(5);

/// Healthy is a room of which a tick comes while one asks. So the answer takes a tick, and needs no memory of earlier ones.
pub(crate) async fn health(stats: &RoomStats, game: &str, tick_rate: u32) -> Answer {
    let before = stats.ticks();
    let asked = Instant::now();
    let patience = PATIENCE.max(2 * Duration::from_secs(1) / tick_rate);
    while stats.ticks() == before && asked.elapsed() < patience {
        sleep(POLL).await;
    }
    let ticks = stats.ticks();
    let (code, status) = if ticks == before {
        (StatusCode::SERVICE_UNAVAILABLE, "stalled")
    } else {
        (StatusCode::OK, "ok")
    };
    let report = json!({
        "status": status,
        "game": game,
        "ticks": ticks,
        "players": stats.players(),
        "kept_seats": stats.kept_seats(),
        "tick_us": whole_us(stats.tick_time()),
        "worst_tick_us": whole_us(stats.worst_tick_time()),
        "start_p999_us": whole_us(stats.start_late(999)),
        "tick_p999_us": whole_us(stats.tick_took(999)),
        "slowdowns": stats.slowdowns(),
        "skipped_snapshots": stats.skipped_snapshots(),
        "held_back_rows": stats.held_back_rows(),
    });
    let mut answer = text(code, &format!("{report}\n"));
    put(&mut answer, CONTENT_TYPE, "application/json");
    answer
}

fn whole_us(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_room_that_never_ticks_is_stalled() {
        let answer = health(&RoomStats::default(), "Still", 60).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
