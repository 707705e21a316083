//! The way of a rifle shot: the one rule for the server, which judges it, and for the shooter's screen, which draws it at once.

use crate::components::Body;
use crate::map::Map;
use crate::rules::{PLAYER_RADIUS, RIFLE_REACH};
use crate::vec2::Vec2;

/// A shot from a player's centre to where its player aims, as far as walls let it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ray {
    /// Where it leaves.
    pub from: Vec2,
    /// Where it goes; of length 1.
    pub direction: Vec2,
    /// How far it flies before a wall stops it, in metres.
    pub free: f32,
}

impl Ray {
    /// The shot of whoever stands and aims like `body`.
    #[must_use]
    pub fn of(body: &Body, map: &Map) -> Self {
        let (from, direction) = (body.at(), Vec2::from_angle(body.heading));
        Self {
            from,
            direction,
            free: map.shot_reach(from, direction, RIFLE_REACH),
        }
    }

    /// How far it flies to the skin of a player at `centre`, whatever is in between; `None` when it passes by, or ends before.
    #[must_use]
    pub fn meets(&self, centre: Vec2) -> Option<f32> {
        let met = self
            .from
            .ray_to_circle(self.direction, centre, PLAYER_RADIUS);
        met.filter(|distance| *distance < RIFLE_REACH)
    }

    /// Whether no wall stops it within `distance` metres.
    #[must_use]
    pub fn reaches(&self, distance: f32) -> bool {
        distance < self.free
    }

    /// Where it is after `distance` metres.
    #[must_use]
    pub fn at(&self, distance: f32) -> Vec2 {
        self.from + self.direction * distance
    }

    /// All that is no further than `radius` beside its longest way.
    #[cfg(feature = "sim")]
    pub(crate) fn within(&self, radius: f32) -> tickwire_engine::Capsule {
        let end = self.at(RIFLE_REACH);
        tickwire_engine::Capsule {
            from: [self.from.x, self.from.y],
            to: [end.x, end.y],
            radius,
        }
    }

    /// Where it ends, and in whom, when these others stand in the arena who can be hurt.
    pub fn end<T>(&self, others: impl IntoIterator<Item = (T, Vec2)>) -> (Vec2, Option<T>) {
        let met = others.into_iter().filter_map(|(who, centre)| {
            let distance = self.meets(centre)?;
            self.reaches(distance).then_some((distance, who))
        });
        match met.min_by(|a, b| a.0.total_cmp(&b.0)) {
            Some((distance, who)) => (self.at(distance), Some(who)),
            None => (self.at(self.free), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::tests::map;

    #[test]
    fn a_shot_ends_in_the_first_or_at_the_wall_and_passes_over_cover() {
        let map = map(&[
            "##########",
            "#S..=....#",
            "#...#....#",
            "#........#",
            "##########",
        ]);
        let ray = Ray::of(&Body::standing(Vec2::new(1.5, 1.5), 0.0), &map);
        assert_eq!(ray.free, 7.5);
        let end = |others: &[(u8, Vec2)]| ray.end(others.iter().copied());
        assert_eq!(end(&[]), (Vec2::new(9.0, 1.5), None));
        let (far, near) = ((1, Vec2::new(7.0, 1.5)), (2, Vec2::new(5.0, 1.5)));
        let (at, who) = end(&[far, near]);
        assert_eq!(who, Some(2));
        assert!(at.distance(Vec2::new(5.0 - PLAYER_RADIUS, 1.5)) < 1e-5);
        assert_eq!(end(&[far]).1, Some(1));
        let beside = (3, Vec2::new(5.0, 1.5 + PLAYER_RADIUS + 0.01));
        let behind = (4, Vec2::new(0.5, 1.5));
        let beyond_the_wall = (5, Vec2::new(9.5, 1.5));
        assert_eq!(end(&[beside, behind, beyond_the_wall]).1, None);
        let low = Ray::of(&Body::standing(Vec2::new(1.5, 2.5), 0.0), &map);
        assert_eq!(
            low.end([(6, Vec2::new(7.0, 2.5))]),
            (Vec2::new(4.0, 2.5), None)
        );
    }
}
