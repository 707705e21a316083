// What a shot, a hit, a burst looks like: recipes over particles, tracers, flashes, rings and marks on the floor.
import { mix, type Rgb } from "../game/colors";
import type { Atlas } from "./atlas";
import { Decals } from "./decals";
import { Flares } from "./flares";
import { type Kind, Particles } from "./particles";
import { Tracers } from "./tracers";

const CAPACITY = 1400;
const FIRE = [0xfff3c4, 0xffc857, 0xff8a2a, 0xe8481c] as const;

export class Effects {
  readonly decals: Decals;
  readonly tracers: Tracers;
  readonly flares: Flares;
  /** Below and above the flashes: smoke covers, sparks shine. */
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
    const tone = mix(0xffe9a8, color, 0.25);
    this.flares.add("flash", x, y, angle, 1.15, 0.055, tone, 1);
    this.flares.add("glow", x, y, 0, 2.6, 0.07, tone, 0.5);
    const side = angle + Math.PI / 2 + (Math.random() - 0.5) * 0.7;
    const speed = 2.2 + Math.random() * 1.6;
    this.smoke.spawn(this.kinds.casing, x - Math.cos(angle) * 0.45, y - Math.sin(angle) * 0.45, Math.cos(side) * speed, Math.sin(side) * speed, 0xe6b04a);
    if (Math.random() < 0.5) this.smoke.spawn(this.kinds.wisp, x, y, Math.cos(angle) * 1.4, Math.sin(angle) * 1.4, 0x9aa3b5, 0.7);
  }

  /** A bullet in a wall: sparks back off it and a puff of dust. */
  wallHit(x: number, y: number, angle: number): void {
    this.flares.add("glow", x, y, 0, 1, 0.09, 0xffd89a, 0.8);
    this.spray(x, y, angle + Math.PI, 7, 1.25, 3, 9, this.kinds.spark, 0xffd98a);
    this.smoke.spawn(this.kinds.wisp, x, y, -Math.cos(angle), -Math.sin(angle), 0xaab2c4);
  }

  /** A bullet in a player: sparks of the victim's colour. */
  bodyHit(x: number, y: number, angle: number, color: Rgb): void {
    this.flares.add("glow", x, y, 0, 1.5, 0.1, mix(color, 0xffffff, 0.45), 0.9);
    this.spray(x, y, angle, 6, 0.8, 2, 8, this.kinds.spark, mix(color, 0xffffff, 0.35));
    this.spray(x, y, angle + Math.PI, 5, 1.3, 2, 6, this.kinds.drop, color);
  }

  rocketLaunch(x: number, y: number, angle: number): void {
    this.flares.add("flash", x, y, angle, 1.7, 0.09, 0xffb45e, 1);
    this.flares.add("glow", x, y, 0, 4, 0.14, 0xff9a3c, 0.7);
    for (let i = 0; i < 9; i++) {
      const back = angle + Math.PI + (Math.random() - 0.5) * 0.9;
      const speed = 1 + Math.random() * 4;
      this.smoke.spawn(this.kinds.smoke, x, y, Math.cos(back) * speed, Math.sin(back) * speed, 0xb3b9c6, 0.6);
    }
  }

  /** Call every frame for every rocket in flight; `meters` is what it flew since the last. */
  rocketTrail(x: number, y: number, angle: number, meters: number): void {
    const steps = Math.min(8, Math.ceil(meters / 0.16));
    for (let i = 0; i < steps; i++) {
      const back = (i / steps) * meters + 0.3;
      const px = x - Math.cos(angle) * back + (Math.random() - 0.5) * 0.06;
      const py = y - Math.sin(angle) * back + (Math.random() - 0.5) * 0.06;
      this.smoke.spawn(this.kinds.trail, px, py, (Math.random() - 0.5) * 0.5, (Math.random() - 0.5) * 0.5, 0xaeb6c6);
      this.sparks.spawn(this.kinds.ember, px, py, -Math.cos(angle) * 3 + (Math.random() - 0.5) * 1.5, -Math.sin(angle) * 3 + (Math.random() - 0.5) * 1.5, FIRE[(Math.random() * 3) | 0] as number, 0.8);
    }
  }

  /** A rocket's end: flash, ring, fire, smoke, debris, scorch. */
  explosion(x: number, y: number): void {
    this.decals.add("scorch", x, y, 3.4, 0x05060a, 0.78, 26);
    this.flares.add("soft", x, y, 0, 5.2, 0.1, 0xfff1cf, 1);
    this.flares.add("soft", x, y, 0, 9.5, 0.42, 0xff7a1f, 0.5);
    this.flares.ring(x, y, 0.9, 6.6, 0.42, 0xffb060, 0.9);
    this.flares.ring(x, y, 0.4, 3.4, 0.22, 0xfff0d8, 0.55);
    for (let i = 0; i < 26; i++) {
      const angle = Math.random() * 6.283;
      const speed = Math.random() ** 0.5 * 7.5;
      this.sparks.spawn(this.kinds.fire, x, y, Math.cos(angle) * speed, Math.sin(angle) * speed, FIRE[(Math.random() * 4) | 0] as number, 0.7 + Math.random() * 0.7);
    }
    for (let i = 0; i < 18; i++) {
      const angle = Math.random() * 6.283;
      const speed = Math.random() * 4.2;
      this.smoke.spawn(this.kinds.smoke, x, y, Math.cos(angle) * speed, Math.sin(angle) * speed, i % 3 ? 0x3a3f4b : 0x23262e, 1 + Math.random() * 0.7);
    }
    this.spray(x, y, 0, 26, 6.283, 5, 17, this.kinds.spark, 0xffc766, 1.5);
    for (let i = 0; i < 10; i++) {
      const angle = Math.random() * 6.283;
      const speed = 3 + Math.random() * 7;
      this.smoke.spawn(this.kinds.debris, x, y, Math.cos(angle) * speed, Math.sin(angle) * speed, 0x4b5468);
    }
  }

  /** A player bursts into pieces of its colour and leaves a stain. */
  death(x: number, y: number, color: Rgb): void {
    this.decals.add("splat", x, y, 2.5, mix(color, 0x101522, 0.35), 0.8, 32);
    this.flares.add("soft", x, y, 0, 3.4, 0.16, mix(color, 0xffffff, 0.5), 0.9);
    this.flares.ring(x, y, 0.4, 3, 0.32, color, 0.9);
    for (let i = 0; i < 20; i++) {
      const angle = Math.random() * 6.283;
      const speed = 2 + Math.random() * 8;
      this.smoke.spawn(this.kinds.debris, x, y, Math.cos(angle) * speed, Math.sin(angle) * speed, i % 4 ? mix(color, 0x10141c, Math.random() * 0.5) : 0x2a3040, 0.8 + Math.random() * 0.7);
    }
    this.spray(x, y, 0, 18, 6.283, 3, 12, this.kinds.spark, mix(color, 0xffffff, 0.4), 1.2);
    for (let i = 0; i < 6; i++) this.smoke.spawn(this.kinds.smoke, x, y, (Math.random() - 0.5) * 3, (Math.random() - 0.5) * 3, 0x4a4f5c, 0.9);
  }

  /** A player appears: a column of light. */
  respawn(x: number, y: number, color: Rgb): void {
    this.flares.ring(x, y, 2.6, 0.6, 0.35, color, 0.9);
    this.flares.add("soft", x, y, 0, 3, 0.35, color, 0.7);
    this.spray(x, y, 0, 16, 6.283, 1, 4, this.kinds.mote, mix(color, 0xffffff, 0.4));
  }

  pickup(x: number, y: number, color: Rgb): void {
    this.flares.ring(x, y, 0.5, 2, 0.32, color, 0.9);
    this.flares.add("soft", x, y, 0, 2.4, 0.2, color, 0.8);
    this.spray(x, y, 0, 14, 6.283, 1.5, 5, this.kinds.mote, mix(color, 0xffffff, 0.5));
  }

  private spray(x: number, y: number, angle: number, count: number, spread: number, slow: number, fast: number, kind: Kind, rgb: Rgb, scale = 1): void {
    for (let i = 0; i < count; i++) {
      const a = angle + (Math.random() - 0.5) * spread;
      const speed = slow + Math.random() * (fast - slow);
      this.sparks.spawn(kind, x, y, Math.cos(a) * speed, Math.sin(a) * speed, rgb, scale);
    }
  }
}

