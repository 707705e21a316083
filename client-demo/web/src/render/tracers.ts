// Rifle shots: a bright slug that runs along the line and a thin glow that stays for a moment.
import type { Atlas } from "./atlas";
import type { QuadBatch } from "./quads";

const CAPACITY = 96;
const LIFE = 0.16;
/** Metres per second: fast enough to be instant, slow enough to show the direction. */
const SPEED = 190;
const SLUG_M = 3.2;

interface Tracer {
  x0: number;
  y0: number;
  dx: number;
  dy: number;
  length: number;
  age: number;
  rgb: number;
}

export class Tracers {
  private readonly ring: Tracer[] = [];
  private next = 0;

  constructor(private readonly sprites: Atlas["sprites"]) {
    for (let i = 0; i < CAPACITY; i++) this.ring.push({ x0: 0, y0: 0, dx: 1, dy: 0, length: 0, age: LIFE, rgb: 0 });
  }

  add(x0: number, y0: number, x1: number, y1: number, rgb: number): void {
    const length = Math.hypot(x1 - x0, y1 - y0);
    if (length < 0.05) return;
    const tracer = this.ring[this.next] as Tracer;
    this.next = (this.next + 1) % CAPACITY;
    tracer.x0 = x0;
    tracer.y0 = y0;
    tracer.dx = (x1 - x0) / length;
    tracer.dy = (y1 - y0) / length;
    tracer.length = length;
    // Born a little along its way, so that the first frame shows it already flying.
    tracer.age = 0.012;
    tracer.rgb = rgb;
  }

  update(dt: number): void {
    for (const tracer of this.ring) tracer.age += dt;
  }

  draw(batch: QuadBatch): void {
    for (const t of this.ring) {
      if (t.age >= LIFE) continue;
      const fade = 1 - t.age / LIFE;
      const head = Math.min(t.length, t.age * SPEED);
      const tail = Math.max(0, Math.min(t.length, t.age * SPEED - SLUG_M));
      batch.tint(t.rgb, 0.65 * fade * fade, 1);
      batch.line(this.sprites.beam, t.x0, t.y0, t.x0 + t.dx * head, t.y0 + t.dy * head, 0.2);
      if (tail >= head) continue;
      const [ax, ay, bx, by] = [t.x0 + t.dx * tail, t.y0 + t.dy * tail, t.x0 + t.dx * head, t.y0 + t.dy * head];
      batch.tint(t.rgb, 0.8, 1);
      batch.line(this.sprites.streak, ax, ay, bx, by, 0.34);
      batch.tint(0xffffff, 0.95, 1);
      batch.line(this.sprites.streak, ax, ay, bx, by, 0.13);
    }
  }

  clear(): void {
    for (const tracer of this.ring) tracer.age = LIFE;
  }
}
