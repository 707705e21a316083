//! The runtime of a server's sockets.

mod rounds;

use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

pub(crate) use rounds::Follower;
use rounds::Rounds;

/// For what still runs in other threads when the program ends, such as a file that is being read.
const FAREWELL: Duration = Duration::from_millis(100);

thread_local! {
    static CURRENT: RefCell<Option<Arc<Rounds>>> = const { RefCell::new(None) };
}

/// A tokio runtime of one thread for a [`Server`](crate::Server), which looks at its sockets in *rounds*.
///
/// A runtime wakes up whenever anything comes on any socket. But a match wants what its players sent once a tick, and to wake up
/// costs more than to read. So this one sleeps until shortly before the next tick, until that asks for what has come since, and until
/// that has messages for the players; then it does all that there is to do. A fifth to a third of a server's CPU time is spared like
/// that. When bytes came is noted by the system, so clocks and claims are as exact as if somebody had waited for them. Everything else,
/// such as requests for the page, waits for a tick at most, and never longer than 20 ms.
///
/// There are rounds only where the system notes that (Linux does), and not over a simulated link; else, and as long as no server runs in
/// it, this is a tokio runtime like any other. For more players than one thread can serve there is [`at_once`](Self::at_once).
///
/// ```no_run
/// # use tickwire_engine::{EcsGame, Sim};
/// use tickwire_server::{Network, Server, ServerConfig};
///
/// # fn serve<G: EcsGame>(sim: Sim<G>) -> Result<(), Box<dyn std::error::Error>> {
/// Network::new()?.block_on(async {
///     let server = Server::start(sim, ServerConfig::default()).await?;
///     tokio::signal::ctrl_c().await?;
///     server.stop("the server is shutting down").await;
///     Ok(())
/// })
/// # }
/// ```
#[derive(Debug)]
pub struct Network {
    runtime: Runtime,
    rounds: Option<Arc<Rounds>>,
}

impl Network {
    /// A runtime that nothing runs in yet.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn new() -> io::Result<Self> {
        let rounds = Arc::new(Rounds::default());
        let waiting = Arc::clone(&rounds);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .on_thread_park(move || waiting.wait())
            .build()?;
        Ok(Self {
            runtime,
            rounds: Some(rounds),
        })
    }

    /// A runtime without rounds, of as many threads as there are cores: sockets are served as soon as something comes.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn at_once() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        Ok(Self {
            runtime,
            rounds: None,
        })
    }

    /// Runs a future to its end in this thread, and with it all tasks that it spawns.
    pub fn block_on<F: Future>(self, future: F) -> F::Output {
        if let Some(rounds) = &self.rounds {
            rounds.wakes(thread::current());
        }
        let before = CURRENT.replace(self.rounds);
        let output = self.runtime.block_on(future);
        CURRENT.set(before);
        self.runtime.shutdown_timeout(FAREWELL);
        output
    }

    /// The rounds of the runtime that the caller runs in, if it has any.
    pub(crate) fn rounds() -> Option<Arc<Rounds>> {
        CURRENT.with_borrow(Clone::clone)
    }
}

#[cfg(test)]
mod tests {
    use tickwire_engine::{Host, Room, RoomConfig, Sim, TickPriority};
    use tokio::task::spawn_blocking;
    use tokio::time::sleep;

    use super::*;
    use crate::stroll::{Stroll, build};

    async fn do_things() {
        sleep(Duration::from_millis(1)).await;
        assert_eq!(tokio::spawn(async { 7 }).await.unwrap(), 7);
        assert_eq!(spawn_blocking(|| 8).await.unwrap(), 8);
    }

    #[test]
    fn things_happen_before_while_and_after_a_match_is_followed() {
        let network = Network::new().unwrap();
        assert!(Network::rounds().is_none());
        let rounds = network.rounds.clone().unwrap();
        network.block_on(async {
            assert!(Network::rounds().is_some());
            do_things().await;
            let host = Host::spawn("test", TickPriority::Normal).unwrap();
            let room = host.add_room(Room::new(
                Sim::<Stroll>::new(7, build),
                RoomConfig::default(),
            ));
            let follower = rounds.follow(room);
            do_things().await;
            tokio::join!(follower.begun(), async { follower.ring() });
            host.stop("the test is over");
            do_things().await;
            drop(follower);
            do_things().await;
        });
        assert!(Network::rounds().is_none());
    }

    #[test]
    fn without_rounds_they_happen_too() {
        Network::at_once().unwrap().block_on(async {
            assert!(Network::rounds().is_none());
            do_things().await;
        });
    }
}
