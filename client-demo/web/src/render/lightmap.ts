// The light on the floor, computed once per map: ambient occlusion beside walls, one low sun with soft shadows, and coloured
// lamps on the walls. Pure numbers: a coarse grid here, smoothed by the texture filter when the floor is painted.
import { type ArenaMap, cellAt, COVER, heightAt, WALL, WALL_HEIGHT } from "../seam/map";

/** Samples per metre. */
export const LIGHT_RES = 8;
/** Light is stored as a byte of this range, so that lamps may exceed full daylight. */
export const LIGHT_RANGE = 2;

export interface Lamp {
  /** On the wall's face. */
  x: number;
  y: number;
  /** Unit vector away from the wall. */
  nx: number;
  ny: number;
  /** 0xrrggbb. */
  color: number;
}

const AMBIENT = [0.46, 0.51, 0.63] as const;
const SUN = [0.62, 0.57, 0.48] as const;
/** Toward the sun, in the plane: upper left. A shadow is this many times longer than its wall is high. */
const SUN_X = -0.62;
const SUN_Y = -0.785;
const SHADOW_LENGTH = 1.55;
const LAMP_REACH = 7.5;
const LAMP_COLORS = [0x38b8ff, 0xff8f2e, 0x9e5cff, 0x29e6ad] as const;

