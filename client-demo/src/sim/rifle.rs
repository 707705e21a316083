//! Rifle shots, judged where their shooters saw the others.

use bevy_ecs::prelude::*;
use tickwire_engine::{Replicated, Rewind};
use tickwire_protocol::NetId;

use super::Map;
use crate::components::{Body, Health};
use crate::event::{Event, Pose, Verdict};
use crate::ray::Ray;
use crate::vec2::Vec2;

/// How far beside a shot somebody may be, in metres, to be on its receipt; and how many at most.
const NEAR: f32 = 3.0;
const POSES: usize = 4;

/// A shot and what became of it.
pub(super) struct Shot {
    pub(super) from: Vec2,
    pub(super) end: Vec2,
    pub(super) verdict: Verdict,
    /// Who was hit, or first in the way, if it is still there.
    pub(super) victim: Option<(Entity, NetId)>,
    poses: Vec<(f32, Pose)>,
}

/// Somebody whom the ray meets.
struct Met {
    distance: f32,
    entity: Option<Entity>,
    id: NetId,
    verdict: Verdict,
}

/// Judges the shot that `me` fires from `body`. Walls, death and guards are those of the present.
pub(super) fn judge(
    me: Entity,
    body: &Body,
    past: &Rewind<'_, '_, Body>,
    targets: &Query<'_, '_, (&Replicated, &mut Health)>,
    map: &Map,
) -> Shot {
    let ray = Ray::of(body, map);
    let mut shot = Shot {
        from: ray.from,
        end: ray.at(ray.free),
        verdict: Verdict::Missed,
        victim: None,
        poses: Vec::new(),
    };
    let (mut hit, mut excuse): (Option<Met>, Option<Met>) = (None, None);
    let mut look = |entity: Option<Entity>, id: NetId, there: Body, verdict: Verdict| {
        let to = there.at() - ray.from;
        let (along, beside) = (to.dot(ray.direction), to.dot(ray.direction.turned()).abs());
        if along > 0.0 && beside < NEAR {
            let (x, y) = (there.x, there.y);
            shot.poses.push((beside, Pose { id, x, y }));
        }
        let Some(distance) = ray.meets(there.at()) else {
            return;
        };
        let verdict = if ray.reaches(distance) {
            verdict
        } else {
            Verdict::Blocked
        };
        let first = if verdict == Verdict::Hit {
            &mut hit
        } else {
            &mut excuse
        };
        if first.as_ref().is_none_or(|first| distance < first.distance) {
            *first = Some(Met {
                distance,
                entity,
                id,
                verdict,
            });
        }
    };
    let near = ray.within(NEAR);
    let seen = past.seen_near(me, &near).into_iter();
    for (victim, there) in seen.filter(|(victim, _)| *victim != me) {
        if let Ok((replicated, health)) = targets.get(victim) {
            let guarded = health.guarded;
            let verdict = if guarded {
                Verdict::Guarded
            } else {
                Verdict::Hit
            };
            look(Some(victim), replicated.id(), there, verdict);
        }
    }
    for (id, there) in past.gone_near(me, &near) {
        look(None, id, there, Verdict::Dead);
    }
    if let Some(hit) = &hit {
        shot.end = ray.at(hit.distance);
    }
    if let Some(met) = hit.or(excuse) {
        shot.verdict = met.verdict;
        shot.victim = met.entity.map(|entity| (entity, met.id));
    }
    shot
}

impl Shot {
    /// Whom it hit.
    pub(super) fn hit(&self) -> Option<(Entity, NetId)> {
        self.victim.filter(|_| self.verdict == Verdict::Hit)
    }

    /// What its shooter is told who wants to know.
    pub(super) fn receipt(mut self, me: Entity, past: &Rewind<'_, '_, Body>) -> Event {
        self.poses.sort_by(|a, b| a.0.total_cmp(&b.0));
        let rewound = past.rewound(me);
        let poses = self.poses.into_iter().take(POSES).map(|(_, pose)| pose);
        Event::Receipt {
            x0: self.from.x,
            y0: self.from.y,
            x1: self.end.x,
            y1: self.end.y,
            verdict: self.verdict,
            victim: self.victim.map(|(_, id)| id),
            rewound: rewound.map_or(0.0, |it| it.time.as_secs_f32() * 1000.0),
            clamped: rewound.is_some_and(|rewound| rewound.clamped),
            poses: poses.collect(),
        }
    }
}
