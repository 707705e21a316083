//! The static world: a floor plan of square cells, 1 m wide, read from a text that server and browser have alike.
//!
//! ```text
//! ; Lines that begin with a semicolon are remarks.
//! #########
//! #S..=..S#
//! #.#.R.#.#
//! #S..=..S#
//! #########
//! ```
//!
//! | character | cell |
//! |---|---|
//! | `#` | wall: stops walking, shots and rockets |
//! | `=` | low cover: stops walking; shots and rockets pass over it |
//! | `.` | floor |
//! | `S` | spawn point |
//! | `H` | health pick-up |
//! | `R` | rocket pick-up |
//!
//! The first line is the upper edge, the first character of a line the left one: cell (column, row) covers
//! `column..column + 1` by `row..row + 1` metres. All lines have the same length, the rim is wall all round, there is at
//! least one spawn point, and one can walk from any open cell to any other without passing diagonally between two corners.
//! Maps are 3 to 64 cells wide and high. Remarks and empty lines may stand before and after the plan, not inside it.

mod cast;
mod parse;
mod routes;
mod slide;

use std::sync::OnceLock;

use tickwire_protocol::Level;

use crate::components::PickupKind;
use crate::vec2::Vec2;
pub use routes::Routes;

/// Most cells along a side: positions on the wire reach that far.
pub const MAX_SIDE: usize = 64;

/// What fills a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Stops walking, shots and rockets.
    Wall,
    /// Stops walking; shots and rockets pass over it.
    Cover,
    /// Nothing.
    Floor,
    /// Floor on which players appear.
    Spawn,
    /// Floor on which a pick-up lies.
    Pickup(PickupKind),
}

impl Cell {
    /// All kinds of cell with their characters in the text.
    const CHARACTERS: [(Self, char); 6] = [
        (Self::Wall, '#'),
        (Self::Cover, '='),
        (Self::Floor, '.'),
        (Self::Spawn, 'S'),
        (Self::Pickup(PickupKind::Health), 'H'),
        (Self::Pickup(PickupKind::Rockets), 'R'),
    ];

    /// Whether it stops shots.
    #[must_use]
    pub fn stops_shots(self) -> bool {
        self == Self::Wall
    }

    /// Whether it stops players.
    #[must_use]
    pub fn stops_players(self) -> bool {
        matches!(self, Self::Wall | Self::Cover)
    }

    /// Its character in the text.
    #[must_use]
    pub fn character(self) -> char {
        let found = Self::CHARACTERS.iter().find(|(cell, _)| *cell == self);
        found.map_or('.', |(_, character)| *character)
    }

    fn read(character: char) -> Option<Self> {
        let found = Self::CHARACTERS.iter().find(|(_, c)| *c == character);
        found.map(|(cell, _)| *cell)
    }
}

/// A floor plan.
#[derive(Debug)]
pub struct Map {
    width: usize,
    height: usize,
    /// Row by row.
    cells: Vec<Cell>,
    /// Worked out when somebody first asks: only bots do.
    routes: OnceLock<Routes>,
}

impl Map {
    /// Cells from left to right, 3 to 64.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Cells from top to bottom, 3 to 64.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// The cells, row by row.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell in that column and row; outside the map all is wall.
    #[must_use]
    pub fn cell(&self, column: i32, row: i32) -> Cell {
        let (Ok(column), Ok(row)) = (usize::try_from(column), usize::try_from(row)) else {
            return Cell::Wall;
        };
        if column >= self.width {
            return Cell::Wall;
        }
        let cell = self.cells.get(row * self.width + column);
        cell.copied().unwrap_or(Cell::Wall)
    }

    /// The cell at a point given in metres.
    #[must_use]
    pub fn cell_at(&self, at: Vec2) -> Cell {
        self.cell(floor(at.x), floor(at.y))
    }

    /// Centres of the spawn points, in reading order.
    pub fn spawns(&self) -> impl Iterator<Item = Vec2> {
        self.centres()
            .filter_map(|(cell, at)| (cell == Cell::Spawn).then_some(at))
    }

    /// Kinds and centres of the pick-ups, in reading order.
    pub fn pickups(&self) -> impl Iterator<Item = (PickupKind, Vec2)> {
        self.centres().filter_map(|(cell, at)| match cell {
            Cell::Pickup(kind) => Some((kind, at)),
            _ => None,
        })
    }

    /// Ways through the map, for bots. They fill themselves in as they are asked for, once for all matches on this map.
    #[must_use]
    pub fn routes(&self) -> &Routes {
        self.routes.get_or_init(|| Routes::new(self))
    }

