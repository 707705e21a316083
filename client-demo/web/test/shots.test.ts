import { describe, expect, it } from "vitest";
import { OwnShots, RIFLE_PERIOD_MS } from "../src/game/shots";

describe("OwnShots", () => {
  it("fires at once and then eight times a second", () => {
    const shots = new OwnShots();
    let fired = 0;
    for (let now = 1000; now < 2000; now += 1000 / 60) if (shots.fire(now, true)) fired++;
    expect(fired).toBe(8);
  });

  it("keeps the pace over uneven frames", () => {
    const shots = new OwnShots();
    let fired = 0;
    for (let now = 1000, i = 0; now < 11_000; now += 20 + (i++ % 3) * 17) if (shots.fire(now, true)) fired++;
    expect(fired).toBeGreaterThanOrEqual(78);
    expect(fired).toBeLessThanOrEqual(81);
  });

  it("does not save up shots while the trigger rests", () => {
    const shots = new OwnShots();
    shots.fire(1000, true);
    expect(shots.fire(5000, true)).toBe(true);
    expect(shots.fire(5000 + RIFLE_PERIOD_MS - 5, true)).toBe(false);
  });

  it("recognises each drawn shot once", () => {
    const shots = new OwnShots();
    shots.fire(1000, true);
    shots.fire(1130, true);
    expect(shots.confirm(1150)).toBe(true);
    expect(shots.confirm(1280)).toBe(true);
    expect(shots.confirm(1400)).toBe(false);
  });

  it("draws a shot whose prediction is long past", () => {
    const shots = new OwnShots();
    shots.fire(1000, true);
    expect(shots.confirm(4000)).toBe(false);
  });

  it("forgets on death", () => {
    const shots = new OwnShots();
    shots.fire(1000, true);
    shots.reset();
    expect(shots.confirm(1010)).toBe(false);
  });
});
