// What stops the shots of the pretend match.
import { type ArenaMap, cellAt, WALL } from "../../src/seam/map";

const PLAYER_RADIUS_M = 0.4;

/** Distance along the ray to the first wall, at most `range`. Low cover does not stop shots. */
export function wallDistance(map: ArenaMap, x: number, y: number, dx: number, dy: number, range: number): number {
  let column = Math.floor(x);
  let row = Math.floor(y);
  const stepX = dx < 0 ? -1 : 1;
  const stepY = dy < 0 ? -1 : 1;
  const perX = dx === 0 ? Infinity : Math.abs(1 / dx);
  const perY = dy === 0 ? Infinity : Math.abs(1 / dy);
  let nextX = perX * (dx < 0 ? x - column : column + 1 - x);
  let nextY = perY * (dy < 0 ? y - row : row + 1 - y);
  // A zero direction never meets a border; 0 × Infinity is not a distance.
  if (Number.isNaN(nextX)) nextX = Infinity;
  if (Number.isNaN(nextY)) nextY = Infinity;
  let travelled = 0;
  while (travelled < range) {
    if (cellAt(map, column, row) === WALL) return travelled;
    if (nextX < nextY) {
      travelled = nextX;
      nextX += perX;
      column += stepX;
    } else {
      travelled = nextY;
      nextY += perY;
      row += stepY;
    }
  }
  return range;
}

/** Distance along the ray to the circle of a player, or Infinity. */
export function circleDistance(x: number, y: number, dx: number, dy: number, cx: number, cy: number): number {
  const along = (cx - x) * dx + (cy - y) * dy;
  if (along < 0) return Infinity;
  const off = Math.hypot(x + dx * along - cx, y + dy * along - cy);
  if (off > PLAYER_RADIUS_M) return Infinity;
  return Math.max(0, along - Math.sqrt(PLAYER_RADIUS_M ** 2 - off ** 2));
}
