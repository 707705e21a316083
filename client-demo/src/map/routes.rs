//! Ways on foot between any two cells.
//!
//! For each cell that somebody wants to go to there is a field: how far it is to there from every cell. Walking means to step
//! to the neighbour from which it is the least far. A field is worked out when it is first asked for and kept for good; it
//! depends on the map only, so it makes no difference which match or thread asked first.

use std::sync::OnceLock;

use super::{Cell, Map, floor};
use crate::vec2::Vec2;

/// Cost of a step, in tenths of a metre.
const STRAIGHT: u16 = 10;
const DIAGONAL: u16 = 14;
/// What a cell costs more when it touches a wall: players who hug walls look blind, and cannot dodge.
const HUGGING: u16 = 3;
/// Where no way leads.
const NOWHERE: u16 = u16::MAX;

const STRAIGHT_STEPS: [(i32, i32); 4] = [(1, 0), (-1, 0), (0, 1), (0, -1)];
const DIAGONAL_STEPS: [(i32, i32); 4] = [(1, 1), (1, -1), (-1, 1), (-1, -1)];

/// A step from a cell: where to, and its cost.
#[derive(Debug, Clone, Copy)]
struct Step {
    to: u16,
    cost: u16,
}

/// The ways through a map.
#[derive(Debug)]
pub struct Routes {
    width: usize,
    /// For each cell, the steps that a player can take from it.
    steps: Vec<Vec<Step>>,
    /// For each goal, the cost from every cell.
    fields: Vec<OnceLock<Box<[u16]>>>,
}

