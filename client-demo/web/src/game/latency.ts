// Measures what a player feels: the time from an input event to the first finished frame that shows its effect.

export type Stimulus = "move" | "aim";

/** Smaller changes are rounding, not movement. */
const STILL_M = 1e-3;
const STILL_RAD = 1e-3;
/** An input without effect by then (a wall, a menu) is no sample. */
const GIVE_UP_MS = 1000;
const KEPT = 256;

export class LatencyProbe {
  /** Milliseconds, oldest first. */
  readonly samples: Record<Stimulus, number[]> = { move: [], aim: [] };
  private readonly pending: Record<Stimulus, number | undefined> = { move: undefined, aim: undefined };
  private readonly still: Record<Stimulus, boolean> = { move: false, aim: false };
  private x = 0;
  private y = 0;
  private heading = 0;

  /** Counts only from rest: while something already changes, the next change proves nothing about this event. */
  stimulus(kind: Stimulus, at: number): void {
    if (this.still[kind]) this.pending[kind] ??= at;
  }

  /** Call after each drawn frame with what it showed of the own avatar. */
  drawn(x: number, y: number, heading: number, now: number): void {
    this.settle("move", Math.hypot(x - this.x, y - this.y) > STILL_M, now);
    this.settle("aim", Math.abs(Math.sin((heading - this.heading) / 2)) * 2 > STILL_RAD, now);
    this.x = x;
    this.y = y;
    this.heading = heading;
  }

  /** Nothing can be measured right now: dead or disconnected. */
  interrupt(): void {
    for (const kind of ["move", "aim"] as const) {
      this.pending[kind] = undefined;
      this.still[kind] = false;
    }
  }

  private settle(kind: Stimulus, changed: boolean, now: number): void {
    const at = this.pending[kind];
    if (at !== undefined && (changed || now - at > GIVE_UP_MS)) {
      if (changed) this.samples[kind].push(now - at);
      if (this.samples[kind].length > KEPT) this.samples[kind].shift();
      this.pending[kind] = undefined;
    }
    this.still[kind] = !changed;
  }
}
