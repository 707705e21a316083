import { describe, expect, it } from "vitest";
import { circleDistance, wallDistance } from "../dev/mock/cast";
import { previewMap } from "../src/seam/map";

const map = previewMap(["##########", "#........#", "#...=....#", "#........#", "##########"].join("\n"));
if (!map) throw new Error("the test's map");

describe("wallDistance", () => {
  it("reaches the wall in every direction", () => {
    expect(wallDistance(map, 2.5, 1.5, 1, 0, 40)).toBeCloseTo(6.5);
    expect(wallDistance(map, 2.5, 1.5, -1, 0, 40)).toBeCloseTo(1.5);
    expect(wallDistance(map, 2.5, 1.5, 0, 1, 40)).toBeCloseTo(2.5);
    expect(wallDistance(map, 2.5, 1.5, Math.SQRT1_2, -Math.SQRT1_2, 40)).toBeCloseTo(0.5 * Math.SQRT2);
  });

  it("passes over low cover", () => {
    expect(wallDistance(map, 2.5, 2.5, 1, 0, 40)).toBeCloseTo(6.5);
  });

  it("ends at its range", () => {
    expect(wallDistance(map, 2.5, 1.5, 1, 0, 3)).toBe(3);
  });

  it("ends at once inside a wall and outside the map", () => {
    expect(wallDistance(map, 0.5, 0.5, 1, 0, 40)).toBe(0);
    expect(wallDistance(map, -5, -5, 1, 0, 40)).toBe(0);
  });
});

describe("circleDistance", () => {
  it("hits in front, misses behind and beside", () => {
    expect(circleDistance(0, 0, 1, 0, 5, 0)).toBeCloseTo(4.6);
    expect(circleDistance(0, 0, -1, 0, 5, 0)).toBe(Infinity);
    expect(circleDistance(0, 0, 1, 0, 5, 0.5)).toBe(Infinity);
  });
});
