//! From the host's thread to a player's task: two bounded lanes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tickwire_engine::{Lane, Outbox};
use tickwire_protocol::Bytes;

use super::bell::Bell;

/// Messages on the events lane that may wait.
const EVENT_PLACES: usize = 64;

/// The host's end.
pub(crate) struct PlayerOutbox {
    lanes: Arc<Lanes>,
    bell: Arc<Bell>,
    /// The task has been noted for the bell.
    noted: bool,
}

/// The task's end.
pub(crate) struct Outgoing {
    lanes: Arc<Lanes>,
}

/// Both ends of a new outbox; `bell` wakes the task.
pub(crate) fn outbox(bell: Arc<Bell>) -> (PlayerOutbox, Outgoing) {
    let lanes = Arc::new(Lanes::default());
    let outgoing = Outgoing {
        lanes: Arc::clone(&lanes),
    };
    let outbox = PlayerOutbox {
        lanes,
        bell,
        noted: false,
    };
    (outbox, outgoing)
}

/// What both ends share. Neither keeps the lock for longer than it takes to move a message.
#[derive(Default)]
struct Lanes(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    events: VecDeque<Bytes>,
    state: Option<Bytes>,
    /// A snapshot is being written.
    writing: bool,
    /// The host has dropped its end.
    ended: bool,
    /// The task, while it waits.
    task: Option<Waker>,
}

impl Lanes {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PlayerOutbox {
    /// Changes what waits, and sees to it that the task wakes up if it sleeps.
    fn put(&mut self, change: impl FnOnce(&mut Waiting)) {
        let mut waiting = self.lanes.lock();
        change(&mut waiting);
        if let Some(task) = waiting.task.take() {
            drop(waiting);
            self.bell.note(task);
            self.noted = true;
        }
    }
}

impl Outbox for PlayerOutbox {
    fn has_place(&self, lane: Lane) -> bool {
        let waiting = self.lanes.lock();
        match lane {
            Lane::Events => waiting.events.len() < EVENT_PLACES,
            // Taken until the snapshot has left for the system: one that is being written is unsent too.
            Lane::State => waiting.state.is_none() && !waiting.writing,
        }
    }

    fn send(&mut self, lane: Lane, message: Bytes) {
        self.put(|waiting| match lane {
            Lane::Events => waiting.events.push_back(message),
            Lane::State => waiting.state = Some(message),
        });
    }

    fn flush(&mut self) {
        if std::mem::take(&mut self.noted) {
            self.bell.ring();
        }
    }
}

impl Drop for PlayerOutbox {
    fn drop(&mut self) {
        self.put(|waiting| waiting.ended = true);
        self.flush();
    }
}

/// What the task has to do next.
pub(crate) enum Next {
    /// Write a message of this lane.
    Message(Lane, Bytes),
    /// The host has dropped its end, and every event that it told is written.
    Ended,
}

impl Outgoing {
    /// The next message, events first.
    pub(crate) fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Next> {
        let mut waiting = self.lanes.lock();
        if let Some(event) = waiting.events.pop_front() {
            Poll::Ready(Next::Message(Lane::Events, event))
        } else if waiting.ended {
            Poll::Ready(Next::Ended)
        } else if let Some(snapshot) = waiting.state.take() {
            waiting.writing = true;
            Poll::Ready(Next::Message(Lane::State, snapshot))
        } else {
            let known = waiting
                .task
                .as_ref()
                .is_some_and(|task| task.will_wake(cx.waker()));
            if !known {
                waiting.task = Some(cx.waker().clone());
            }
            Poll::Pending
        }
    }

    /// A message of this lane has left.
    pub(crate) fn written(&self, lane: Lane) {
        if lane == Lane::State {
            self.lanes.lock().writing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    fn outbox() -> (PlayerOutbox, Outgoing) {
        super::outbox(Arc::default())
    }

    fn message(number: u8) -> Bytes {
        vec![number].into()
    }

    async fn next(outgoing: &mut Outgoing) -> Option<(Lane, Bytes)> {
        match poll_fn(|cx| outgoing.poll_next(cx)).await {
            Next::Message(lane, bytes) => Some((lane, bytes)),
            Next::Ended => None,
        }
    }

    #[tokio::test]
    async fn events_go_first_and_all_of_them_arrive() {
        let (mut outbox, mut outgoing) = outbox();
        outbox.send(Lane::State, message(0));
        outbox.send(Lane::Events, message(1));
        outbox.send(Lane::Events, message(2));
        assert_eq!(next(&mut outgoing).await, Some((Lane::Events, message(1))));
        assert_eq!(next(&mut outgoing).await, Some((Lane::Events, message(2))));
        assert_eq!(next(&mut outgoing).await, Some((Lane::State, message(0))));
        outbox.send(Lane::Events, message(3));
        drop(outbox);
        assert_eq!(next(&mut outgoing).await, Some((Lane::Events, message(3))));
        assert_eq!(next(&mut outgoing).await, None);
    }

    #[tokio::test]
    async fn a_snapshot_keeps_its_place_until_it_is_written() {
        let (mut outbox, mut outgoing) = outbox();
        assert!(outbox.has_place(Lane::State));
        outbox.send(Lane::State, message(0));
        assert!(!outbox.has_place(Lane::State));
        let _ = next(&mut outgoing).await;
        assert!(!outbox.has_place(Lane::State), "taken out, but not written");
        outgoing.written(Lane::State);
        assert!(outbox.has_place(Lane::State));
    }

    #[tokio::test]
    async fn a_task_that_waits_is_woken_by_a_message_and_by_the_end() {
        let bell = Arc::new(Bell::default());
        let (mut outbox, mut outgoing) = super::outbox(Arc::clone(&bell));
        tokio::spawn(async move { bell.wake_all().await });
        let task = tokio::spawn(async move { (next(&mut outgoing).await, outgoing) });
        tokio::task::yield_now().await;
        outbox.send(Lane::State, message(7));
        outbox.flush();
        let (heard, mut outgoing) = task.await.unwrap();
        assert_eq!(heard, Some((Lane::State, message(7))));
        let task = tokio::spawn(async move { next(&mut outgoing).await });
        tokio::task::yield_now().await;
        drop(outbox);
        assert_eq!(task.await.unwrap(), None);
    }

    #[test]
    fn the_events_lane_is_bounded() {
        let (mut outbox, _outgoing) = outbox();
        let mut sent = 0;
        while outbox.has_place(Lane::Events) {
            outbox.send(Lane::Events, Bytes::new());
            sent += 1;
        }
        assert_eq!(sent, EVENT_PLACES);
    }
}
