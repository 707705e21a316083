// A pretend link and its figures: plausible curves that depend on nothing but the time.
import type { LinkNumbers, Profile } from "../../src/panel/links";

const profile = (name: string, rttMs: number, jitterMs: number, lossPercent: number, kbps = 0, holeSeconds = 0): Profile => ({
  name,
  rttMs,
  jitterMs,
  lossPercent,
  kbps,
  holeSeconds,
});

export const MOCK_LINKS: Profile[] = [
  profile("P0", 0, 0, 0),
  profile("P1", 50, 10, 0),
  profile("P2", 100, 20, 0.1),
  profile("P3", 100, 20, 1),
  profile("P4", 200, 40, 0.1),
  profile("P5", 50, 10, 0, 0, 2),
  profile("P6", 50, 10, 0, 256),
];

/** Name and value, `t` in seconds. */
const CURVES: Record<string, (t: number, link: LinkNumbers) => number> = {
  rtt: (t, { rttMs, jitterMs }) => 23 + rttMs + jitterMs * 0.2 * Math.sin(t),
  rttP95: (t, { rttMs, jitterMs }) => 29 + rttMs + jitterMs * (0.8 + 0.2 * Math.sin(t / 3)),
  jitter: (_, { jitterMs }) => 4 + jitterMs * 0.7,
  lead: (t, { rttMs }) => 48 + rttMs / 2 + 2 * Math.sin(t / 2),
  slackP50: (t) => 21 + 3 * Math.sin(t * 2.3),
  slackP1: (t) => 8 + 9 * Math.sin(t * 0.7),
  dilation: (t) => 0.012 * Math.sin(t / 2),
  commands: (t) => Math.floor(t * 60),
  late: (t) => Math.floor(t / 4),
  snapshotAge: (t, { rttMs }) => 12 + rttMs / 2 + ((t * 1000) % 33),
  snapshots: (t) => Math.floor(t * 30),
  skipped: (t) => Math.floor(t / 4),
  interpolationDelay: (t, { jitterMs }) => 67 + jitterMs + 3 * Math.sin(t / 4),
  starved: (t) => Math.floor(t / 3),
  pictures: (t) => Math.floor(t * 60),
  corrections: (t) => Math.floor(t / 5),
  correctionSize: () => 0.12,
  mispredictions: (t) => Math.floor(t / 4),
  replayedTicks: (t) => 9 * Math.floor(t / 4),
  snapshotBytesIn: (t) => Math.floor(6000 * t + 900 * Math.sin(t)),
  eventBytesIn: (t) => Math.floor(900 * t + 700 * Math.sin(t / 2)),
  controlBytesIn: (t) => Math.floor(40 * t),
  commandBytesOut: (t) => Math.floor(1100 * t),
  serverTickP999: () => 2.6,
  serverStartP999: () => 0.2,
  controlBytesOut: (t) => Math.floor(30 * t),
};

export const MOCK_FIGURES = Object.keys(CURVES);

export function mockFigures(now: number, link: LinkNumbers): Float64Array {
  return Float64Array.from(Object.values(CURVES), (curve) => curve(now / 1000, link));
}
