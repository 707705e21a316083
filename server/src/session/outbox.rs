//! From the host's thread to a player's task: two bounded lanes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tickwire_engine::{Lane, Outbox};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Messages on the events lane that may wait.
const EVENT_PLACES: usize = 64;

/// The host's end.
pub(crate) struct PlayerOutbox {
    events: Sender<Vec<u8>>,
    state: Sender<Vec<u8>>,
    state_taken: Arc<AtomicBool>,
}

/// The task's end.
pub(crate) struct Outgoing {
    events: Receiver<Vec<u8>>,
    state: Receiver<Vec<u8>>,
    state_taken: Arc<AtomicBool>,
}

/// Both ends of a new outbox.
pub(crate) fn outbox() -> (PlayerOutbox, Outgoing) {
    let (events, events_end) = channel(EVENT_PLACES);
    let (state, state_end) = channel(1);
    let state_taken = Arc::new(AtomicBool::new(false));
    let outbox = PlayerOutbox {
        events,
        state,
        state_taken: Arc::clone(&state_taken),
    };
    let outgoing = Outgoing {
        events: events_end,
        state: state_end,
        state_taken,
    };
    (outbox, outgoing)
}

impl Outbox for PlayerOutbox {
    fn has_place(&self, lane: Lane) -> bool {
        match lane {
            Lane::Events => self.events.capacity() > 0,
            // Taken until the snapshot has left for the system: one that is being written is unsent too.
            Lane::State => !self.state_taken.load(Ordering::Acquire),
        }
    }

    fn send(&mut self, lane: Lane, message: Vec<u8>) {
        // It fails only when the player's task has ended, and then nobody misses the message.
        let _ = match lane {
            Lane::Events => self.events.try_send(message),
            Lane::State => {
                self.state_taken.store(true, Ordering::Release);
                self.state.try_send(message)
            }
        };
    }
}

/// What the task has to do next.
pub(crate) enum Next {
    /// Write a message of this lane.
    Message(Lane, Vec<u8>),
    /// The host has dropped its end, and everything that it said is written.
    Ended,
}

impl Outgoing {
    /// Waits for the next message, events first. Nothing is lost when the waiting is broken off.
    pub(crate) async fn next(&mut self) -> Next {
        tokio::select! {
            biased;
            event = self.events.recv() => event.map_or(Next::Ended, |bytes| Next::Message(Lane::Events, bytes)),
            Some(bytes) = self.state.recv() => Next::Message(Lane::State, bytes),
        }
    }

    /// A message of this lane has left.
    pub(crate) fn written(&self, lane: Lane) {
        if lane == Lane::State {
            self.state_taken.store(false, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn next(outgoing: &mut Outgoing) -> Option<(Lane, Vec<u8>)> {
        match outgoing.next().await {
            Next::Message(lane, bytes) => Some((lane, bytes)),
            Next::Ended => None,
        }
    }

    #[tokio::test]
    async fn events_go_first_and_all_of_them_arrive() {
        let (mut outbox, mut outgoing) = outbox();
        outbox.send(Lane::State, vec![0]);
        outbox.send(Lane::Events, vec![1]);
        outbox.send(Lane::Events, vec![2]);
        assert_eq!(next(&mut outgoing).await, Some((Lane::Events, vec![1])));
        assert_eq!(next(&mut outgoing).await, Some((Lane::Events, vec![2])));
        assert_eq!(next(&mut outgoing).await, Some((Lane::State, vec![0])));
        outbox.send(Lane::Events, vec![3]);
        drop(outbox);
        assert_eq!(next(&mut outgoing).await, Some((Lane::Events, vec![3])));
        assert_eq!(next(&mut outgoing).await, None);
    }

    #[tokio::test]
    async fn a_snapshot_keeps_its_place_until_it_is_written() {
        let (mut outbox, mut outgoing) = outbox();
        assert!(outbox.has_place(Lane::State));
        outbox.send(Lane::State, vec![0]);
        assert!(!outbox.has_place(Lane::State));
        let _ = next(&mut outgoing).await;
        assert!(!outbox.has_place(Lane::State), "taken out, but not written");
        outgoing.written(Lane::State);
        assert!(outbox.has_place(Lane::State));
    }

    #[test]
    fn the_events_lane_is_bounded() {
        let (mut outbox, _outgoing) = outbox();
        let mut sent = 0;
        while outbox.has_place(Lane::Events) {
            outbox.send(Lane::Events, vec![]);
            sent += 1;
        }
        assert_eq!(sent, EVENT_PLACES);
    }
}
