//! `serve`: the game on the network.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use tickwire_engine::{EcsGame, RewindLimit, RoomConfig, Sim, bot_name};
use tickwire_protocol::link::Link;
use tickwire_protocol::{Game, GameSchema, Level, LoadedLevel};

use super::logs::{self, Logs};
use super::parse;
use super::setting::{Setting, Values};
use super::signals::Signals;
use crate::recording::LiveRecording;
use crate::{Error, Network, Origins, Server, ServerConfig, Site};

/// What `serve` was told.
pub(crate) struct Serve<G: Game> {
    pub(crate) level: LoadedLevel<G>,
    pub(crate) bots: usize,
    pub(crate) seed: u64,
    /// The game's own if `None`.
    pub(crate) rewind_limit: Option<RewindLimit>,
    pub(crate) config: ServerConfig,
    pub(crate) record: Option<PathBuf>,
    pub(crate) sockets: Sockets,
    pub(crate) logs: Logs,
}

/// When sockets are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sockets {
    /// Between ticks, see [`Network`].
    Rounds,
    /// Whenever something comes, see [`Network::at_once`].
    AtOnce,
}

/// A player takes about 1 ms a second of the one thread that has rounds, so many leave half of it free.
const MOST_IN_ROUNDS: usize = 500;

/// The settings of `serve`.
pub(crate) fn settings<G: Game>() -> Vec<Setting> {
    let usual = ServerConfig::default();
    let game = |key, value, help: &str| Setting::new("Match", key, value, help);
    let network = |key, value, help: &str| Setting::new("Network", key, value, help);
    let rates = parse::either(&parse::snapshot_rates(G::TICK_RATE));
    let rates = format!("Snapshots per second to each player: {rates}");
    let seed = "Seed of everything random in the match; drawn anew each time if not given";
    let budget = "Sent to each player, 8 to 1000000 kbit/s; the rest waits. 0 for no limit";
    let kept = "How long a lost connection's seat is kept, 0 to 3600; 0 for not at all";
    let hidden =
        "Takes players out who are hidden, or away, this long, 0 to 3600; never if not given";
    let longest = RewindLimit::LONGEST.0.as_millis();
    let rewind = format!(
        "Age of the oldest pictures to judge shots by, 0 to {longest} ms; the game's own if not given"
    );
    let urgency =
        "How urgent ticks are to the system: before all other programs if it permits, or like them";
    let web_dir = "Serves the page from this folder instead of the one in the program";
    let origin =
        "Lets pages from there connect, like https://play.example.org; * for all. Repeatable";
    let link = "Simulates a bad link for all: P1 to P6, or like 100±20/1%/256k/2s";
    let sockets = format!(
        "Serves sockets between ticks, or at once; rounds up to {MOST_IN_ROUNDS} players if not given"
    );
    let per_ip = "Connections at a time from one address; this machine is exempt";
    let mut settings = vec![
        map_setting::<G>("Match"),
        game("bots", "N", "Bots that play, 0 to 256").or(0),
        game("max-players", "N", "Players, bots not counted, 1 to 1024").or(usual.room.max_players),
        game("snapshot-rate", "HZ", &rates).or(parse::default_snapshot_rate(G::TICK_RATE)),
        game("budget", "KBIT", budget).or(usual.room.budget),
        game("rewind-limit", "MS", &rewind),
        game("seat-kept", "SECONDS", kept).or(usual.room.seat_kept.as_secs()),
        game("hidden-stands", "SECONDS", hidden),
        game("seed", "N", seed),
        game("record", "FILE", "Records the match for tables train"),
        game("tick-priority", "realtime|normal", urgency).or("realtime"),
        network("sockets", "rounds|at-once", &sockets),
        network(
            "bind",
            "IP:PORT",
            "Address to listen on; 0.0.0.0:8080 lets other machines in",
        )
        .or(usual.bind),
        network("web-dir", "DIR", web_dir),
        network("origin", "ORIGIN", origin).many(),
        network(
            "max-connections",
            "N",
            "Connections at a time, those for the page included",
        )
        .or(usual.max_connections),
        network("max-connections-per-ip", "N", per_ip).or(usual.max_connections_per_ip),
        network(
            "ping-timeout",
            "SECONDS",
            "Silence after which a player is gone, 1 to 300",
        )
        .or(usual.ping_timeout.as_secs()),
        network("link", "LINK", link),
        Setting::switch(
            "Network",
            "explain",
            "Shows at /explain what the bytes to each client are for, live",
        ),
    ];
    settings.extend(logs::settings("info"));
    settings
}

/// The setting of the level, which all commands have.
pub(crate) fn map_setting<G: Game>(group: &'static str) -> Setting {
    let help = format!(
        "A level of the game ({}) or a file",
        parse::level_names::<G>()
    );
    let setting = Setting::new(group, "map", "NAME|FILE", help);
    match G::Level::BUILT_IN.first() {
        Some((name, _)) => setting.or(name),
        None => setting,
    }
}

