// Which moment of the figures is looked at: the present, or one of a stopped past. Pure: no DOM here.
import { Ring } from "./ring";

export class Scrub {
  /** What is being measured. It goes on while it is paused, so that nothing is missing afterwards. */
  live: Ring;
  private still: Ring | undefined;
  private cursor = 0;

  /** The graphs show so many ms: further back nobody can look. */
  constructor(private readonly span: number) {
    this.live = new Ring(0, 1);
  }

  get paused(): boolean {
    return this.still !== undefined;
  }

  /** What is looked at. */
  get ring(): Ring {
    return this.still ?? this.live;
  }

  /** The age of the sample that is looked at. */
  get age(): number {
    return this.still ? this.cursor : 0;
  }

  /** How long the sample was taken before the newest, in ms; NaN when there is none. */
  get ago(): number {
    return this.ring.time(0) - this.ring.time(this.age);
  }

  /** Stops, if it has not, and looks at what was measured this many ms before the newest sample. */
  lookBack(ms: number): void {
    this.stop();
    this.lookAt(this.ring.ageAt(this.ring.time(0) - ms));
  }

  /** Stops, if it has not, and goes so many samples further back, or forth. */
  step(samples: number): void {
    this.stop();
    this.lookAt(this.cursor + samples);
  }

  /** Goes on with the present. */
  resume(): void {
    this.still = undefined;
    this.cursor = 0;
  }

  private stop(): void {
    this.still ??= this.live.copy();
  }

  private lookAt(age: number): void {
    const oldest = this.ring.ageAt(this.ring.time(0) - this.span);
    this.cursor = Math.min(oldest, Math.max(0, age));
  }
}
