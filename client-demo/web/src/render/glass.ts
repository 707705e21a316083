// What lies on the glass rather than in the arena, in CSS pixels: vignette, damage arrows, crosshair, hit marker, numbers.
import type { Camera } from "../game/camera";
import type { Vec } from "../input/keys";
import type { Atlas } from "./atlas";
import type { QuadBatch } from "./quads";

const HURT_S = 1.1;
const MARK_S = 0.26;
const NUMBER_S = 0.85;
/** Hits on one victim within this time add up in one number. */
const SUM_S = 0.45;

interface Hurt {
  /** Where it came from, in the world. */
  x: number;
  y: number;
  age: number;
}

interface FloatingNumber {
  victim: number;
  x: number;
  y: number;
  value: number;
  age: number;
  killed: boolean;
}

export class Glass {
  private readonly hurts: Hurt[] = [];
  private readonly numbers: FloatingNumber[] = [];
  private mark = 0;
  private markKilled = false;
  private bloom = 0;
  private redness = 0;

  constructor(private readonly sprites: Atlas["sprites"]) {}

  /** The own player was hit from a place. */
  hurt(x: number, y: number, damage: number): void {
    this.hurts.push({ x, y, age: 0 });
    if (this.hurts.length > 8) this.hurts.shift();
    this.redness = Math.min(1, this.redness + 0.25 + damage / 80);
  }

  /** The own player hit somebody, who is drawn at (x, y). */
  hit(victim: number, x: number, y: number, damage: number, killed: boolean): void {
    this.mark = MARK_S * (killed ? 1.8 : 1);
    this.markKilled = killed;
    const same = this.numbers.find((n) => n.victim === victim && n.age < SUM_S && !n.killed);
    if (same) {
      same.value += damage;
      same.age = 0;
      same.killed = killed;
      same.x = x;
      same.y = y;
      return;
    }
    this.numbers.push({ victim, x, y, value: damage, age: 0, killed });
    if (this.numbers.length > 24) this.numbers.shift();
  }

  /** The own rifle fired: the crosshair opens. */
  kick(): void {
    this.bloom = Math.min(1, this.bloom + 0.4);
  }

  clear(): void {
    this.hurts.length = this.numbers.length = 0;
    this.mark = this.bloom = this.redness = 0;
  }

  update(dt: number): void {
    for (const hurt of this.hurts) hurt.age += dt;
    while (this.hurts.length > 0 && (this.hurts[0] as Hurt).age > HURT_S) this.hurts.shift();
    for (const number of this.numbers) number.age += dt;
    while (this.numbers.length > 0 && (this.numbers[0] as FloatingNumber).age > NUMBER_S) this.numbers.shift();
    this.mark = Math.max(0, this.mark - dt);
    this.bloom = Math.max(0, this.bloom - dt * 5);
    this.redness = Math.max(0, this.redness - dt * 1.5);
  }

  /** `pointer` is undefined when there is no mouse; `own` the own player on screen; `hp` its health, low health glows red. */
  draw(
    batch: QuadBatch,
    camera: Camera,
    own: Vec | undefined,
    hp: number,
    pointer: Vec | undefined,
    time: number,
  ): void {
    const { width, height } = camera;
    const s = this.sprites;
    const low = own && hp <= 30 ? (0.22 + 0.1 * Math.sin(time * 7)) * (1 - hp / 60) : 0;
    const red = Math.min(0.85, this.redness * 0.8 + low);
    if (red > 0.01) {
      batch.tint(0xd81420, red, 0.25);
      batch.add(s.vignette, width / 2, height / 2, width, height);
    }
    if (own) this.drawArrows(batch, camera, own);
    for (const number of this.numbers) this.drawNumber(batch, camera, number);
    const last = this.numbers.at(-1);
    if (pointer) {
      if (own) this.drawCrosshair(batch, pointer);
      this.drawMark(batch, pointer.x, pointer.y);
    } else if (last) this.drawMark(batch, camera.toScreenX(last.x), camera.toScreenY(last.y));
  }

  private drawArrows(batch: QuadBatch, camera: Camera, own: Vec): void {
    const radius = Math.min(camera.width, camera.height) * 0.2;
    const size = Math.max(0.6, Math.min(1.2, radius / 144));
    for (const hurt of this.hurts) {
      const dx = camera.toScreenX(hurt.x) - own.x;
      const dy = camera.toScreenY(hurt.y) - own.y;
      const length = Math.hypot(dx, dy) || 1;
      const left = 1 - hurt.age / HURT_S;
      const push = radius + 14 * left * left;
      batch.tint(0xff3b30, Math.min(1, left * 1.8));
      batch.turned(
        this.sprites.arrow,
        own.x + (dx / length) * push,
        own.y + (dy / length) * push,
        38 * size,
        114 * size,
        dx / length,
        dy / length,
      );
    }
  }

  private drawCrosshair(batch: QuadBatch, at: Vec): void {
    const gap = 11 + this.bloom * 7;
    batch.tint(0xffffff, 0.95);
    for (let i = 0; i < 4; i++) {
      const cos = [1, 0, -1, 0][i] as number;
      const sin = [0, 1, 0, -1][i] as number;
      batch.turned(this.sprites.tick, at.x + cos * gap, at.y + sin * gap, 13, 4.6, cos, sin);
    }
    batch.tint(0x06080d, 0.7);
    batch.add(this.sprites.disc, at.x, at.y, 6, 6);
    batch.tint(0xffffff);
    batch.add(this.sprites.disc, at.x, at.y, 3.6, 3.6);
  }

  private drawMark(batch: QuadBatch, x: number, y: number): void {
    if (this.mark <= 0) return;
    const t = Math.min(1, this.mark / MARK_S);
    const reach = 10 + (1 - t) * 5 + (this.markKilled ? 5 : 0);
    batch.tint(this.markKilled ? 0xff4038 : 0xffffff, t);
    for (let i = 0; i < 4; i++) {
      const angle = Math.PI / 4 + (i * Math.PI) / 2;
      batch.add(
        this.sprites.tick,
        x + Math.cos(angle) * reach,
        y + Math.sin(angle) * reach,
        this.markKilled ? 17 : 13,
        5,
        angle,
      );
    }
  }

  private drawNumber(batch: QuadBatch, camera: Camera, n: FloatingNumber): void {
    const t = n.age / NUMBER_S;
    const pop = n.age < 0.09 ? 1.45 - (n.age / 0.09) * 0.45 : 1;
    const size = (n.killed ? 27 : n.value >= 40 ? 24 : 20) * pop;
    const x = camera.toScreenX(n.x) + 24;
    const y = camera.toScreenY(n.y) - 26 - 30 * t;
    const text = String(Math.round(n.value));
    batch.tint(n.killed ? 0xff5a48 : n.value >= 40 ? 0xffb03a : 0xffffff, t < 0.6 ? 1 : (1 - t) / 0.4);
    for (let i = 0; i < text.length; i++) {
      const digit = `digit${text[i]}` as "digit0";
      batch.add(this.sprites[digit], x + i * size * 0.58, y, size * 0.708, size);
    }
  }
}
