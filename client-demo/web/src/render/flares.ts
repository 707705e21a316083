// Flashes and rings: light that swells or fades in place.
import { ease } from "../game/camera";
import type { Atlas, Region, SpriteName } from "./atlas";
import type { QuadBatch } from "./quads";

const CAPACITY = 160;

interface Flare {
  sprite: Region;
  x: number;
  y: number;
  angle: number;
  /** Metres at birth and at death. */
  from: number;
  to: number;
  age: number;
  life: number;
  rgb: number;
  alpha: number;
}

export class Flares {
  private readonly pool: Flare[] = [];
  private count = 0;

  constructor(private readonly sprites: Atlas["sprites"]) {}

  /** A flash that shrinks a little while it fades. */
  add(
    sprite: SpriteName,
    x: number,
    y: number,
    angle: number,
    size: number,
    life: number,
    rgb: number,
    alpha: number,
  ): void {
    this.put(this.sprites[sprite], x, y, angle, size, size * 0.8, life, rgb, alpha);
  }

  /** A ring that runs from one diameter to another. */
  ring(x: number, y: number, from: number, to: number, life: number, rgb: number, alpha: number): void {
    this.put(this.sprites.shock, x, y, 0, from, to, life, rgb, alpha);
  }

  update(dt: number): void {
    for (let i = this.count - 1; i >= 0; i--) {
      const flare = this.pool[i] as Flare;
      flare.age += dt;
      if (flare.age < flare.life) continue;
      // Swap with the last one alive; the dead object stays in the pool.
      const last = this.pool[--this.count] as Flare;
      this.pool[i] = last;
      this.pool[this.count] = flare;
    }
  }

  draw(batch: QuadBatch): void {
    for (let i = 0; i < this.count; i++) {
      const f = this.pool[i] as Flare;
      const t = f.age / f.life;
      const size = f.from + (f.to - f.from) * ease(4, t) * 1.02;
      batch.tint(f.rgb, f.alpha * (1 - t) ** 1.3, 1);
      // Muzzle flashes sit on the muzzle with their left end, everything else on its centre.
      if (f.sprite === this.sprites.flash) {
        const reach = size * 0.44;
        batch.add(
          f.sprite,
          f.x + Math.cos(f.angle) * reach,
          f.y + Math.sin(f.angle) * reach,
          size,
          size * 0.57,
          f.angle,
        );
      } else batch.add(f.sprite, f.x, f.y, size, size, f.angle);
    }
  }

  clear(): void {
    this.count = 0;
  }

  private put(
    sprite: Region,
    x: number,
    y: number,
    angle: number,
    from: number,
    to: number,
    life: number,
    rgb: number,
    alpha: number,
  ): void {
    if (this.count >= CAPACITY) return;
    const flare = (this.pool[this.count] ??= { sprite, x, y, angle, from, to, age: 0, life, rgb, alpha });
    this.count++;
    Object.assign(flare, { sprite, x, y, angle, from, to, life, rgb, alpha });
    flare.age = 0;
  }
}
