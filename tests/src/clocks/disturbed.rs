//! Clocks that are disturbed: by a step of the round trip, a hole, a stop of the server, a page in the background.

use std::time::Duration;

use super::table::Table;
use super::{SETTLING, WALKS};
use crate::Link;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// For how long a disturbed clock is watched.
const WATCHED: Duration = Duration::from_secs(10);

/// A lead that is as near to where it ends up has settled: a tick.
const NEAR: f64 = 1.0 / 60.0;

/// How the lead goes to where a changed link needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settling {
    /// The lead before, in ms.
    pub before_ms: f64,
    /// The lead in the end, in ms.
    pub after_ms: f64,
    /// For how long it was a tick or more off its end, in ms.
    pub settled_ms: f64,
    /// How often it went away from its end again by a tick or more, having been there.
    pub swings: u32,
    /// How far it went past its end, in ms.
    pub overshoot_ms: f64,
    /// Commands that were late meanwhile.
    pub late: u64,
}

/// The round trip changes from one length to the other (ms) at once; either way swings by a twentieth of it.
#[must_use]
pub fn rtt_step(from_ms: u64, to_ms: u64, seed: u64) -> Settling {
    let link = |rtt: u64| Link {
        rtt: ms(rtt),
        jitter: ms(rtt / 20),
        ..Link::P0
    };
    let mut table = Table::new(link(from_ms), seed, |_| WALKS);
    table.run(2 * SETTLING, |_| {});
    let before = watch(&mut table, ms(1000));
    table.set_link(link(to_ms));
    let (start, late) = (table.now, table.room().command_count().late);
    let leads = watch(&mut table, WATCHED);
    let before = before.last().map_or(f64::NAN, |(_, lead)| *lead);
    let end = leads
        .iter()
        .rev()
        .take(120)
        .map(|(_, lead)| *lead)
        .sum::<f64>()
        / 120.0;
    let sign = (end - before).signum();
    let is_off = |lead: f64| (lead - end).abs() >= NEAR;
    let settled = leads.iter().rev().find(|(_, lead)| is_off(*lead));
    let pairs = leads.windows(2).filter(|pair| match pair {
        [(_, this), (_, next)] => !is_off(*this) && is_off(*next),
        _ => false,
    });
    let past = leads.iter().map(|(_, lead)| (lead - end) * sign);
    Settling {
        before_ms: before * 1000.0,
        after_ms: end * 1000.0,
        settled_ms: settled.map_or(0.0, |(at, _)| (*at - start).as_secs_f64() * 1000.0),
        swings: u32::try_from(pairs.count()).unwrap_or(u32::MAX),
        overshoot_ms: past.fold(0.0, f64::max) * 1000.0,
        late: table.room().command_count().late - late,
    }
}

/// The lead at each picture.
fn watch(table: &mut Table, time: Duration) -> Vec<(Duration, f64)> {
    let mut leads = Vec::new();
    table.run(time, |table| {
        leads.extend(table.lead().map(|lead| (table.now, lead)));
    });
    leads
}

/// How a client comes back to itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recovery {
    /// When its newest snapshot was as fresh again as the link allows (half a round trip, its jitter and two intervals), in ms
    /// after the end of the disturbance.
    pub fresh_ms: f64,
    /// When the last command came late, in ms after the end.
    pub in_time_ms: f64,
    /// When the client knew to within 8 ms where the server is, for good, in ms after the end.
    pub clock_ms: f64,
    /// How much farther or less far the lead is than it was before, in the end, in ms.
    pub lead_off_ms: f64,
}

/// Nothing passes for two seconds, on a link of 50 ± 10 ms.
#[must_use]
pub fn blackhole(seed: u64) -> Recovery {
    recover(seed, ms(2000), |table| {
        // What is sent into the hole arrives at its end.
        let hole = Link {
            rtt: Duration::from_secs(60),
            ..Link::P1
        };
        table.set_link(hole);
        table.run(ms(2000), |_| {});
        table.set_link(Link::P1);
    })
}

