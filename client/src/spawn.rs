//! Predicted spawns: what the player's commands bring about is there at once, and becomes the server's when that comes.

use std::collections::VecDeque;
use std::time::Duration;

use tickwire_protocol::{Around, Game, History, NetId, Snapshot, Spawn, Tick, Way};

use crate::clock::Origin;
use crate::limits::{MAX_PREDICTED, MAX_SPAWNS};
use crate::smooth::{Fading, Gauge, Smoothing};

/// How long what the server refused takes to vanish.
const VANISH: Duration = Duration::from_millis(150);

/// Seconds after the server has told of a spawn's tick in which it still may say that the spawn is real.
const GRACE: f64 = 0.1;

/// Seconds after its tick in which the server may have spawned it instead: the command came late.
const LATE: f64 = 0.5;

/// A spawn is first drawn where the own entity is, ahead of the server, and at last where the others are, behind it. On the
/// way its time runs slower by this share, so that it never stands still.
const CATCH_UP: f64 = 0.5;

/// What became of a spawn.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    /// The server has not said anything.
    Waiting,
    /// The server has spawned it, as this entity.
    Real(NetId),
    /// The server says that it came and went within the tick. It stays where it was then, in ticks, until the picture gets there.
    Over { at: f64 },
    /// The server did not spawn it.
    Refused { since: Duration },
}

/// The server's row of a spawn has come.
#[derive(Debug)]
struct Landed {
    since: Duration,
    /// How far ahead of the others it was drawn then, in ticks; negative behind them.
    ahead: f64,
    /// The first snapshot that had it: before that it is drawn as it was predicted.
    first: Tick,
    /// From where it was predicted to where it really is.
    fade: Option<(Spawn, Spawn, Fading)>,
    /// Its newest row, and the tick of that.
    last: (Tick, Spawn),
    /// The first snapshot without it.
    gone: Option<Tick>,
}

#[derive(Debug)]
struct Predicted {
    key: u32,
    tick: Tick,
    index: usize,
    /// As it was at the end of its tick.
    start: Spawn,
    fate: Fate,
    /// For how many ticks the server's has been on its way longer than this one.
    lag: u32,
    landed: Option<Landed>,
}

/// What the server says of a spawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Confirmed {
    /// For how many ticks it had been on its way when it began.
    pub(crate) ahead: u8,
    /// `None`: it came and went within the tick.
    pub(crate) id: Option<NetId>,
}

/// Counts of spawns.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct SpawnCounts {
    pub(crate) predicted: u64,
    pub(crate) matched: u64,
    pub(crate) refused: u64,
}

/// A spawn as it is to be drawn: on its way through one tick.
#[derive(Debug)]
pub(crate) struct DrawnSpawn {
    pub(crate) key: u32,
    /// The server's entity, once it is known.
    pub(crate) id: Option<NetId>,
    pub(crate) from: Spawn,
    pub(crate) to: Spawn,
    pub(crate) way: Way,
    /// Where it was predicted, where it really was then, and how much of the difference is still to be seen.
    pub(crate) fade: Option<(Spawn, Spawn, f32)>,
    /// From 1 to 0 while it vanishes.
    pub(crate) presence: f32,
}

/// The spawns of the player's commands that are drawn ahead of the others.
#[derive(Debug)]
pub(crate) struct Spawns {
    list: VecDeque<Predicted>,
    next_key: u32,
    gauge: Gauge,
    smoothing: Smoothing,
    pub(crate) counts: SpawnCounts,
}

/// Where time stands, in ticks: the own entity's, the others', and what a second is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) origin: Origin,
    pub(crate) commands: f64,
    pub(crate) view: f64,
    pub(crate) tick_rate: f64,
}

impl Spawns {
    pub(crate) fn new(gauge: Gauge, smoothing: Smoothing) -> Self {
        Self {
            list: VecDeque::new(),
            next_key: 0,
            gauge,
            smoothing,
            counts: SpawnCounts::default(),
        }
    }