function kindsOf(s: Atlas["sprites"]) {
  const base: Kind = { sprite: s.soft, life: 0.4, lifeSpread: 0.4, from: 0.1, to: 0, alpha: 1, glow: 1, drag: 4, stretch: 0, spin: 0, hold: 0.3 };
  return {
    spark: { ...base, sprite: s.soft, life: 0.26, from: 0.09, to: 0.03, stretch: 0.55, drag: 6 },
    drop: { ...base, sprite: s.disc, life: 0.34, from: 0.11, to: 0.04, glow: 0, drag: 6 },
    mote: { ...base, sprite: s.glow, life: 0.6, from: 0.3, to: 0.12, drag: 3 },
    ember: { ...base, sprite: s.soft, life: 0.2, from: 0.3, to: 0.08, alpha: 0.9, drag: 3, hold: 0 },
    fire: { ...base, sprite: s.puffA, life: 0.42, from: 1.1, to: 2, alpha: 0.95, glow: 0.85, drag: 5.5, spin: 2, hold: 0.1 },
    smoke: { ...base, sprite: s.puffB, life: 1.05, from: 0.7, to: 2.1, alpha: 0.55, glow: 0, drag: 2.8, spin: 0.8, hold: 0 },
    wisp: { ...base, sprite: s.puffA, life: 0.45, from: 0.25, to: 0.8, alpha: 0.4, glow: 0, drag: 3, spin: 1, hold: 0 },
    trail: { ...base, sprite: s.puffB, life: 0.6, from: 0.24, to: 0.75, alpha: 0.42, glow: 0, drag: 2, spin: 1, hold: 0 },
    debris: { ...base, sprite: s.shard, life: 0.75, from: 0.3, to: 0.16, glow: 0, drag: 4.5, spin: 14, hold: 0.55 },
    casing: { ...base, sprite: s.white, life: 0.5, from: 0.075, to: 0.065, glow: 0, drag: 5, spin: 20, hold: 0.7 },
  } satisfies Record<string, Kind>;
}
