//! When the sockets are looked at.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tickwire_engine::RoomHandle;
use tokio::sync::Notify;

/// Nothing waits longer, however slowly a match ticks.
const LONGEST: Duration = Duration::from_millis(20);

/// The round for a tick begins this long before it, beside the time that it usually takes, for it may be late: beside busy programs
/// the system lets a thread wait for milliseconds. The tick itself asks for a last, short one, for what has come since.
const SPARE: Duration = Duration::from_millis(4);

/// How much a round counts in what they usually take, as one in so many.
const MEMORY: u32 = 16;

/// Puts the thread of a runtime to sleep between rounds.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    thread: OnceLock<Thread>,
    state: Mutex<State>,
    begun: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The matches whose ticks are kept to.
    rooms: Vec<(u64, RoomHandle)>,
    /// The number of the next one.
    next: u64,
    /// The matches that wait for the round that is going on.
    asking: Vec<RoomHandle>,
    /// The next round is one for a tick.
    for_tick: bool,
    /// When the round that is going on began, if it is one for a tick.
    begun: Option<Instant>,
    /// How long those usually take.
    usual: Duration,
}

/// Keeps rounds going for a match; dropped, it does so no longer.
#[derive(Debug)]
pub(crate) struct Follower {
    rounds: Arc<Rounds>,
    number: u64,
}

impl Rounds {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread that sleeps, and is to be woken.
    pub(crate) fn wakes(&self, thread: Thread) {
        // A runtime runs in one thread, once.
        let _ = self.thread.set(thread);
    }

    /// Has a round before each tick of a match, and another when the tick asks.
    pub(crate) fn follow(self: &Arc<Self>, room: RoomHandle) -> Follower {
        room.collect_by(self.thread.get().cloned());
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.rooms.push((number, room));
        Follower {
            rounds: Arc::clone(self),
            number,
        }
    }

    /// What the runtime calls when its tasks have nothing left to do, before it looks at its sockets: sleeps until the next round.
    pub(crate) fn wait(&self) {
        let now = Instant::now();
        let Some(until) = self.state().end(now) else {
            return;
        };
        thread::park_timeout(until.saturating_duration_since(now));
        self.state().begin(Instant::now(), until);
        // Somebody has to have something to do, or the runtime would go on waiting for its sockets.
        self.begun.notify_waiters();
    }
}

impl State {
    /// A round is over; when the next one is to begin, if there are any.
    fn end(&mut self, now: Instant) -> Option<Instant> {
        self.asking.drain(..).for_each(|room| room.collected());
        if let Some(begun) = self.begun.take() {
            let took = now - begun;
            self.usual = (self.usual * (MEMORY - 1) + took) / MEMORY;
        }
        let ahead = self.usual + SPARE;
        let rounds = self.rooms.iter().map(|(_, room)| {
            let length = room.tick_length();
            next_round(now, room.next_tick(), length, ahead.min(length / 2))
        });
        let first = rounds.min()?;
        let longest = now + LONGEST;
        self.for_tick = first <= longest;
        Some(first.min(longest))
    }

    fn begin(&mut self, now: Instant, planned: Instant) {
        self.begun = (self.for_tick && now >= planned).then_some(now);
        let asking = self.rooms.iter().filter(|(_, room)| room.is_asked());
        self.asking.extend(asking.map(|(_, room)| room.clone()));
    }
}

/// The first moment after `now` that lies `ahead` of a tick; ticks are `length` apart, and one of them is at `tick`.
fn next_round(now: Instant, tick: Instant, length: Duration, ahead: Duration) -> Instant {
    let round = tick.checked_sub(ahead).unwrap_or(tick);
    if round > now {
        return round;
    }
    let passed = now.duration_since(round).as_nanos();
    let into = passed % length.as_nanos().max(1);
    let left = length.as_nanos().saturating_sub(into);
    now + Duration::from_nanos(u64::try_from(left).unwrap_or(u64::MAX))
}

impl Follower {
    /// Has a round now. From any thread.
    pub(crate) fn ring(&self) {
        if let Some(thread) = self.rounds.thread.get() {
            thread.unpark();
        }
    }

    /// Waits for a round to begin.
    pub(crate) async fn begun(&self) {
        self.rounds.begun.notified().await;
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut state = self.rounds.state();
        let left = state
            .rooms
            .extract_if(.., |(number, _)| *number == self.number);
        left.for_each(|(_, room)| room.collect_by(None));
        drop(state);
        // Or the runtime would sleep until a tick that nobody waits for.
        self.ring();
    }
}

#[cfg(test)]
mod tests {
    use tickwire_engine::{Host, Room, RoomConfig, Sim, TickPriority};

    use super::*;
    use crate::stroll::{Stroll, build};

    const LENGTH: Duration = Duration::from_millis(10);
    const AHEAD: Duration = Duration::from_millis(1);

    fn us(us: u64) -> Duration {
        Duration::from_micros(us)
    }

    #[test]
    fn a_round_begins_ahead_of_the_next_tick() {
        let tick = Instant::now() + LENGTH;
        let round = |now| next_round(now, tick, LENGTH, AHEAD);
        assert_eq!(round(tick - us(3000)), tick - AHEAD);
        // While the tick runs it is still said to be the next one.
        for into in [0, 1, 999, 1000, 1500, 9_999] {
            let now = tick - AHEAD + us(into);
            assert_eq!(round(now), tick + LENGTH - AHEAD, "{into} µs after");
        }
        assert_eq!(round(tick + 1000 * LENGTH), tick + 1001 * LENGTH - AHEAD);
    }

    #[test]
    fn a_round_begins_the_earlier_the_longer_they_take() {
        let mut state = State::default();
        let begun = Instant::now();
        for _ in 0..100 {
            state.for_tick = true;
            state.begin(begun, begun);
            assert_eq!(state.end(begun + us(2000)), None, "nobody to wait for");
        }
        assert!(state.usual > us(1900) && state.usual <= us(2000));
        // One that somebody rang for says nothing about those before ticks.
        state.begin(begun, begun + us(1));
        state.end(begun + us(9000));
        assert!(state.usual <= us(2000));
    }

    #[test]
    fn a_tick_that_asks_is_answered_when_the_round_is_over() {
        let host = Host::spawn("test", TickPriority::Normal).unwrap();
        let room = Room::new(Sim::<Stroll>::new(7, build), RoomConfig::default());
        let room = host.add_room(room);
        room.collect_by(Some(thread::current()));
        let mut state = State::default();
        state.rooms.push((0, room.clone()));
        let now = Instant::now();
        // Ticks do not ask for long.
        let asked = (0..10_000).any(|_| {
            thread::park_timeout(us(1_000_000));
            state.begin(now, now);
            !state.asking.is_empty()
        });
        assert!(asked);
        state.end(now);
        assert!(state.asking.is_empty());
        host.stop("the test is over");
    }
}
