// Where a rifle shot would end, for drawing the own shot before the server has spoken. Only ever drawn, never decided with.
import type { Avatar, Rows } from "../seam/rows";
import { type ArenaMap, cellAt, WALL } from "../seam/map";

export const RIFLE_RANGE_M = 40;
const PLAYER_RADIUS_M = 0.4;

export interface Hit {
  x: number;
  y: number;
  /** Id of the player it ended in, or null. */
  who: number | null;
}

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

/** The first thing in the way of a shot by player `shooter` from (x, y). */
export function castShot(
  map: ArenaMap,
  avatars: Rows<Avatar>,
  shooter: number,
  x: number,
  y: number,
  aim: number,
): Hit {
  const dx = Math.cos(aim);
  const dy = Math.sin(aim);
  let distance = wallDistance(map, x, y, dx, dy, RIFLE_RANGE_M);
  let who: number | null = null;
  for (const avatar of avatars) {
    if (avatar.id === shooter || !avatar.alive) continue;
    const there = circleDistance(x, y, dx, dy, avatar.x, avatar.y);
    if (there >= distance) continue;
    distance = there;
    who = avatar.id;
  }
  return { x: x + dx * distance, y: y + dy * distance, who };
}
