//! Rays through the cells: how far shots fly and who sees whom.

use super::{Cell, Map, floor};
use crate::vec2::Vec2;

impl Map {
    /// How far a shot flies from `from` along `direction` (length 1) before a wall stops it; at most `reach`.
    #[must_use]
    pub fn shot_reach(&self, from: Vec2, direction: Vec2, reach: f32) -> f32 {
        self.cast(from, direction, reach, Cell::stops_shots)
    }

    /// Whether a shot from `from` gets to `to`.
    #[must_use]
    pub fn has_line_of_fire(&self, from: Vec2, to: Vec2) -> bool {
        self.is_clear(from, to, Cell::stops_shots)
    }

    /// Whether a player can walk straight from `from` to `to`.
    #[must_use]
    pub fn has_straight_way(&self, from: Vec2, to: Vec2) -> bool {
        // What stops players is wider than they are, so nothing slips through between the tracks of their two flanks.
        const HALF_WIDTH: f32 = 0.38;
        let side = (to - from).normalised().turned() * HALF_WIDTH;
        self.is_clear(from + side, to + side, Cell::stops_players)
            && self.is_clear(from - side, to - side, Cell::stops_players)
    }

    fn is_clear(&self, from: Vec2, to: Vec2, stops: fn(Cell) -> bool) -> bool {
        let way = to - from;
        let length = way.length();
        self.cast(from, way.normalised(), length, stops) >= length
    }

    /// Steps from cell border to cell border (the algorithm of Amanatides and Woo) until a cell stops the ray.
    fn cast(&self, from: Vec2, direction: Vec2, reach: f32, stops: fn(Cell) -> bool) -> f32 {
        let (mut column, mut row) = (floor(from.x), floor(from.y));
        let mut across = Borders::new(from.x, direction.x, column);
        let mut down = Borders::new(from.y, direction.y, row);
        let mut travelled = 0.0;
        // The map has a rim, so a ray that starts inside ends there at the latest; NaNs end the loop as well.
        while travelled < reach {
            if stops(self.cell(column, row)) {
                return travelled;
            }
            if across.next < down.next {
                travelled = across.next;
                across.next += across.spacing;
                column += across.step;
            } else {
                travelled = down.next;
                down.next += down.spacing;
                row += down.step;
            }
        }
        reach
    }
}

/// The cell borders that a ray crosses along one axis, as distances along the ray.
struct Borders {
    next: f32,
    spacing: f32,
    step: i32,
}

impl Borders {
    fn new(from: f32, direction: f32, cell: i32) -> Self {
        if direction == 0.0 {
            return Self {
                next: f32::INFINITY,
                spacing: f32::INFINITY,
                step: 0,
            };
        }
        let ahead = direction > 0.0;
        let border = if ahead { cell + 1 } else { cell } as f32;
        Self {
            next: (border - from) / direction,
            spacing: (1.0 / direction).abs(),
            step: if ahead { 1 } else { -1 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::map;
    use super::*;

    const RIGHT: Vec2 = Vec2::new(1.0, 0.0);

    #[test]
    fn shots_end_at_walls_and_pass_over_cover() {
        let map = map(&["#######", "#S.=..#", "#.#...#", "#.....#", "#######"]);
        let from = Vec2::new(1.5, 1.5);
        assert_eq!(map.shot_reach(from, RIGHT, 40.0), 4.5);
        assert_eq!(map.shot_reach(from, RIGHT, 3.0), 3.0);
        assert_eq!(map.shot_reach(from, -RIGHT, 40.0), 0.5);
        let diagonal = Vec2::new(1.0, 1.0).normalised();
        let reach = map.shot_reach(from, diagonal, 40.0);
        assert!((reach - 0.5_f32.sqrt()).abs() < 1e-6, "{reach}");
        assert!(map.has_line_of_fire(from, Vec2::new(5.5, 1.5)));
        assert!(!map.has_line_of_fire(from, Vec2::new(3.5, 2.9)));
        assert!(!map.has_straight_way(from, Vec2::new(5.5, 1.5)));
        assert!(map.has_straight_way(from, Vec2::new(1.5, 3.5)));
    }

    #[test]
    fn a_ray_agrees_with_walking_along_it_in_small_steps() {
        let map = map(&["########", "#S.=...#", "#.#..#.#", "#....=.#", "########"]);
        let from = Vec2::new(3.7, 2.2);
        for turn in 0..720 {
            let direction = Vec2::from_angle(turn as f32 * 0.00873);
            let reach = map.shot_reach(from, direction, 40.0);
            let steps = (0..).map(|i| i as f32 * 0.001);
            let is_wall = |d: &f32| map.cell_at(from + direction * *d).stops_shots();
            let slow = steps.take_while(|d| *d < 40.0).find(is_wall).unwrap();
            assert!((reach - slow).abs() < 0.01, "turn {turn}: {reach} {slow}");
        }
    }

    #[test]
    fn nothing_outside_the_map_hangs_or_breaks_a_ray() {
        let map = map(&["###", "#S#", "###"]);
        assert_eq!(map.shot_reach(Vec2::new(-9.0, 1.0), RIGHT, 40.0), 0.0);
        let nan = Vec2::new(f32::NAN, f32::NAN);
        assert_eq!(map.shot_reach(nan, nan, 40.0), 0.0);
        let from = Vec2::new(1.5, 1.5);
        assert_eq!(map.shot_reach(from, Vec2::ZERO, 40.0), 40.0, "no direction");
        assert_eq!(map.shot_reach(from, nan, 40.0), 40.0);
    }
}
