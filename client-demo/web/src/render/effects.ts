// What a shot, a hit, a burst looks like: recipes over particles, tracers, flashes, rings and marks on the floor.
import { mix, type Rgb } from "../game/colors";
import type { Atlas } from "./atlas";
import { Decals } from "./decals";
import { Flares } from "./flares";
import { type Kind, Particles } from "./particles";
import { Tracers } from "./tracers";

const CAPACITY = 1400;
const FIRE = [0xfff3c4, 0xffc857, 0xff8a2a, 0xe8481c] as const;
const SMOKE = [0x3a3f4b, 0x3a3f4b, 0x23262e] as const;
const DUST = 0xaab2c4;
const BRASS = 0xe6b04a;
const STEEL = 0x4b5468;

/** Particles thrown from a point. */
interface Spray {
  kind: Kind;
  count: number;
  /** Middle and width of the fan, radians; all around when left out. */
  angle?: number;
  fan?: number;
  /** Metres per second. */
  slow: number;
  fast: number;
  /** One colour, or some to choose from. */
  color: Rgb | readonly Rgb[];
  scale?: number;
}

export class Effects {
  readonly decals: Decals;
  readonly tracers: Tracers;
  readonly flares: Flares;
  /** Below and above the flashes: smoke and debris cover, sparks and fire shine. */
  readonly smoke = new Particles(CAPACITY / 2);
  readonly sparks = new Particles(CAPACITY / 2);
  private readonly kinds: ReturnType<typeof kindsOf>;

  constructor(atlas: Atlas) {
    this.decals = new Decals(atlas.sprites);
    this.tracers = new Tracers(atlas.sprites);
    this.flares = new Flares(atlas.sprites);
    this.kinds = kindsOf(atlas.sprites);
  }

  update(dt: number): void {
    this.decals.update(dt);
    this.tracers.update(dt);
    this.flares.update(dt);
    this.smoke.update(dt);
    this.sparks.update(dt);
  }

  clear(): void {
    this.decals.clear();
    this.tracers.clear();
    this.flares.clear();
    this.smoke.clear();
    this.sparks.clear();
  }

  /** A rifle shot leaving its muzzle. */
  muzzle(x: number, y: number, angle: number, color: Rgb): void {
    const { casing, wisp } = this.kinds;
    const tone = mix(0xffe9a8, color, 0.25);
    this.flares.add("flash", x, y, angle, 1.15, 0.055, tone, 1);
    this.flares.add("glow", x, y, 0, 2.6, 0.07, tone, 0.5);
    const breech = 0.45;
    const [bx, by] = [x - Math.cos(angle) * breech, y - Math.sin(angle) * breech];
    this.cover(bx, by, {
      kind: casing,
      count: 1,
      angle: angle + Math.PI / 2,
      fan: 0.7,
      slow: 2.2,
      fast: 3.8,
      color: BRASS,
    });
    if (Math.random() < 0.5) {
      this.cover(x, y, { kind: wisp, count: 1, angle, fan: 0, slow: 1.4, fast: 1.4, color: DUST, scale: 0.7 });
    }
  }

  /** A bullet in a wall: sparks back off it and a puff of dust. */
  wallHit(x: number, y: number, angle: number): void {
    const { spark, wisp } = this.kinds;
    const back = angle + Math.PI;
    this.flares.add("glow", x, y, 0, 1, 0.09, 0xffd89a, 0.8);
    this.shine(x, y, { kind: spark, count: 7, angle: back, fan: 1.25, slow: 3, fast: 9, color: 0xffd98a });
    this.cover(x, y, { kind: wisp, count: 1, angle: back, fan: 0, slow: 1, fast: 1, color: DUST });
  }

