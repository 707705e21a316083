//! Lag compensation: systems look at the past as a player saw it.

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use std::sync::Arc;
use tickwire_protocol::message::View;
use tickwire_protocol::{History, Snapshot, Tick, Wire};

use crate::ids::Replicated;

/// The snapshots of the last 64 ticks.
#[derive(Resource, Debug)]
pub(crate) struct Past {
    pub(crate) history: History,
    pub(crate) tick_rate: u32,
}

/// How far back, in ticks, [`Rewind`] goes at most. The default is 200 ms: a victim can be hit at most that long after
/// reaching cover (Lee & Chang, NetGames 2017, found players content up to there).
#[derive(Resource, Debug, Clone, Copy)]
pub struct RewindLimit(pub u32);

/// What the player's client drew when the present command was given; `None` for bots and local players.
#[derive(Component, Debug, Default, Clone, Copy)]
pub(crate) struct Viewing(pub(crate) Option<View>);

/// Where everyone's `T` was in the picture that a player had before them when they acted.
///
/// An entity is there if it has its `T` now and had it then: the dead and the newborn cannot be hit in the past.
#[derive(SystemParam)]
pub struct Rewind<'w, 's, T: Component + Wire> {
    past: Res<'w, Past>,
    limit: Res<'w, RewindLimit>,
    viewers: Query<'w, 's, &'static Viewing>,
    present: Query<'w, 's, (Entity, &'static Replicated, &'static T)>,
}

impl<T: Component + Wire> Rewind<'_, '_, T> {
    /// All entities with a `T`, `shooter` too, as `shooter` saw them, by ascending network id. Who has no view to speak of
    /// (a bot) sees the present.
    pub fn seen_by(&self, shooter: Entity) -> impl Iterator<Item = (Entity, T)> {
        let moment = self
            .viewers
            .get(shooter)
            .ok()
            .and_then(|viewing| self.moment(viewing.0?));
        let mut seen: Vec<_> = self
            .present
            .iter()
            .filter_map(|(entity, replicated, now)| {
                let there = match &moment {
                    Some(moment) => moment.get(replicated, self.past.tick_rate)?,
                    None => now.clone(),
                };
                Some((replicated.id(), entity, there))
            })
            .collect();
        seen.sort_unstable_by_key(|(id, ..)| *id);
        seen.into_iter().map(|(_, entity, there)| (entity, there))
    }

    /// The claimed moment, or the oldest allowed one if the claim lies before it or names what is no longer held.
    fn moment(&self, view: View) -> Option<Moment> {
        let latest = self.past.history.latest()?.tick();
        let oldest = latest - self.limit.0;
        let at = |tick: Tick| self.past.history.get(tick).map(Arc::clone);
        let before_limit = oldest.since(view.from);
        // The claimed point lies `fraction` of the way from `from` to `to`.
        let reached = f64::from(view.to.since(view.from)) * f64::from(view.fraction) / 256.0;
        if view.to.is_after(latest) || reached < f64::from(before_limit) {
            let clamped = if view.from.is_after(latest) {
                latest
            } else {
                oldest
            };
            return Some(Moment {
                from: self
                    .past
                    .history
                    .at_or_before(clamped)
                    .map(Arc::clone)
                    .or_else(|| at(latest))?,
                to: None,
            });
        }
        match (at(view.from), at(view.to)) {
            (Some(from), Some(to)) => Some(Moment {
                from,
                to: Some((to, f32::from(view.fraction) / 256.0)),
            }),
            _ => Some(Moment {
                from: at(oldest).or_else(|| at(latest))?,
                to: None,
            }),
        }
    }
}

/// A point in the past: on a snapshot, or some way to a later one.
struct Moment {
    from: Arc<Snapshot>,
    to: Option<(Arc<Snapshot>, f32)>,
}

impl Moment {
    fn get<T: Wire>(&self, replicated: &Replicated, tick_rate: u32) -> Option<T> {
        let (to, share) = match &self.to {
            Some((to, share)) => (to, *share),
            None => (&self.from, 0.0),
        };
        let seen = tickwire_protocol::Moment {
            from: &self.from,
            to,
            share,
            tick_rate,
        };
        seen.get(replicated.id())
    }
}
