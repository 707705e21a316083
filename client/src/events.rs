//! Events wait here until the picture of the others has reached the tick in which they happened.

use std::collections::VecDeque;

use tickwire_protocol::Tick;

use crate::error::ClientError;
use crate::limits::MAX_WAITING_EVENTS;

/// An event of the game, at the moment it is to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered<E> {
    /// When it happened.
    pub tick: Tick,
    /// Whether it came straight away (it concerns the player) and not with the picture.
    pub at_once: bool,
    /// What happened.
    pub event: E,
}

/// Two queues: for the view, and for the driver.
#[derive(Debug)]
pub(crate) struct EventQueue<E> {
    unseen: VecDeque<Delivered<E>>,
    due: VecDeque<Delivered<E>>,
}

impl<E> EventQueue<E> {
    /// Empty.
    pub(crate) const fn new() -> Self {
        Self {
            unseen: VecDeque::new(),
            due: VecDeque::new(),
        }
    }

    /// Takes in an event.
    ///
    /// # Errors
    /// When too many wait: dropping some would leave the game with half a story, so the connection ends instead.
    pub(crate) fn push(&mut self, delivered: Delivered<E>) -> Result<(), ClientError> {
        let waiting = self.unseen.len() + self.due.len();
        if waiting >= MAX_WAITING_EVENTS {
            return Err(ClientError::EventsNotTaken(waiting));
        }
        if delivered.at_once {
            self.due.push_back(delivered);
        } else {
            self.unseen.push_back(delivered);
        }
        Ok(())
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.unseen.len() + self.due.len()
    }

    /// Lets go of the events that `seen` says the view has reached, in the order they came.
    pub(crate) fn release(&mut self, seen: impl Fn(&Delivered<E>) -> bool) {
        while let Some(event) = self.unseen.pop_front_if(|event| seen(event)) {
            self.due.push_back(event);
        }
    }

    /// The next event to be shown.
    pub(crate) fn poll(&mut self) -> Option<Delivered<E>> {
        self.due.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(tick: u32, at_once: bool, event: u32) -> Delivered<u32> {
        Delivered {
            tick: Tick(tick),
            at_once,
            event,
        }
    }

    #[test]
    fn events_come_with_the_view_in_order_and_urgent_ones_at_once() {
        let mut queue = EventQueue::new();
        queue.push(event(5, false, 1)).unwrap();
        queue.push(event(5, true, 2)).unwrap();
        queue.push(event(6, false, 3)).unwrap();
        queue.push(event(4, false, 4)).unwrap();
        let mut poll = |view: u32| {
            queue.release(|event| event.tick.0 <= view);
            std::iter::from_fn(|| queue.poll().map(|e| e.event)).collect::<Vec<_>>()
        };
        assert_eq!(poll(4), [2]);
        assert_eq!(poll(5), [1]);
        assert_eq!(poll(6), [3, 4], "never before one that came earlier");
    }

    #[test]
    fn too_many_end_the_connection() {
        let mut queue = EventQueue::new();
        for i in 0..MAX_WAITING_EVENTS {
            queue.push(event(0, i % 2 == 0, 0)).unwrap();
        }
        assert_eq!(
            queue.push(event(0, true, 0)),
            Err(ClientError::EventsNotTaken(MAX_WAITING_EVENTS))
        );
    }
}
