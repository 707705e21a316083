//! How urgently the system runs the thread of a host, so that ticks begin in time on a machine that has other things to do.

use std::time::Duration;

/// Over how long a thread's work is judged.
const WINDOW: Duration = Duration::from_secs(1);

/// Windows in a row with little work before a thread that had too much of it is urgent again.
const CALM: u32 = 10;

/// How urgently the system is to run the thread that ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TickPriority {
    /// Before everything that has no real-time priority itself, where the system permits it (Linux's lowest `SCHED_RR`; elsewhere,
    /// and where it is not permitted, as [`Normal`](Self::Normal)).
    ///
    /// Only while the thread sleeps more than half of the time: one that works all the time would take the processor from the
    /// tasks that send what it makes. Threads that a game starts from its systems inherit it.
    #[default]
    RealTime,
    /// Like every other program.
    Normal,
}

/// Holds the calling thread at the priority that it was asked for, as long as that harms nobody.
#[derive(Debug)]
pub(crate) struct Urgency {
    /// `None` when the priority stays as it is: not asked for, or not permitted.
    load: Option<Load>,
}

impl Urgency {
    /// Asks the system for `priority`.
    pub(crate) fn take(priority: TickPriority, now: Duration) -> Self {
        let load = match priority {
            TickPriority::Normal => None,
            TickPriority::RealTime => match set(priority) {
                Ok(()) => {
                    tracing::info!("ticks have real-time priority");
                    Some(Load::new(now))
                }
                Err(why) => {
                    tracing::debug!(
                        why,
                        "ticks have normal priority: the system permits no other"
                    );
                    None
                }
            },
        };
        Self { load }
    }

    /// The thread has worked from `begun` to `ended`.
    pub(crate) fn note(&mut self, begun: Duration, ended: Duration) {
        let Some(priority) = self.load.as_mut().and_then(|load| load.note(begun, ended)) else {
            return;
        };
        match set(priority) {
            Ok(()) => tracing::info!(?priority, "ticks have another priority, for their load"),
            Err(why) => tracing::warn!(why, ?priority, "ticks keep the priority that they have"),
        }
    }
}

/// How much a thread works, and what priority becomes it.
#[derive(Debug)]
struct Load {
    has: TickPriority,
    /// The start of the window, and the work in it so far.
    since: Duration,
    worked: Duration,
    /// Windows with little work since the last with much.
    calm: u32,
}

impl Load {
    /// Of a thread that has real-time priority since `now`.
    fn new(now: Duration) -> Self {
        Self {
            has: TickPriority::RealTime,
            since: now,
            worked: Duration::ZERO,
            calm: 0,
        }
    }

    /// Returns the priority that the thread should have from now on, when that is another.
    fn note(&mut self, begun: Duration, ended: Duration) -> Option<TickPriority> {
        self.worked += ended.saturating_sub(begun);
        let window = ended.saturating_sub(self.since);
        if window < WINDOW {
            return None;
        }
        let much = self.worked > window / 2;
        self.since = ended;
        self.worked = Duration::ZERO;
        self.calm = if much { 0 } else { self.calm + 1 };
        let becomes = match self.has {
            TickPriority::RealTime if much => TickPriority::Normal,
            TickPriority::Normal if self.calm >= CALM => TickPriority::RealTime,
            _ => return None,
        };
        self.has = becomes;
        Some(becomes)
    }
}

/// Gives the calling thread a priority. The error is the system's word on why not.
#[cfg(target_os = "linux")]
pub(crate) fn set(priority: TickPriority) -> Result<(), String> {
    use thread_priority::{
        NormalThreadSchedulePolicy, RealtimeThreadSchedulePolicy, ThreadPriority,
        ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
    };
    let (priority, policy) = match priority {
        TickPriority::RealTime => (
            ThreadPriority::Min,
            ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::RoundRobin),
        ),
        TickPriority::Normal => (
            // The crate's scale runs from 0 to 99 and is turned over: this is a niceness of 0, see the test.
            ThreadPriority::Crossplatform(48.try_into()?),
            ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other),
        ),
    };
    set_thread_priority_and_policy(thread_native_id(), priority, policy)
        .map_err(|error| error.to_string())
}

/// Other systems' ways are not tried.
#[cfg(not(target_os = "linux"))]
pub(crate) fn set(_: TickPriority) -> Result<(), String> {
    Err("only tried on Linux".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(20);

    /// Ticks for `seconds` that take `work` each; returns the priorities that come of it, and the second in which they do.
    fn ticks(load: &mut Load, from: u64, seconds: u64, work: Duration) -> Vec<(u64, TickPriority)> {
        let count = seconds * 50;
        let begun =
            (0..count).map(|tick| Duration::from_secs(from) + Duration::from_millis(tick * 20));
        begun
            .filter_map(|begun| Some((begun.as_secs(), load.note(begun, begun + work)?)))
            .collect()
    }

    #[test]
    fn a_thread_that_mostly_sleeps_stays_urgent() {
        let mut load = Load::new(Duration::ZERO);
        assert_eq!(ticks(&mut load, 0, 60, TICK * 2 / 5), []);
        // A second is judged as a whole: a few ticks may take long.
        let mut load = Load::new(Duration::ZERO);
        assert_eq!(load.note(Duration::ZERO, Duration::from_millis(400)), None);
        let rest = Duration::from_millis(400);
        assert_eq!(load.note(rest, Duration::from_secs(1) - TICK), None);
    }

    #[test]
    fn a_thread_that_mostly_works_is_not_urgent_until_it_has_been_calm_for_long() {
        let mut load = Load::new(Duration::ZERO);
        let much = ticks(&mut load, 0, 5, TICK * 4 / 5);
        assert_eq!(much, [(1, TickPriority::Normal)]);
        let calm = u64::from(CALM);
        assert_eq!(ticks(&mut load, 5, calm - 1, TICK / 5), []);
        // Calm has to last.
        assert_eq!(ticks(&mut load, 4 + calm, 2, TICK * 4 / 5), []);
        let little = ticks(&mut load, 6 + calm, calm + 1, TICK / 5);
        assert!(
            matches!(little[..], [(_, TickPriority::RealTime)]),
            "{little:?}"
        );
    }

    /// Permitted to root, as in CI, or by a limit; else the thread has to stay as it was.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_is_asked_for_its_least_real_time_priority() {
        use thread_priority::{
            NormalThreadSchedulePolicy, RealtimeThreadSchedulePolicy, ThreadSchedulePolicy,
            thread_schedule_policy,
        };
        let normal = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other);
        let real_time = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::RoundRobin);
        let nice = || {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            // The thread's name stands in brackets; see proc_pid_stat(5).
            let (_, fields) = stat.rsplit_once(") ").unwrap();
            fields.split(' ').nth(16).unwrap().parse::<i32>().unwrap()
        };
        let before = nice();
        if let Err(why) = set(TickPriority::RealTime) {
            assert_eq!(thread_schedule_policy().unwrap(), normal, "{why}");
            return;
        }
        assert_eq!(thread_schedule_policy().unwrap(), real_time);
        let back = set(TickPriority::Normal);
        assert_eq!(thread_schedule_policy().unwrap(), normal);
        assert_eq!(nice(), if back.is_ok() { 0 } else { before });
    }
}
