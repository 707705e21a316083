//! Wakes players' tasks, many at a time.

use std::convert::Infallible;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::sync::Notify;

/// Through this the host's thread wakes the tasks that it has messages for.
///
/// To wake a task from outside its runtime takes a system call, and a tick has something to say to every player. So only one
/// task is woken from outside, the one that runs [`wake_all`](Self::wake_all), and it wakes the others from within.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    sleepers: Mutex<Vec<Waker>>,
    rung: Notify,
}

impl Bell {
    /// Has `sleeper` woken at the next [`ring`](Self::ring).
    pub(crate) fn note(&self, sleeper: Waker) {
        self.sleepers().push(sleeper);
    }

    /// Wakes all that were noted.
    pub(crate) fn ring(&self) {
        // The lock is free again before anyone wakes up and wants it.
        let needed = !self.sleepers().is_empty();
        if needed {
            self.rung.notify_one();
        }
    }

    fn sleepers(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does the waking, for ever. One task does this.
    pub(crate) async fn wake_all(&self) -> Infallible {
        let mut woken = Vec::new();
        loop {
            self.rung.notified().await;
            // Swapped, so that both keep the memory they have got.
            mem::swap(&mut woken, &mut *self.sleepers());
            woken.drain(..).for_each(Waker::wake);
        }
    }
}
