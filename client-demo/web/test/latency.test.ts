import { describe, expect, it } from "vitest";
import { LatencyProbe } from "../src/game/latency";

function atRest(): LatencyProbe {
  const probe = new LatencyProbe();
  probe.drawn(5, 5, 0, 0);
  probe.drawn(5, 5, 0, 16);
  return probe;
}

describe("LatencyProbe", () => {
  it("measures from the event to the first frame that shows it", () => {
    const probe = atRest();
    probe.stimulus("move", 20);
    probe.drawn(5, 5, 0, 33);
    probe.drawn(5.02, 5, 0, 49);
    expect(probe.samples.move).toEqual([29]);
    expect(probe.samples.aim).toEqual([]);
  });

  it("measures the aim apart, also across the turn of the circle", () => {
    const probe = atRest();
    probe.stimulus("aim", 20);
    probe.drawn(5, 5, 2 * Math.PI, 30);
    expect(probe.samples.aim).toEqual([]);
    probe.drawn(5, 5, 0.2, 40);
    expect(probe.samples.aim).toEqual([20]);
  });

  it("ignores input while things change anyway", () => {
    const probe = atRest();
    probe.drawn(6, 5, 0, 33);
    probe.stimulus("move", 35);
    probe.drawn(7, 5, 0, 49);
    expect(probe.samples.move).toEqual([]);
  });

  it("gives up on an input without effect", () => {
    const probe = atRest();
    probe.stimulus("move", 20);
    probe.drawn(5, 5, 0, 1100);
    probe.drawn(6, 5, 0, 1116);
    expect(probe.samples.move).toEqual([]);
  });

  it("drops what was pending when interrupted", () => {
    const probe = atRest();
    probe.stimulus("move", 20);
    probe.interrupt();
    probe.drawn(9, 9, 0, 40);
    expect(probe.samples.move).toEqual([]);
  });
});
