//! Wakes players' tasks, many at a time.

use std::convert::Infallible;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::sync::Notify;

use crate::network::Follower;

/// Through this the host's thread wakes the tasks that it has messages for.
///
/// To wake a task from outside its runtime takes a system call, and a tick has something to say to every player. So only one
/// task is woken from outside, the one that runs [`wake_all`](Self::wake_all), and it wakes the others from within.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    sleepers: Mutex<Vec<Waker>>,
    rung: Notify,
    /// The tasks' runtime is woken like that, if it sleeps between rounds.
    rounds: Option<Follower>,
}

impl Bell {
    /// For tasks in a runtime that has these rounds, if any.
    pub(crate) fn new(rounds: Option<Follower>) -> Self {
        Self {
            rounds,
            ..Self::default()
        }
    }

    /// Whether the tasks' runtime looks at its sockets in rounds.
    pub(crate) fn has_rounds(&self) -> bool {
        self.rounds.is_some()
    }

    /// Has `sleeper` woken at the next [`ring`](Self::ring).
    pub(crate) fn note(&self, sleeper: Waker) {
        self.sleepers().push(sleeper);
    }

    /// Wakes all that were noted.
    pub(crate) fn ring(&self) {
        // The lock is free again before anyone wakes up and wants it.
        let needed = !self.sleepers().is_empty();
        match &self.rounds {
            _ if !needed => {}
            Some(rounds) => rounds.ring(),
            None => self.rung.notify_one(),
        }
    }

    fn sleepers(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does the waking, for ever. One task does this.
    pub(crate) async fn wake_all(&self) -> Infallible {
        let mut woken = Vec::new();
        loop {
            match &self.rounds {
                Some(rounds) => rounds.begun().await,
                None => self.rung.notified().await,
            }
            // Swapped, so that both keep the memory they have got.
            mem::swap(&mut woken, &mut *self.sleepers());
            woken.drain(..).for_each(Waker::wake);
        }
    }
}
