import { describe, expect, it } from "vitest";
import { Camera, clampCentre, lookAhead, overviewScale, playScale } from "../src/game/camera";

const MAP = { width: 48, height: 32 };

describe("scale", () => {
  it("shows every large screen the same area of floor", () => {
    const area = (w: number, h: number) => (w * h) / playScale(w, h) ** 2;
    expect(area(1920, 1080)).toBeCloseTo(area(3440, 1440));
  });

  it("keeps players readable on small screens", () => {
    expect(playScale(320, 480)).toBe(26);
  });

  it("fits or fills with the overview", () => {
    expect(overviewScale(480, 480, 48, 32, false)).toBe(10);
    expect(overviewScale(480, 480, 48, 32, true)).toBeGreaterThanOrEqual(15);
  });
});

describe("clampCentre", () => {
  it("keeps the view inside the map and its margin", () => {
    expect(clampCentre(1, 20, 48, 0)).toBe(10);
    expect(clampCentre(47, 20, 48, 2)).toBe(40);
    expect(clampCentre(24, 20, 48, 0)).toBe(24);
  });

  it("centres a map that is smaller than the view", () => {
    expect(clampCentre(3, 60, 48, 2)).toBe(24);
  });
});

describe("lookAhead", () => {
  it("leans toward the pointer, but not too far", () => {
    const near = lookAhead(3, 0, { x: 0, y: 0 });
    expect(near.x).toBeGreaterThan(0);
    const far = lookAhead(0, 900, { x: 0, y: 0 });
    expect(far.y).toBeCloseTo(5);
  });
});

describe("Camera", () => {
  function playing(): Camera {
    const camera = new Camera();
    camera.resize(1280, 720);
    camera.cut(24, 16);
    return camera;
  }

  it("follows the own avatar rigidly", () => {
    const camera = playing();
    camera.follow(24, 16, 0, 0, MAP, 1 / 60);
    const before = camera.toScreenX(24);
    camera.follow(24.5, 16, 0, 0, MAP, 1 / 60);
    expect(camera.toScreenX(24.5)).toBeCloseTo(before);
  });

  it("glides to a respawn far away instead of cutting", () => {
    const camera = playing();
    camera.follow(24, 16, 0, 0, MAP, 1 / 60);
    camera.follow(34, 16, 0, 0, MAP, 1 / 60);
    expect(camera.x).toBeLessThan(30);
    for (let i = 0; i < 90; i++) camera.follow(34, 16, 0, 0, MAP, 1 / 60);
    expect(camera.x).toBeCloseTo(34, 1);
  });

  it("converts between screen and world", () => {
    const camera = playing();
    expect(camera.toWorldX(camera.toScreenX(30))).toBeCloseTo(30);
    expect(camera.toWorldY(camera.toScreenY(7))).toBeCloseTo(7);
  });

  it("shakes for a while, and less where less motion is wanted", () => {
    const camera = playing();
    const calm = new Camera(true);
    camera.addTrauma(0.8);
    calm.addTrauma(0.8);
    expect(calm.trauma).toBeLessThan(camera.trauma);
    for (let i = 0; i < 60; i++) camera.follow(24, 16, 0, 0, MAP, 1 / 60);
    expect(camera.trauma).toBe(0);
    expect(camera.shakeX).toBeCloseTo(0);
  });
});
