//! Lag compensation: systems look at the past as a player saw it.

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;
use tickwire_protocol::message::View;
use tickwire_protocol::{EXTRAPOLATION_MS, History, NetId, REWIND_WAIT_MS, Snapshot, Tick, Wire};

use crate::ids::{NetIds, Replicated};
use crate::near::Places;
use crate::sim::CurrentTick;

/// The snapshots of the last 64 ticks.
#[derive(Resource, Debug)]
pub(crate) struct Past {
    pub(crate) history: History,
    pub(crate) tick_rate: u32,
    /// Rows that were blended to look back, so far.
    pub(crate) blended: AtomicU64,
}

impl Past {
    pub(crate) fn new(tick_rate: u32) -> Self {
        Self {
            history: History::new(),
            tick_rate,
            blended: AtomicU64::new(0),
        }
    }
}

/// How far back [`Rewind`] goes at most: the round trip and the interpolation delay together. At 0 shots are judged in the present.
///
/// Two things do not count against the limit:
///
/// - that a command which has arrived waits for its tick (two ticks on a quiet link, longer where the client makes its commands
///   earlier because the link is unsteady), and the tick in which the player looked at the picture and acted. What counts is this
///   command's wait or the player's usual one, the longer of them; with the look it is [`Self::WAIT`] at most;
/// - that a client which had nothing newer than a snapshot drew the others on beyond it: that snapshot may be older than the moment
///   by [`Self::CARRIED`].
///
/// So **nobody is hit more than this limit and 120 ms after reaching cover**, whatever the link and whatever a client claims.
///
/// Clients are told the limit in their Welcome, and do not interpolate longer than it allows: a picture that is older cannot be
/// hit where it is drawn. A game in which no system looks back has no limit. The default is 200 ms (Lee & Chang, NetGames 2017,
/// found players content up to there).
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct RewindLimit(pub Duration);

impl RewindLimit {
    /// The limit of a game that does not say otherwise.
    pub const DEFAULT: Self = Self(Duration::from_millis(200));
    /// The longest limit that the server's settings allow.
    pub const LONGEST: Self = Self(Duration::from_millis(250));
    /// What comes on top at most until the shot is judged.
    pub const WAIT: Duration = Duration::from_millis(REWIND_WAIT_MS as u64);
    /// How much older the snapshot may be that a player saw carried on, because nothing newer had come.
    pub const CARRIED: Duration = Duration::from_millis(20);
}

/// How much of a player's lag ([`Rewind::lag`]) a projectile makes up for at most when it sets out; at 0 it makes up for nothing.
///
/// Others see it appear so far from the muzzle: at 18 m/s less than two metres in the usual 100 ms (the limit of Unreal Tournament
/// and of many shooters since, for the same reason).
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct FastForward(pub Duration);

impl FastForward {
    /// The limit of a game that does not say otherwise.
    pub const DEFAULT: Self = Self(Duration::from_millis(100));
}

/// Ticks between the drawing of a picture and the command of the player who acts on it.
const A_LOOK: f64 = 1.0;

/// What the player's client drew when the present command was given.
#[derive(Component, Debug, Default)]
pub(crate) struct Viewing {
    /// `None` for bots and local players.
    pub(crate) view: Option<View>,
    /// Whether the client claimed something else.
    pub(crate) clamped: bool,
    /// For how many ticks the present command has waited for its tick, or the player's commands usually do: the longer time.
    pub(crate) wait: f64,
    /// Whether anybody has looked back as this player in this tick, and then at the moment that was claimed or at another.
    /// Systems look through a shared reference.
    looked: AtomicU8,
}

/// Nobody has looked back, or at what was claimed, or at something else.
const NOT: u8 = 0;
const AS_CLAIMED: u8 = 1;
const CLAMPED: u8 = 2;

impl Viewing {
    /// As the client says, with `clamped` for a claim that was moved, and commands that wait for so many ticks.
    pub(crate) fn new(view: Option<View>, clamped: bool, wait: f64) -> Self {
        Self {
            view,
            clamped,
            wait,
            looked: AtomicU8::new(NOT),
        }
    }

    fn note_look(&self, clamped: bool) {
        let look = if clamped { CLAMPED } else { AS_CLAIMED };
        self.looked.fetch_max(look, Ordering::Relaxed);
    }

    /// Whether the player's shots of this tick were judged in the past, and then whether at another moment than claimed.
    pub(crate) fn looked(&self) -> Option<bool> {
        match self.looked.load(Ordering::Relaxed) {
            NOT => None,
            look => Some(look == CLAMPED),
        }
    }
}

