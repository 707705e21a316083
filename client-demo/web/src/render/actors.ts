// The players on the floor: shadow, boots, body, gun, head, and what happens to them (recoil, hit flash, burst, shield).
import { colorOf, mix, shapeOf } from "../game/colors";
import { ease } from "../game/camera";
import type { Vec } from "../input/keys";
import { type ArenaMap, heightAt } from "../seam/map";
import type { Avatar, Scene } from "../seam/rows";
import type { Atlas, Region } from "./atlas";
import type { QuadBatch } from "./quads";
import { LEAN } from "./lens";

/** From the middle of a player to the end of the gun, metres. */
export const MUZZLE_M = 0.84;
const GUN_SIDE_M = 0.13;
/** The picture is a little larger than the 0.4 m radius that can be hit: outlines do not count. */
const BODY_M = 1.18;
/** Heights of the parts, metres. */
const BODY_TOP = 0.3;
const HEAD_TOP = 0.62;
const STRIDE_PER_M = 5.2;

/** What drawing remembers of a player between frames. */
interface Actor {
  /** Where it was last seen alive. */
  x: number;
  y: number;
  /** Phase of the steps, radians. */
  walk: number;
  /** 1 at a shot, decays. */
  recoil: number;
  /** 1 when hit, decays. */
  hurt: number;
  /** Burst already drawn; hidden until the core, too, shows it dead. */
  fallen: number;
  wasAlive: boolean;
  /** Health as shown, runs after the true one. */
  shownHp: number;
}

/** A burst that the core never confirms (it was wrong about who died) is forgotten after this long. */
const FALLEN_MAX_S = 0.6;

export interface ActorEvents {
  appeared(avatar: Avatar): void;
}

export class Actors {
  private readonly known = new Map<number, Actor>();
  private readonly bodies: readonly Region[];

  constructor(
    private readonly sprites: Atlas["sprites"],
    private readonly events: ActorEvents,
  ) {
    this.bodies = [sprites.body0, sprites.body1, sprites.body2, sprites.body3];
  }

  kick(id: number): void {
    const actor = this.known.get(id);
    if (actor) actor.recoil = 1;
  }

  flash(id: number): void {
    const actor = this.known.get(id);
    if (actor) actor.hurt = 1;
  }

  /** The player burst: stop drawing the body at once, the picture of the others is a moment behind the event. */
  fall(id: number): void {
    const actor = this.known.get(id);
    if (actor) actor.fallen = FALLEN_MAX_S;
  }

  visible(avatar: Avatar): boolean {
    return avatar.alive && (this.known.get(avatar.id)?.fallen ?? 0) <= 0;
  }

  shownHp(avatar: Avatar): number {
    return this.known.get(avatar.id)?.shownHp ?? avatar.hp;
  }

  /** Where a player is drawn, or was when last alive. */
  placeOf(id: number): Readonly<Vec> | undefined {
    return this.known.get(id);
  }

  clear(): void {
    this.known.clear();
  }

  update(scene: Scene, dt: number): void {
    for (const avatar of scene.avatars) {
      const actor = this.actorOf(avatar);
      const speed = Math.hypot(avatar.vx, avatar.vy);
      if (avatar.alive) {
        actor.x = avatar.x;
        actor.y = avatar.y;
      }
      actor.walk += speed * STRIDE_PER_M * dt;
      actor.recoil = Math.max(0, actor.recoil - dt * 9);
      actor.hurt = Math.max(0, actor.hurt - dt * 6);
      actor.fallen = avatar.alive ? Math.max(0, actor.fallen - dt) : 0;
      actor.shownHp += (avatar.hp - actor.shownHp) * ease(avatar.hp > actor.shownHp ? 14 : 5, dt);
      if (avatar.alive && !actor.wasAlive) {
        actor.shownHp = avatar.hp;
        this.events.appeared(avatar);
      }
      actor.wasAlive = avatar.alive;
    }
  }

  draw(
    batch: QuadBatch,
    scene: Scene,
    own: number,
    ownHeading: number,
    eyeX: number,
    eyeY: number,
    time: number,
  ): void {
    for (const avatar of scene.avatars) {
      if (!this.visible(avatar)) continue;
      batch.tint(0x04060b, 0.5);
      batch.add(this.sprites.soft, avatar.x + 0.13, avatar.y + 0.17, 1.42, 1.42);
    }
    for (const avatar of scene.avatars) {
      if (!this.visible(avatar)) continue;
      const heading = avatar.id === own ? ownHeading : avatar.heading;
      if (avatar.id === own) this.drawHalo(batch, avatar, heading, time);
      this.drawBody(batch, avatar, own, heading, eyeX, eyeY);
      if (avatar.guarded) this.drawGuard(batch, avatar, own, time);
    }
  }

  /** Over the walls, which hide those close behind them: a pale print of the body, so that nobody is invisible. */
  drawPrints(
    batch: QuadBatch,
    scene: Scene,
    own: number,
    ownHeading: number,
    eyeX: number,
    eyeY: number,
    map: ArenaMap,
  ): void {
    for (const avatar of scene.avatars) {
      if (!this.visible(avatar) || !behindWall(map, avatar, eyeX, eyeY)) continue;
      const heading = avatar.id === own ? ownHeading : avatar.heading;
      batch.tint(colorOf(avatar.id, own), 0.3);
      batch.add(
        this.bodies[shapeOf(avatar.id, own)] as Region,
        leaning(avatar.x, eyeX, BODY_TOP),
        leaning(avatar.y, eyeY, BODY_TOP),
        BODY_M,
        BODY_M,
        heading,
      );
    }
  }

