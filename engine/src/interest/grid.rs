//! Who is near: a uniform grid that wraps around.

use std::ops::Range;

use tickwire_protocol::NetId;

/// Cells to the leave radius.
const CELLS_PER_RADIUS: f32 = 4.0;
/// Cells along each side at first and at most. A query spans fewer than the first, so it meets no cell twice.
const LEAST_SIDE: usize = 32;
const MOST_SIDE: usize = 512;

/// Entities by place. The plane is wrapped around a square of cells, so it needs no bounds: what lies a multiple of the square
/// away shares a cell and is told apart by its distance.
///
/// A query follows rows of cells. So the entities of a row lie behind one another in memory, cell by cell. They stay where they lie
/// until somebody has gone farther than `slack` from where it was sorted in: queries reach that much farther. Then all are sorted,
/// which costs less than looking up one by one where each lay.
pub(super) struct Grid {
    cell: f32,
    side: usize,
    /// How far an entity may be from where it was sorted in, along each axis.
    slack: f32,
    /// By network id.
    spots: Vec<Spot>,
    len: usize,
    /// The entries have to be sorted before the next query.
    stale: bool,
    /// By cell.
    entries: Vec<Entry>,
    /// Where the entries of each cell begin, and where the last end.
    starts: Vec<u32>,
}

/// All that deciding whether and how a player sees an entity needs in the ordinary case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) id: NetId,
    pub(super) place: [f32; 2],
    pub(super) look: Look,
}

/// How an entity is seen by whoever is near.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// Whoever is near sees all of it.
    pub(super) open: bool,
    /// At any distance, if its components say so.
    pub(super) tier: Option<u8>,
    pub(super) weight: u8,
}

#[derive(Debug, Clone, Copy)]
struct Spot {
    /// Where it was when it was put into this cell; `NOWHERE`: the entity has no place.
    cell: u32,
    home: [f32; 2],
    /// Its entry, once it is sorted in.
    at: u32,
    place: [f32; 2],
    look: Look,
}

const NOWHERE: u32 = u32::MAX;
/// Of a cell: what an entity may go until it has to be sorted in anew.
const SLACK: f32 = 0.4;

const NO_SPOT: Spot = Spot {
    cell: NOWHERE,
    home: [0.0; 2],
    at: u32::MAX,
    place: [0.0; 2],
    look: Look {
        open: false,
        tier: None,
        weight: 1,
    },
};

impl Grid {
    /// For queries with this radius.
    pub(super) fn new(radius: f32) -> Self {
        Self {
            cell: radius / CELLS_PER_RADIUS,
            side: LEAST_SIDE,
            slack: radius / CELLS_PER_RADIUS * SLACK,
            spots: Vec::new(),
            len: 0,
            stale: false,
            entries: Vec::new(),
            starts: vec![0; LEAST_SIDE * LEAST_SIDE + 1],
        }
    }

    /// Puts an entity where it is now. Queries find it there after [`Self::sort`].
    pub(super) fn set(&mut self, id: NetId, place: [f32; 2], look: Look) {
        if let Some((spot, entry)) = self.at_home(id, place) {
            (spot.look, entry.look) = (look, look);
            (spot.place, entry.place) = (place, place);
            return;
        }
        let cell = self.cell_of(place);
        let spot = Spot {
            cell,
            home: place,
            place,
            look,
            ..NO_SPOT
        };
        self.put(id, spot);
    }

    /// The same of one that looks as before. Whether that was all there was to do: it need not be sorted in anew.
    pub(super) fn follow(&mut self, id: NetId, place: [f32; 2]) -> bool {
        let home = self.at_home(id, place);
        if let Some((spot, entry)) = home {
            (spot.place, entry.place) = (place, place);
            return true;
        }
        false
    }

    /// The two notes of an entity that need not be sorted in anew to be here.
    #[inline]
    fn at_home(&mut self, id: NetId, place: [f32; 2]) -> Option<(&mut Spot, &mut Entry)> {
        let spot = self.spots.get_mut(id.0 as usize)?;
        let is_near = spot.is_near_home(place, self.slack);
        let entry = self.entries.get_mut(spot.at as usize);
        Some(spot).zip(entry).filter(|_| is_near)
    }

    /// Takes an entity out, if it is in.
    pub(super) fn remove(&mut self, id: NetId) {
        self.put(id, NO_SPOT);
    }