/// How far back a player is shown the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewound {
    /// From the moment that they are shown at to the tick that is simulated.
    pub time: Duration,
    /// Whether the player's client claimed another moment, which was not admissible, or older than the limit.
    pub clamped: bool,
    /// Whether it was older than the limit.
    pub limited: bool,
    /// What of the time does not count against the [limit](RewindLimit): the wait of the command for its tick, and a tick of
    /// looking and acting.
    pub waited: Duration,
}

/// Some system of the game looks back.
#[derive(Resource)]
pub(crate) struct LooksBack;

/// Inserts [`LooksBack`] as soon as a system with a [`Rewind`] is made ready to run.
struct Announced;

impl FromWorld for Announced {
    fn from_world(world: &mut World) -> Self {
        world.insert_resource(LooksBack);
        Self
    }
}

/// Where everyone's `T` was in the picture that a player had before them when they acted.
///
/// An entity is there if it has its `T` now and had it then: the dead and the newborn cannot be hit in the past.
///
/// A row that the player's client was told of late, because of its [tier](crate::Interest::tiers) or a used-up
/// [budget](crate::RoomConfig::budget), is looked at where it truly was, although the client still drew it where it had been before.
/// So entities that players can hit belong into the first tier. (Arena has one tier, and in a match of 64 no row waits.)
#[derive(SystemParam)]
pub struct Rewind<'w, 's, T: Component + Wire> {
    pub(crate) past: Res<'w, Past>,
    limit: Res<'w, RewindLimit>,
    _announced: Local<'s, Announced>,
    forward: Res<'w, FastForward>,
    pub(crate) tick: Res<'w, CurrentTick>,
    pub(crate) ids: Res<'w, NetIds>,
    viewers: Query<'w, 's, &'static Viewing>,
    pub(crate) present: Query<'w, 's, (Entity, &'static Replicated, &'static T)>,
    pub(crate) places: Local<'s, RefCell<Places>>,
}

impl<T: Component + Wire> Rewind<'_, '_, T> {
    /// All entities with a `T`, `shooter` too, as `shooter` saw them, by ascending network id. Who has no view to speak of
    /// (a bot) sees the present.
    pub fn seen_by(&self, shooter: Entity) -> impl Iterator<Item = (Entity, T)> {
        let moment = self.look(shooter);
        let mut seen: Vec<_> = self
            .present
            .iter()
            .filter_map(|(entity, replicated, now)| {
                let there = match &moment {
                    Some(moment) => self.blend(moment, replicated.id())?,
                    None => now.clone(),
                };
                Some((replicated.id(), entity, there))
            })
            .collect();
        seen.sort_unstable_by_key(|(id, ..)| *id);
        seen.into_iter().map(|(_, entity, there)| (entity, there))
    }

    /// The moment that `shooter` saw; `None` for the present. It counts as a look.
    pub(crate) fn look(&self, shooter: Entity) -> Option<Moment> {
        let viewing = self.viewers.get(shooter).ok()?;
        let moment = self.moment(viewing)?;
        viewing.note_look(viewing.clamped || moment.limited);
        Some(moment)
    }

    /// Where `id` was at that moment.
    pub(crate) fn blend(&self, moment: &Moment, id: NetId) -> Option<T> {
        self.past.blended.fetch_add(1, Ordering::Relaxed);
        moment.get(id, self.past.tick_rate)
    }

    /// Who is in the picture that `shooter` had and has no `T` any more, by ascending network id: they cannot be hit.
    pub fn gone(&self, shooter: Entity) -> Vec<(NetId, T)> {
        let Some(moment) = self.look(shooter) else {
            return Vec::new();
        };
        let mut there: Vec<_> = self.present.iter().map(|(_, it, _)| it.id()).collect();
        there.sort_unstable();
        let rows = moment.from.rows();
        let gone = rows.filter(|row| there.binary_search(&row.id).is_err());
        gone.filter_map(|row| Some((row.id, row.get()?))).collect()
    }

