//! Reading a map, with errors for the person who draws it.

use std::sync::OnceLock;

use super::{Cell, MAX_SIDE, Map};

/// A row of the plan and the number of its line in the text, from 1.
type Line<'a> = (usize, &'a str);

pub(super) fn parse(text: &str) -> Result<Map, String> {
    let plan = plan(text)?;
    let (width, height) = (plan.first().map_or(0, |(_, row)| row.len()), plan.len());
    check_size(width, height)?;
    let mut cells = Vec::with_capacity(width * height);
    for (number, row) in &plan {
        read_row(*number, row, width, &mut cells)?;
    }
    let map = Map {
        width,
        height,
        cells,
        routes: OnceLock::new(),
    };
    check_rim(&map, &plan)?;
    check_ways(&map, &plan)?;
    Ok(map)
}

/// The lines of the plan: one block without gaps.
fn plan(text: &str) -> Result<Vec<Line<'_>>, String> {
    let is_remark = |line: &str| line.is_empty() || line.starts_with(';');
    let lines = (1..).zip(text.lines().map(str::trim_end));
    let plan: Vec<Line<'_>> = lines.filter(|(_, line)| !is_remark(line)).collect();
    let neighbours = plan.iter().zip(plan.iter().skip(1));
    for ((above, _), (below, _)) in neighbours {
        if above + 1 != *below {
            return Err(format!(
                "line {}: remarks and empty lines go before or after the plan, not inside it",
                above + 1
            ));
        }
    }
    Ok(plan)
}

fn check_size(width: usize, height: usize) -> Result<(), String> {
    if height == 0 {
        return Err("there is no map in it: draw one with # = . S H R".to_owned());
    }
    let allowed = 3..=MAX_SIDE;
    if !allowed.contains(&width) || !allowed.contains(&height) {
        return Err(format!(
            "the map is {width} cells wide and {height} high; 3 to {MAX_SIDE} are allowed each way"
        ));
    }
    Ok(())
}

fn read_row(number: usize, row: &str, width: usize, cells: &mut Vec<Cell>) -> Result<(), String> {
    for (column, character) in (1..).zip(row.chars()) {
        let cell = Cell::read(character).ok_or_else(|| {
            format!(
                "line {number}, column {column}: {character:?} is not a cell; there are # wall, = low cover, . floor, S spawn, H health, R rockets"
            )
        })?;
        cells.push(cell);
    }
    if row.len() != width {
        return Err(format!(
            "line {number} has {} cells, but the first line of the map has {width}; all need the same",
            row.len()
        ));
    }
    Ok(())
}

fn check_rim(map: &Map, plan: &[Line<'_>]) -> Result<(), String> {
    for (index, cell) in map.cells.iter().enumerate() {
        let (column, row) = (index % map.width, index / map.width);
        let on_rim = column == 0 || row == 0 || column + 1 == map.width || row + 1 == map.height;
        if on_rim && *cell != Cell::Wall {
            return Err(format!(
                "{}: {:?} on the rim, which must be wall (#) all round",
                place(map, plan, index),
                cell.character()
            ));
        }
    }
    Ok(())
}

/// There is a spawn point, and all open cells hang together.
fn check_ways(map: &Map, plan: &[Line<'_>]) -> Result<(), String> {
    let start = map.cells.iter().position(|cell| *cell == Cell::Spawn);
    let start = start.ok_or("there is no spawn point: put at least one S on the floor")?;
    let mut reached = vec![false; map.cells.len()];
    let mut open = vec![start];
    while let Some(index) = open.pop() {
        let is_new = reached
            .get_mut(index)
            .is_some_and(|r| !std::mem::replace(r, true));
        if is_new && map.cells.get(index).is_some_and(|c| !c.stops_players()) {
            // The rim is wall, so there is a neighbour on every side.
            open.extend([index - 1, index + 1, index - map.width, index + map.width]);
        }
    }
    let cut_off = |(cell, reached): (&Cell, &bool)| !cell.stops_players() && !reached;
    match map.cells.iter().zip(&reached).position(cut_off) {
        None => Ok(()),
        Some(index) => Err(format!(
            "{}: nobody can walk there from the spawn point at {}; open a way or fill it with #",
            place(map, plan, index),
            place(map, plan, start)
        )),
    }
}

fn place(map: &Map, plan: &[Line<'_>], index: usize) -> String {
    let line = plan.get(index / map.width).map_or(0, |(number, _)| *number);
    format!("line {line}, column {}", index % map.width + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(text).unwrap_err()
    }

    #[test]
    fn reads_remarks_and_windows_line_ends() {
        let map = parse("; a remark\r\n\r\n###\r\n#S#\r\n###\r\n\r\n; the end").unwrap();
        assert_eq!((map.width, map.height), (3, 3));
        assert_eq!(map.cells.get(4), Some(&Cell::Spawn));
    }

    #[test]
    fn names_line_and_column_of_a_strange_character() {
        let why = error("; remark\n####\n#Sx#\n####");
        assert!(
            why.starts_with("line 3, column 3: 'x' is not a cell"),
            "{why}"
        );
        assert!(error("####\n#Sü#\n####").starts_with("line 2, column 3"));
        assert!(error("####\n#S\t#\n####").starts_with("line 2, column 3"));
    }

    #[test]
    fn wants_a_rectangle_of_the_right_size() {
        assert_eq!(
            error("####\n#S#\n####"),
            "line 2 has 3 cells, but the first line of the map has 4; all need the same"
        );
        assert!(error("").starts_with("there is no map"));
        assert!(error("##\n##").contains("2 cells wide and 2 high; 3 to 64"));
        assert!(error(&"#".repeat(65)).contains("65 cells wide"));
        assert!(error("###\n#S#\n\n###").starts_with("line 3: remarks and empty lines"));
    }

    #[test]
    fn wants_a_closed_rim_a_spawn_point_and_one_floor() {
        assert!(error("#=#\n#S#\n###").starts_with("line 1, column 2: '=' on the rim"));
        assert!(error("###\n#.#\n###").contains("no spawn point"));
        let why = error("#####\n#S#.#\n#####");
        assert!(
            why.starts_with("line 2, column 4: nobody can walk there"),
            "{why}"
        );
        assert!(
            why.contains("from the spawn point at line 2, column 2"),
            "{why}"
        );
        let diagonal = error("####\n#S##\n##.#\n####");
        assert!(diagonal.starts_with("line 3, column 3"), "{diagonal}");
    }
}