  /** A bullet in a player: sparks of the victim's colour. */
  bodyHit(x: number, y: number, angle: number, color: Rgb): void {
    const { spark, drop } = this.kinds;
    this.flares.add("glow", x, y, 0, 1.5, 0.1, mix(color, 0xffffff, 0.45), 0.9);
    this.shine(x, y, { kind: spark, count: 6, angle, fan: 0.8, slow: 2, fast: 8, color: mix(color, 0xffffff, 0.35) });
    this.shine(x, y, { kind: drop, count: 5, angle: angle + Math.PI, fan: 1.3, slow: 2, fast: 6, color });
  }

  rocketLaunch(x: number, y: number, angle: number): void {
    this.flares.add("flash", x, y, angle, 1.7, 0.09, 0xffb45e, 1);
    this.flares.add("glow", x, y, 0, 4, 0.14, 0xff9a3c, 0.7);
    const { smoke } = this.kinds;
    this.cover(x, y, {
      kind: smoke,
      count: 9,
      angle: angle + Math.PI,
      fan: 0.9,
      slow: 1,
      fast: 5,
      color: DUST,
      scale: 0.6,
    });
  }

  /** Call every frame for every rocket in flight; `metres` is what it flew since the last. */
  rocketTrail(x: number, y: number, angle: number, metres: number): void {
    const steps = Math.min(8, Math.ceil(metres / 0.16));
    const back = angle + Math.PI;
    for (let i = 0; i < steps; i++) {
      const behind = (i / steps) * metres + 0.3;
      const px = x + Math.cos(back) * behind;
      const py = y + Math.sin(back) * behind;
      this.cover(px, py, { kind: this.kinds.trail, count: 1, slow: 0, fast: 0.4, color: DUST });
      this.shine(px, py, {
        kind: this.kinds.ember,
        count: 1,
        angle: back,
        fan: 0.7,
        slow: 2,
        fast: 4,
        color: FIRE,
        scale: 0.8,
      });
    }
  }

  /** A rocket's end: flash, ring, fire, smoke, debris, scorch. */
  explosion(x: number, y: number): void {
    const { fire, smoke, spark, debris } = this.kinds;
    this.decals.add("scorch", x, y, 3.4, 0x05060a, 0.78, 26);
    this.flares.add("soft", x, y, 0, 5.2, 0.1, 0xfff1cf, 1);
    this.flares.add("soft", x, y, 0, 9.5, 0.42, 0xff7a1f, 0.5);
    this.flares.ring(x, y, 0.9, 6.6, 0.42, 0xffb060, 0.9);
    this.flares.ring(x, y, 0.4, 3.4, 0.22, 0xfff0d8, 0.55);
    this.shine(x, y, { kind: fire, count: 26, slow: 0.5, fast: 7.5, color: FIRE });
    this.cover(x, y, { kind: smoke, count: 18, slow: 0, fast: 4.2, color: SMOKE, scale: 1.3 });
    this.shine(x, y, { kind: spark, count: 26, slow: 5, fast: 17, color: 0xffc766, scale: 1.5 });
    this.cover(x, y, { kind: debris, count: 10, slow: 3, fast: 10, color: STEEL });
  }

  /** A player bursts into pieces of its colour and leaves a stain. */
  death(x: number, y: number, color: Rgb): void {
    const { smoke, spark, debris } = this.kinds;
    const pieces = [color, color, mix(color, 0x10141c, 0.25), mix(color, 0x10141c, 0.5), STEEL];
    this.decals.add("splat", x, y, 2.5, mix(color, 0x101522, 0.35), 0.8, 32);
    this.flares.add("soft", x, y, 0, 3.4, 0.16, mix(color, 0xffffff, 0.5), 0.9);
    this.flares.ring(x, y, 0.4, 3, 0.32, color, 0.9);
    this.cover(x, y, { kind: smoke, count: 6, slow: 0, fast: 2, color: 0x4a4f5c, scale: 0.9 });
    this.cover(x, y, { kind: debris, count: 22, slow: 2, fast: 10, color: pieces, scale: 1.15 });
    this.shine(x, y, { kind: spark, count: 18, slow: 3, fast: 12, color: mix(color, 0xffffff, 0.4), scale: 1.2 });
  }

