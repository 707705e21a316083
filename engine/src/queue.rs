//! Events on their way to one client.

use std::collections::VecDeque;
use std::sync::Arc;

use tickwire_protocol::limits::MAX_EVENTS;
use tickwire_protocol::message::{EventBatch, EventEntry};
use tickwire_protocol::{NetId, Tick};

/// Events that wait for a place in the outbox, at most.
const MAX_WAITING: usize = 1024;

/// When so many wait, none is held back any more: the client can do without an entity rather than without its connection.
const MAX_HELD: usize = MAX_WAITING / 2;

#[derive(Clone)]
pub(crate) struct WaitingEvent {
    pub(crate) tick: Tick,
    pub(crate) at_once: bool,
    /// The entities that it names. This and the body are shared by all sessions that hear of it.
    pub(crate) names: Arc<[NetId]>,
    pub(crate) body: Arc<[u8]>,
}

impl WaitingEvent {
    fn entry(&self) -> EventEntry<'_> {
        EventEntry {
            at_once: self.at_once,
            body: &self.body,
        }
    }
}

/// What a client is told, in order.
///
/// An event that names an entity which the client is about to see goes behind the snapshot that brings it, and whatever
/// happened later goes behind that event. The two travel on different lanes, and the outbox sends events first: so the
/// snapshot must have left the outbox before the event gets there.
pub(crate) struct EventQueue {
    waiting: VecDeque<WaitingEvent>,
    /// How many of them, from the front, may go.
    free: usize,
    /// How many may go when the snapshot that is in the outbox has left.
    free_then: usize,
    /// Ticks for which an event is held back at most.
    patience: i32,
}

impl EventQueue {
    /// Holds events back for at most two seconds.
    pub(crate) fn new(tick_rate: u32) -> Self {
        Self {
            waiting: VecDeque::new(),
            free: 0,
            free_then: 0,
            patience: 2 * tick_rate.cast_signed(),
        }
    }

    /// Files an event; `false` when the client has fallen too far behind to be told everything.
    pub(crate) fn file(&mut self, event: WaitingEvent) -> bool {
        if self.waiting.len() >= MAX_WAITING {
            return false;
        }
        if self.free == self.waiting.len() && event.names.is_empty() {
            self.free += 1;
        }
        self.waiting.push_back(event);
        if self.waiting.len() > MAX_HELD {
            self.free = self.waiting.len();
        }
        true
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether an event is held back.
    pub(crate) fn holds_back(&self) -> bool {
        self.free < self.waiting.len()
    }

    /// The last snapshot has left the outbox. `lacks`: the client may still get to see the entity, and was not sent it yet.
    pub(crate) fn snapshot_left(&mut self, now: Tick, lacks: impl Fn(NetId) -> bool) {
        self.free = self.go(self.free.max(self.free_then), now, lacks);
        self.free_then = self.free;
    }

    /// A snapshot goes into the outbox. `lacks`: the client gets to see the entity, and was not sent it even now.
    pub(crate) fn snapshot_written(&mut self, now: Tick, lacks: impl Fn(NetId) -> bool) {
        self.free_then = self.go(self.free, now, lacks);
    }

    /// No snapshot leaves. What has waited for too long goes without.
    pub(crate) fn snapshot_stuck(&mut self, now: Tick) {
        self.free = self.go(self.free, now, |_| true);
    }

    /// How many events may go, of which the first `free` are known.
    fn go(&self, free: usize, now: Tick, lacks: impl Fn(NetId) -> bool) -> usize {
        let may_go = |event: &&WaitingEvent| {
            now.since(event.tick) >= self.patience || !event.names.iter().any(|id| lacks(*id))
        };
        free + self.waiting.iter().skip(free).take_while(may_go).count()
    }

    /// The next message: events of one tick.
    pub(crate) fn poll(&mut self) -> Option<Vec<u8>> {
        let tick = self.waiting.front()?.tick;
        let batch = self.waiting.iter().take(self.free.min(MAX_EVENTS));
        let batch = batch.take_while(|event| event.tick == tick);
        let events: Vec<_> = batch.map(WaitingEvent::entry).collect();
        let count = events.len();
        if count == 0 {
            return None;
        }
        let message = EventBatch { tick, events }.encode();
        self.waiting.drain(..count);
        self.free -= count;
        self.free_then = self.free_then.saturating_sub(count);
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use tickwire_protocol::message::{ServerMessage, decode_server};

    use super::*;

    fn queue(names: &[Option<u32>]) -> EventQueue {
        let mut queue = EventQueue::new(60);
        for (body, name) in (0..=u8::MAX).cycle().zip(names) {
            let names: Vec<_> = name.iter().map(|id| NetId(*id)).collect();
            assert!(queue.file(WaitingEvent {
                tick: Tick(10),
                at_once: false,
                names: names.into(),
                body: [body].into(),
            }));
        }
        queue
    }

    fn polled(queue: &mut EventQueue) -> Vec<u8> {
        let Some(message) = queue.poll() else {
            return Vec::new();
        };
        let Ok(ServerMessage::Events(batch)) = decode_server(&message) else {
            panic!("not events");
        };
        batch.events.iter().flat_map(|e| e.body.to_vec()).collect()
    }

    #[test]
    fn events_wait_for_whom_they_name_and_for_those_before_them() {
        let mut queue = queue(&[None, Some(1), None, Some(2), None]);
        assert_eq!(polled(&mut queue), [0]);
        queue.snapshot_left(Tick(11), |id| id == NetId(1));
        assert_eq!(polled(&mut queue), b"");
        queue.snapshot_written(Tick(12), |id| id == NetId(2));
        assert_eq!(polled(&mut queue), b"", "it is in the outbox still");
        queue.snapshot_stuck(Tick(13));
        assert_eq!(polled(&mut queue), b"");
        queue.snapshot_left(Tick(14), |id| id == NetId(2));
        assert_eq!(polled(&mut queue), [1, 2]);
        queue.snapshot_left(Tick(15), |_| false);
        assert_eq!(polled(&mut queue), [3, 4]);
        assert!(!queue.holds_back());
    }

    #[test]
    fn patience_ends() {
        let mut queue = queue(&[Some(1), None]);
        queue.snapshot_stuck(Tick(129));
        assert_eq!(polled(&mut queue), b"");
        queue.snapshot_stuck(Tick(130));
        assert_eq!(polled(&mut queue), [0, 1]);
    }

    #[test]
    fn a_flood_is_not_held_back() {
        let mut queue = queue(&[Some(1); MAX_HELD]);
        assert_eq!(polled(&mut queue), b"");
        queue.file(WaitingEvent {
            tick: Tick(10),
            at_once: true,
            names: Arc::new([NetId(1)]),
            body: Arc::new([]),
        });
        assert_eq!(polled(&mut queue).len(), MAX_EVENTS);
    }
}
