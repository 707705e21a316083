//! The server's end: a game server like any other, and a line about it every second.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::json;
use tickwire_engine::{Interest, RoomConfig, Sim};
use tickwire_server::{Network, Server, ServerConfig};
use tokio::time::{MissedTickBehavior, interval};

use crate::args::Flags;
use crate::game::{Body, Tally, build};
use crate::process::{resident, unix_ms};
use crate::report::round;

/// Ticks from one snapshot to the next.
const SNAPSHOT_INTERVAL: u8 = 2;

/// Simulates and sends until the process is killed.
pub(crate) fn run(flags: &Flags) -> Result<(), String> {
    let config = ServerConfig {
        bind: SocketAddr::from((Ipv4Addr::LOCALHOST, flags.port)),
        room: RoomConfig {
            max_players: usize::try_from(flags.c.get()).unwrap_or(usize::MAX),
            snapshot_interval: SNAPSHOT_INTERVAL,
            // All that is to be told is told: that is what is measured.
            budget: 0,
            ..RoomConfig::default()
        },
        ..ServerConfig::default()
    };
    let mut sim = Sim::with_level(1, flags.level()?, build);
    if let Some(radius) = flags.interest {
        sim.interest(within(radius)?);
    }
    let tally = sim.world().resource::<Tally>().clone();
    let network = Network::new().map_err(|why| format!("the system gives no runtime: {why}"))?;
    network.block_on(async {
        let server = Server::start(sim, config)
            .await
            .map_err(|why| why.to_string())?;
        println!("{}", json!({ "ready": true, "pid": std::process::id() }));
        let mut seconds = interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            seconds.tick().await;
            println!("{}", line(&server, &tally));
        }
    })
}

/// What is within `radius` of a client's entity; the peers have no second radius to leave by either.
fn within(radius: f32) -> Result<Interest, String> {
    if radius.is_finite() && radius > 0.0 {
        Ok(Interest::radius(radius, radius).place(|body: &Body| [body.x, body.y]))
    } else {
        Err(format!(
            "a radius of {radius} shows nothing: --interest must be above 0"
        ))
    }
}

fn us(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Totals since the start, but for the longest gap.
fn line(server: &Server, tally: &Tally) -> serde_json::Value {
    let (stats, counts) = (server.stats(), tally.take());
    json!({
        "t": round(unix_ms(), 1),
        "ticks": stats.ticks(),
        "snaps": stats.ticks() / u64::from(SNAPSHOT_INTERVAL),
        "skipped": stats.skipped_snapshots(),
        "inputs": counts.inputs,
        "late": counts.late,
        "offTime": stats.late_ticks(),
        "startP50Us": us(stats.start_late(500)),
        "startP99Us": us(stats.start_late(990)),
        "startP999Us": us(stats.start_late(999)),
        "startMaxUs": us(stats.latest_start()),
        "tickP999Us": us(stats.tick_took(999)),
        "tickMaxUs": us(stats.worst_tick_time()),
        "slowdowns": stats.slowdowns(),
        "maxgap": round(counts.longest_gap.as_secs_f64() * 1e3, 2),
        "simMs": round(counts.simulated.as_secs_f64() * 1e3, 2),
        "encMs": round(stats.busy().saturating_sub(counts.simulated).as_secs_f64() * 1e3, 2),
        "clients": stats.players(),
        "rss": resident(),
    })
}
