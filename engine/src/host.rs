//! The thread that gives rooms their time: the only place in this crate that reads a clock.

#![expect(clippy::disallowed_methods, reason = "somebody has to")]

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};
use thiserror::Error;
use tickwire_protocol::Bytes;

use crate::ecs::EcsGame;
use crate::inbox::{Inbox, Letter, Letters, inbox};
use crate::pace::Pace;
use crate::priority::{TickPriority, Urgency};
use crate::room::Room;
use crate::session::SessionId;
use crate::stats::{ON_TIME, RoomStats};

/// The least time between two log lines about overload.
const COMPLAINT_INTERVAL: Duration = Duration::from_secs(5);

/// A tick waits no longer for who [collects](RoomHandle::collect_by) messages: beside busy programs it would seldom start on time.
const PATIENCE: Duration = Duration::from_micros(500);
/// What is left then until it is late, at least: to go on takes a moment too.
const MARGIN: Duration = Duration::from_micros(200);

/// The two lanes of an outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Control messages and events: reliable, in order, bounded.
    Events,
    /// Snapshots: one place, so that what waits is never more than one and always the freshest that could be sent.
    State,
}

/// Where the messages for one client go. The host is the only sender, so a place that was there stays there.
///
/// Dropping the outbox ends the session: what lies in it is still delivered, then the connection closes.
pub trait Outbox: Send + 'static {
    /// Whether the lane takes another message.
    fn has_place(&self, lane: Lane) -> bool;
    /// Puts a message on a lane that has a place. Its bytes may be those of other clients' messages too: to go on with them as they
    /// are costs nothing, to change or keep them a copy.
    fn send(&mut self, lane: Lane, message: Bytes);
    /// All that the tick has to say to anyone has been sent: the moment to wake who waits for it. Woken earlier, the tasks of
    /// the first clients would hold up the messages to the others.
    fn flush(&mut self) {}
}

/// What reaches a room from a client's task, beside [messages](RoomHandle::try_send_message).
pub enum Inbound {
    /// A client has connected.
    Connect {
        /// Its number.
        session: SessionId,
        /// Where its messages go.
        outbox: Box<dyn Outbox>,
    },
    /// A client's connection is lost: its seat may be kept, see [`Room::disconnect`].
    Disconnect {
        /// Whose connection ended.
        session: SessionId,
    },
    /// A client has closed its connection on purpose, see [`Room::leave`].
    Leave {
        /// Whose player goes.
        session: SessionId,
    },
}

/// Why a room did not take a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InboxError {
    /// The room has not kept up.
    #[error("the room's inbox is full: the server is overloaded")]
    Full,
    /// The room is gone.
    #[error("the room has closed")]
    Closed,
}

/// A room on its host, for everyone who has messages for it.
#[derive(Debug, Clone)]
pub struct RoomHandle {
    inbox: Inbox,
    stats: Arc<RoomStats>,
    /// When its host started.
    started: Instant,
    tick_length: Duration,
}

impl RoomHandle {
    /// Puts a client's message into the room's inbox, behind all that it was sent before. `at` is when it arrived: commands and pings
    /// are judged by this, not by when the host got round to them.
    ///
    /// # Errors
    /// When there is no place or no room; the message is lost then.
    pub fn try_send_message(
        &self,
        session: SessionId,
        bytes: &[u8],
        at: Instant,
    ) -> Result<(), InboxError> {
        self.inbox.try_send_message(session, bytes, at)
    }

    /// Tells the room of a client, likewise.
    ///
    /// # Errors
    /// As [`try_send_message`](Self::try_send_message).
    pub fn try_send(&self, inbound: Inbound) -> Result<(), InboxError> {
        self.inbox.try_send(inbound)
    }

    /// When the next tick is due, or the one that is running was: what has come by then is in the inbox in time.
    #[must_use]
    pub fn next_tick(&self) -> Instant {
        self.started + self.stats.next_tick()
    }

    /// From one tick to the next.
    #[must_use]
    pub fn tick_length(&self) -> Duration {
        self.tick_length
    }

    /// Wakes (unparks) a thread whenever a tick is due, and has the tick wait until that thread has [said](Self::collected) that all
    /// messages are in the inbox that had come by then; for 0.5 ms at most. With `None` ticks wait for nobody, as they do at first.
    ///
    /// For who does not look at its sockets all the time.
    pub fn collect_by(&self, collector: Option<Thread>) {
        self.inbox.collect_by(collector);
    }

