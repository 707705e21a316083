// Stands in for the generated wasm bindings in mock mode: same exports, same class, a pretend match behind it.
// `window.__mock` lets dev/look.mjs set scenes. Never part of the production bundle.
import type { Connection } from "../../src/seam/connection";
import { NO_LINK } from "../../src/panel/links";
import type { ArenaCore } from "../../src/seam/core";
import { mockExplained } from "./explain";
import { MAP_ROWS, MOCK_MAP } from "./map";
import { MOCK_FIGURES, MOCK_LINKS, mockFigures } from "./net";
import { Sim, STEP_S } from "./sim";
import { installNetwork, MockSocket } from "./socket";

const RETRY_MS = [1000, 2000, 4000, 8000];

// At once, not in init(): the page may dial before the core is loaded.
if (typeof document !== "undefined") installNetwork(`name mock\n\n${MAP_ROWS.join("\n")}\n`);

export default function init(): Promise<void> {
  return Promise.resolve();
}

export class ArenaClient implements ArenaCore {
  readonly sim: Sim;
  private at: Connection = { state: "waiting", attempt: 0 };
  private dialAt = 0;
  private last = -1;
  private pulled = { rifle: false, rocket: false };
  private left = 0;
  private explainedSince: number | undefined;
  private simulated = NO_LINK;

  constructor(
    private readonly name: string,
    seed: number,
  ) {
    let state = new URLSearchParams(location.search).has("seed") ? 7 : seed;
    this.sim = new Sim(() => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    });
    Object.assign(globalThis, {
      __mock: {
        sim: this.sim,
        drop: (reason: string) => MockSocket.drop(reason),
        refuse: (reason: string) => (this.at = { state: "refused", reason }),
      },
    });
  }

  poll_connect(now: number): boolean {
    if (this.at.state !== "waiting" || now < this.dialAt) return false;
    const attempt = (this.at.attempt ?? 0) + (this.at.reason === undefined ? 0 : 1);
    this.at = { ...this.at, state: "dialling", attempt };
    return true;
  }

  handle_open(): void {
    this.at = { state: "handshaking" };
  }

  handle_message(): void {
    this.at = { state: "needs-level", level: "mock" };
  }

  handle_closed(reason: string, now: number): void {
    if (this.at.state === "refused") return;
    const attempt = this.at.attempt ?? 0;
    this.dialAt = now + (RETRY_MS[attempt] ?? 8000);
    this.at = { state: "waiting", reason, attempt };
  }

  handle_level(): void {
    this.at = { state: "playing" };
    if (this.sim.ownId === 0) this.sim.join(this.name);
  }

  pull(rifle: boolean, rocket: boolean): void {
    this.pulled = { rifle, rocket };
  }

  handle_input(moveX: number, moveY: number, aim: number, rifle: boolean, rocket: boolean): void {
    const own = this.sim.own();
    const { pulled } = this;
    if (own) own.input = { moveX, moveY, aim, rifle: rifle || pulled.rifle, rocket: rocket || pulled.rocket };
  }

  tick(now: number): void {
    if (this.last < 0) this.last = now;
    this.left = Math.min(0.25, this.left + (now - this.last) / 1000);
    this.last = now;
    for (; this.left >= STEP_S; this.left -= STEP_S) if (this.at.state === "playing") this.sim.step();
  }

  poll_transmit(): undefined {
    return undefined;
  }

  poll_event(): string | undefined {
    const event = this.sim.events.shift();
    return event && JSON.stringify(event);
  }

  connection(): string {
    return JSON.stringify({ ...this.at, retryInMs: Math.max(0, this.dialAt - this.last) });
  }

  draw(): void {}

  players(): Float32Array {
    return Float32Array.from(
      this.sim.fighters.flatMap((f) => [
        f.id,
        f.x,
        f.y,
        f.heading,
        f.vx,
        f.vy,
        f.hp,
        +(f.guarded > 0),
        f.rockets,
        f.kills,
        f.deaths,
        +(f.deadFor <= 0),
      ]),
    );
  }

  rockets(): Float32Array {
    return Float32Array.from(this.sim.missiles.flatMap((m) => [m.id, m.x, m.y, m.heading, m.owner, 1]));
  }

  shots(): Float32Array {
    return Float32Array.from(this.sim.ownShots.splice(0));
  }

  pickups(): Float32Array {
    return Float32Array.from(
      this.sim.items.flatMap((i) => [i.id, i.x, i.y, +(i.kind === "rockets"), +(i.backIn <= 0)]),
    );
  }

  own(): number {
    return this.sim.ownId > 0 ? this.sim.ownId : -1;
  }

  map(): string {
    return JSON.stringify(MOCK_MAP);
  }

  stats(): string {
    return JSON.stringify({ rttMs: 23, jitterMs: 2, kbps: 48, snapshotAgeMs: 12, corrections: 0 });
  }

  set_hidden(_hidden: boolean, _now: number): void {}

  deliver(): void {}

  link_due(): number {
    return Infinity;
  }

  set_link(rttMs: number, jitterMs: number, lossPercent: number, kbps: number, holeSeconds: number): void {
    this.simulated = { rttMs, jitterMs, lossPercent, kbps, holeSeconds };
  }

  link_profiles(): string {
    return JSON.stringify(MOCK_LINKS);
  }

  set_feel(): void {}

  figure_names(): string {
    return JSON.stringify(MOCK_FIGURES);
  }

  figures(): Float64Array {
    return mockFigures(this.last, this.simulated);
  }

  set_receipts(on: boolean): void {
    this.sim.receipts = on;
  }

  set_explain(on: boolean, now: number): void {
    this.explainedSince = on ? now : undefined;
  }

  explain(): string {
    if (this.explainedSince === undefined) return "";
    return JSON.stringify(mockExplained(this.explainedSince, this.last));
  }
}
