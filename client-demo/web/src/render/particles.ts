// Short-lived sprites that move by themselves: sparks, smoke, shards, casings. One pool, no allocation after start.
import type { Region } from "./atlas";
import type { QuadBatch } from "./quads";

/** How a particle looks and moves. Recipes share one object per kind. */
export interface Kind {
  sprite: Region;
  /** Seconds, with up to this share more or less. */
  life: number;
  lifeSpread: number;
  /** Metres at birth and at death. */
  from: number;
  to: number;
  /** Opacity at birth; fades to 0. */
  alpha: number;
  /** 0 covers, 1 adds light. */
  glow: number;
  /** Share of speed lost per second, as an exponential rate. */
  drag: number;
  /** Above 0 the sprite lies along its velocity, this many times longer than wide per m/s. */
  stretch: number;
  /** Radians per second, either way. */
  spin: number;
  /** Holds its opacity until this share of its life. */
  hold: number;
}

const FLOATS = 10;
const [X, Y, VX, VY, AGE, LIFE, ANGLE, SPIN, SIZE, COLOR] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

export class Particles {
  private readonly data: Float32Array;
  private readonly kinds: (Kind | undefined)[];
  private count = 0;
  private next = 0;

  constructor(private readonly capacity: number) {
    this.data = new Float32Array(capacity * FLOATS);
    this.kinds = new Array<Kind | undefined>(capacity).fill(undefined);
  }

  get alive(): number {
    return this.count;
  }

  /** Adds one; a full pool replaces some older one, which nobody misses in a fight that dense. */
  spawn(kind: Kind, x: number, y: number, vx: number, vy: number, rgb: number, scale = 1): void {
    let slot = this.count;
    if (slot < this.capacity) this.count++;
    else slot = this.next = (this.next + 7) % this.capacity;
    const d = this.data;
    const at = slot * FLOATS;
    d[at + X] = x;
    d[at + Y] = y;
    d[at + VX] = vx;
    d[at + VY] = vy;
    d[at + AGE] = 0;
    d[at + LIFE] = kind.life * (1 + (Math.random() * 2 - 1) * kind.lifeSpread);
    d[at + ANGLE] = kind.stretch > 0 ? Math.atan2(vy, vx) : Math.random() * 6.283;
    d[at + SPIN] = (Math.random() * 2 - 1) * kind.spin;
    d[at + SIZE] = scale;
    // A 24-bit colour fits a float exactly.
    d[at + COLOR] = rgb;
    this.kinds[slot] = kind;
  }

  update(dt: number): void {
    const d = this.data;
    for (let i = this.count - 1; i >= 0; i--) {
      const at = i * FLOATS;
      const kind = this.kinds[i] as Kind;
      const age = (d[at + AGE] as number) + dt;
      if (age >= (d[at + LIFE] as number)) {
        this.remove(i);
        continue;
      }
      const keep = Math.exp(-kind.drag * dt);
      const vx = (d[at + VX] as number) * keep;
      const vy = (d[at + VY] as number) * keep;
      d[at + AGE] = age;
      d[at + VX] = vx;
      d[at + VY] = vy;
      d[at + X] = (d[at + X] as number) + vx * dt;
      d[at + Y] = (d[at + Y] as number) + vy * dt;
      d[at + ANGLE] = (d[at + ANGLE] as number) + (d[at + SPIN] as number) * dt;
    }
  }

  draw(batch: QuadBatch): void {
    const d = this.data;
    for (let i = 0; i < this.count; i++) {
      const at = i * FLOATS;
      const kind = this.kinds[i] as Kind;
      const t = (d[at + AGE] as number) / (d[at + LIFE] as number);
      const size = (kind.from + (kind.to - kind.from) * t) * (d[at + SIZE] as number);
      const fade = t < kind.hold ? 1 : 1 - (t - kind.hold) / (1 - kind.hold);
      batch.tint(d[at + COLOR] as number, kind.alpha * fade, kind.glow);
      const speed = kind.stretch > 0 ? Math.hypot(d[at + VX] as number, d[at + VY] as number) : 0;
      batch.add(
        kind.sprite,
        d[at + X] as number,
        d[at + Y] as number,
        size * (1 + speed * kind.stretch),
        size,
        d[at + ANGLE] as number,
      );
    }
  }

  clear(): void {
    this.count = 0;
  }

  private remove(i: number): void {
    const last = --this.count;
    if (i === last) return;
    this.data.copyWithin(i * FLOATS, last * FLOATS, (last + 1) * FLOATS);
    this.kinds[i] = this.kinds[last];
  }
}
