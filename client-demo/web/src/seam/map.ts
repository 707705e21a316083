// The arena's floor plan and the questions the page asks of it.

export interface ArenaMap {
  name: string;
  /** Cells of 1 m. */
  width: number;
  height: number;
  /** Row-major map characters: # wall, = low cover, . floor, S spawn, H health, R rockets. */
  cells: string;
}

export const WALL = "#";
export const COVER = "=";

/** Everything outside the map is wall. */
export function cellAt(map: ArenaMap, column: number, row: number): string {
  if (column < 0 || row < 0 || column >= map.width || row >= map.height) return WALL;
  return map.cells[row * map.width + column] ?? WALL;
}

/** Height of a cell for drawing, in metres. */
export function heightAt(map: ArenaMap, column: number, row: number): number {
  const cell = cellAt(map, column, row);
  return cell === WALL ? WALL_HEIGHT : cell === COVER ? COVER_HEIGHT : 0;
}

export const WALL_HEIGHT = 1;
export const COVER_HEIGHT = 0.38;

/** Calls `visit` with the centre of every cell that holds the character. */
export function eachCell(map: ArenaMap, cell: string, visit: (x: number, y: number) => void): void {
  for (let at = map.cells.indexOf(cell); at >= 0; at = map.cells.indexOf(cell, at + 1)) {
    visit((at % map.width) + 0.5, Math.floor(at / map.width) + 0.5);
  }
}

/**
 * The floor plan inside a level text: its longest run of equally long lines made of map characters. Only the join screen's
 * backdrop uses this, to show the arena before a name is given; a match is always drawn from the map that the core read.
 */
export function previewMap(text: string): ArenaMap | undefined {
  let best: string[] = [];
  let run: string[] = [];
  for (const raw of text.split("\n")) {
    const line = raw.trimEnd();
    if (!/^[#=.SHR]{3,512}$/.test(line)) {
      run = [];
      continue;
    }
    run = run[0]?.length === line.length ? [...run, line] : [line];
    if (run.length > best.length) best = run;
  }
  const width = best[0]?.length ?? 0;
  if (best.length < 3) return undefined;
  return { name: "", width, height: best.length, cells: best.join("") };
}