    /// Forgets everything.
    pub(crate) fn forget(&mut self) {
        self.list.clear();
    }

    /// The command for `tick` was predicted, perhaps once more, and led to `value`.
    pub(crate) fn predict<G: Game>(
        &mut self,
        tick: Tick,
        value: &G::Predicted,
        around: &Around<'_, G>,
        now: Duration,
    ) {
        if around.own == around.player {
            let spawns = G::spawns(value, around);
            self.note(tick, spawns, around.tick(), now);
        }
    }

    /// The command for `tick` leads to `spawns`, as far as is known since the snapshot of `confirmed`.
    fn note(&mut self, tick: Tick, spawns: Vec<Spawn>, confirmed: Tick, now: Duration) {
        let count = spawns.len();
        for (index, start) in spawns.into_iter().enumerate() {
            let same = |old: &&mut Predicted| old.tick == tick && old.index == index;
            if let Some(old) = self.list.iter_mut().find(same) {
                if old.landed.is_none() {
                    old.start = start;
                    if matches!(old.fate, Fate::Refused { .. }) {
                        old.fate = Fate::Waiting;
                        self.counts.refused = self.counts.refused.saturating_sub(1);
                    }
                }
                continue;
            }
            // The server did not follow the command at its tick; it will at this one, as far as can be known.
            let postponed = |old: &&mut Predicted| {
                old.fate == Fate::Waiting && !old.tick.is_after(confirmed) && old.index == index
            };
            if let Some(old) = self.list.iter_mut().find(postponed) {
                (old.tick, old.start) = (tick, start);
                continue;
            }
            if self.list.len() == MAX_SPAWNS {
                self.list.pop_front();
            }
            self.counts.predicted += 1;
            self.list.push_back(Predicted {
                key: self.next_key,
                tick,
                index,
                start,
                fate: Fate::Waiting,
                lag: 0,
                landed: None,
            });
            self.next_key = self.next_key.wrapping_add(1);
        }
        for old in &mut self.list {
            if old.tick == tick && old.index >= count && old.fate == Fate::Waiting {
                old.fate = Fate::Refused { since: now };
                self.counts.refused += 1;
            }
        }
    }

    /// The server says what the `index`th spawn of the command for `tick` is.
    pub(crate) fn confirm(&mut self, tick: Tick, index: usize, says: Confirmed, times: Times) {
        let open = |old: &Predicted| {
            let done = matches!(old.fate, Fate::Real(_) | Fate::Over { .. });
            old.landed.is_none() && !done
        };
        let exact = |old: &Predicted| open(old) && old.tick == tick && old.index == index;
        let late = |old: &Predicted| {
            let ticks = f64::from(tick.since(old.tick));
            open(old) && (0.0..LATE * times.tick_rate).contains(&ticks)
        };
        let place = self.list.iter().position(exact);
        let place = place.or_else(|| self.list.iter().position(late));
        if let Some(old) = place.and_then(|place| self.list.get_mut(place)) {
            let at = times.commands;
            old.fate = says.id.map_or(Fate::Over { at }, Fate::Real);
            old.lag = u32::from(says.ahead);
            self.counts.matched += 1;
        }
    }

