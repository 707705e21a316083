// A small pretend match: enough of Arena to develop the page without a server. Not the rules; those are in Rust.
import type { ArenaEvent, PickupKind } from "../../src/seam/events";
import { cellAt, eachCell, WALL } from "../../src/seam/map";
import { circleDistance, wallDistance } from "./cast";
import { think } from "./bots";
import { MOCK_MAP } from "./map";

export const STEP_S = 1 / 60;
const SPEED = 7;
const RADIUS = 0.4;
const NAMES = ["Vex", "Marlowe", "Tin Can", "Ophelia", "Juggler", "Nix", "Bruno"];

export interface Fighter {
  id: number;
  name: string;
  bot: boolean;
  x: number;
  y: number;
  vx: number;
  vy: number;
  heading: number;
  hp: number;
  guarded: number;
  rockets: number;
  kills: number;
  deaths: number;
  deadFor: number;
  rifleIn: number;
  rocketIn: number;
  input: { moveX: number; moveY: number; aim: number; rifle: boolean; rocket: boolean };
  /** Bots: cells still to walk, and how long until the next thought. */
  path: number[];
  thinkIn: number;
  skill: number;
}

export interface Missile {
  id: number;
  x: number;
  y: number;
  heading: number;
  owner: number;
}

export interface Item {
  id: number;
  x: number;
  y: number;
  kind: PickupKind;
  backIn: number;
}

export class Sim {
  readonly fighters: Fighter[] = [];
  missiles: Missile[] = [];
  readonly items: Item[] = [];
  readonly events: ArenaEvent[] = [];
  /** Scenes: bots hold their fire, or everything stands still. */
  peaceful = false;
  /** The own shots since they were last drawn: as rows of the core. */
  ownShots: number[] = [];
  /** Whether the own shots come with receipts. */
  receipts = false;
  frozen = false;
  ownId = 0;
  private nextId = 1;

  constructor(readonly random: () => number) {
    for (const name of NAMES) this.add(name, true);
    eachCell(MOCK_MAP, "H", (x, y) => this.items.push({ id: this.nextId++, x, y, kind: "health", backIn: 0 }));
    eachCell(MOCK_MAP, "R", (x, y) => this.items.push({ id: this.nextId++, x, y, kind: "rockets", backIn: 0 }));
  }

  join(name: string): void {
    this.ownId = this.add(name, false).id;
    this.events.push({ type: "roster", players: this.fighters.map(({ id, name, bot }) => ({ id, name, bot })) });
  }

  own(): Fighter | undefined {
    return this.fighters.find((f) => f.id === this.ownId);
  }

  step(): void {
    if (this.frozen) return;
    for (const f of this.fighters) {
      if (f.deadFor > 0) {
        f.deadFor -= STEP_S;
        if (f.deadFor <= 0) this.spawn(f);
        continue;
      }
      if (f.bot) think(this, f);
      this.walk(f);
      this.shoot(f);
      this.pickUp(f);
    }
    for (const item of this.items) item.backIn = Math.max(0, item.backIn - STEP_S);
    this.missiles = this.missiles.filter((m) => this.fly(m));
  }

  damage(victim: Fighter, by: number, amount: number, x: number, y: number, weapon: "rifle" | "rocket"): void {
    if (victim.deadFor > 0 || victim.guarded > 0) return;
    victim.hp -= amount;
    const killed = victim.hp <= 0;
    if (by === this.ownId && victim.id !== by)
      this.events.push({ type: "hit", victim: victim.id, damage: amount, killed });
    if (victim.id === this.ownId) this.events.push({ type: "hurt", by, damage: amount, x, y });
    if (!killed) return;
    victim.hp = 0;
    victim.deadFor = 2;
    victim.deaths++;
    const killer = this.fighters.find((f) => f.id === by);
    if (killer && killer !== victim) killer.kills++;
    this.events.push({ type: "died", victim: victim.id, killer: by, weapon });
  }

  explode(x: number, y: number, owner: number): void {
    this.events.push({ type: "explosion", who: owner, x, y });
    for (const f of this.fighters) {
      const distance = Math.hypot(f.x - x, f.y - y);
      if (distance < 2.5) this.damage(f, owner, Math.round(70 * (1 - distance / 2.5)), x, y, "rocket");
    }
  }

  launch(f: Fighter): void {
    const [cos, sin] = [Math.cos(f.heading), Math.sin(f.heading)];
    this.missiles.push({ id: this.nextId++, x: f.x + cos * 0.8, y: f.y + sin * 0.8, heading: f.heading, owner: f.id });
  }

  /** True when nothing solid is between two places. */
  sees(x: number, y: number, tx: number, ty: number): boolean {
    const d = Math.hypot(tx - x, ty - y);
    return d < 0.1 || wallDistance(MOCK_MAP, x, y, (tx - x) / d, (ty - y) / d, d) >= d;
  }

  private add(name: string, bot: boolean): Fighter {
    const f: Fighter = {
      id: this.nextId++,
      name,
      bot,
      x: 0,
      y: 0,
      vx: 0,
      vy: 0,
      heading: 0,
      hp: 100,
      guarded: 0,
      rockets: 2,
      kills: 0,
      deaths: 0,
      deadFor: 0,
      rifleIn: 0,
      rocketIn: 0,
      input: { moveX: 0, moveY: 0, aim: 0, rifle: false, rocket: false },
      path: [],
      thinkIn: 0,
      skill: this.random(),
    };
    this.fighters.push(f);
    this.spawn(f);
    return f;
  }

