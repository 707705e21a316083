//! Whether ticks come when they should.

use std::io;
use std::sync::atomic::AtomicU32;
use std::thread;
use std::time::Duration;

use tickwire_engine::{Host, Room, RoomConfig, Sim, TickPriority};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::reader::Reader;
use super::with_server;
use super::world::Dust;

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

/// How late ticks begin that have nothing to do, in ms: the 99.9th percentile and the latest. No match on this machine is better.
///
/// # Errors
/// When the system gives no thread.
pub fn idle_ticks(seconds: u64) -> io::Result<[f64; 2]> {
    let host = Host::spawn("idle", TickPriority::RealTime)?;
    let room = host.add_room(Room::new(
        Sim::<Dust>::new(1, |_| {}),
        RoomConfig::default(),
    ));
    thread::sleep(Duration::from_secs(seconds));
    let stats = room.stats();
    let late = [stats.start_late(999), stats.latest_start()];
    host.stop("measured");
    Ok(late.map(in_ms))
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
        let [p50, p99, p999] = [500, 990, 999].map(|share| in_ms(stats.start_late(share)));
        Ok(Pace {
            ticks: stats.ticks() - ticks,
            start_ms: [p50, p99, p999, in_ms(stats.latest_start())],
            took_ms: [in_ms(stats.tick_took(999)), in_ms(stats.worst_tick_time())],
            slowdowns: stats.slowdowns() - slowdowns,
        })
    })
}

fn in_ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
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
