//! Walking: a circle that slides along what stops it.

use super::{Map, floor};
use crate::rules::PLAYER_RADIUS;
use crate::vec2::Vec2;

/// Corners that a player can touch at once: no more than four cells are within its radius.
const MAX_CONTACTS: usize = 4;

impl Map {
    /// Moves a player by `step`, shorter than its radius. Gives where it ends and its velocity without the part that ran into
    /// something.
    #[must_use]
    pub fn slide(&self, from: Vec2, step: Vec2, velocity: Vec2) -> (Vec2, Vec2) {
        let (mut at, mut velocity) = (from + step, velocity);
        for _ in 0..MAX_CONTACTS {
            let Some(push) = self.deepest_contact(at) else {
                break;
            };
            at += push;
            let normal = push.normalised();
            let inwards = velocity.dot(normal);
            if inwards < 0.0 {
                velocity = velocity - normal * inwards;
            }
        }
        (at, velocity)
    }

    /// Whether a player can stand there.
    #[must_use]
    pub fn has_room_at(&self, at: Vec2) -> bool {
        self.deepest_contact(at).is_none()
    }

    /// The way out of the cell that a player at `at` overlaps the most.
    ///
    /// The deepest first: along a straight wall that is the cell abreast, never the corner of the next one, on which a player
    /// would otherwise stumble.
    fn deepest_contact(&self, at: Vec2) -> Option<Vec2> {
        let mut deepest: Option<(f32, Vec2)> = None;
        for row in floor(at.y - PLAYER_RADIUS)..=floor(at.y + PLAYER_RADIUS) {
            for column in floor(at.x - PLAYER_RADIUS)..=floor(at.x + PLAYER_RADIUS) {
                if !self.cell(column, row).stops_players() {
                    continue;
                }
                let away = at - nearest_in_cell(at, column, row);
                let distance = away.length();
                let depth = PLAYER_RADIUS - distance;
                // A centre inside the cell has no way out; that only a broken snapshot could bring about.
                if distance > 0.0 && depth > 0.0 && deepest.is_none_or(|(d, _)| depth > d) {
                    deepest = Some((depth, away * (depth / distance)));
                }
            }
        }
        deepest.map(|(_, push)| push)
    }
}

fn nearest_in_cell(at: Vec2, column: i32, row: i32) -> Vec2 {
    let (left, top) = (column as f32, row as f32);
    Vec2::new(at.x.clamp(left, left + 1.0), at.y.clamp(top, top + 1.0))
}

#[cfg(test)]
mod tests {
    use super::super::tests::map;
    use super::*;
    use crate::rules::TICK_SECONDS;

    fn walk(map: &Map, mut at: Vec2, velocity: Vec2, ticks: u32) -> (Vec2, Vec2) {
        let mut left = velocity;
        for _ in 0..ticks {
            (at, left) = map.slide(at, velocity * TICK_SECONDS, velocity);
        }
        (at, left)
    }

    #[test]
    fn slides_along_a_wall_without_stumbling() {
        let map = map(&["##########", "#S.......#", "#........#", "##########"]);
        let (at, velocity) = walk(&map, Vec2::new(1.5, 1.5), Vec2::new(5.0, -5.0), 60);
        assert!(
            (at.x - 6.5).abs() < 1e-3 && (at.y - 1.4).abs() < 1e-3,
            "{at:?}"
        );
        assert!(
            (velocity.x - 5.0).abs() < 1e-3 && velocity.y.abs() < 1e-3,
            "{velocity:?}"
        );
    }

    #[test]
    fn stops_in_a_corner_and_rounds_one() {
        let map = map(&["######", "#S...#", "#.#..#", "#....#", "######"]);
        let (at, velocity) = walk(&map, Vec2::new(1.5, 1.5), Vec2::new(-5.0, -5.0), 60);
        assert!(
            (at.x - 1.4).abs() < 1e-3 && (at.y - 1.4).abs() < 1e-3,
            "{at:?}"
        );
        assert!(velocity.length() < 1e-3, "{velocity:?}");
        let (at, _) = walk(&map, Vec2::new(1.5, 1.6), Vec2::new(5.0, 0.0), 60);
        assert!(at.x > 4.5, "the corner of the block lets it by: {at:?}");
    }

    #[test]
    fn nobody_gets_into_a_wall_from_any_side() {
        let map = map(&[
            "#######", "#S..=.#", "#.#...#", "#..=#.#", "#.....#", "#######",
        ]);
        for turn in 0..200 {
            let velocity = Vec2::from_angle(turn as f32 * 0.0314) * 7.0;
            let mut at = Vec2::new(3.5, 2.5);
            for tick in 0..120 {
                (at, _) = map.slide(at, velocity * TICK_SECONDS, velocity);
                let (again, _) = map.slide(at, Vec2::ZERO, Vec2::ZERO);
                assert!(
                    at.distance(again) < 1e-3,
                    "turn {turn}, tick {tick}: {at:?}"
                );
            }
        }
    }

    #[test]
    fn harmless_where_no_player_should_be() {
        let map = map(&["###", "#S#", "###"]);
        for at in [
            Vec2::new(0.5, 0.5),
            Vec2::new(-50.0, 9e9),
            Vec2::new(f32::NAN, 0.0),
        ] {
            let _ = map.slide(at, Vec2::ZERO, Vec2::ZERO);
        }
    }
}