    /// Whether a tick waits for messages. What has come when this is said is to be in the inbox when [`collected`](Self::collected)
    /// is called.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.inbox.is_asked()
    }

    /// All that had come when [`is_asked`](Self::is_asked) was true is in the inbox.
    pub fn collected(&self) {
        self.inbox.collected();
    }

    /// Live figures.
    #[must_use]
    pub fn stats(&self) -> &RoomStats {
        &self.stats
    }
}

enum Order {
    Add(Box<dyn Hosted>),
    Stop { reason: String },
}

/// An OS thread that runs rooms, each at its own tick rate.
pub struct Host {
    orders: Sender<Order>,
    thread: JoinHandle<()>,
    started: Instant,
}

impl Host {
    /// Starts the thread. A priority that the system does not permit is no error.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn(name: &str, priority: TickPriority) -> io::Result<Self> {
        let (orders, inbox) = bounded(16);
        let started = Instant::now();
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || run(&inbox, started, priority))?;
        Ok(Self {
            orders,
            thread,
            started,
        })
    }

    /// Adds a room; its first tick comes one tick length from now.
    ///
    /// # Panics
    /// When the host's thread has died of a game's panic.
    #[expect(clippy::expect_used, reason = "documented above")]
    pub fn add_room<G: EcsGame>(&self, room: Room<G>) -> RoomHandle {
        let (inbox, letters) = inbox();
        let stats = Arc::new(RoomStats::default());
        let tick_length = room.tick_length();
        let hosted = HostedRoom {
            room,
            letters,
            outboxes: BTreeMap::new(),
            pace: Pace::new(G::TICK_RATE, self.started.elapsed()),
            stats: Arc::clone(&stats),
            started: self.started,
            lost: Duration::ZERO,
            complained: None,
        };
        stats.note_next(hosted.pace.next());
        self.orders
            .send(Order::Add(Box::new(hosted)))
            .expect("the host's thread is alive");
        self.thread.thread().unpark();
        RoomHandle {
            inbox,
            stats,
            started: self.started,
            tick_length,
        }
    }

    /// Tells all players goodbye, asking them to come back, and ends the thread. Takes at most a tick.
    pub fn stop(self, reason: &str) {
        // A thread that is gone already has nobody to tell.
        let _ = self.orders.send(Order::Stop {
            reason: reason.to_owned(),
        });
        self.thread.thread().unpark();
        if self.thread.join().is_err() {
            tracing::error!("the host's thread had died of a panic in a game");
        }
    }
}

fn run(orders: &Receiver<Order>, started: Instant, priority: TickPriority) {
    let mut rooms: Vec<Box<dyn Hosted>> = Vec::new();
    let mut urgency = Urgency::take(priority, started.elapsed());
    loop {
        let next = rooms.iter().map(|room| room.next_tick()).min();
        let order = match next {
            Some(_) => orders.try_recv(),
            None => orders.recv().map_err(|_| TryRecvError::Disconnected),
        };
        match order {
            Ok(Order::Add(room)) => rooms.push(room),
            Ok(Order::Stop { reason }) => {
                rooms.iter_mut().for_each(|room| room.close(&reason));
                return;
            }
            Err(TryRecvError::Disconnected) => {
                rooms
                    .iter_mut()
                    .for_each(|room| room.close("the server stops"));
                return;
            }
            Err(TryRecvError::Empty) => {
                let now = started.elapsed();
                let left = next.unwrap_or_default().saturating_sub(now);
                if left.is_zero() {
                    rooms.iter_mut().for_each(|room| room.serve());
                    urgency.note(now, started.elapsed());
                } else {
                    // Not the channel's own waiting, which first spins and yields: in vain, for nearly always it is time that is
                    // waited for. Orders unpark.
                    thread::park_timeout(left);
                }
            }
        }
    }
}

/// How long a tick waits that would start so late without. One that is late already can have what it needs.
fn patience(late: Duration) -> Duration {
    match ON_TIME.checked_sub(late) {
        Some(left) => PATIENCE.min(left.saturating_sub(MARGIN)),
        None => PATIENCE,
    }
}

/// A room of any game.
trait Hosted: Send {
    fn next_tick(&self) -> Duration;
    fn serve(&mut self);
    fn close(&mut self, reason: &str);
}

struct HostedRoom<G: EcsGame> {
    room: Room<G>,
    letters: Letters,
    outboxes: BTreeMap<SessionId, Box<dyn Outbox>>,
    pace: Pace,
    stats: Arc<RoomStats>,
    started: Instant,
    /// Time given up since the last complaint, and when that was.
    lost: Duration,
    complained: Option<Instant>,
}