    /// A snapshot has come.
    pub(crate) fn land<G: Game>(&mut self, around: &Around<'_, G>, times: Times, now: Duration) {
        for spawn in &mut self.list {
            let id = match spawn.fate {
                Fate::Real(id) => id,
                Fate::Waiting => {
                    let told = f64::from(around.tick().since(spawn.tick));
                    if told > GRACE * times.tick_rate {
                        spawn.fate = Fate::Refused { since: now };
                        self.counts.refused += 1;
                    }
                    continue;
                }
                Fate::Refused { .. } | Fate::Over { .. } => continue,
            };
            let Some(row) = around.row(id) else {
                if let Some(landed) = &mut spawn.landed {
                    landed.gone = landed.gone.or(Some(around.tick()));
                }
                continue;
            };
            let last = (around.tick(), Spawn::of(around.schema(), &row));
            if let Some(landed) = &mut spawn.landed {
                landed.last = last;
                continue;
            }
            // Where both are in the tick that is drawn of it, or in that of the row if that is later.
            let drawn = times.origin.tick(times.commands) - spawn.lag;
            let at = if drawn.is_after(last.0) {
                drawn
            } else {
                last.0
            };
            let shown = advanced(spawn.start.clone(), spawn.tick, at + spawn.lag, around);
            let right = advanced(last.1.clone(), last.0, at, around);
            let length = self.gauge.distance(shown.words(), right.words());
            let fading = Fading::new(length, &self.smoothing, now);
            spawn.landed = Some(Landed {
                since: now,
                ahead: times.commands - f64::from(spawn.lag) - times.view,
                first: last.0,
                fade: fading.map(|fading| (shown, right, fading)),
                last,
                gone: None,
            });
        }
    }

    /// Lets go of what is over: what has vanished, and what the server's world no longer has when the picture gets there.
    pub(crate) fn advance(&mut self, newest: &Snapshot, times: Times, now: Duration) {
        self.list
            .retain(|spawn| match (&spawn.fate, &spawn.landed) {
                (Fate::Refused { since }, _) => now.saturating_sub(*since) < VANISH,
                (Fate::Real(_), Some(landed)) => {
                    let end = landed.gone.map(|gone| times.origin.position(gone));
                    end.is_none_or(|end| times.view < end)
                }
                // Announced, but it never came: it lived too short for a snapshot, or stays out of sight.
                (Fate::Real(_), None) => {
                    let ticks = f64::from(newest.tick().since(spawn.tick));
                    ticks < 2.0 * GRACE * times.tick_rate
                }
                (Fate::Over { .. }, _) => times.view < times.origin.position(spawn.tick),
                (Fate::Waiting, _) => true,
            });
    }

    /// What is to be drawn at `now`, and the entities that are over for this player while the others' time has not got there.
    pub(crate) fn drawn<G: Game>(
        &self,
        history: &History,
        around: &Around<'_, G>,
        times: Times,
        now: Duration,
    ) -> (Vec<DrawnSpawn>, Vec<NetId>) {
        let (over, drawn): (Vec<_>, Vec<_>) = self
            .list
            .iter()
            .partition(|spawn| spawn.is_over(times, now));
        let drawn = drawn
            .iter()
            .map(|spawn| spawn.drawn(history, around, times, now));
        let over = over.iter().filter_map(|spawn| spawn.id());
        (drawn.collect(), over.collect())
    }
}

impl Predicted {
    /// The moment at which it is drawn, in ticks.
    fn moment(&self, times: Times, now: Duration) -> f64 {
        match &self.landed {
            None => match self.fate {
                Fate::Over { at } => times.commands.min(at),
                _ => times.commands,
            },
            Some(landed) => {
                let since = now.saturating_sub(landed.since).as_secs_f64();
                let left = landed.ahead.abs() - since * CATCH_UP * times.tick_rate;
                times.view + left.max(0.0).copysign(landed.ahead)
            }
        }
    }

    /// Whether the server's rows do not tell where it is at `moment`: then it is drawn as it was predicted.
    fn is_ahead(&self, times: Times, moment: f64) -> bool {
        let landed = self.landed.as_ref();
        landed.is_none_or(|landed| moment < times.origin.position(landed.first))
    }

    /// The server's entity, once it is known.
    fn id(&self) -> Option<NetId> {
        match self.fate {
            Fate::Real(id) => Some(id),
            _ => None,
        }
    }

    /// Whether it is drawn at a moment in which the server's world has it no more.
    fn is_over(&self, times: Times, now: Duration) -> bool {
        let gone = self.landed.as_ref().and_then(|landed| landed.gone);
        gone.is_some_and(|gone| self.moment(times, now) >= times.origin.position(gone))
    }