impl Routes {
    pub(super) fn new(map: &Map) -> Self {
        Self {
            width: map.width(),
            steps: (0..map.cells.len()).map(|i| steps(map, i)).collect(),
            fields: map.cells.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// Metres on foot from one point to another, a little more along walls; `None` when no way leads there.
    #[must_use]
    pub fn distance(&self, from: Vec2, to: Vec2) -> Option<f32> {
        let cost = *self.field(self.index(to)?)?.get(self.index(from)?)?;
        (cost != NOWHERE).then(|| f32::from(cost) / f32::from(STRAIGHT))
    }

    /// Where to walk to straight on, in order to get from `from` to `to`: the farthest point on the way (8 m at most) that
    /// a straight line leads to.
    #[must_use]
    pub fn waypoint(&self, map: &Map, from: Vec2, to: Vec2) -> Option<Vec2> {
        const LOOK_AHEAD: usize = 8;
        let goal = self.index(to)?;
        let field = self.field(goal)?;
        let mut cell = self.index(from)?;
        let mut waypoint = None;
        for _ in 0..LOOK_AHEAD {
            if cell == goal {
                return if map.has_straight_way(from, to) || waypoint.is_none() {
                    Some(to)
                } else {
                    waypoint
                };
            }
            cell = self.next(field, cell)?;
            let centre = self.centre(cell);
            if waypoint.is_some() && !map.has_straight_way(from, centre) {
                break;
            }
            waypoint = Some(centre);
        }
        waypoint
    }

    /// The neighbour from which it is the least far.
    fn next(&self, field: &[u16], cell: usize) -> Option<usize> {
        let here = *field.get(cell)?;
        let steps = self.steps.get(cell)?.iter();
        let neighbours = steps.filter_map(|s| Some((field.get(usize::from(s.to))?, s)));
        let best = neighbours.min_by_key(|(cost, step)| cost.saturating_add(step.cost));
        best.filter(|(cost, _)| **cost < here)
            .map(|(_, step)| usize::from(step.to))
    }

    fn field(&self, goal: usize) -> Option<&[u16]> {
        let field = self.fields.get(goal)?.get_or_init(|| self.flood(goal));
        Some(field)
    }

    /// Dijkstra's algorithm from the goal outwards, with a bucket per cost instead of a heap (Dial): steps are cheap, so a
    /// few buckets are reused in a ring.
    ///
    /// Hugging is paid on entering a cell, seen from the goal: a matter of taste, so it need not be the same both ways.
    #[expect(clippy::indexing_slicing, reason = "a remainder is below its divisor")]
    fn flood(&self, goal: usize) -> Box<[u16]> {
        const BUCKETS: usize = 1 + (DIAGONAL + HUGGING) as usize;
        let mut costs = vec![NOWHERE; self.steps.len()];
        let mut buckets: [Vec<usize>; BUCKETS] = std::array::from_fn(|_| Vec::new());
        let mut reach = |cell: usize, cost: u16, buckets: &mut [Vec<usize>]| {
            let known = costs.get_mut(cell);
            if let Some(known) = known.filter(|known| cost < **known) {
                *known = cost;
                buckets[usize::from(cost) % BUCKETS].push(cell);
            }
        };
        reach(goal, 0, &mut buckets);
        let mut cost: u16 = 0;
        while buckets.iter().any(|bucket| !bucket.is_empty()) {
            for cell in std::mem::take(&mut buckets[usize::from(cost) % BUCKETS]) {
                for step in self.steps.get(cell).into_iter().flatten() {
                    let cost = cost.saturating_add(step.cost);
                    reach(usize::from(step.to), cost, &mut buckets);
                }
            }
            cost = cost.saturating_add(1);
        }
        costs.into_boxed_slice()
    }

    fn index(&self, at: Vec2) -> Option<usize> {
        let column = usize::try_from(floor(at.x)).ok()?;
        let row = usize::try_from(floor(at.y)).ok()?;
        (column < self.width).then_some(row * self.width + column)
    }

    fn centre(&self, cell: usize) -> Vec2 {
        let coordinate = |i: usize| f32::from(u8::try_from(i).unwrap_or(u8::MAX)) + 0.5;
        Vec2::new(coordinate(cell % self.width), coordinate(cell / self.width))
    }
}

/// The steps from the cell at `index`: to all free neighbours, diagonally only past free corners.
fn steps(map: &Map, index: usize) -> Vec<Step> {
    let as_i32 = |i: usize| i32::try_from(i).unwrap_or(-1);
    let (column, row) = (as_i32(index % map.width), as_i32(index / map.width));
    let is_free = |dx, dy| !map.cell(column + dx, row + dy).stops_players();
    let step = |(dx, dy): (i32, i32), cost: u16| {
        let (column, row) = (column + dx, row + dy);
        let to = u16::try_from(row * as_i32(map.width) + column).ok()?;
        let around = STRAIGHT_STEPS.iter().chain(&DIAGONAL_STEPS);
        let hugs = around
            .map(|(dx, dy)| map.cell(column + dx, row + dy))
            .any(Cell::stops_players);
        let cost = cost + if hugs { HUGGING } else { 0 };
        Some(Step { to, cost })
    };
    if !is_free(0, 0) {
        return Vec::new();
    }
    let straight = STRAIGHT_STEPS
        .into_iter()
        .filter(|(dx, dy)| is_free(*dx, *dy));
    let diagonal = DIAGONAL_STEPS
        .into_iter()
        .filter(|(dx, dy)| is_free(*dx, 0) && is_free(0, *dy) && is_free(*dx, *dy));
    let straight = straight.filter_map(|way| step(way, STRAIGHT));
    straight
        .chain(diagonal.filter_map(|way| step(way, DIAGONAL)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::map;
    use super::*;

    #[test]
    fn goes_round_walls_and_cover() {
        let map = map(&["#######", "#S.#..#", "#..=..#", "#.....#", "#######"]);
        let (from, to) = (Vec2::new(1.5, 1.5), Vec2::new(5.5, 1.5));
        let distance = map.routes().distance(from, to).unwrap();
        assert!((5.0..9.0).contains(&distance), "{distance}");
        assert_eq!(
            map.routes().distance(from, Vec2::new(3.5, 1.5)),
            None,
            "a wall"
        );
        assert_eq!(map.routes().distance(from, Vec2::new(-3.0, 99.0)), None);
    }

    #[test]
    fn waypoints_lead_to_the_goal_in_straight_lines() {
        let map = map(&[
            "##########",
            "#S..#....#",
            "#.#.#.##.#",
            "#.#...#..#",
            "#.##..#.##",
            "#........#",
            "##########",
        ]);
        let goal = Vec2::new(8.2, 1.45);
        let mut at = Vec2::new(1.5, 1.5);
        for _ in 0..12 {
            let waypoint = map.routes().waypoint(&map, at, goal).unwrap();
            assert!(map.has_straight_way(at, waypoint), "{at:?} to {waypoint:?}");
            at = waypoint;
        }
        assert_eq!(at, goal);
    }

    #[test]
    fn no_way_no_waypoint() {
        let map = map(&["####", "#S.#", "####"]);
        let routes = map.routes();
        let (from, wall) = (Vec2::new(1.5, 1.5), Vec2::new(3.5, 1.5));
        assert_eq!(routes.waypoint(&map, from, wall), None);
        assert_eq!(routes.waypoint(&map, wall, from), None);
        assert_eq!(routes.waypoint(&map, from, from), Some(from));
    }
}
