//! Who is near: a uniform grid that wraps around.

use tickwire_protocol::NetId;

/// Cells to the leave radius.
const CELLS_PER_RADIUS: f32 = 4.0;
/// Cells along each side at first and at most. A query spans fewer than the first, so it meets no cell twice.
const LEAST_SIDE: usize = 32;
const MOST_SIDE: usize = 512;

/// Entities by place. The plane is wrapped around a square of cells, so it needs no bounds: what lies a multiple of the square
/// away shares a cell and is told apart by its distance.
pub(super) struct Grid {
    cell: f32,
    side: usize,
    cells: Vec<Vec<Entry>>,
    /// By network id: in which cell, and the how manieth there.
    spots: Vec<Option<(usize, usize)>>,
    len: usize,
}

#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) id: NetId,
    pub(super) place: [f32; 2],
}

impl Grid {
    /// For queries with this radius.
    pub(super) fn new(radius: f32) -> Self {
        Self {
            cell: radius / CELLS_PER_RADIUS,
            side: LEAST_SIDE,
            cells: vec![Vec::new(); LEAST_SIDE * LEAST_SIDE],
            spots: Vec::new(),
            len: 0,
        }
    }

    /// Puts an entity where it is now, or takes it out.
    pub(super) fn set(&mut self, id: NetId, place: Option<[f32; 2]>) {
        let spot = self.spots.get(id.0 as usize).copied().flatten();
        match (spot, place) {
            (None, None) => {}
            (Some(spot), None) => self.remove(id, spot),
            (None, Some(place)) => self.insert(Entry { id, place }),
            (Some((cell, at)), Some(place)) if cell == self.cell_of(place) => {
                let entries = self.cells.get_mut(cell);
                if let Some(entry) = entries.and_then(|entries| entries.get_mut(at)) {
                    entry.place = place;
                }
            }
            (Some(spot), Some(place)) => {
                self.remove(id, spot);
                self.insert(Entry { id, place });
            }
        }
    }

    pub(super) fn place(&self, id: NetId) -> Option<[f32; 2]> {
        let (cell, at) = (*self.spots.get(id.0 as usize)?)?;
        Some(self.cells.get(cell)?.get(at)?.place)
    }

    fn insert(&mut self, entry: Entry) {
        if self.len >= 2 * self.side * self.side && self.side < MOST_SIDE {
            self.grow();
        }
        let cell = self.cell_of(entry.place);
        let Some(entries) = self.cells.get_mut(cell) else {
            return;
        };
        entries.push(entry);
        let spot = Some((cell, entries.len() - 1));
        self.len += 1;
        self.note(entry.id, spot);
    }

    fn remove(&mut self, id: NetId, (cell, at): (usize, usize)) {
        let Some(entries) = self.cells.get_mut(cell) else {
            return;
        };
        entries.swap_remove(at);
        let moved = entries.get(at).map(|entry| entry.id);
        self.len -= 1;
        self.note(id, None);
        if let Some(moved) = moved {
            self.note(moved, Some((cell, at)));
        }
    }

    fn note(&mut self, id: NetId, spot: Option<(usize, usize)>) {
        let index = id.0 as usize;
        if index >= self.spots.len() {
            self.spots.resize(index + 1, None);
        }
        if let Some(place) = self.spots.get_mut(index) {
            *place = spot;
        }
    }

    /// Four times as many cells. Doubling keeps the cost of growing below that of the insertions.
    fn grow(&mut self) {
        self.side *= 2;
        let cells = vec![Vec::new(); self.side * self.side];
        let old = std::mem::replace(&mut self.cells, cells);
        self.len = 0;
        for entry in old.into_iter().flatten() {
            self.insert(entry);
        }
    }

    /// All entities whose cell the square of this half-width touches, and more: check the distance.
    pub(super) fn around(&self, [x, y]: [f32; 2], reach: f32) -> impl Iterator<Item = &Entry> {
        let (left, right) = (self.line(x - reach), self.line(x + reach));
        let (top, bottom) = (self.line(y - reach), self.line(y + reach));
        let cells = (top..=bottom).flat_map(move |row| {
            (left..=right).filter_map(move |column| self.cells.get(self.index(column, row)))
        });
        cells.flatten()
    }

    fn cell_of(&self, [x, y]: [f32; 2]) -> usize {
        self.index(self.line(x), self.line(y))
    }

    /// The row or column of cells that a coordinate lies in.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates; at the rim of the numbers all share a cell"
    )]
    fn line(&self, coordinate: f32) -> i32 {
        (coordinate / self.cell).floor() as i32
    }

    fn index(&self, column: i32, row: i32) -> usize {
        let wrap = |line: i32| line.cast_unsigned() as usize & (self.side - 1);
        wrap(row) * self.side + wrap(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(grid: &Grid, place: [f32; 2], radius: f32) -> Vec<u32> {
        let within =
            |entry: &&Entry| (entry.place[0] - place[0]).hypot(entry.place[1] - place[1]) <= radius;
        let mut ids: Vec<_> = grid
            .around(place, radius)
            .filter(within)
            .map(|e| e.id.0)
            .collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn finds_each_once_and_forgets_who_goes() {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut grid = Grid::new(10.0);
        let mut truth = vec![None; 5000];
        for _ in 0..30_000 {
            let id = rng.u32(0..5000);
            let place = [rng.f32() * 2000.0 - 1000.0, rng.f32() * 200.0 - 100.0];
            let place = (rng.u8(0..4) > 0).then_some(place);
            truth[id as usize] = place;
            grid.set(NetId(id), place);
        }
        assert_eq!(grid.side, 64, "it has grown");
        for _ in 0..200 {
            let from = [rng.f32() * 2000.0 - 1000.0, rng.f32() * 200.0 - 100.0];
            let is_near = |place: &Option<[f32; 2]>| {
                place.is_some_and(|[x, y]| (x - from[0]).hypot(y - from[1]) <= 10.0)
            };
            let expected: Vec<_> = (0..)
                .zip(&truth)
                .filter(|(_, p)| is_near(p))
                .map(|(i, _)| i)
                .collect();
            assert_eq!(near(&grid, from, 10.0), expected);
        }
        for (id, place) in (0..).zip(&truth) {
            assert_eq!(grid.place(NetId(id)), *place);
        }
    }
}
