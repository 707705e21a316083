// Walls and covers as blocks seen from above: side faces, tops, and lit rims along their edges. Pure: a map in, arrays out.
import { type ArenaMap, cellAt, COVER_HEIGHT, heightAt, WALL, WALL_HEIGHT } from "../seam/map";

/** Interleaved vertices (x, y, height, colour as RGBA bytes) and triangle indices. */
export interface WallGeometry {
  vertices: Float32Array;
  indices: Uint32Array;
}

/** Floats per vertex. */
export const WALL_STRIDE = 4;

/** The outer wall goes on this far beyond the map, darker and darker. */
export const FRAME_CELLS = 6;

const RIM = 0.07;

interface Look {
  top: number;
  rim: number;
  /** Faces toward right, down, left, up: lit from the upper left. */
  sides: readonly [number, number, number, number];
}

const WALL_LOOK: Look = { top: 0x515d7a, rim: 0xa9bde6, sides: [0x2a3248, 0x232a3d, 0x3d4762, 0x46516e] };
const COVER_LOOK: Look = { top: 0x94703f, rim: 0xffc56b, sides: [0x47331f, 0x3d2c1b, 0x614a2c, 0x6d5332] };

/** Right, down, left, up. */
const SIDES = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

export function buildWalls(map: ArenaMap): WallGeometry {
  const mesh = new Builder();
  // Sides first, then what lies above them: within a block and between blocks nothing needs a depth buffer.
  for (const height of [COVER_HEIGHT, WALL_HEIGHT]) {
    eachBlock(map, height, (column, row) => addSides(mesh, map, column, row));
    eachBlock(map, height, (column, row) => addTop(mesh, map, column, row));
    eachBlock(map, height, (column, row) => addRims(mesh, map, column, row));
  }
  return mesh.finish();
}

function eachBlock(map: ArenaMap, height: number, visit: (column: number, row: number) => void): void {
  for (let row = -FRAME_CELLS; row < map.height + FRAME_CELLS; row++) {
    for (let column = -FRAME_CELLS; column < map.width + FRAME_CELLS; column++) {
      if (heightAt(map, column, row) === height) visit(column, row);
    }
  }
}

function lookAt(map: ArenaMap, column: number, row: number): Look {
  return cellAt(map, column, row) === WALL ? WALL_LOOK : COVER_LOOK;
}

function addSides(mesh: Builder, map: ArenaMap, column: number, row: number): void {
  const height = heightAt(map, column, row);
  const look = lookAt(map, column, row);
  SIDES.forEach(([dx, dy], side) => {
    const foot = heightAt(map, column + dx, row + dy);
    if (foot >= height) return;
    const [ax, ay, bx, by] = edgeOf(column, row, dx, dy);
    const color = look.sides[side] as number;
    const deep = shade(color, 0.45);
    mesh.quad([ax, ay, foot, deep], [bx, by, foot, deep], [bx, by, height, color], [ax, ay, height, color]);
  });
}

function addTop(mesh: Builder, map: ArenaMap, column: number, row: number): void {
  const height = heightAt(map, column, row);
  const outside = Math.max(-column, -row, column - map.width + 1, row - map.height + 1, 0);
  const color = shade(lookAt(map, column, row).top, Math.max(0.06, 1 - outside / (FRAME_CELLS - 0.5)));
  mesh.quad(
    [column, row, height, color],
    [column + 1, row, height, color],
    [column + 1, row + 1, height, color],
    [column, row + 1, height, color],
    TEXTURED,
  );
}

/** A bright strip inside every edge that drops: it draws the block's outline. */
function addRims(mesh: Builder, map: ArenaMap, column: number, row: number): void {
  const height = heightAt(map, column, row);
  const look = lookAt(map, column, row);
  SIDES.forEach(([dx, dy], side) => {
    if (heightAt(map, column + dx, row + dy) >= height) return;
    const [ax, ay, bx, by] = edgeOf(column, row, dx, dy);
    const color = shade(look.rim, side === 2 || side === 3 ? 1 : 0.62);
    mesh.quad(
      [ax, ay, height, color],
      [bx, by, height, color],
      [bx - dx * RIM, by - dy * RIM, height, color],
      [ax - dx * RIM, ay - dy * RIM, height, color],
    );
  });
}

/** The two ends of a cell's edge toward (dx, dy). */
function edgeOf(column: number, row: number, dx: number, dy: number): [number, number, number, number] {
  const x = column + (dx > 0 ? 1 : 0);
  const y = row + (dy > 0 ? 1 : 0);
  return dx !== 0 ? [x, row, x, row + 1] : [column, y, column + 1, y];
}

function shade(rgb: number, factor: number): number {
  const channel = (shift: number) => Math.min(255, Math.round(((rgb >> shift) & 255) * factor)) << shift;
  return channel(16) | channel(8) | channel(0);
}

/** Alpha byte of a vertex: tops carry a pattern, the rest is plain. */
const TEXTURED = 255;
const PLAIN = 0;

type Corner = readonly [x: number, y: number, height: number, rgb: number];

class Builder {
  private readonly data: number[] = [];
  private readonly colors: number[] = [];
  private readonly order: number[] = [];

  quad(a: Corner, b: Corner, c: Corner, d: Corner, kind = PLAIN): void {
    const first = this.colors.length;
    for (const [x, y, height, rgb] of [a, b, c, d]) {
      this.data.push(x, y, height);
      this.colors.push(((kind << 24) | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >>> 16)) >>> 0);
    }
    this.order.push(first, first + 1, first + 2, first, first + 2, first + 3);
  }

  finish(): WallGeometry {
    const vertices = new Float32Array(this.colors.length * WALL_STRIDE);
    const words = new Uint32Array(vertices.buffer);
    this.colors.forEach((color, i) => {
      vertices.set(this.data.slice(i * 3, i * 3 + 3), i * WALL_STRIDE);
      words[i * WALL_STRIDE + 3] = color;
    });
    return { vertices, indices: new Uint32Array(this.order) };
  }
}