  private actorOf(avatar: Avatar): Actor {
    let actor = this.known.get(avatar.id);
    if (!actor) {
      actor = {
        x: avatar.x,
        y: avatar.y,
        walk: 0,
        recoil: 0,
        hurt: 0,
        fallen: 0,
        wasAlive: avatar.alive,
        shownHp: avatar.hp,
      };
      this.known.set(avatar.id, actor);
    }
    return actor;
  }

  private drawHalo(batch: QuadBatch, avatar: Avatar, heading: number, time: number): void {
    const color = colorOf(avatar.id, avatar.id);
    batch.tint(color, 0.2, 1);
    batch.add(this.sprites.soft, avatar.x, avatar.y, 2.5, 2.5);
    batch.tint(color, 0.8 + 0.15 * Math.sin(time * 4));
    batch.add(this.sprites.halo, avatar.x, avatar.y, 1.9, 1.9, heading);
  }

  private drawBody(batch: QuadBatch, avatar: Avatar, own: number, heading: number, eyeX: number, eyeY: number): void {
    const actor = this.actorOf(avatar);
    const color = mix(colorOf(avatar.id, own), 0xffffff, actor.hurt * 0.75);
    const cos = Math.cos(heading);
    const sin = Math.sin(heading);
    const speed = Math.min(1, Math.hypot(avatar.vx, avatar.vy) / 4);
    const s = this.sprites;
    // Boots step along the way they walk, not the way they look.
    const way = speed > 0.05 ? Math.atan2(avatar.vy, avatar.vx) : heading;
    const wayCos = Math.cos(way);
    const waySin = Math.sin(way);
    batch.tint(0xffffff);
    for (const side of [-1, 1]) {
      const step = Math.sin(actor.walk) * side * 0.27 * speed;
      batch.turned(
        s.boot,
        avatar.x + wayCos * step - waySin * side * 0.22,
        avatar.y + waySin * step + wayCos * side * 0.22,
        0.46,
        0.3,
        wayCos,
        waySin,
      );
    }
    const bx = leaning(avatar.x, eyeX, BODY_TOP);
    const by = leaning(avatar.y, eyeY, BODY_TOP);
    const reach = 0.39 - actor.recoil * 0.12;
    const gx = bx + cos * reach - sin * GUN_SIDE_M;
    const gy = by + sin * reach + cos * GUN_SIDE_M;
    batch.tint(color);
    batch.turned(
      this.bodies[shapeOf(avatar.id, own)] as Region,
      bx - cos * actor.recoil * 0.03,
      by - sin * actor.recoil * 0.03,
      BODY_M,
      BODY_M,
      cos,
      sin,
    );
    batch.tint(0xffffff);
    batch.turned(s.gun, gx, gy, 0.94, 0.32, cos, sin);
    batch.tint(mix(color, 0xffffff, 0.25));
    batch.turned(s.hand, gx - cos * 0.2 - sin * 0.02, gy - sin * 0.2 + cos * 0.02, 0.2, 0.2, 1, 0);
    batch.turned(s.hand, gx + cos * 0.12 + sin * 0.06, gy + sin * 0.12 - cos * 0.06, 0.19, 0.19, 1, 0);
    const hx = leaning(avatar.x, eyeX, HEAD_TOP) - cos * 0.05;
    const hy = leaning(avatar.y, eyeY, HEAD_TOP) - sin * 0.05;
    batch.tint(mix(color, 0xffffff, 0.2));
    batch.turned(s.helmet, hx, hy, 0.5, 0.5, cos, sin);
  }

  private drawGuard(batch: QuadBatch, avatar: Avatar, own: number, time: number): void {
    const color = mix(colorOf(avatar.id, own), 0xffffff, 0.55);
    batch.tint(color, 0.75 + 0.25 * Math.sin(time * 14), 0.5);
    batch.add(this.sprites.guard, avatar.x, avatar.y, 1.85, 1.85, time * 2.4);
  }
}

/** True if a wall stands between the avatar and the eye, so close that its top leans over the avatar. */
function behindWall(map: ArenaMap, avatar: Avatar, eyeX: number, eyeY: number): boolean {
  const distance = Math.hypot(eyeX - avatar.x, eyeY - avatar.y) || 1;
  const reach = 0.5 + distance * LEAN;
  const x = avatar.x + ((eyeX - avatar.x) / distance) * reach;
  const y = avatar.y + ((eyeY - avatar.y) / distance) * reach;
  return heightAt(map, Math.floor(x), Math.floor(y)) > 0;
}

/** The taller a part, the more it leans away from the eye, as the walls do. */
function leaning(at: number, eye: number, height: number): number {
  return at + (at - eye) * height * LEAN;
}

/** The end of a player's gun. */
export function muzzleX(x: number, heading: number): number {
  return x + Math.cos(heading) * MUZZLE_M - Math.sin(heading) * GUN_SIDE_M;
}

export function muzzleY(y: number, heading: number): number {
  return y + Math.sin(heading) * MUZZLE_M + Math.cos(heading) * GUN_SIDE_M;
}
