import { describe, expect, it } from "vitest";
import type { Region } from "../src/render/atlas";
import { bakeLight, hash, LIGHT_RES, placeLamps } from "../src/render/lightmap";
import { type Kind, Particles } from "../src/render/particles";
import type { QuadBatch } from "../src/render/quads";
import { buildWalls, WALL_STRIDE } from "../src/render/wallmesh";
import { previewMap } from "../src/seam/map";

const map = previewMap(
  ["############", "#..........#", "#..##...==.#", "#..##......#", "#..........#", "############"].join("\n"),
);
if (!map) throw new Error("the test's map");

describe("light", () => {
  const lamps = placeLamps(map);
  const light = bakeLight(map, lamps);
  const at = (x: number, y: number) => {
    const i = (Math.floor(y * LIGHT_RES) * map.width * LIGHT_RES + Math.floor(x * LIGHT_RES)) * 4;
    return (light[i] ?? 0) + (light[i + 1] ?? 0) + (light[i + 2] ?? 0);
  };

  it("covers the map", () => {
    expect(light.length).toBe(map.width * map.height * LIGHT_RES ** 2 * 4);
  });

  it("throws shadows away from the sun", () => {
    const dark = bakeLight(map, []);
    const sum = (x: number, y: number) =>
      dark[(Math.floor(y * LIGHT_RES) * map.width * LIGHT_RES + Math.floor(x * LIGHT_RES)) * 4] ?? 0;
    expect(sum(5.3, 3.2)).toBeLessThan(sum(2.4, 3.6));
  });

  it("is brighter in front of a lamp", () => {
    const lamp = lamps[0];
    if (!lamp) throw new Error("no lamp");
    const dark = bakeLight(map, []);
    const i =
      (Math.floor((lamp.y + lamp.ny * 0.7) * LIGHT_RES) * map.width * LIGHT_RES +
        Math.floor((lamp.x + lamp.nx * 0.7) * LIGHT_RES)) *
      4;
    expect(at(lamp.x + lamp.nx * 0.7, lamp.y + lamp.ny * 0.7)).toBeGreaterThan(
      (dark[i] ?? 0) + (dark[i + 1] ?? 0) + (dark[i + 2] ?? 0),
    );
  });

  it("is the same on every load", () => {
    expect(placeLamps(map)).toEqual(lamps);
    expect(hash(3, 4)).toBe(hash(3, 4));
  });
});

describe("walls", () => {
  it("builds triangles over existing vertices only", () => {
    const { vertices, indices } = buildWalls(map);
    const count = vertices.length / WALL_STRIDE;
    expect(indices.length % 3).toBe(0);
    expect(Math.max(...indices)).toBe(count - 1);
  });

  it("gives a free-standing block four faces", () => {
    const faces = (text: string) => buildWalls(previewMap(text) ?? map).indices.length / 6;
    const empty = faces("#####\n#...#\n#...#\n#...#\n#####");
    // One top, four sides, four rims.
    expect(faces("#####\n#...#\n#.#.#\n#...#\n#####") - empty).toBe(9);
  });
});

describe("particles", () => {
  const sprite: Region = { u0: 0, v0: 0, u1: 1, v1: 1 };
  const kind: Kind = {
    sprite,
    life: 1,
    lifeSpread: 0,
    from: 1,
    to: 1,
    alpha: 1,
    glow: 0,
    drag: 0,
    stretch: 0,
    spin: 0,
    hold: 0,
  };
  const short: Kind = { ...kind, life: 0.1 };

  it("move, die and keep the others", () => {
    const pool = new Particles(8);
    pool.spawn(short, 0, 0, 0, 0, 1);
    pool.spawn(kind, 5, 0, 2, 0, 2);
    pool.update(0.5);
    expect(pool.alive).toBe(1);
    const drawn: number[] = [];
    pool.draw({
      tint: (rgb: number) => drawn.push(rgb),
      add: (_: Region, x: number) => drawn.push(x),
    } as unknown as QuadBatch);
    expect(drawn).toEqual([2, 6]);
  });

  it("never outgrow their pool", () => {
    const pool = new Particles(8);
    for (let i = 0; i < 100; i++) pool.spawn(kind, 0, 0, 0, 0, 0);
    expect(pool.alive).toBe(8);
    pool.update(2);
    expect(pool.alive).toBe(0);
  });
});
