//! One reader behind a narrow line, over real sockets with all their buffers.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tickwire_engine::RoomConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::reader::Reader;
use super::{percentile, with_server};

/// Bytes per second that the line takes: 256 kbit/s.
const RATE: u32 = 32_000;

/// The line is free again this often.
const BREATH: Duration = Duration::from_millis(5);

const TICK: Duration = Duration::from_nanos(16_666_667);

/// What a reader behind a line of 256 kbit/s gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Narrow {
    /// How much older its newest snapshot is than that of a reader beside it on a free line, in ms: the middle.
    pub age_p50_ms: f64,
    /// The 99th percentile of the same. The way there and back is under a millisecond, and a tick.
    pub age_p99_ms: f64,
    /// Snapshots a second that it got.
    pub snapshots: f64,
    /// Those that the other got.
    pub usual: f64,
}

/// Reads for so many seconds, after three to begin. The world has more to tell than the line takes; each client's budget is as usual
/// or, `unbudgeted`, without limit. A reader that never says what it has shows what the socket's own buffers would do.
///
/// # Errors
/// When the system has no sockets.
pub fn narrow_reader(seconds: u64, unbudgeted: bool, acknowledges: bool) -> io::Result<Narrow> {
    let mut room = RoomConfig::default();
    if unbudgeted {
        room.budget = 0;
    }
    with_server(room, async |server, _| {
        let line = TcpListener::bind(("127.0.0.1", 0)).await?;
        let behind = line.local_addr()?;
        tokio::spawn(narrow(line, server));
        let (slow, quick) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (counts, one) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let narrow = Reader::join(behind, "narrow").await?;
        let free = Reader::join(server, "free").await?;
        tokio::spawn(play(
            narrow,
            Arc::clone(&slow),
            Arc::clone(&counts),
            acknowledges,
        ));
        tokio::spawn(play(free, Arc::clone(&quick), Arc::clone(&one), true));
        sleep(Duration::from_secs(3)).await;
        let got = || [&counts, &one].map(|count| f64::from(count.load(Ordering::Relaxed)));
        let before = got();
        let (mut ages, start) = (Vec::new(), Instant::now());
        while start.elapsed() < Duration::from_secs(seconds) {
            sleep(BREATH).await;
            let [slow, quick] = [&slow, &quick].map(|tick| f64::from(tick.load(Ordering::Relaxed)));
            ages.push((quick - slow).max(0.0) * 1000.0 / 60.0);
        }
        let after = got();
        Ok(Narrow {
            age_p50_ms: percentile(&mut ages, 50.0),
            age_p99_ms: percentile(&mut ages, 99.0),
            snapshots: (after[0] - before[0]) / seconds as f64,
            usual: (after[1] - before[1]) / seconds as f64,
        })
    })
}

/// Reads as fast as its line allows, and says in every tick what it has.
async fn play(
    mut reader: Reader,
    newest: Arc<AtomicU32>,
    count: Arc<AtomicU32>,
    acknowledges: bool,
) -> io::Result<()> {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                if acknowledges {
                    reader.command().await?;
                }
            }
            read = reader.read(&newest) => {
                read?;
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// Passes on what comes: towards the server at once, towards the client at the line's rate.
async fn narrow(line: TcpListener, server: SocketAddr) -> io::Result<()> {
    let (client, _) = line.accept().await?;
    let server = TcpStream::connect(server).await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut bytes = [0; 512];
    let mut free = Instant::now();
    loop {
        let place = bytes.len().min(RATE as usize / 200);
        let place = bytes.get_mut(..place).unwrap_or_default();
        let read = from_server.read(place).await?;
        if read == 0 {
            return Ok(());
        }
        to_client
            .write_all(place.get(..read).unwrap_or_default())
            .await?;
        let took = Duration::from_secs_f64(read as f64 / f64::from(RATE));
        free = free.max(Instant::now() - BREATH) + took;
        tokio::time::sleep_until(free).await;
    }
}