/** A number from 0 to 1 that looks random and depends on nothing but the cell. */
export function hash(x: number, y: number): number {
  let h = Math.imul(x | 0, 374761393) + Math.imul(y | 0, 668265263);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** Lamps on wall faces that look at open floor, a few metres apart from each other. */
export function placeLamps(map: ArenaMap): Lamp[] {
  const lamps: Lamp[] = [];
  const faces = [
    [0, 1],
    [1, 0],
    [0, -1],
    [-1, 0],
  ] as const;
  for (let row = 0; row < map.height; row++) {
    for (let column = 0; column < map.width; column++) {
      if (cellAt(map, column, row) !== WALL || hash(column, row) < 0.4) continue;
      for (const [nx, ny] of faces) {
        const open = heightAt(map, column + nx, row + ny) === 0 && heightAt(map, column + nx * 2, row + ny * 2) === 0;
        if (!open) continue;
        const x = column + 0.5 + nx * 0.5;
        const y = row + 0.5 + ny * 0.5;
        if (lamps.some((l) => Math.hypot(l.x - x, l.y - y) < 5.8)) continue;
        lamps.push({ x, y, nx, ny, color: lampColor(column, row) });
        break;
      }
    }
  }
  return lamps;
}

/** Neighbouring lamps share a colour, so that parts of the arena have a mood of their own. */
function lampColor(column: number, row: number): number {
  const district = Math.floor(hash(Math.floor(column / 12) + 90, Math.floor(row / 10) + 7) * LAMP_COLORS.length);
  return LAMP_COLORS[district] ?? 0xffffff;
}

/** RGBA bytes, LIGHT_RES samples per metre, rows from the top. */
export function bakeLight(map: ArenaMap, lamps: readonly Lamp[]): Uint8Array {
  const heights = new HeightField(map);
  const width = map.width * LIGHT_RES;
  const height = map.height * LIGHT_RES;
  const light = new Float32Array(width * height * 3);
  for (let py = 0; py < height; py++) {
    for (let px = 0; px < width; px++) {
      const x = (px + 0.5) / LIGHT_RES;
      const y = (py + 0.5) / LIGHT_RES;
      const open = occlusion(heights, x, y);
      const sun = daylight(heights, x, y) * (0.45 + 0.55 * open);
      const at = (py * width + px) * 3;
      for (let c = 0; c < 3; c++) light[at + c] = (AMBIENT[c] as number) * open + (SUN[c] as number) * sun;
    }
  }
  for (const lamp of lamps) addLamp(map, lamp, light, width, height);
  return toBytes(light);
}

/** Heights by cell with a margin around the map: the bake asks millions of times. */
class HeightField {
  private static readonly MARGIN = 2;
  private readonly cells: Float32Array;
  private readonly stride: number;

  constructor(map: ArenaMap) {
    const margin = HeightField.MARGIN;
    this.stride = map.width + margin * 2;
    this.cells = new Float32Array(this.stride * (map.height + margin * 2));
    for (let i = 0; i < this.cells.length; i++) {
      this.cells[i] = heightAt(map, (i % this.stride) - margin, Math.floor(i / this.stride) - margin);
    }
  }

  /** At most MARGIN metres outside the map. */
  at(x: number, y: number): number {
    return this.cells[(Math.floor(y) + HeightField.MARGIN) * this.stride + Math.floor(x) + HeightField.MARGIN] ?? 0;
  }
}

/** Where occlusion() looks: offset and weight. */
const PROBES = [0.22, 0.5, 0.85].flatMap((reach) =>
  Array.from({ length: 12 }, (_, i) => {
    const angle = (i / 12) * Math.PI * 2 + 0.26;
    return { dx: Math.cos(angle) * reach, dy: Math.sin(angle) * reach, weight: 1 - reach * 0.8 };
  }),
);

/** 1 on open floor, less beside and between walls. */
function occlusion(heights: HeightField, x: number, y: number): number {
  let blocked = 0;
  for (const { dx, dy, weight } of PROBES) blocked += heights.at(x + dx, y + dy) * weight;
  return Math.max(0.25, 1 - blocked * 0.052);
}

/** Share of the sun that reaches a point of the floor, softened by a few directions around the sun's. */
function daylight(heights: HeightField, x: number, y: number): number {
  let lit = 0;
  const RAYS = 5;
  for (let ray = 0; ray < RAYS; ray++) {
    const spread = (ray - (RAYS - 1) / 2) * 0.1;
    const dx = SUN_X - SUN_Y * spread;
    const dy = SUN_Y + SUN_X * spread;
    const length = SHADOW_LENGTH * (0.88 + 0.06 * ray);
    let free = 1;
    for (let t = 0.04; t < length * WALL_HEIGHT; t += 0.1) {
      if (heights.at(x + dx * t, y + dy * t) * length <= t) continue;
      free = 0;
      break;
    }
    lit += free;
  }
  return lit / RAYS;
}

function addLamp(map: ArenaMap, lamp: Lamp, light: Float32Array, width: number, height: number): void {
  const sourceX = lamp.x + lamp.nx * 0.12;
  const sourceY = lamp.y + lamp.ny * 0.12;
  const bound = (at: number, size: number) => Math.max(0, Math.min(size - 1, Math.round(at * LIGHT_RES)));
  for (let py = bound(sourceY - LAMP_REACH, height); py <= bound(sourceY + LAMP_REACH, height); py++) {
    for (let px = bound(sourceX - LAMP_REACH, width); px <= bound(sourceX + LAMP_REACH, width); px++) {
      const dx = (px + 0.5) / LIGHT_RES - sourceX;
      const dy = (py + 0.5) / LIGHT_RES - sourceY;
      const distance = Math.hypot(dx, dy);
      if (distance >= LAMP_REACH) continue;
      const facing = distance < 0.05 ? 1 : (dx * lamp.nx + dy * lamp.ny) / distance;
      if (facing <= 0) continue;
      const fade = (1 - distance / LAMP_REACH) ** 2 / (0.55 + distance * 0.75);
      const power = fade * (0.25 + 0.75 * facing) * visible(map, sourceX, sourceY, dx, dy, distance) * 1.9;
      const at = (py * width + px) * 3;
      for (let c = 0; c < 3; c++)
        light[at + c] = (light[at + c] as number) + (((lamp.color >> (16 - 8 * c)) & 255) / 255) * power;
    }
  }
}

/** 0 behind walls, dimmed behind cover, which the lamps hang above. */
function visible(map: ArenaMap, x: number, y: number, dx: number, dy: number, distance: number): number {
  const steps = Math.ceil(distance * 4);
  let through = 1;
  for (let i = 1; i < steps; i++) {
    const cell = cellAt(map, Math.floor(x + (dx * i) / steps), Math.floor(y + (dy * i) / steps));
    if (cell === WALL) return 0;
    if (cell === COVER) through = 0.45;
  }
  return through;
}

function toBytes(light: Float32Array): Uint8Array {
  const bytes = new Uint8Array((light.length / 3) * 4);
  for (let i = 0; i < light.length / 3; i++) {
    for (let c = 0; c < 3; c++) {
      bytes[i * 4 + c] = Math.min(255, ((light[i * 3 + c] as number) / LIGHT_RANGE) * 255);
    }
    bytes[i * 4 + 3] = 255;
  }
  return bytes;
}
