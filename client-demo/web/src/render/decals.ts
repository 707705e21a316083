// Marks that stay on the floor for a while: scorches and stains. The oldest makes room.
import type { Atlas, Region } from "./atlas";
import type { QuadBatch } from "./quads";

const CAPACITY = 64;
/** The last share of its life in which a mark fades. */
const FADE = 0.35;

interface Decal {
  sprite: Region;
  x: number;
  y: number;
  size: number;
  angle: number;
  rgb: number;
  alpha: number;
  age: number;
  life: number;
}

export class Decals {
  private readonly ring: Decal[] = [];
  private next = 0;

  constructor(private readonly sprites: Atlas["sprites"]) {}

  add(sprite: "scorch" | "splat", x: number, y: number, size: number, rgb: number, alpha: number, life: number): void {
    this.ring[this.next] = {
      sprite: this.sprites[sprite],
      x,
      y,
      size,
      angle: Math.random() * 6.283,
      rgb,
      alpha,
      age: 0,
      life,
    };
    this.next = (this.next + 1) % CAPACITY;
  }

  update(dt: number): void {
    for (const decal of this.ring) decal.age += dt;
  }

  draw(batch: QuadBatch): void {
    for (const d of this.ring) {
      const left = 1 - d.age / d.life;
      if (left <= 0) continue;
      batch.tint(d.rgb, d.alpha * Math.min(1, left / FADE));
      batch.add(d.sprite, d.x, d.y, d.size, d.size, d.angle);
    }
  }

  clear(): void {
    this.ring.length = 0;
    this.next = 0;
  }
}
