import { describe, expect, it, vi } from "vitest";
import type { Sounds } from "../src/audio/sounds";
import { Camera } from "../src/game/camera";
import { Reactions } from "../src/reactions";
import { Scene } from "../src/seam/rows";

// The drawing library asks for the browser as soon as it is loaded.
vi.hoisted(() => vi.stubGlobal("navigator", { userAgent: "" }));

const SHOOTER = 7;
const VICTIM = 8;

/** Reactions to a picture in which the victim is at (x, 4), alive or not; there is nothing to draw on. */
function reactions(x: number, alive = 1) {
  const scene = new Scene();
  const row = (id: number, x: number, alive: number) => [id, x, 4, 0, 0, 0, 100, 0, 0, 0, 0, alive];
  scene.avatars.fill(Float32Array.from([...row(SHOOTER, 2, 1), ...row(VICTIM, x, alive)]));
  const sounds = { rifle: vi.fn() } as unknown as Sounds;
  return new Reactions(() => undefined, scene, new Camera(false), sounds);
}

const shot = { type: "shot", who: SHOOTER, x0: 2, y0: 4, x1: 9.6, y1: 4, hit: VICTIM } as const;

describe("a tracer of others", () => {
  it("ends at the skin of whom it hit, as drawn in this very picture", () => {
    const shown = reactions(9);
    shown.apply(shot);
    expect(shown.recent[0]?.x1).toBeCloseTo(8.65);
    expect(shown.recent[0]).toMatchObject({ x0: 2, y0: 4, y1: 4, hit: VICTIM });
  });

  it("ends where the server says when the player is not there any more, or elsewhere", () => {
    for (const shown of [reactions(9, 0), reactions(20)]) {
      shown.apply(shot);
      expect(shown.recent[0]?.x1).toBe(9.6);
    }
  });

  it("of the own rifle is not drawn again", () => {
    const shown = reactions(9);
    shown.apply({ ...shot, drawn: true });
    expect(shown.recent).toEqual([]);
  });
});
