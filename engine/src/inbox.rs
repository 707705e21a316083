//! From the clients' tasks to the thread that ticks.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use crate::host::{Inbound, InboxError};
use crate::session::SessionId;

/// Messages of all a room's clients that may wait for its next tick.
const PLACES: usize = 16_384;

/// Memory for their bytes that is kept from tick to tick; after a flood the rest is given back.
const KEPT_BYTES: usize = 1 << 16;

/// The tasks' end. A lock and not a channel without one: there, whoever takes a message has to spin while another is half put in. The
/// thread that ticks may have interrupted just that, at real-time priority, and would then spin until the system stops it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inbox(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// What was asked for is there.
    collected: Condvar,
}

/// The host's end; dropped, it closes the inbox.
pub(crate) struct Letters {
    inbox: Inbox,
    /// What was taken last: memory.
    taken: Pile,
}

/// What the host takes out.
pub(crate) enum Letter<'a> {
    /// A client's message, and when it arrived.
    Message(SessionId, &'a [u8], Instant),
    /// All else.
    Other(Inbound),
}

/// The same, as it lies there.
enum Sealed {
    /// So many of the bytes, behind those of the messages before.
    Message(SessionId, usize, Instant),
    Other(Inbound),
}

/// Letters, and the bytes of all messages among them in one piece: to have memory of its own for each would cost more than to read it.
#[derive(Default)]
struct Pile {
    letters: Vec<Sealed>,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct Waiting {
    pile: Pile,
    closed: bool,
    /// Who brings what has come, if somebody has to be asked.
    collector: Option<Thread>,
    /// The collector has been asked, and has not answered.
    asked: bool,
}

/// Both ends of a new one.
pub(crate) fn inbox() -> (Inbox, Letters) {
    let inbox = Inbox::default();
    let letters = Letters {
        inbox: inbox.clone(),
        taken: Pile::default(),
    };
    (inbox, letters)
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        let waiting = self.0.waiting.lock();
        waiting.unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this thread is woken when messages are wanted; or nobody is.
    pub(crate) fn collect_by(&self, collector: Option<Thread>) {
        let mut waiting = self.lock();
        waiting.collector = collector;
        waiting.asked = false;
        drop(waiting);
        self.0.collected.notify_all();
    }

    /// Whether the collector has been asked and has not answered.
    pub(crate) fn is_asked(&self) -> bool {
        self.lock().asked
    }

    /// The collector's answer: all is in the inbox that had come when it was asked.
    pub(crate) fn collected(&self) {
        self.lock().asked = false;
        self.0.collected.notify_all();
    }

    /// Puts a message in.
    ///
    /// # Errors
    /// When there is no place, or nobody to take it.
    pub(crate) fn try_send_message(
        &self,
        session: SessionId,
        bytes: &[u8],
        at: Instant,
    ) -> Result<(), InboxError> {
        let mut waiting = self.lock();
        waiting.put(Sealed::Message(session, bytes.len(), at))?;
        waiting.pile.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// The same for all else.
    ///
    /// # Errors
    /// As [`Self::try_send_message`].
    pub(crate) fn try_send(&self, inbound: Inbound) -> Result<(), InboxError> {
        self.lock().put(Sealed::Other(inbound))
    }
}

impl Waiting {
    fn put(&mut self, letter: Sealed) -> Result<(), InboxError> {
        if self.closed {
            return Err(InboxError::Closed);
        }
        if self.pile.letters.len() >= PLACES {
            return Err(InboxError::Full);
        }
        self.pile.letters.push(letter);
        Ok(())
    }
}

impl Letters {
    /// Has the collector bring what has come by now, if there is one, and waits for that, so long at most.
    pub(crate) fn collect(&self, patience: Duration) {
        let mut waiting = self.inbox.lock();
        let Some(collector) = &waiting.collector else {
            return;
        };
        collector.unpark();
        waiting.asked = true;
        let collected = &self.inbox.0.collected;
        let waited = collected.wait_timeout_while(waiting, patience, |it| it.asked);
        let (mut waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        // Who is that late need not hurry any more.
        waiting.asked = false;
    }

    /// Takes what is there now, in the order in which it came, and no more: a flood must not keep the tick waiting.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Letter<'_>> {
        self.taken.bytes.clear();
        self.taken.bytes.shrink_to(KEPT_BYTES);
        // Swapped, so that both keep the memory they have got.
        std::mem::swap(&mut self.taken, &mut self.inbox.lock().pile);
        let Pile { letters, bytes } = &mut self.taken;
        let mut rest = &bytes[..];
        letters.drain(..).map(move |letter| match letter {
            Sealed::Message(session, length, at) => {
                let (message, later) = rest.split_at_checked(length).unwrap_or_default();
                rest = later;
                Letter::Message(session, message, at)
            }
            Sealed::Other(inbound) => Letter::Other(inbound),
        })
    }
}

impl Drop for Letters {
    fn drop(&mut self) {
        let mut waiting = self.inbox.lock();
        waiting.closed = true;
        let unread = std::mem::take(&mut waiting.pile);
        drop(waiting);
        // Outboxes among them say goodbye when they go, which is no business of the lock.
        drop(unread);
    }
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut waiting = f.debug_struct("Waiting");
        waiting
            .field("letters", &self.pile.letters.len())
            .field("closed", &self.closed)
            .field("asked", &self.asked)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::host::any_moment;

    fn leave(number: u64) -> Inbound {
        Inbound::Leave {
            session: SessionId(number),
        }
    }

    fn numbers(letters: &mut Letters) -> Vec<u64> {
        let numbers = letters.take().map(|letter| match letter {
            Letter::Other(Inbound::Leave { session }) => session.0,
            _ => panic!("nothing else was sent"),
        });
        numbers.collect()
    }

    #[test]
    fn messages_come_in_order_and_once() {
        let (inbox, mut letters) = inbox();
        for number in 0..10 {
            inbox.try_send(leave(number)).unwrap();
        }
        assert_eq!(numbers(&mut letters), (0..10).collect::<Vec<_>>());
        inbox.clone().try_send(leave(10)).unwrap();
        assert_eq!(numbers(&mut letters), [10]);
        assert_eq!(numbers(&mut letters), []);
    }

    #[test]
    fn messages_keep_their_bytes_and_a_flood_its_memory_no_longer_than_two_ticks() {
        let (inbox, mut letters) = inbox();
        let at = any_moment();
        let message = |number: u64| vec![number.to_le_bytes()[0]; usize::try_from(number).unwrap()];
        for round in 0..4 {
            for number in 0..500 {
                let session = SessionId(number);
                let bytes = message(number);
                inbox.try_send_message(session, &bytes, at).unwrap();
                inbox.try_send(leave(number)).unwrap();
            }
            let taken = letters.take().filter_map(|letter| match letter {
                Letter::Message(session, bytes, _) => Some((session.0, bytes.to_vec())),
                Letter::Other(_) => None,
            });
            let sent = (0..500).map(|number| (number, message(number)));
            assert!(taken.eq(sent), "round {round}");
        }
        for _ in 0..2 {
            assert_eq!(letters.take().count(), 0);
        }
        let memory = letters.taken.bytes.capacity() + inbox.lock().pile.bytes.capacity();
        assert!(memory <= 2 * KEPT_BYTES, "{memory} bytes");
    }

    #[test]
    fn it_is_bounded_and_closes() {
        let (inbox, mut letters) = inbox();
        for number in 0..PLACES as u64 {
            inbox.try_send(leave(number)).unwrap();
        }
        assert_eq!(inbox.try_send(leave(0)), Err(InboxError::Full));
        assert_eq!(letters.take().count(), PLACES);
        assert_eq!(inbox.try_send(leave(0)), Ok(()));
        drop(letters);
        assert_eq!(inbox.try_send(leave(0)), Err(InboxError::Closed));
    }

    #[test]
    fn who_collects_is_asked_and_waited_for() {
        let (inbox, mut letters) = inbox();
        let at_last = Duration::from_secs(600);
        letters.collect(at_last);
        let brings = inbox.clone();
        let collector = thread::spawn(move || {
            for number in 0..3 {
                while !brings.is_asked() {
                    thread::park();
                }
                brings.try_send(leave(number)).unwrap();
                brings.collected();
            }
        });
        inbox.collect_by(Some(collector.thread().clone()));
        for number in 0..3 {
            letters.collect(at_last);
            assert!(!inbox.is_asked());
            assert_eq!(numbers(&mut letters), [number]);
        }
        collector.join().unwrap();
        inbox.collect_by(None);
        letters.collect(at_last);
    }

    #[test]
    fn who_does_not_answer_is_waited_for_no_longer_than_that() {
        let (inbox, letters) = inbox();
        inbox.collect_by(Some(thread::current()));
        letters.collect(Duration::from_millis(1));
        assert!(!inbox.is_asked());
        // An answer that comes late is none.
        inbox.collected();
        letters.collect(Duration::ZERO);
    }
}