impl<G: EcsGame> Hosted for HostedRoom<G> {
    fn next_tick(&self) -> Duration {
        self.pace.next()
    }

    /// Runs the ticks that are due.
    fn serve(&mut self) {
        let Some(late) = self.started.elapsed().checked_sub(self.pace.next()) else {
            return;
        };
        self.letters.collect(patience(late));
        let begun = Instant::now();
        let due = self.pace.due(begun - self.started);
        if let Some(lost) = due.lost {
            self.complain(lost, begun);
        }
        for tick in due.ticks {
            let begun = Instant::now();
            let late = (begun - self.started).saturating_sub(tick);
            self.stats.note_start(late);
            self.drain_inbox();
            self.room.tick(tick);
            self.fill_outboxes();
            let (skipped, held_back) = (self.room.skipped_snapshots(), self.room.held_back_rows());
            self.stats.note_unsent(skipped, held_back);
            let (players, kept) = (self.room.player_count(), self.room.kept_seats());
            self.stats.note_players(players, kept);
            let took = begun.elapsed();
            self.stats.note_tick(took);
            self.room.note_timing(late, took);
        }
        self.stats.note_next(self.pace.next());
    }

    fn close(&mut self, reason: &str) {
        self.drain_inbox();
        self.room.close(reason, true);
        self.fill_outboxes();
    }
}

impl<G: EcsGame> HostedRoom<G> {
    fn drain_inbox(&mut self) {
        for letter in self.letters.take() {
            match letter {
                Letter::Message(session, bytes, at) => {
                    let at = at.saturating_duration_since(self.started);
                    self.room.handle_message(session, bytes, at);
                }
                Letter::Other(Inbound::Connect { session, outbox }) => {
                    self.room.connect(session);
                    self.outboxes.insert(session, outbox);
                }
                Letter::Other(Inbound::Disconnect { session }) => {
                    self.room.disconnect(session);
                    self.outboxes.remove(&session);
                }
                Letter::Other(Inbound::Leave { session }) => {
                    self.room.leave(session);
                    self.outboxes.remove(&session);
                }
            }
        }
    }

    /// Counts a slow-down, and tells of it at most every few seconds: an overloaded server has no time for a long log.
    fn complain(&mut self, lost: Duration, now: Instant) {
        self.stats.note_slowdown();
        self.lost += lost;
        if self
            .complained
            .is_none_or(|last| now - last >= COMPLAINT_INTERVAL)
        {
            self.complained = Some(now);
            let lost_ms =
                u64::try_from(std::mem::take(&mut self.lost).as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(
                lost_ms,
                slowdowns = self.stats.slowdowns(),
                "the server is overloaded: the match slows down"
            );
        }
    }

    /// Reserve, then encode: only what has a place is made.
    fn fill_outboxes(&mut self) {
        for (session, outbox) in &mut self.outboxes {
            // To look for a place takes a lock, and in most ticks most sessions have nothing to say.
            let (events, state) = self.room.wants(*session);
            if state && !outbox.has_place(Lane::State) {
                self.room.skip(*session);
            } else if state && let Some(message) = self.room.poll_transmit(*session, Lane::State) {
                outbox.send(Lane::State, message);
            }
            while events
                && outbox.has_place(Lane::Events)
                && let Some(message) = self.room.poll_transmit(*session, Lane::Events)
            {
                outbox.send(Lane::Events, message);
            }
            // The Welcome has just left: the first snapshot follows at once.
            if events
                && !state
                && self.room.wants(*session).1
                && outbox.has_place(Lane::State)
                && let Some(message) = self.room.poll_transmit(*session, Lane::State)
            {
                outbox.send(Lane::State, message);
            }
        }
        self.outboxes.values_mut().for_each(|o| o.flush());
        while let Some(session) = self.room.poll_ended() {
            self.outboxes.remove(&session);
        }
    }
}

/// For tests of what is only handed on.
#[cfg(test)]
pub(crate) fn any_moment() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tick_is_late_because_it_waited() {
        for late in (0..2000).map(Duration::from_micros) {
            let waits = patience(late);
            assert!(waits <= PATIENCE);
            assert!(
                late + waits <= ON_TIME || late > ON_TIME,
                "{late:?} {waits:?}"
            );
        }
        assert_eq!(patience(Duration::ZERO), PATIENCE);
        assert_eq!(patience(2 * ON_TIME), PATIENCE);
    }
}
