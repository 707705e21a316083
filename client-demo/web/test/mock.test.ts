import { expect, it } from "vitest";
import { MOCK_MAP } from "../dev/mock/map";
import { Sim } from "../dev/mock/sim";
import { heightAt } from "../src/seam/map";

it("plays a minute of pretend match with kills, pick-ups and nobody in a wall", () => {
  let state = 5;
  const sim = new Sim(() => (state = (state * 16807) % 2147483647) / 2147483647);
  sim.join("Robin");
  const seen = new Set<string>();
  for (let i = 0; i < 3600; i++) {
    sim.step();
    for (const event of sim.events.splice(0)) seen.add(event.type);
  }
  for (const type of ["roster", "shot", "explosion", "died", "picked"]) expect(seen).toContain(type);
  for (const f of sim.fighters) expect(heightAt(MOCK_MAP, Math.floor(f.x), Math.floor(f.y))).toBe(0);
});
