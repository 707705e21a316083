// The mock's arena: a quarter, mirrored both ways.
import type { ArenaMap } from "../../src/seam/map";

const QUARTER = [
  "########################",
  "#......................#",
  "#.S..........#.........#",
  "#............#....S.....",
  "#...####.....#..........",
  "#...#....==..#...####...",
  "#...#.H......#.....#....",
  "#...#........###...#....",
  "#........==........#..==",
  "#..==..............#....",
  "#..==....####...........",
  "#...........#.....==....",
  "####..S.....#.......R...",
  "#...........#..#........",
  "#..R...==......#....#...",
  "#..............#........",
];

function mirrored(): string[] {
  const rows = QUARTER.map((row) => row + [...row].reverse().join(""));
  return [...rows, ...rows.slice(0, -1).reverse()];
}

export const MAP_ROWS = mirrored();
export const MOCK_MAP: ArenaMap = {
  name: "mock",
  width: MAP_ROWS[0]?.length ?? 0,
  height: MAP_ROWS.length,
  cells: MAP_ROWS.join(""),
};
