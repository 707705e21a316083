//! The broad phase of looking back: who can have been near a shot, before anybody's row is blended.

use std::collections::VecDeque;

use bevy_ecs::prelude::*;
use tickwire_protocol::limits::HISTORY_TICKS;
use tickwire_protocol::{EXTRAPOLATION_MS, NetId, Snapshot, Tick, Wire};

use crate::rewind::{Moment, Rewind};

/// Where an entity is, as a component says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// In the units of the game.
    pub at: [f32; 2],
    /// In the same units per second: the length of the velocity that the place's fields are drawn by (`hermite`, `extrapolate`); 0
    /// when there is none.
    pub speed: f32,
}

/// A component that says where its entity is. Lag compensation then blends only the rows near a shot.
pub trait Placed {
    /// Where.
    fn place(&self) -> Place;
}

/// All points that are no further than `radius` from the way between two points: what a shot or a thrown thing can touch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capsule {
    /// One end of the way.
    pub from: [f32; 2],
    /// The other; it may be the same.
    pub to: [f32; 2],
    /// How far beside it.
    pub radius: f32,
}

impl Capsule {
    /// Whether the circle of `radius` around `centre` touches it.
    #[must_use]
    pub fn touches(&self, centre: [f32; 2], radius: f32) -> bool {
        let [x, y] = [centre[0] - self.from[0], centre[1] - self.from[1]];
        let [dx, dy] = [self.to[0] - self.from[0], self.to[1] - self.from[1]];
        let length = dx * dx + dy * dy;
        let along = if length > 0.0 {
            ((x * dx + y * dy) / length).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let (x, y) = (x - dx * along, y - dy * along);
        let reach = self.radius + radius;
        x * x + y * y <= reach * reach
    }
}

/// A row's place in a snapshot.
#[derive(Debug, Clone, Copy)]
struct Spot {
    id: NetId,
    place: Place,
}

/// The places in those snapshots of the last 64 ticks that anybody has looked at: each is read once, at the first look.
#[derive(Debug, Default)]
pub(crate) struct Places {
    ticks: VecDeque<(Tick, Vec<Spot>)>,
}

impl Places {
    /// Reads a snapshot, unless that is done already, and forgets what nobody can look at any more.
    fn read<T: Wire + Placed>(&mut self, snapshot: &Snapshot, now: Tick) {
        let most = HISTORY_TICKS.cast_signed();
        self.ticks
            .retain(|(tick, _)| (0..=most).contains(&now.since(*tick)));
        if self.spots(snapshot.tick()).is_some() {
            return;
        }
        let spots = snapshot.rows().filter_map(|row| {
            let place = row.get::<T>()?.place();
            Some(Spot { id: row.id, place })
        });
        self.ticks.push_back((snapshot.tick(), spots.collect()));
    }

    /// By ascending id; `None` of a snapshot that was not read.
    fn spots(&self, tick: Tick) -> Option<&[Spot]> {
        let mut ticks = self.ticks.iter();
        ticks.find(|(of, _)| *of == tick).map(|(_, spots)| &**spots)
    }