    /// How many whole ticks old the picture is that `shooter` acted on, but no more than [`FastForward`]: for so long what it throws
    /// now has been on its way already. 0 for a shooter who is shown the present.
    ///
    /// To let a projectile make up for that, move it by that many steps more in the tick in which it is spawned, each step against
    /// the others as they were then ([`Self::ago_near`] with this number, then one less, down to 1). Say so by
    /// [`SpawnedBy::ahead`](crate::SpawnedBy::ahead): the shooter's own client has shown it since the click, and then knows that it
    /// need not jump.
    pub fn lag(&self, shooter: Entity) -> u32 {
        let viewing = self.viewers.get(shooter).ok();
        let Some(moment) = viewing.and_then(|viewing| self.moment(viewing)) else {
            return 0;
        };
        let limit = self.forward.0.as_secs_f64() * f64::from(self.past.tick_rate);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates; a view is no older than history"
        )]
        let ticks = moment.age.min(limit) as u32;
        ticks
    }

    /// How far back `shooter` is shown the others; `None` for who is shown the present.
    pub fn rewound(&self, shooter: Entity) -> Option<Rewound> {
        let viewing = self.viewers.get(shooter).ok()?;
        let Moment { age, limited, .. } = self.moment(viewing)?;
        let time = |ticks: f64| {
            let time = Duration::try_from_secs_f64(ticks / f64::from(self.past.tick_rate));
            time.unwrap_or_default()
        };
        Some(Rewound {
            time: time(age),
            waited: time(self.wait(viewing).min(age)),
            clamped: limited || viewing.clamped,
            limited,
        })
    }

    /// Ticks that do not count against the limit.
    fn wait(&self, viewing: &Viewing) -> f64 {
        let most = RewindLimit::WAIT.as_secs_f64() * f64::from(self.past.tick_rate);
        (viewing.wait + A_LOOK).min(most)
    }

    /// The moment that the player saw, or the oldest allowed one if that is older. `None` for the present.
    fn moment(&self, viewing: &Viewing) -> Option<Moment> {
        let (view, now) = (viewing.view?, self.tick.0);
        let tick_rate = f64::from(self.past.tick_rate);
        let limit = self.limit.0.as_secs_f64() * tick_rate;
        if limit == 0.0 {
            return None;
        }
        let history = &self.past.history;
        let newest = f64::from(history.latest()?.tick().since(now));
        let seen = f64::from(view.from.since(now)) + view.reach(tick_rate);
        let oldest = -(limit + self.wait(viewing));
        let allowed = seen.clamp(oldest.min(newest), newest);
        // Who had nothing newer than a snapshot saw it carried on.
        let carried = RewindLimit::CARRIED.as_secs_f64() * tick_rate;
        let is_fresh = view.from != view.to || f64::from(view.from.since(now)) >= oldest - carried;
        let at = |tick| history.get(tick).map(Arc::clone);
        if seen == allowed
            && is_fresh
            && let (Some(from), Some(to)) = (at(view.from), at(view.to))
        {
            let share = f32::from(view.fraction) / 256.0;
            return Some(Moment {
                from,
                to,
                share,
                age: -allowed,
                limited: false,
            });
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the allowed moment is before the present, and `as` saturates"
        )]
        let before = |position: f64| (now - (-position).ceil() as u32, position);
        let (tick, position) = if is_fresh {
            before(allowed)
        } else {
            before((oldest - carried).ceil())
        };
        let from = Arc::clone(history.at_or_before(tick).or_else(|| history.after(tick))?);
        // With nothing after it, the older one is meant, and not what would follow.
        let next = at(tick + 1).filter(|_| is_fresh);
        let to = next.unwrap_or_else(|| Arc::clone(&from));
        let share = match is_fresh {
            true if from.tick() == to.tick() => 0.0,
            true => position - position.floor(),
            false => (allowed - position) * 1000.0 / tick_rate / f64::from(EXTRAPOLATION_MS),
        };
        Some(Moment {
            from,
            to,
            #[expect(clippy::cast_possible_truncation, reason = "from 0 to 1")]
            share: share.clamp(0.0, 1.0) as f32,
            age: -allowed,
            limited: true,
        })
    }
}

/// A point in the past, between two snapshots.
pub(crate) struct Moment {
    pub(crate) from: Arc<Snapshot>,
    pub(crate) to: Arc<Snapshot>,
    pub(crate) share: f32,
    /// Ticks before the present.
    pub(crate) age: f64,
    /// Whether the player saw another one, which is not allowed.
    limited: bool,
}

impl Moment {
    /// The end of a tick.
    pub(crate) fn of(snapshot: &Arc<Snapshot>, now: Tick) -> Self {
        Self {
            from: Arc::clone(snapshot),
            to: Arc::clone(snapshot),
            share: 0.0,
            age: f64::from(now.since(snapshot.tick())),
            limited: false,
        }
    }

    fn get<T: Wire>(&self, id: NetId, tick_rate: u32) -> Option<T> {
        let seen = tickwire_protocol::Moment {
            from: &self.from,
            to: &self.to,
            share: self.share,
            tick_rate,
        };
        seen.get(id)
    }
}