  private spawn(f: Fighter): void {
    const spots: [number, number][] = [];
    eachCell(MOCK_MAP, "S", (x, y) => spots.push([x, y]));
    const far = ([x, y]: [number, number]) =>
      Math.min(99, ...this.fighters.filter((o) => o !== f && o.deadFor <= 0).map((o) => Math.hypot(o.x - x, o.y - y)));
    const [x, y] = spots.sort((a, b) => far(b) - far(a))[Math.floor(this.random() * 3)] ?? [2, 2];
    Object.assign(f, { x, y, vx: 0, vy: 0, hp: 100, guarded: 1, rockets: 2, deadFor: 0, path: [] });
  }

  private walk(f: Fighter): void {
    f.heading = f.input.aim;
    f.guarded = Math.max(0, f.guarded - STEP_S);
    f.vx += (f.input.moveX * SPEED - f.vx) * 0.22;
    f.vy += (f.input.moveY * SPEED - f.vy) * 0.22;
    if (!this.solid(f.x + f.vx * STEP_S, f.y)) f.x += f.vx * STEP_S;
    else f.vx = 0;
    if (!this.solid(f.x, f.y + f.vy * STEP_S)) f.y += f.vy * STEP_S;
    else f.vy = 0;
  }

  private solid(x: number, y: number): boolean {
    for (const dx of [-RADIUS, RADIUS]) {
      for (const dy of [-RADIUS, RADIUS]) {
        const cell = cellAt(MOCK_MAP, Math.floor(x + dx), Math.floor(y + dy));
        if (cell === WALL || cell === "=") return true;
      }
    }
    return false;
  }

  private shoot(f: Fighter): void {
    f.rifleIn -= STEP_S;
    f.rocketIn -= STEP_S;
    if (f.input.rifle && f.rifleIn <= 0) {
      f.rifleIn = 0.125;
      const [dx, dy] = [Math.cos(f.heading), Math.sin(f.heading)];
      let length = wallDistance(MOCK_MAP, f.x, f.y, dx, dy, 40);
      let hit: Fighter | undefined;
      for (const o of this.fighters) {
        const d = o === f || o.deadFor > 0 ? Infinity : circleDistance(f.x, f.y, dx, dy, o.x, o.y);
        if (d < length) [length, hit] = [d, o];
      }
      const [x1, y1] = [f.x + dx * length, f.y + dy * length];
      const isOwn = f === this.own();
      if (isOwn) this.ownShots.push(f.x, f.y, f.heading, x1, y1, hit?.id ?? -1);
      const drawn = isOwn ? { drawn: true as const } : {};
      this.events.push({ type: "shot", who: f.id, x0: f.x, y0: f.y, x1, y1, hit: hit?.id ?? null, ...drawn });
      if (this.receipts && isOwn) this.events.push(this.receipt(f, length, hit));
      if (hit) this.damage(hit, f.id, 12, f.x, f.y, "rifle");
    }
    if (f.input.rocket && f.rocketIn <= 0 && f.rockets > 0) {
      f.rocketIn = 0.8;
      f.rockets--;
      this.launch(f);
    }
  }

  /** As if everybody were judged where they were a tenth of a second ago. */
  private receipt(f: Fighter, length: number, hit: Fighter | undefined): ArenaEvent {
    const [dx, dy] = [Math.cos(f.heading), Math.sin(f.heading)];
    const others = this.fighters.filter((o) => o !== f && o.deadFor <= 0);
    const ahead = others.filter((o) => (o.x - f.x) * dx + (o.y - f.y) * dy > 0);
    const near = ahead.filter((o) => Math.abs((o.y - f.y) * dx - (o.x - f.x) * dy) < 3);
    return {
      type: "receipt",
      x0: f.x,
      y0: f.y,
      x1: f.x + dx * length,
      y1: f.y + dy * length,
      verdict: hit ? (hit.guarded > 0 ? "guarded" : "hit") : "missed",
      victim: hit?.id ?? null,
      rewound: 112,
      clamped: false,
      poses: near.slice(0, 4).map((o) => ({ id: o.id, x: o.x - o.vx * 0.1, y: o.y - o.vy * 0.1 })),
    };
  }

  private fly(m: Missile): boolean {
    m.x += Math.cos(m.heading) * 18 * STEP_S;
    m.y += Math.sin(m.heading) * 18 * STEP_S;
    const hitsPlayer = this.fighters.some(
      (f) => f.id !== m.owner && f.deadFor <= 0 && Math.hypot(f.x - m.x, f.y - m.y) < 0.55,
    );
    if (!hitsPlayer && cellAt(MOCK_MAP, Math.floor(m.x), Math.floor(m.y)) !== WALL) return true;
    this.explode(m.x - Math.cos(m.heading) * 0.2, m.y - Math.sin(m.heading) * 0.2, m.owner);
    return false;
  }

  private pickUp(f: Fighter): void {
    for (const item of this.items) {
      if (item.backIn > 0 || Math.hypot(item.x - f.x, item.y - f.y) > 0.8) continue;
      if (item.kind === "health" ? f.hp >= 100 : f.rockets >= 9) continue;
      item.backIn = 10;
      if (item.kind === "health") f.hp = Math.min(100, f.hp + 40);
      else f.rockets = Math.min(9, f.rockets + 3);
      this.events.push({ type: "picked", who: f.id, kind: item.kind });
    }
  }
}