/// The server's process stands still for half a second, on a link of 50 ± 10 ms. Ticks that it cannot make up for are lost.
#[must_use]
pub fn server_stop(seed: u64) -> Recovery {
    recover(seed, ms(500), |table| {
        table.stop_server(ms(500));
        table.run(ms(500), |_| {});
    })
}

fn recover(seed: u64, limit: Duration, disturb: impl FnOnce(&mut Table)) -> Recovery {
    let mut table = Table::new(Link::P1, seed, |_| WALKS);
    table.run(2 * SETTLING, |_| {});
    let mean = |leads: &[(Duration, f64)]| {
        leads.iter().map(|(_, lead)| lead).sum::<f64>() / leads.len().max(1) as f64
    };
    let before = mean(&watch(&mut table, ms(2000)));
    let start = table.now;
    disturb(&mut table);
    let end = table.now;
    assert!(
        end - start <= limit,
        "it was disturbed for as long as was said"
    );
    let usual = (25.0 + 5.0 + 2.0 * 1000.0 / 30.0 + 1.0) / 1000.0;
    let (mut fresh, mut in_time, mut clock) = (None, end, end);
    let mut late = table.room().command_count().late;
    table.run(WATCHED, |table| {
        let now = table.room().command_count().late;
        if now > std::mem::replace(&mut late, now) {
            in_time = table.now;
        }
        if table
            .offset_error()
            .is_some_and(|error| error.abs() > 0.008)
        {
            clock = table.now;
        }
        if fresh.is_none() && table.snapshot_age().is_some_and(|age| age <= usual) {
            fresh = Some(table.now);
        }
    });
    let after = mean(&watch(&mut table, ms(2000)));
    let since = |at: Duration| (at - end).as_secs_f64() * 1000.0;
    Recovery {
        fresh_ms: fresh.map_or(f64::INFINITY, since),
        in_time_ms: since(in_time),
        clock_ms: since(clock),
        lead_off_ms: (after - before) * 1000.0,
    }
}

/// What a page in the background and its return are like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hidden {
    /// Snapshots that came while it was hidden.
    pub snapshots: u64,
    /// Steps that the player made while it was hidden: commands that were on their way, and 150 ms of repeating.
    pub steps: u32,
    /// When the newest snapshot was made after the page was shown again, in ms after that.
    pub fresh_ms: f64,
    /// When the player moved again on the server, likewise.
    pub moved_ms: f64,
    /// Commands in the first second after that: 60 is one for each tick.
    pub commands: u64,
    /// How many of them were late.
    pub late: u64,
}

/// A page in the background for so many seconds, over `link`: no pictures, no timers, only messages arrive.
#[must_use]
pub fn hidden_tab(link: Link, seed: u64, seconds: u64) -> Hidden {
    let mut table = Table::new(link, seed, |_| WALKS);
    table.run(2 * SETTLING, |_| {});
    let steps = |table: &Table| table.walker().map_or(0, |walker| walker.steps);
    let (before, snapshots) = (steps(&table), table.snapshots);
    table.set_hidden(true);
    table.run(Duration::from_secs(seconds), |_| {});
    let (stood, snapshots) = (steps(&table), table.snapshots - snapshots);
    let (shown, at) = (table.now, table.server());
    let (commands, late) = (table.commands, table.room().command_count().late);
    table.set_hidden(false);
    let (mut fresh, mut moved) = (None, None);
    table.run(ms(1000), |table| {
        let is_fresh = |tick: f64| tick > at;
        let newest = table
            .client
            .newest()
            .map(|newest| f64::from(newest.tick().0));
        if fresh.is_none() && newest.is_some_and(is_fresh) {
            fresh = Some(table.now);
        }
        if moved.is_none() && steps(table) > stood {
            moved = Some(table.now);
        }
    });
    let since = |at: Duration| (at - shown).as_secs_f64() * 1000.0;
    Hidden {
        snapshots,
        steps: stood - before,
        fresh_ms: fresh.map_or(f64::INFINITY, since),
        moved_ms: moved.map_or(f64::INFINITY, since),
        commands: table.commands - commands,
        late: table.room().command_count().late - late,
    }
}
