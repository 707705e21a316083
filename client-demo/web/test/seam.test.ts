import { describe, expect, it } from "vitest";
import { JsonCell } from "../src/seam/connection";
import { eachCell, heightAt, previewMap } from "../src/seam/map";
import { Scene } from "../src/seam/rows";

describe("Scene", () => {
  it("reads rows and reuses its objects", () => {
    const scene = new Scene();
    scene.avatars.fill(Float32Array.from([7, 1, 2, 0.5, 3, 4, 80, 1, 2, 5, 6, 1]));
    const first = scene.avatar(7);
    expect(first).toEqual({
      id: 7,
      x: 1,
      y: 2,
      heading: 0.5,
      vx: 3,
      vy: 4,
      hp: 80,
      guarded: true,
      rockets: 2,
      kills: 5,
      deaths: 6,
      alive: true,
    });
    scene.avatars.fill(Float32Array.from([8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    expect(scene.avatar(8)).toBe(first);
    expect(scene.avatar(7)).toBeUndefined();
    scene.avatars.fill(new Float32Array(0));
    expect([...scene.avatars]).toEqual([]);
  });

  it("has no own avatar before there is one", () => {
    expect(new Scene().me()).toBeUndefined();
  });

  it("reads pick-ups and rockets", () => {
    const scene = new Scene();
    scene.pickups.fill(Float32Array.from([3, 4.5, 5.5, 1, 0]));
    scene.rockets.fill(Float32Array.from([9, 1, 2, 3, 7, 0.5]));
    expect([...scene.pickups]).toEqual([{ id: 3, x: 4.5, y: 5.5, kind: "rockets", ready: false }]);
    expect([...scene.rockets]).toEqual([{ id: 9, x: 1, y: 2, heading: 3, owner: 7, presence: 0.5 }]);
  });
});

describe("previewMap", () => {
  it("finds the floor plan under any header", () => {
    const map = previewMap("name Yard\n# a comment\n\n#####\n#S.H#\n#=.R#\n#####\n");
    expect(map).toMatchObject({ width: 5, height: 4, cells: "######S.H##=.R######" });
  });

  it("gives up on anything else", () => {
    expect(previewMap("")).toBeUndefined();
    expect(previewMap("<!doctype html>\n<p>404</p>")).toBeUndefined();
  });

  it("knows heights and finds cells", () => {
    const map = previewMap("####\n#=H#\n####");
    if (!map) throw new Error("no map");
    expect([heightAt(map, 0, 0), heightAt(map, 2, 1), heightAt(map, -1, 50)]).toEqual([1, 0, 1]);
    expect(heightAt(map, 1, 1)).toBeGreaterThan(0);
    const found: number[][] = [];
    eachCell(map, "H", (x, y) => found.push([x, y]));
    expect(found).toEqual([[2.5, 1.5]]);
  });
});

it("parses JSON only when it changed", () => {
  const cell = new JsonCell<{ a: number }>({ a: 0 });
  expect(cell.update('{"a":1}')).toBe(true);
  const value = cell.value;
  expect(cell.update('{"a":1}')).toBe(false);
  expect(cell.update("")).toBe(false);
  expect(cell.value).toBe(value);
});
