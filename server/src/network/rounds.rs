//! When the sockets are looked at.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tickwire_engine::RoomHandle;
use tokio::sync::Notify;

/// Nothing waits longer, however slowly a match ticks.
const LONGEST: Duration = Duration::from_millis(20);

/// The round for a tick begins this long before it, beside the time that it usually takes: what it misses because the system has
/// let its thread wait comes a whole tick late, and that is what all players have sent.
const SPARE: Duration = Duration::from_millis(2);

/// A last, short round begins this long before a tick, for what has come since the other one.
const LAST: Duration = Duration::from_micros(300);

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
    /// The next round is one for a tick, and not a last one.
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

    /// Has a round before each tick of a match.
    pub(crate) fn follow(self: &Arc<Self>, room: RoomHandle) -> Follower {
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
        if let Some(begun) = self.begun.take() {
            let took = now - begun;
            self.usual = (self.usual * (MEMORY - 1) + took) / MEMORY;
        }
        let ahead = self.usual + SPARE;
        let rounds = self.rooms.iter().flat_map(|(_, room)| {
            let (tick, length) = (room.next_tick(), room.tick_length());
            [(ahead.min(length / 2), true), (LAST, false)]
                .map(|(ahead, for_tick)| (next_round(now, tick, length, ahead), for_tick))
        });
        let (first, for_tick) = rounds.min()?;
        let longest = now + LONGEST;
        self.for_tick = for_tick && first <= longest;
        Some(first.min(longest))
    }

    fn begin(&mut self, now: Instant, planned: Instant) {
        self.begun = (self.for_tick && now >= planned).then_some(now);
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
        state.rooms.retain(|(number, _)| *number != self.number);
        drop(state);
        // Or the runtime would sleep until a tick that nobody waits for.
        self.ring();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
