//! A real server and real sockets: what a slow reader gets, and what it costs the others.
//!
//! Times here are real: figures need a machine that is otherwise idle. What tests hold to their bounds is counted in ticks and
//! bytes, or has much room.

mod crowd;
mod narrow;
mod pace;
mod reader;
mod world;

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;

use tickwire_engine::{RoomConfig, RoomHandle, Sim};
use tickwire_server::{Network, Server, ServerConfig};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

pub use crowd::{Crowd, Stall, stalled_readers};
pub use narrow::{Narrow, narrow_reader};
pub use pace::{Pace, idle_ticks, steady_ticks};
pub(crate) use world::build;
pub use world::{Dust, Idle, Mote};

/// Runs a server in a thread of its own, and `visit` with its address in this one.
fn with_server<T>(
    room: RoomConfig,
    visit: impl AsyncFnOnce(SocketAddr, RoomHandle) -> io::Result<T>,
) -> io::Result<T> {
    let (started, address) = mpsc::channel();
    let (stop, stopping) = oneshot::channel::<()>();
    let serving = thread::spawn(move || -> io::Result<()> {
        Network::new()?.block_on(async move {
            let config = ServerConfig {
                bind: SocketAddr::from(([127, 0, 0, 1], 0)),
                room,
                max_connections_per_ip: 1024,
                ..ServerConfig::default()
            };
            let server = Server::start(Sim::new(1, build), config).await;
            let server = server.map_err(io::Error::other)?;
            // Whoever waits for these is gone only when the test is over, too.
            let _ = started.send((server.address(), server.room()));
            let _ = stopping.await;
            server.stop("the test is over").await;
            Ok(())
        })
    });
    let visited = match address.recv() {
        Ok((address, room)) => runtime()?.block_on(visit(address, room)),
        Err(gone) => Err(io::Error::other(gone)),
    };
    let _ = stop.send(());
    match serving.join() {
        Ok(served) => served.and(visited),
        Err(_) => Err(io::Error::other("the server's thread died")),
    }
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// The value below which so many of a hundred are; NaN when there is none.
fn percentile(values: &mut [f64], percent: f64) -> f64 {
    crate::clocks::percentile(values, percent)
}
