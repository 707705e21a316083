import { describe, expect, it } from "vitest";
import { isMoveKey, moveOf, stickVector, Trigger } from "../src/input/keys";

const move = (...codes: string[]) => moveOf(codes, { x: 9, y: 9 });

describe("moveOf", () => {
  it("maps WASD and arrows by physical key", () => {
    expect(move("KeyW")).toEqual({ x: 0, y: -1 });
    expect(move("ArrowRight")).toEqual({ x: 1, y: 0 });
    expect(isMoveKey("KeyQ")).toBe(false);
  });

  it("is no faster on the diagonal", () => {
    const { x, y } = move("KeyS", "KeyD");
    expect(Math.hypot(x, y)).toBeCloseTo(1);
    expect(x).toBeCloseTo(y);
  });

  it("cancels opposites and counts a direction once", () => {
    expect(move("KeyA", "KeyD")).toEqual({ x: 0, y: 0 });
    expect(move("KeyW", "ArrowUp")).toEqual({ x: 0, y: -1 });
    expect(move()).toEqual({ x: 0, y: 0 });
  });
});

describe("Trigger", () => {
  it("tells of each tap once, however short it was and however late one asks", () => {
    const trigger = new Trigger();
    trigger.press();
    expect(trigger.held).toBe(true);
    trigger.release();
    expect(trigger.held).toBe(false);
    expect([trigger.takePull(), trigger.takePull()]).toEqual([true, false]);
  });

  it("is held on after it was pulled", () => {
    const trigger = new Trigger();
    trigger.press();
    expect([trigger.takePull(), trigger.takePull()]).toEqual([true, false]);
    expect(trigger.held).toBe(true);
  });

  it("lets go at once when the window loses the focus", () => {
    const trigger = new Trigger();
    trigger.press();
    trigger.reset();
    expect(trigger.held || trigger.takePull()).toBe(false);
  });
});

describe("stickVector", () => {
  const stick = (dx: number, dy: number) => stickVector(dx, dy, 50, { x: 0, y: 0 });

  it("rests in its dead zone", () => {
    expect(stick(5, 0)).toEqual({ x: 0, y: 0 });
  });

  it("never exceeds length 1", () => {
    const { x, y } = stick(300, -400);
    expect(Math.hypot(x, y)).toBeCloseTo(1);
    expect(y).toBeLessThan(0);
  });

  it("grows with the push", () => {
    expect(stick(20, 0).x).toBeGreaterThan(0);
    expect(stick(20, 0).x).toBeLessThan(stick(40, 0).x);
  });
});
