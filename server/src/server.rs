//! A running server: one port, one room, the tasks of its players.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tickwire_engine::{EcsGame, Host, Room, RoomConfig, RoomHandle, RoomStats, Sim, TickPriority};
use tickwire_protocol::link::Link;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};
use tokio::time::{sleep, timeout};

use crate::Error;
use crate::connection::{Shared, serve};
use crate::crowd::Crowd;
use crate::explain::Explain;
use crate::network::Network;
use crate::session::{Bell, SessionLimits, is_stamped};
use crate::stopping::{Stop, stop};
use crate::web::{Doorman, Origins, Site, Web};

/// For connections to end when the server stops; what still lives then is cut off.
const DRAIN: Duration = Duration::from_millis(1200);

/// When the system has no more sockets, it is no use to ask for one at once again.
const BREATH: Duration = Duration::from_millis(100);

/// The settings of a [`Server`].
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// The address to listen on; port 0 takes a free one.
    pub bind: SocketAddr,
    /// The web page.
    pub site: Site,
    /// Pages from elsewhere that may connect; those of this server always may.
    pub origins: Origins,
    /// The settings of the match's room.
    pub room: RoomConfig,
    /// How urgently the system is to run the match's thread.
    pub tick_priority: TickPriority,
    /// Connections at a time, requests for the page included.
    pub max_connections: usize,
    /// Connections at a time from one address, an IPv6 network of 64 bits counting as one. This machine is exempt.
    pub max_connections_per_ip: usize,
    /// A client that is silent for that long, or takes that long to read a message, is gone.
    pub ping_timeout: Duration,
    /// Whether `/explain` shows what the bytes to each client are for. Costs about as much as a client's decoding for each.
    pub explain: bool,
    /// A bad link to simulate for every player, both ways, told to them in plain words. For trying things out.
    pub link: Option<Link>,
}

impl Default for ServerConfig {
    /// Port 8080 on this machine only, no page and none from elsewhere, 1024 connections, 64 from an address, 10 s of silence.
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            site: Site::none(),
            origins: Origins::default(),
            room: RoomConfig::default(),
            tick_priority: TickPriority::default(),
            max_connections: 1024,
            max_connections_per_ip: 64,
            ping_timeout: Duration::from_secs(10),
            explain: false,
            link: None,
        }
    }
}

/// A server that listens and plays, for programs that are more than [`cli`](crate::cli) and for tests.
///
/// It lives in the caller's tokio runtime, best a [`Network`]; the match has a thread of its own. Dropped, it ends without waiting for anyone.
pub struct Server {
    address: SocketAddr,
    host: Host,
    room: RoomHandle,
    stop: Stop,
    listener: JoinHandle<()>,
}

impl Server {
    /// Starts the match `sim` and listens.
    ///
    /// # Errors
    /// When the address cannot be had, or the system gives no thread.
    pub async fn start<G: EcsGame>(sim: Sim<G>, config: ServerConfig) -> Result<Self, Error> {
        let listener = TcpListener::bind(config.bind)
            .await
            .map_err(|source| listen_error(config.bind, source))?;
        let address = listener.local_addr().map_err(Error::System)?;
        let web = Web::new(config.site, &sim.level().text);
        let game = sim.schema().name;
        if let Some(why) = &sim.schema().unused {
            tracing::warn!(%why, "the game's own tables are not in use, so snapshots take more bytes: train them anew (tables train)");
        }
        let host = Host::spawn(game, config.tick_priority).map_err(Error::System)?;
        let room = host.add_room(Room::new(sim, config.room));
        // Over a simulated link messages arrive at moments of its own, and without stamps when they are read.
        let rounds = Network::rounds().filter(|_| config.link.is_none() && is_stamped(&listener));
        let bell = Bell::new(rounds.map(|rounds| rounds.follow(room.clone())));
        let bell = Arc::new(bell);
        let (stop, stopping) = stop();
        let shared = Shared {
            game,
            tick_rate: G::TICK_RATE,
            web,
            doorman: Doorman::new(config.origins),
            room: room.clone(),
            limits: SessionLimits {
                ping_timeout: config.ping_timeout,
                tick_rate: G::TICK_RATE,
                link: config.link,
            },
            bell: Arc::clone(&bell),
            explain: config.explain.then(Explain::new::<G>),
            stopping,
            sessions: AtomicU64::new(1),
        };
        let crowd = Crowd::new(config.max_connections, config.max_connections_per_ip);
        let listening = listen(listener, crowd, Arc::new(shared));
        let listener = tokio::spawn(async move {
            tokio::select! {
                () = listening => {}
                never = bell.wake_all() => match never {},
            }
        });
        Ok(Self {
            address,
            host,
            room,
            stop,
            listener,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The room of the match, for those who bring players to it by other ways.
    #[must_use]
    pub fn room(&self) -> RoomHandle {
        self.room.clone()
    }

    /// Live figures of the match.
    #[must_use]
    pub fn stats(&self) -> &RoomStats {
        self.room.stats()
    }

    /// Tells the players why, asks them to come back, and ends. Takes less than 2 s.
    pub async fn stop(self, reason: &str) {
        self.stop.now();
        let reason = reason.to_owned();
        // Joins a thread, which must not hold up the tasks that deliver the goodbyes.
        let host = spawn_blocking(move || self.host.stop(&reason));
        let _ = tokio::join!(host, self.listener);
    }
}

fn listen_error(address: SocketAddr, source: io::Error) -> Error {
    if source.kind() == io::ErrorKind::AddrInUse {
        Error::AddressInUse(address)
    } else {
        Error::Listen { address, source }
    }
}

/// Accepts connections, each into a task of its own, until the server stops.
async fn listen(listener: TcpListener, crowd: Arc<Crowd>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    let mut stopping = shared.stopping.clone();
    loop {
        tokio::select! {
            () = stopping.wait() => break,
            Some(ended) = connections.join_next() => note_panic(ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => welcome(&mut connections, stream, peer, &crowd, &shared),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(BREATH).await;
                }
            },
        }
    }
    // From here on a new client is refused at once instead of waiting for nothing.
    drop(listener);
    let drained = timeout(DRAIN, async {
        while let Some(ended) = connections.join_next().await {
            note_panic(ended);
        }
    });
    if drained.await.is_err() {
        tracing::warn!(connections = connections.len(), "connections were cut off");
    }
}

fn welcome(
    connections: &mut JoinSet<()>,
    stream: TcpStream,
    peer: SocketAddr,
    crowd: &Arc<Crowd>,
    shared: &Arc<Shared>,
) {
    match crowd.admit(peer.ip()) {
        Ok(place) => {
            let shared = Arc::clone(shared);
            connections.spawn(async move {
                serve(stream, peer, &shared).await;
                drop(place);
            });
        }
        // Debug only: whoever floods the server must not flood the log too.
        Err(refusal) => tracing::debug!(%peer, %refusal, "connection refused"),
    }
}

fn note_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection's task died");
    }
}
