//! A crowd of readers, of which some stop reading for a while.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tickwire_engine::RoomConfig;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::reader::Reader;
use super::{percentile, with_server};

const TICK: Duration = Duration::from_nanos(16_666_667);

/// Who does what, for how long.
#[derive(Debug, Clone, Copy)]
pub struct Stall {
    /// Clients in all.
    pub clients: usize,
    /// How many of them stop reading.
    pub stalled: usize,
    /// For how many seconds all play as usual, and are measured.
    pub usual_seconds: u32,
    /// For how many seconds some do not read, and the others are measured.
    pub stalled_seconds: u32,
}

/// What the others had, and what the stalled ones cost and got.
#[derive(Debug, Clone, PartialEq)]
pub struct Crowd {
    /// Ms from one snapshot to the next at those who always read, while all do: the 99th percentile.
    pub usual_p99_ms: f64,
    /// The same while some stall.
    pub stalled_p99_ms: f64,
    /// The share of snapshots that came to those who always read, while some stall.
    pub whole: f64,
    /// Bytes in the system's buffers for the fullest of the stalled ones.
    pub kernel_bytes: usize,
    /// Bytes that the whole process held more at the end of the stall, for each stalled one.
    pub heap_bytes: usize,
    /// Ticks from reading on until the slowest of them had a snapshot made since then.
    pub fresh_ticks: u32,
    /// The same in ms.
    pub fresh_ms: f64,
}

/// Lets some of a crowd stop reading. `heap` tells the bytes that the process has allocated.
///
/// # Errors
/// When the system has no sockets, or the server drops a client.
pub fn stalled_readers(stall: Stall, heap: fn() -> usize) -> io::Result<Crowd> {
    let room = RoomConfig {
        max_players: stall.clients,
        ..RoomConfig::default()
    };
    with_server(room, async |server, _| {
        let board = Arc::new(Board::default());
        let mut readers = JoinSet::new();
        let mut ports = BTreeSet::new();
        for number in 0..stall.clients {
            let reader = Reader::join(server, &format!("reader {number}")).await?;
            let stalls = number < stall.stalled;
            if stalls {
                ports.insert(reader.port()?);
            }
            readers.spawn(play(reader, stalls, Arc::clone(&board)));
        }
        sleep(Duration::from_secs(2)).await;
        board.take();
        sleep(Duration::from_secs(stall.usual_seconds.into())).await;
        let (mut usual, _) = board.take();
        // What is measured must not look like what it is measured for.
        board.reserve(stall.clients * 60 * (stall.stalled_seconds as usize + 1));
        let before = heap();
        board.stalled.store(true, Ordering::Relaxed);
        let start = board.present.load(Ordering::Relaxed);
        sleep(Duration::from_secs(stall.stalled_seconds.into())).await;
        let (mut during, count) = board.take();
        let ticks = board.present.load(Ordering::Relaxed) - start;
        let kernel_bytes = queued(server, &ports)?;
        let more = heap().saturating_sub(before);
        board.stalled.store(false, Ordering::Relaxed);
        sleep(Duration::from_secs(1)).await;
        if let Some(Ok(Err(why))) = readers.try_join_next() {
            return Err(why);
        }
        let fresh = board.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if fresh.len() != stall.stalled {
            return Err(io::Error::other(format!(
                "{} of {} are fresh a second after they read again",
                fresh.len(),
                stall.stalled
            )));
        }
        let due = (stall.clients - stall.stalled) as f64 * f64::from(ticks) / 2.0;
        Ok(Crowd {
            usual_p99_ms: percentile(&mut usual, 99.0),
            stalled_p99_ms: percentile(&mut during, 99.0),
            whole: count as f64 / due,
            kernel_bytes,
            heap_bytes: more / stall.stalled.max(1),
            fresh_ticks: fresh.iter().map(|(ticks, _)| *ticks).max().unwrap_or(0),
            fresh_ms: fresh.iter().fold(0.0, |most, (_, ms)| most.max(*ms)),
        })
    })
}

/// What all readers write on.
#[derive(Default)]
struct Board {
    /// The newest tick that anybody knows of.
    present: AtomicU32,
    stalled: AtomicBool,
    /// Ms between snapshots.
    gaps: Mutex<Vec<f64>>,
    /// In how many ticks and ms those were fresh who read again.
    fresh: Mutex<Vec<(u32, f64)>>,
}

impl Board {
    fn reserve(&self, gaps: usize) {
        let mut list = self.gaps.lock().unwrap_or_else(PoisonError::into_inner);
        list.reserve(gaps);
    }

    /// The gaps so far, and how many there are; they begin anew.
    fn take(&self) -> (Vec<f64>, usize) {
        let gaps = std::mem::take(&mut *self.gaps.lock().unwrap_or_else(PoisonError::into_inner));
        let count = gaps.len();
        (gaps, count)
    }
}

async fn play(mut reader: Reader, stalls: bool, board: Arc<Board>) -> io::Result<()> {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut last = Instant::now();
    let mut asleep = false;
    let mut back: Option<(u32, Instant)> = None;
    loop {
        let sleeps = stalls && board.stalled.load(Ordering::Relaxed);
        if asleep && !sleeps {
            back = Some((board.present.load(Ordering::Relaxed), Instant::now()));
        }
        asleep = sleeps;
        tokio::select! {
            _ = ticks.tick() => reader.command().await?,
            read = reader.read(&board.present), if !asleep => {
                let (tick, now) = (read?.0, Instant::now());
                let gap = (now - last).as_secs_f64() * 1000.0;
                last = now;
                if !stalls {
                    board.gaps.lock().unwrap_or_else(PoisonError::into_inner).push(gap);
                }
                if let Some((present, at)) = back {
                    // What it has now it says at once: it has been silent about it for long enough.
                    reader.command().await?;
                    if tick > present {
                        let since = (tick - present, (now - at).as_secs_f64() * 1000.0);
                        board.fresh.lock().unwrap_or_else(PoisonError::into_inner).push(since);
                        back = None;
                    }
                }
            }
        }
    }
}

/// Bytes that the system holds for the fullest of the connections from the server to these ports, as Linux tells.
fn queued(server: SocketAddr, ports: &BTreeSet<u16>) -> io::Result<usize> {
    let table = fs::read_to_string("/proc/net/tcp")?;
    let mut most = 0;
    for line in table.lines().skip(1) {
        let fields: Vec<_> = line.split_whitespace().collect();
        let port = |field: usize| {
            let (_, port) = fields.get(field)?.split_once(':')?;
            u16::from_str_radix(port, 16).ok()
        };
        let queue = fields.get(4).and_then(|queues| queues.split_once(':'));
        let queue = queue.and_then(|(sending, _)| usize::from_str_radix(sending, 16).ok());
        if port(1) == Some(server.port()) && port(2).is_some_and(|port| ports.contains(&port)) {
            most = most.max(queue.unwrap_or(0));
        }
    }
    Ok(most)
}
