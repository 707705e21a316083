// The core's flat number rows, copied into objects that live as long as the page: a frame allocates nothing here.
import type { ArenaCore } from "./core";
import type { PickupKind } from "./events";

export interface Avatar {
  id: number;
  x: number;
  y: number;
  heading: number;
  vx: number;
  vy: number;
  hp: number;
  guarded: boolean;
  rockets: number;
  kills: number;
  deaths: number;
  alive: boolean;
}

export interface RocketRow {
  id: number;
  x: number;
  y: number;
  heading: number;
  owner: number;
  /** 1, and down to 0 while a rocket vanishes that the server did not let start. */
  presence: number;
}

export interface PickupRow {
  id: number;
  x: number;
  y: number;
  kind: PickupKind;
  ready: boolean;
}

/** An own rifle shot, as it looks on this screen when it leaves. */
export interface OwnShot {
  x: number;
  y: number;
  heading: number;
  /** Where it ends, and the player it ends in; -1 in a wall. */
  endX: number;
  endY: number;
  hit: number;
}

/** A growing list that is refilled in place; only the first `length` items count. */
export class Rows<T> {
  private readonly items: T[] = [];
  length = 0;

  constructor(
    private readonly stride: number,
    private readonly blank: () => T,
    private readonly read: (item: T, from: Float32Array, at: number) => void,
  ) {}

  fill(from: Float32Array): void {
    this.length = Math.floor(from.length / this.stride);
    for (let i = 0; i < this.length; i++) {
      const item = (this.items[i] ??= this.blank());
      this.read(item, from, i * this.stride);
    }
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.length; i++) yield this.items[i] as T;
  }

  find(test: (item: T) => boolean): T | undefined {
    for (let i = 0; i < this.length; i++) {
      const item = this.items[i] as T;
      if (test(item)) return item;
    }
    return undefined;
  }
}

/** Everything that moves, as the core drew it for this frame. */
export class Scene {
  readonly avatars = new Rows<Avatar>(12, blankAvatar, readAvatar);
  readonly rockets = new Rows<RocketRow>(6, blankRocket, readRocket);
  readonly pickups = new Rows<PickupRow>(5, blankPickup, readPickup);
  readonly shots = new Rows<OwnShot>(6, blankShot, readShot);
  private ownId = -1;

  update(core: ArenaCore, now: number): void {
    core.draw(now);
    this.avatars.fill(core.players());
    this.rockets.fill(core.rockets());
    this.pickups.fill(core.pickups());
    this.shots.fill(core.shots());
    this.ownId = core.own();
  }

  clear(): void {
    this.avatars.length = this.rockets.length = this.pickups.length = this.shots.length = 0;
    this.ownId = -1;
  }

  /** Id of the own player, -1 while there is none. */
  get own(): number {
    return this.ownId;
  }

  me(): Avatar | undefined {
    return this.ownId < 0 ? undefined : this.avatar(this.ownId);
  }

  avatar(id: number): Avatar | undefined {
    return this.avatars.find((a) => a.id === id);
  }
}

function blankAvatar(): Avatar {
  return {
    id: 0,
    x: 0,
    y: 0,
    heading: 0,
    vx: 0,
    vy: 0,
    hp: 0,
    guarded: false,
    rockets: 0,
    kills: 0,
    deaths: 0,
    alive: false,
  };
}

function blankRocket(): RocketRow {
  return { id: 0, x: 0, y: 0, heading: 0, owner: 0, presence: 0 };
}

function blankPickup(): PickupRow {
  return { id: 0, x: 0, y: 0, kind: "health", ready: false };
}

function blankShot(): OwnShot {
  return { x: 0, y: 0, heading: 0, endX: 0, endY: 0, hit: -1 };
}

function readAvatar(a: Avatar, from: Float32Array, at: number): void {
  a.id = number(from, at);
  a.x = number(from, at + 1);
  a.y = number(from, at + 2);
  a.heading = number(from, at + 3);
  a.vx = number(from, at + 4);
  a.vy = number(from, at + 5);
  a.hp = number(from, at + 6);
  a.guarded = number(from, at + 7) > 0.5;
  a.rockets = number(from, at + 8);
  a.kills = number(from, at + 9);
  a.deaths = number(from, at + 10);
  a.alive = number(from, at + 11) > 0.5;
}

function readRocket(r: RocketRow, from: Float32Array, at: number): void {
  r.id = number(from, at);
  r.x = number(from, at + 1);
  r.y = number(from, at + 2);
  r.heading = number(from, at + 3);
  r.owner = number(from, at + 4);
  r.presence = number(from, at + 5);
}

function readPickup(p: PickupRow, from: Float32Array, at: number): void {
  p.id = number(from, at);
  p.x = number(from, at + 1);
  p.y = number(from, at + 2);
  p.kind = number(from, at + 3) < 0.5 ? "health" : "rockets";
  p.ready = number(from, at + 4) > 0.5;
}

function readShot(s: OwnShot, from: Float32Array, at: number): void {
  s.x = number(from, at);
  s.y = number(from, at + 1);
  s.heading = number(from, at + 2);
  s.endX = number(from, at + 3);
  s.endY = number(from, at + 4);
  s.hit = number(from, at + 5);
}

function number(from: Float32Array, at: number): number {
  return from[at] ?? 0;
}