    /// Who may have been in the capsule at that moment: all who were, and some who were not.
    fn near(&self, moment: &Moment, tick_rate: u32, capsule: &Capsule) -> Vec<NetId> {
        let (Some(from), Some(to)) = (self.spots(moment.from.tick()), self.spots(moment.to.tick()))
        else {
            return Vec::new();
        };
        let ticks = moment.to.tick().since(moment.from.tick());
        let seconds = ticks as f32 / tick_rate as f32;
        let mut to = to.iter().peekable();
        let near = from.iter().filter(|spot| {
            while to.next_if(|other| other.id < spot.id).is_some() {}
            let end = to.peek().filter(|other| other.id == spot.id);
            let (centre, radius) = match end {
                Some(end) if ticks > 0 => span(spot.place, end.place, seconds),
                _ => (spot.place.at, spot.place.speed * BEYOND),
            };
            capsule.touches(centre, radius + ROUNDING)
        });
        near.map(|spot| spot.id).collect()
    }
}

/// For so many seconds a place is drawn on beyond the newest snapshot.
const BEYOND: f32 = EXTRAPOLATION_MS as f32 / 1000.0;

/// What `f32` may lose on the way, in the units of the game.
const ROUNDING: f32 = 1e-2;

/// A circle that the way from one place to another does not leave.
///
/// A line is within the circle over its two ends. A cubic Hermite curve is no further from that line than its two velocities times
/// the span times 4/27, the most that either of its tangents weighs.
fn span(from: Place, to: Place, seconds: f32) -> ([f32; 2], f32) {
    let [x, y] = [to.at[0] - from.at[0], to.at[1] - from.at[1]];
    let centre = [from.at[0] + x / 2.0, from.at[1] + y / 2.0];
    let bend = (from.speed + to.speed) * seconds * (4.0 / 27.0);
    (centre, (x * x + y * y).sqrt() / 2.0 + bend)
}

impl<T: Component + Wire + Placed> Rewind<'_, '_, T> {
    /// What [`Self::seen_by`] gives of the entities whose place is in `capsule`: the same, for less work.
    pub fn seen_near(&self, shooter: Entity, capsule: &Capsule) -> Vec<(Entity, T)> {
        self.near(self.look(shooter).as_ref(), capsule)
    }

    /// All entities with a `T` as they were at the end of the tick so many `ticks` ago, if they were in `capsule` then, by ascending
    /// network id; 0 for the present. An entity is there if it has its `T` now and had it then. Before the oldest snapshot that
    /// is known there was nobody.
    pub fn ago_near(&self, ticks: u32, capsule: &Capsule) -> Vec<(Entity, T)> {
        if ticks == 0 {
            return self.near(None, capsule);
        }
        let now = self.tick.0;
        let snapshot = self.past.history.get(now - ticks);
        let moment = snapshot.map(|snapshot| Moment::of(snapshot, now));
        moment.map_or_else(Vec::new, |moment| self.near(Some(&moment), capsule))
    }

    /// Of [`Self::gone`] those whose place was in `capsule`.
    pub fn gone_near(&self, shooter: Entity, capsule: &Capsule) -> Vec<(NetId, T)> {
        let Some(moment) = self.look(shooter) else {
            return Vec::new();
        };
        let is_gone = |id: &NetId| {
            let entity = self.ids.entity(*id);
            entity.is_none_or(|entity| !self.present.contains(entity))
        };
        let gone = self.candidates(&moment, capsule).into_iter();
        let gone = gone.filter(is_gone).filter_map(|id| {
            let there: T = moment.from.row(id)?.get()?;
            let is_near = capsule.touches(there.place().at, 0.0);
            is_near.then_some((id, there))
        });
        gone.collect()
    }

    fn candidates(&self, moment: &Moment, capsule: &Capsule) -> Vec<NetId> {
        let mut places = self.places.borrow_mut();
        let now = self.tick.0;
        places.read::<T>(&moment.from, now);
        places.read::<T>(&moment.to, now);
        places.near(moment, self.past.tick_rate, capsule)
    }

    /// At that moment; `None` for the present.
    fn near(&self, moment: Option<&Moment>, capsule: &Capsule) -> Vec<(Entity, T)> {
        let Some(moment) = moment else {
            let here = self.present.iter();
            let here = here.filter(|(_, _, now)| capsule.touches(now.place().at, 0.0));
            let mut here: Vec<_> = here
                .map(|(entity, replicated, now)| (replicated.id(), entity, now.clone()))
                .collect();
            here.sort_unstable_by_key(|(id, ..)| *id);
            return here
                .into_iter()
                .map(|(_, entity, now)| (entity, now))
                .collect();
        };
        let there = self.candidates(moment, capsule).into_iter();
        let there = there.filter_map(|id| {
            let entity = self.ids.entity(id)?;
            let there = self
                .present
                .contains(entity)
                .then(|| self.blend(moment, id))??;
            let is_near = capsule.touches(there.place().at, 0.0);
            is_near.then_some((entity, there))
        });
        there.collect()
    }
}