    fn drawn<G: Game>(
        &self,
        history: &History,
        around: &Around<'_, G>,
        times: Times,
        now: Duration,
    ) -> DrawnSpawn {
        let moment = self.moment(times, now);
        let is_ahead = self.is_ahead(times, moment);
        let between = Some(()).filter(|()| !is_ahead);
        let (from, to, way) = between
            .and_then(|()| self.between_rows(history, times, moment))
            .unwrap_or_else(|| self.onwards(around, times, moment));
        let presence = match self.fate {
            Fate::Refused { since } => {
                1.0 - now.saturating_sub(since).as_secs_f32() / VANISH.as_secs_f32()
            }
            _ => 1.0,
        };
        let fade = self.landed.as_ref().and_then(|landed| {
            let (shown, right, fading) = landed.fade.as_ref()?;
            let share = fading.share(now);
            if is_ahead {
                return Some((right.clone(), shown.clone(), 1.0 - share));
            }
            (share > 0.0).then(|| (shown.clone(), right.clone(), share))
        });
        DrawnSpawn {
            key: self.key,
            id: self.id(),
            from,
            to,
            way,
            fade,
            presence: presence.max(0.0),
        }
    }

    /// Between two rows that have come; `None` beyond the newest of them.
    fn between_rows(
        &self,
        history: &History,
        times: Times,
        moment: f64,
    ) -> Option<(Spawn, Spawn, Way)> {
        let landed = self.landed.as_ref()?;
        let id = self.id()?;
        if moment >= times.origin.position(landed.last.0) {
            return None;
        }
        let from = history.at_or_before(times.origin.tick(moment))?;
        let to = history.after(from.tick())?;
        let row = |snapshot: &Snapshot| {
            let row = snapshot.row(id)?;
            Some(Spawn::of(snapshot.schema(), &row))
        };
        let (older, newer) = (row(from)?, row(to)?);
        let start = times.origin.position(from.tick());
        let span = f64::from(to.tick().since(from.tick())).max(1.0);
        Some((older, newer, way(moment - start, span, times.tick_rate)))
    }

    /// Where no rows tell: on from the newest, or from where it was predicted.
    fn onwards<G: Game>(
        &self,
        around: &Around<'_, G>,
        times: Times,
        moment: f64,
    ) -> (Spawn, Spawn, Way) {
        let landed = self.landed.as_ref();
        let (tick, spawn, moment) = match landed.filter(|_| !self.is_ahead(times, moment)) {
            Some(landed) => (landed.last.0, &landed.last.1, moment),
            // The prediction started on its way that much later.
            None if landed.is_some() => (self.tick, &self.start, moment + f64::from(self.lag)),
            None => (self.tick, &self.start, moment),
        };
        let now = times.origin.tick(moment);
        let from = advanced(spawn.clone(), tick, now, around);
        let mut to = from.clone();
        if !tick.is_after(now) {
            G::move_spawned(&mut to, around);
        }
        let share = moment - times.origin.position(now);
        (from, to, way(share, 1.0, times.tick_rate))
    }
}

/// `done` of a way of so many ticks.
#[expect(
    clippy::cast_possible_truncation,
    reason = "0 to 1, and below a second"
)]
fn way(done: f64, ticks: f64, tick_rate: f64) -> Way {
    Way {
        share: (done / ticks).clamp(0.0, 1.0) as f32,
        seconds: (ticks / tick_rate) as f32,
    }
}

/// `spawn`, which is as at the end of `tick`, as it will be at the end of `until`; but not further ahead than is predicted.
fn advanced<G: Game>(mut spawn: Spawn, tick: Tick, until: Tick, around: &Around<'_, G>) -> Spawn {
    let ticks = until.since(tick).clamp(0, MAX_PREDICTED.cast_signed());
    for _ in 0..ticks {
        G::move_spawned(&mut spawn, around);
    }
    spawn
}

#[cfg(test)]
mod tests;