    fn put(&mut self, id: NetId, spot: Spot) {
        let index = id.0 as usize;
        if index >= self.spots.len() {
            self.spots.resize(index + 1, NO_SPOT);
        }
        if let Some(place) = self.spots.get_mut(index) {
            let before = std::mem::replace(place, spot).cell;
            self.len += usize::from(spot.cell != NOWHERE);
            self.len -= usize::from(before != NOWHERE);
            self.stale |= spot.cell != NOWHERE || before != NOWHERE;
        }
    }

    pub(super) fn entry(&self, id: NetId) -> Option<Entry> {
        let spot = self.spots.get(id.0 as usize)?;
        (spot.cell != NOWHERE).then_some(spot.entry(id))
    }

    /// Lets queries find everybody where it was put last.
    pub(super) fn sort(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        if self.len >= 2 * self.side * self.side && self.side < MOST_SIDE {
            self.grow();
        }
        for at in 0..self.spots.len() {
            self.go_home(at);
        }
        // Each cell's start moves from its count to its end, then, entry by entry, back to its start.
        self.starts.fill(0);
        for spot in &self.spots {
            if let Some(count) = self.starts.get_mut(spot.cell as usize) {
                *count += 1;
            }
        }
        let mut end = 0;
        for start in &mut self.starts {
            end += *start;
            *start = end;
        }
        let nobody = NO_SPOT.entry(NetId(0));
        self.entries.resize(self.len, nobody);
        for (id, spot) in (0..).map(NetId).zip(&mut self.spots) {
            if let Some(start) = self.starts.get_mut(spot.cell as usize) {
                *start -= 1;
                spot.at = *start;
                if let Some(place) = self.entries.get_mut(*start as usize) {
                    *place = spot.entry(id);
                }
            }
        }
    }

    /// Four times as many cells, or more.
    fn grow(&mut self) {
        while self.len >= 2 * self.side * self.side && self.side < MOST_SIDE {
            self.side *= 2;
        }
        self.starts.resize(self.side * self.side + 1, 0);
        for spot in self.spots.iter_mut().filter(|spot| spot.cell != NOWHERE) {
            spot.home = [f32::NAN; 2];
        }
    }

    /// Puts an entity that has moved since into the cell where it is now.
    fn go_home(&mut self, at: usize) {
        let Some(spot) = self.spots.get(at) else {
            return;
        };
        if spot.cell != NOWHERE && spot.home != spot.place {
            let (place, cell) = (spot.place, self.cell_of(spot.place));
            if let Some(spot) = self.spots.get_mut(at) {
                (spot.home, spot.cell) = (place, cell);
            }
        }
    }

    /// Calls `each` with all entities within `reach`, and more: check the distance.
    pub(super) fn around(&self, [x, y]: [f32; 2], reach: f32, mut each: impl FnMut(&Entry)) {
        // A little more than they may be away from where they were sorted in, for what rounding did.
        let slack = self.slack * 1.02;
        for row in self.line(y - reach - slack)..=self.line(y + reach + slack) {
            // How far the row of cells is away.
            let (above, below) = (self.start(row) - y, y - self.start(row.saturating_add(1)));
            let away = (above.max(below) - slack).max(0.0);
            let half = (reach * reach - away * away).max(0.0).sqrt() + slack;
            for run in self.runs(row, self.line(x - half), self.line(x + half)) {
                self.entries
                    .get(run)
                    .unwrap_or_default()
                    .iter()
                    .for_each(&mut each);
            }
        }
    }

    /// The entries of a row of cells from `left` to `right`: two runs where it wraps around.
    fn runs(&self, row: i32, left: i32, right: i32) -> [Range<usize>; 2] {
        let (left, right) = (self.wrap(left), self.wrap(right));
        let row = self.wrap(row) * self.side;
        let cells = |from: usize, to: usize| {
            let start = |cell: usize| self.starts.get(row + cell).map_or(0, |at| *at as usize);
            start(from)..start(to + 1)
        };
        if left <= right {
            [cells(left, right), 0..0]
        } else {
            [cells(left, self.side - 1), cells(0, right)]
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are at most 2^18 cells"
    )]
    fn cell_of(&self, [x, y]: [f32; 2]) -> u32 {
        (self.wrap(self.line(y)) * self.side + self.wrap(self.line(x))) as u32
    }