    /// All cells with their centres, in reading order.
    fn centres(&self) -> impl Iterator<Item = (Cell, Vec2)> {
        let rows = (0_u8..).zip(self.cells.chunks(self.width));
        rows.flat_map(|(row, cells)| {
            (0_u8..).zip(cells).map(move |(column, cell)| {
                let centre = Vec2::new(f32::from(column) + 0.5, f32::from(row) + 0.5);
                (*cell, centre)
            })
        })
    }
}

impl Level for Map {
    const BUILT_IN: &'static [(&'static str, &'static str)] = &[
        ("foundry", include_str!("../../../assets/maps/foundry.txt")),
        ("canal", include_str!("../../../assets/maps/canal.txt")),
    ];

    fn parse(text: &str) -> Result<Self, String> {
        parse::parse(text)
    }
}

/// The column or row that a coordinate lies in.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, and what is that far out is wall anyway"
)]
fn floor(metres: f32) -> i32 {
    metres.floor() as i32
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A map from rows of text.
    pub(crate) fn map(rows: &[&str]) -> Map {
        Map::parse(&rows.join("\n")).unwrap()
    }

    #[test]
    fn knows_its_cells_and_that_all_else_is_wall() {
        let map = map(&["#####", "#S=H#", "#..R#", "#####"]);
        assert_eq!((map.width(), map.height()), (5, 4));
        assert_eq!(map.cell(2, 1), Cell::Cover);
        assert_eq!(map.cell_at(Vec2::new(1.99, 1.01)), Cell::Spawn);
        for (column, row) in [(-1, 1), (5, 1), (1, -1), (1, 4), (i32::MIN, i32::MAX)] {
            assert_eq!(map.cell(column, row), Cell::Wall);
        }
        assert_eq!(map.cell_at(Vec2::new(f32::NAN, f32::INFINITY)), Cell::Wall);
        assert_eq!(map.spawns().collect::<Vec<_>>(), [Vec2::new(1.5, 1.5)]);
        assert_eq!(
            map.pickups().collect::<Vec<_>>(),
            [
                (PickupKind::Health, Vec2::new(3.5, 1.5)),
                (PickupKind::Rockets, Vec2::new(3.5, 2.5)),
            ]
        );
    }

    #[test]
    fn characters_read_back() {
        for (cell, character) in Cell::CHARACTERS {
            assert_eq!(Cell::read(character), Some(cell));
            assert_eq!(cell.character(), character);
        }
    }

    fn open_cells(map: &Map) -> Vec<usize> {
        let is_open = |i: &usize| !map.cells[*i].stops_players();
        (0..map.cells.len()).filter(is_open).collect()
    }

    /// How many open cells hang together with the first one, while `closed` is shut.
    fn connected(map: &Map, closed: usize) -> usize {
        let mut reached = vec![false; map.cells.len()];
        let start = open_cells(map).into_iter().find(|i| *i != closed).unwrap();
        let (mut open, mut count) = (vec![start], 0);
        while let Some(index) = open.pop() {
            if index == closed || reached[index] || map.cells[index].stops_players() {
                continue;
            }
            reached[index] = true;
            count += 1;
            open.extend([index - 1, index + 1, index - map.width, index + map.width]);
        }
        count
    }

    #[test]
    fn built_in_maps_are_good_arenas() {
        for (name, text) in Map::BUILT_IN {
            let map = Map::parse(text).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert!(
                map.spawns().count() >= 10,
                "{name} has too few spawn points"
            );
            let has = |wanted| map.pickups().any(|(kind, _)| kind == wanted);
            assert!(
                has(PickupKind::Health) && has(PickupKind::Rockets),
                "{name}"
            );
            for at in map.spawns().chain(map.pickups().map(|(_, at)| at)) {
                assert!(map.has_room_at(at), "{name}: nobody fits at {at:?}");
            }
            let open = open_cells(&map);
            for cell in &open {
                // Whoever closes one cell cuts nobody off: there is always a second way out.
                let (column, row) = (cell % map.width, cell / map.width);
                let others = open.len() - 1;
                assert_eq!(
                    connected(&map, *cell),
                    others,
                    "{name}: dead end at {column}, {row}"
                );
            }
        }
    }

    #[test]
    fn built_in_maps_are_fair_to_both_ends() {
        for (name, text) in Map::BUILT_IN {
            let map = Map::parse(text).unwrap();
            let turned = map.cells.iter().rev().copied();
            assert!(
                turned.eq(map.cells.iter().copied()),
                "{name} is not symmetric"
            );
        }
    }
}
