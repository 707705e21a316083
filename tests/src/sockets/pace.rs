//! Whether ticks come when they should.

use std::io;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use tickwire_engine::RoomConfig;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::reader::Reader;
use super::with_server;

const TICK: Duration = Duration::from_nanos(16_666_667);

/// How a server kept its time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Ticks that were measured.
    pub ticks: u64,
    /// How late a tick began, in ms: the middle, the 99th and the 99.9th percentile, and the latest.
    pub start_ms: [f64; 4],
    /// How long a tick took, messages included: the 99.9th percentile and the longest.
    pub took_ms: [f64; 2],
    /// How often the match had to slow down.
    pub slowdowns: u64,
}

/// Lets so many clients play for so many seconds, after three to begin.
///
/// # Errors
/// When the system has no sockets, or the server drops a client.
pub fn steady_ticks(clients: usize, seconds: u64) -> io::Result<Pace> {
    let room = RoomConfig {
        max_players: clients,
        ..RoomConfig::default()
    };
    with_server(room, async |server, room| {
        let mut readers = JoinSet::new();
        for number in 0..clients {
            let reader = Reader::join(server, &format!("reader {number}")).await?;
            readers.spawn(play(reader));
        }
        sleep(Duration::from_secs(3)).await;
        let stats = room.stats();
        stats.forget_times();
        let (ticks, slowdowns) = (stats.ticks(), stats.slowdowns());
        sleep(Duration::from_secs(seconds)).await;
        if let Some(Ok(Err(why))) = readers.try_join_next() {
            return Err(why);
        }
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let [p50, p99, p999] = [500, 990, 999].map(|share| ms(stats.start_late(share)));
        Ok(Pace {
            ticks: stats.ticks() - ticks,
            start_ms: [p50, p99, p999, ms(stats.latest_start())],
            took_ms: [ms(stats.tick_took(999)), ms(stats.worst_tick_time())],
            slowdowns: stats.slowdowns() - slowdowns,
        })
    })
}

async fn play(mut reader: Reader) -> io::Result<()> {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let present = AtomicU32::new(0);
    loop {
        tokio::select! {
            _ = ticks.tick() => reader.command().await?,
            read = reader.read(&present) => drop(read?),
        }
    }
}