    /// The row or column of cells that a coordinate lies in.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates; at the rim of the numbers all share a cell"
    )]
    fn line(&self, coordinate: f32) -> i32 {
        let line = coordinate / self.cell;
        // `floor` is a call into a library on processors without an instruction for it.
        let whole = line as i32;
        whole.saturating_sub(i32::from(line < whole as f32))
    }

    /// Where a row or a column of cells begins.
    fn start(&self, line: i32) -> f32 {
        line as f32 * self.cell
    }

    fn wrap(&self, line: i32) -> usize {
        line.cast_unsigned() as usize & (self.side - 1)
    }
}

impl Spot {
    /// Whether it need not be sorted in anew to be here. A place that is not a number is nowhere near.
    fn is_near_home(&self, [x, y]: [f32; 2], slack: f32) -> bool {
        let [home_x, home_y] = self.home;
        self.cell != NOWHERE && (x - home_x).abs() <= slack && (y - home_y).abs() <= slack
    }

    fn entry(&self, id: NetId) -> Entry {
        Entry {
            id,
            place: self.place,
            look: self.look,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Look = Look {
        open: true,
        tier: None,
        weight: 1,
    };

    fn near(grid: &Grid, place: [f32; 2], radius: f32) -> Vec<u32> {
        let mut ids = Vec::new();
        grid.around(place, radius, |entry| {
            if (entry.place[0] - place[0]).hypot(entry.place[1] - place[1]) <= radius {
                ids.push(entry.id.0);
            }
        });
        ids.sort_unstable();
        ids
    }

    /// Everyone in `truth` who is near, one by one.
    fn reckon(truth: &[Option<[f32; 2]>], from: [f32; 2], radius: f32) -> Vec<u32> {
        let is_near = |place: &Option<[f32; 2]>| {
            place.is_some_and(|[x, y]| (x - from[0]).hypot(y - from[1]) <= radius)
        };
        let all = (0..).zip(truth).filter(|(_, place)| is_near(place));
        all.map(|(id, _)| id).collect()
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
            match place {
                Some(place) => grid.set(NetId(id), place, OPEN),
                None => grid.remove(NetId(id)),
            }
        }
        grid.sort();
        assert_eq!(grid.side, 64, "it has grown");
        for _ in 0..200 {
            let from = [rng.f32() * 2000.0 - 1000.0, rng.f32() * 200.0 - 100.0];
            let expected = reckon(&truth, from, 10.0);
            assert_eq!(near(&grid, from, 10.0), expected);
        }
        for (id, place) in (0..).zip(&truth) {
            assert_eq!(grid.entry(NetId(id)).map(|entry| entry.place), *place);
        }
    }

    #[test]
    fn who_walks_is_found_where_they_are_whether_sorted_in_there_or_not() {
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut grid = Grid::new(10.0);
        let mut truth: Vec<Option<[f32; 2]>> = vec![None; 500];
        let mut sorted = 0;
        for _ in 0..400 {
            let jump = rng.u8(0..20) == 0;
            for (id, place) in (0..).map(NetId).zip(&mut truth) {
                let step = |rng: &mut fastrand::Rng| (rng.f32() - 0.5) * 0.3;
                *place = match *place {
                    Some(_) if jump && rng.u8(0..200) == 0 => None,
                    Some([x, y]) => Some([x + step(&mut rng), y + step(&mut rng)]),
                    None if rng.u8(0..4) == 0 => Some([rng.f32() * 100.0, rng.f32() * 100.0]),
                    None => None,
                };
                match *place {
                    Some(place) if rng.bool() => grid.set(id, place, OPEN),
                    Some(place) => {
                        // Twice, and the last counts.
                        grid.set(id, [place[1], place[0]], OPEN);
                        grid.set(id, place, OPEN);
                    }
                    None => grid.remove(id),
                }
            }
            sorted += usize::from(grid.stale);
            grid.sort();
            for _ in 0..5 {
                let from = [rng.f32() * 100.0, rng.f32() * 100.0];
                let reach = rng.f32() * 10.0;
                assert_eq!(near(&grid, from, reach), reckon(&truth, from, reach));
            }
        }
        assert!(sorted > 0);
    }

    #[test]
    fn nobody_is_sorted_until_somebody_has_gone_farther_than_the_slack() {
        let mut grid = Grid::new(10.0);
        let mut sorted = 0;
        for step in 0..=40_u8 {
            for id in 0..100_u16 {
                let place = [f32::from(step) * 0.1, id.into()];
                grid.set(NetId(id.into()), place, OPEN);
            }
            sorted += u32::from(grid.stale);
            grid.sort();
        }
        assert_eq!(sorted, 4, "at first, and after each metre: 0.4 of a cell");
    }
}
