//! Own rifle shots, as they look on the own screen: drawn in the very tick, and compared with what the server makes of them.

use std::collections::VecDeque;

use arena::{Arena, Body, Event, Health, Map, Ray, Vec2, Weapon, rules};
use tickwire_client::{Client, Delivered, Scene, ShotOutcome, Step};
use tickwire_protocol::{NetId, Tick};

/// A shot that is predicted anew this much later was drawn in time or not at all; in ticks.
const STALE: i32 = rules::TICK_RATE.cast_signed() / 10;

/// The server may carry a shot out this many ticks from where it was predicted: less than from one shot to the next.
const NEAR: u32 = 6;

/// Ticks after which the server will not tell of a shot any more: it never left.
const LOST: i32 = rules::TICK_RATE.cast_signed() * 3 / 2;

/// Deaths that are remembered, at most.
const MAX_DEATHS: usize = 256;

/// A shot that left on the own screen.
#[derive(Debug, Clone, Copy)]
struct Fired {
    tick: Tick,
    hit: Option<NetId>,
}

/// The own shots of the last second and a half.
#[derive(Debug, Default)]
pub(crate) struct Shots {
    /// The others in the last picture who could be hurt.
    seen: Vec<(NetId, Vec2)>,
    /// Shots of which the server has not told yet, oldest first.
    fired: VecDeque<Fired>,
    /// Who has died in that time, and in which tick.
    died: VecDeque<(NetId, Tick)>,
    /// Those of this picture, for the page: x and y of where it left, heading, x and y of the end, who was hit or −1.
    pub(crate) rows: Vec<f32>,
}

impl Shots {
    /// A picture of `scene` is about to be drawn; `steps` are what the commands since the last one led to.
    pub(crate) fn look(
        &mut self,
        client: &Client<Arena>,
        scene: &Scene<'_, Arena>,
        steps: &[Step<(Body, Weapon)>],
    ) {
        self.rows.clear();
        let (Some(own), Some(loaded)) = (client.own(), client.level()) else {
            return;
        };
        let others = scene.rows().filter(|row| row.id != own);
        let others = others.filter(|row| row.get().is_none_or(|health: Health| !health.guarded));
        let now: Vec<_> = others
            .filter_map(|row| Some((row.id, row.get::<Body>()?.at())))
            .collect();
        let newest = steps.last().map(|step| step.tick);
        let in_time = |tick: Tick| newest.is_some_and(|newest| newest.since(tick) < STALE);
        for step in steps {
            let (body, weapon) = &step.value;
            if weapon.fired_rifle() && in_time(step.tick) {
                let seen = self.claimed(client, step);
                self.fire(step.tick, body, &loaded.level, &seen, &now);
            }
        }
        self.seen = now;
    }

    /// Where the others were that could be hurt in the last picture, in the moment that the step's command claims.
    fn claimed(&self, client: &Client<Arena>, step: &Step<(Body, Weapon)>) -> Vec<(NetId, Vec2)> {
        let Some(moment) = step.view.and_then(|view| client.picture(view)) else {
            return self.seen.clone();
        };
        let ids = self.seen.iter().map(|(id, _)| *id);
        ids.filter_map(|id| Some((id, moment.get::<Body>(id)?.at())))
            .collect()
    }

    /// Whom the shot hits is up to what its command claims to have `seen`; it ends on that player as drawn `now`.
    fn fire(
        &mut self,
        tick: Tick,
        body: &Body,
        map: &Map,
        seen: &[(NetId, Vec2)],
        now: &[(NetId, Vec2)],
    ) {
        let ray = Ray::of(body, map);
        let (mut end, hit) = ray.end(seen.iter().copied());
        let place_of = |all: &[(NetId, Vec2)]| {
            let mut all = all.iter();
            all.find(|(id, _)| Some(*id) == hit).map(|(_, at)| *at)
        };
        if let (Some(before), Some(now)) = (place_of(seen), place_of(now)) {
            end = end + now - before;
        }
        // An `f32` holds every network id: they have 24 bits.
        let who = hit.map_or(-1.0, |id| id.0 as f32);
        let Vec2 { x, y } = ray.from;
        self.rows.extend([x, y, body.heading, end.x, end.y, who]);
        self.fired.push_back(Fired { tick, hit });
    }

    /// An event has come. If it is the server's for an own shot that was drawn: what became of that.
    pub(crate) fn confirm(
        &mut self,
        own: Option<NetId>,
        delivered: &Delivered<Event>,
    ) -> Option<ShotOutcome> {
        let (who, hit) = match &delivered.event {
            Event::Shot { who, hit, .. } => (*who, *hit),
            Event::Died { victim, .. } => {
                self.note_death(*victim, delivered.tick);
                return None;
            }
            _ => return None,
        };
        if Some(who) != own {
            return None;
        }
        let off = |fired: &Fired| delivered.tick.since(fired.tick).unsigned_abs();
        let nearest = self
            .fired
            .iter()
            .enumerate()
            .min_by_key(|(_, fired)| off(fired));
        let (place, fired) = nearest.filter(|(_, fired)| off(fired) <= NEAR)?;
        let outcome = self.outcome(own, fired.hit, hit, delivered.tick);
        self.fired.remove(place);
        Some(outcome)
    }

    /// What became of a shot by `own` that hit `seen` on the screen, and `hit` on the server, in its `tick`.
    fn outcome(
        &self,
        own: Option<NetId>,
        seen: Option<NetId>,
        hit: Option<NetId>,
        tick: Tick,
    ) -> ShotOutcome {
        // Who dies in a tick can be hit in it: deaths come after all of its shots. Nobody is back in play within this time.
        let is_dead = |player| {
            let mut died = self.died.iter();
            died.any(|(who, when)| Some(*who) == player && (1..=LOST).contains(&tick.since(*when)))
        };
        match (seen, hit) {
            (Some(seen), Some(hit)) if seen == hit => ShotOutcome::Confirmed,
            (Some(_), _) if is_dead(seen) || is_dead(own) => ShotOutcome::Dead,
            (Some(_), _) => ShotOutcome::Denied,
            (None, Some(_)) => ShotOutcome::Gift,
            (None, None) => ShotOutcome::Missed,
        }
    }

    fn note_death(&mut self, victim: NetId, tick: Tick) {
        let is_old = |(_, when): &mut (NetId, Tick)| tick.since(*when) > 2 * LOST;
        while self.died.pop_front_if(is_old).is_some() {}
        if self.died.len() == MAX_DEATHS {
            self.died.pop_front();
        }
        self.died.push_back((victim, tick));
    }

    /// What became of a shot that the server did not let leave, now that the commands are at `now`, if there is one.
    pub(crate) fn take_lost(&mut self, own: Option<NetId>, now: Tick) -> Option<ShotOutcome> {
        let is_lost = |fired: &mut Fired| now.since(fired.tick) > LOST;
        let fired = self.fired.pop_front_if(is_lost)?;
        Some(self.outcome(own, fired.hit, None, fired.tick))
    }

    /// The tick of the last shot that the server has not told of.
    #[cfg(test)]
    pub(crate) fn newest(&self) -> Option<Tick> {
        self.fired.back().map(|fired| fired.tick)
    }

    /// Forgets everything: what comes next is another connection.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}