  /** A player appears: a ring that closes around it. */
  respawn(x: number, y: number, color: Rgb): void {
    this.flares.ring(x, y, 2.6, 0.6, 0.35, color, 0.9);
    this.flares.add("soft", x, y, 0, 3, 0.35, color, 0.7);
    this.shine(x, y, { kind: this.kinds.mote, count: 16, slow: 1, fast: 4, color: mix(color, 0xffffff, 0.4) });
  }

  pickup(x: number, y: number, color: Rgb): void {
    this.flares.ring(x, y, 0.5, 2, 0.32, color, 0.9);
    this.flares.add("soft", x, y, 0, 2.4, 0.2, color, 0.8);
    this.shine(x, y, { kind: this.kinds.mote, count: 14, slow: 1.5, fast: 5, color: mix(color, 0xffffff, 0.5) });
  }

  private cover(x: number, y: number, spray: Spray): void {
    scatter(this.smoke, x, y, spray);
  }

  private shine(x: number, y: number, spray: Spray): void {
    scatter(this.sparks, x, y, spray);
  }
}

function scatter(pool: Particles, x: number, y: number, { kind, count, slow, fast, color, ...rest }: Spray): void {
  const { angle = 0, fan = Math.PI * 2, scale = 1 } = rest;
  for (let i = 0; i < count; i++) {
    const way = angle + (Math.random() - 0.5) * fan;
    const speed = slow + Math.random() * (fast - slow);
    const tone = typeof color === "number" ? color : (color[Math.floor(Math.random() * color.length)] as Rgb);
    const size = scale * (0.75 + Math.random() * 0.5);
    pool.spawn(kind, x, y, Math.cos(way) * speed, Math.sin(way) * speed, tone, size);
  }
}

/** What the particles are like; see Kind for the fields. */
function kindsOf(s: Atlas["sprites"]) {
  const base: Kind = {
    sprite: s.soft,
    life: 0.4,
    lifeSpread: 0.4,
    from: 0.1,
    to: 0,
    alpha: 1,
    glow: 1,
    drag: 4,
    stretch: 0,
    spin: 0,
    hold: 0.3,
  };
  return {
    spark: { ...base, sprite: s.soft, life: 0.26, from: 0.09, to: 0.03, stretch: 0.55, drag: 6 },
    drop: { ...base, sprite: s.disc, life: 0.34, from: 0.11, to: 0.04, glow: 0, drag: 6 },
    mote: { ...base, sprite: s.glow, life: 0.6, from: 0.3, to: 0.12, drag: 3 },
    ember: { ...base, sprite: s.soft, life: 0.2, from: 0.3, to: 0.08, alpha: 0.9, drag: 3, hold: 0 },
    fire: {
      ...base,
      sprite: s.puffA,
      life: 0.42,
      from: 1.1,
      to: 2,
      alpha: 0.95,
      glow: 0.85,
      drag: 5.5,
      spin: 2,
      hold: 0.1,
    },
    smoke: {
      ...base,
      sprite: s.puffB,
      life: 1.05,
      from: 0.7,
      to: 2.1,
      alpha: 0.55,
      glow: 0,
      drag: 2.8,
      spin: 0.8,
      hold: 0,
    },
    wisp: { ...base, sprite: s.puffA, life: 0.45, from: 0.25, to: 0.8, alpha: 0.4, glow: 0, drag: 3, spin: 1, hold: 0 },
    trail: {
      ...base,
      sprite: s.puffB,
      life: 0.6,
      from: 0.24,
      to: 0.75,
      alpha: 0.42,
      glow: 0,
      drag: 2,
      spin: 1,
      hold: 0,
    },
    debris: { ...base, sprite: s.shard, life: 0.75, from: 0.3, to: 0.16, glow: 0, drag: 4.5, spin: 14, hold: 0.55 },
    casing: { ...base, sprite: s.white, life: 0.5, from: 0.075, to: 0.065, glow: 0, drag: 5, spin: 20, hold: 0.7 },
  } satisfies Record<string, Kind>;
}
