import { expect, it } from "vitest";
import { colorOf, cssColor, mix, OWN_COLOR, shapeOf, SHAPES } from "../src/game/colors";

it("shows yourself in a colour that nobody else has", () => {
  expect(colorOf(3, 3)).toBe(OWN_COLOR);
  for (let id = 0; id < 200; id++) if (id !== 3) expect(colorOf(id, 3)).not.toBe(OWN_COLOR);
});

it("gives players who join one after the other different looks", () => {
  const looks = new Set(Array.from({ length: 20 }, (_, i) => `${colorOf(i + 1, -1)} ${shapeOf(i + 1, -1)}`));
  expect(looks.size).toBe(20);
});

it("stays in range for any id", () => {
  for (const id of [0, 7, 65535, 4294967295]) {
    expect(colorOf(id, -1)).toBeGreaterThan(0);
    expect(shapeOf(id, -1)).toBeLessThan(SHAPES);
  }
});

it("mixes and prints", () => {
  expect(mix(0x000000, 0xffffff, 0.5)).toBe(0x808080);
  expect(mix(0x102030, 0xffffff, 0)).toBe(0x102030);
  expect(cssColor(0x00ff0a)).toBe("#00ff0a");
});