impl<G: EcsGame> Serve<G> {
    /// Reads the settings; `site` is the page in the program.
    pub(crate) fn read(values: &Values, site: Site) -> Result<Self, Error> {
        let logs = Logs::read(values)?;
        let bind = values.read("bind", parse::address)?;
        let folder = values.read_optional("web-dir", |path| {
            Site::folder(path).map_err(|error| format!("must be a folder: {error}"))
        })?;
        let room = RoomConfig {
            max_players: values.read("max-players", parse::whole(1..=1024))?,
            snapshot_interval: values.read("snapshot-rate", parse::snapshot_interval::<G>)?,
            budget: values.read("budget", parse::budget)?,
            seat_kept: Duration::from_secs(values.read("seat-kept", parse::whole(0..=3600))?),
            hidden_stands: values
                .read_optional("hidden-stands", parse::whole(0..=3600))?
                .map(Duration::from_secs),
        };
        let seconds = values.read("ping-timeout", parse::whole(1..=300))?;
        let config = ServerConfig {
            bind,
            site: folder.unwrap_or(site),
            origins: values
                .read_optional("origin", str::parse::<Origins>)?
                .unwrap_or_default(),
            room,
            tick_priority: values.read("tick-priority", parse::tick_priority)?,
            max_connections: values.read("max-connections", parse::whole(1..=100_000))?,
            max_connections_per_ip: values
                .read("max-connections-per-ip", parse::whole(1..=100_000))?,
            ping_timeout: Duration::from_secs(seconds),
            link: values
                .read_optional("link", str::parse::<Link>)?
                .filter(|link| *link != Link::P0),
            explain: values.read_optional("explain", parse::switch)? == Some(true),
        };
        let longest = u64::try_from(RewindLimit::LONGEST.0.as_millis()).unwrap_or(u64::MAX);
        let limit = values.read_optional("rewind-limit", parse::whole(0..=longest))?;
        let sockets = values.read_optional("sockets", parse::sockets)?;
        let sockets = sockets.unwrap_or(match config.room.max_players {
            ..=MOST_IN_ROUNDS => Sockets::Rounds,
            _ => Sockets::AtOnce,
        });
        let bots = values.read("bots", parse::whole(0..=256))?;
        let seed = values.read_optional("seed", parse::seed)?;
        Ok(Self {
            level: values.read("map", parse::level)?,
            bots,
            seed: seed.unwrap_or_else(random),
            rewind_limit: limit.map(|ms| RewindLimit(Duration::from_millis(ms))),
            config,
            record: values.read_optional("record", parse::file)?,
            sockets,
            logs,
        })
    }

    /// Serves until the process is asked to end.
    pub(crate) fn run(self, build: fn(&mut Sim<G>)) -> Result<(), Error> {
        self.logs.start();
        let mut sim = Sim::with_level(self.seed, self.level, build);
        if let Some(limit) = self.rewind_limit {
            sim.insert_resource(limit);
        }
        for bot in 0..self.bots {
            sim.join_bot(bot_name(bot));
        }
        let recording = match self.record {
            Some(path) => Some(LiveRecording::start(path, &mut sim)?),
            None => None,
        };
        let no_page = self.config.site.missing();
        let level = sim.level().name.clone();
        let network = match self.sockets {
            Sockets::Rounds => Network::new(),
            Sockets::AtOnce => Network::at_once(),
        };
        network.map_err(Error::System)?.block_on(async {
            // Before the start, so that no signal falls between.
            let mut signals = Signals::new().map_err(Error::System)?;
            let explain = self.config.explain;
            let link = self.config.link;
            let server = Server::start(sim, self.config).await?;
            announce::<G>(server.address(), &level, self.bots);
            tracing::info!(address = %server.address(), %level, seed = self.seed, bots = self.bots, "server started");
            if explain {
                tracing::info!("http://{}/explain shows where the bytes go", server.address());
            }
            if let Some(link) = link {
                tracing::warn!("every player's link is made worse on purpose (--link): {}", link.describe());
            }
            if let Some(why) = no_page {
                tracing::warn!("{why}");
            }
            let signal = signals.next().await;
            tracing::info!(signal, "server is stopping");
            tokio::spawn(signals.end_at_once_next_time());
            server.stop("the server is shutting down").await;
            Ok(())
        })?;
        if let Some(recording) = recording {
            recording.finish();
        }
        Ok(())
    }
}

/// Tells the person at the terminal where to go.
fn announce<G: Game>(mut address: SocketAddr, level: &str, bots: usize) {
    // "Any address" is none that a browser can open.
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let line = format!(
        "{} is running: http://{address}  (map {level}, {bots} bots, {} Hz)\n",
        GameSchema::of::<G>().name,
        G::TICK_RATE
    );
    // Nobody may be reading, which is no reason not to serve.
    let _ = io::stdout().write_all(line.as_bytes());
    let _ = io::stdout().flush();
}

/// A seed that nobody chose: the standard library draws its hash keys from the system's randomness.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
