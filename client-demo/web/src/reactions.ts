// What the page does about each event of the match: light, sound and shaking. The log keeps the words.
import { colorOf, mix } from "./game/colors";
import type { Camera } from "./game/camera";
import type { Sounds } from "./audio/sounds";
import type { Vec } from "./input/keys";
import { MUZZLE_M, muzzleX, muzzleY } from "./render/actors";
import { PICKUP_COLORS } from "./render/items";
import type { View } from "./render/view";
import type { ArenaEvent, EventOf } from "./seam/events";
import type { Avatar, OwnShot, RocketRow, Scene } from "./seam/rows";

/** An event's place and the drawn place of the same player differ by less than this, or are not the same moment. */
const SAME_PLACE_M = 2;
/** A rocket that was launched is seen first within this way of its player. */
const LAUNCH_M = 5;
const SHAKE_REACH_M = 13;
/** Tracers kept for the test hooks. */
const RECENT = 32;

/** A rifle shot as it was drawn. */
export interface DrawnShot {
  who: number;
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  hit: number | null;
}

export class Reactions {
  readonly recent: DrawnShot[] = [];

  constructor(
    private readonly view: () => View | undefined,
    private readonly scene: Scene,
    private readonly camera: Camera,
    private readonly sounds: Sounds,
  ) {}

  apply(event: ArenaEvent): void {
    switch (event.type) {
      case "shot":
        if (!event.drawn) this.otherShot(event);
        break;
      case "explosion":
        this.explosion(event);
        break;
      case "hit":
        this.hit(event);
        break;
      case "hurt":
        this.hurt(event);
        break;
      case "died":
        this.died(event);
        break;
      case "picked":
        this.picked(event);
        break;
      default:
        break;
    }
  }

  /** The own shot, in the picture in which it leaves: from the avatar as it is drawn. */
  ownShot(me: Avatar, shot: OwnShot): void {
    this.camera.addTrauma(0.07);
    this.view()?.glass.kick();
    this.drawShot(me.id, me.x, me.y, shot.heading, shot.endX, shot.endY, shot.hit < 0 ? null : shot.hit);
  }

  /** A rocket has left the own launcher, or was first seen in the air. */
  launch(id: number, x: number, y: number, heading: number): void {
    this.view()?.effects.rocketLaunch(muzzleX(x, heading), muzzleY(y, heading), heading);
    this.view()?.actors.kick(id);
    this.sounds.rocket(x, y);
  }

  launched(rocket: RocketRow): void {
    if (rocket.owner === this.scene.own) return; // Drawn when it was fired.
    // It makes up for its player's lag: what is seen first of it is ahead of the muzzle.
    const { heading } = rocket;
    const from = this.near(rocket.owner, rocket.x, rocket.y, LAUNCH_M);
    const [x, y] = from ? [muzzleX(from.x, heading), muzzleY(from.y, heading)] : [rocket.x, rocket.y];
    this.view()?.effects.rocketLaunch(x, y, heading);
    this.view()?.actors.kick(rocket.owner);
    this.sounds.rocket(x, y);
  }

  appeared(avatar: Avatar): void {
    this.view()?.effects.respawn(avatar.x, avatar.y, colorOf(avatar.id, this.scene.own));
    if (avatar.id === this.scene.own) this.sounds.respawn();
  }

  private otherShot({ who, x0, y0, x1, y1, hit }: EventOf<"shot">): void {
    const heading = Math.atan2(y1 - y0, x1 - x0);
    // Others are drawn a moment in the past: their shot starts where they are seen, not where they were computed.
    const seen = this.near(who, x0, y0);
    const target = hit === null ? undefined : this.near(hit, x1, y1);
    const [ex, ey] = target ? [target.x - Math.cos(heading) * 0.35, target.y - Math.sin(heading) * 0.35] : [x1, y1];
    this.drawShot(who, seen?.x ?? x0, seen?.y ?? y0, heading, ex, ey, hit);
  }

  private drawShot(
    who: number,
    x: number,
    y: number,
    heading: number,
    x1: number,
    y1: number,
    hit: number | null,
  ): void {
    const view = this.view();
    const own = this.scene.own;
    const color = colorOf(who, own);
    this.recent.push({ who, x0: x, y0: y, x1, y1, hit });
    if (this.recent.length > RECENT) this.recent.shift();
    this.sounds.rifle(x, y, who === own);
    if (!view) return;
    // Against a wall the gun is shorter than drawn: never start behind what was hit.
    const free = Math.hypot(x1 - x, y1 - y) > MUZZLE_M + 0.1;
    const mx = free ? muzzleX(x, heading) : x;
    const my = free ? muzzleY(y, heading) : y;
    view.actors.kick(who);
    view.effects.muzzle(mx, my, heading, color);
    view.effects.tracers.add(mx, my, x1, y1, mix(color, 0xffffff, 0.25));
    if (hit === null) view.effects.wallHit(x1, y1, heading);
    else {
      view.effects.bodyHit(x1, y1, heading, colorOf(hit, own));
      view.actors.flash(hit);
    }
  }

  private explosion({ who, x, y }: EventOf<"explosion">): void {
    const view = this.view();
    view?.items.exploded(this.scene, who, x, y);
    view?.effects.explosion(x, y);
    this.sounds.explosion(x, y);
    this.shakeFrom(x, y, 0.85);
  }

  private hit({ victim, damage, killed }: EventOf<"hit">): void {
    const place = this.view()?.actors.placeOf(victim);
    if (place) this.view()?.glass.hit(victim, place.x, place.y, damage, killed);
    this.view()?.actors.flash(victim);
    this.sounds.hit(killed);
  }

  private hurt({ damage, x, y }: EventOf<"hurt">): void {
    this.view()?.glass.hurt(x, y, damage);
    this.view()?.actors.flash(this.scene.own);
    this.camera.addTrauma(0.12 + damage / 120);
    this.sounds.hurt();
  }

  private died({ victim }: EventOf<"died">): void {
    const view = this.view();
    const place = view?.actors.placeOf(victim);
    if (victim === this.scene.own) {
      this.sounds.died();
      this.camera.addTrauma(0.7);
    }
    if (!view || !place) return;
    view.effects.death(place.x, place.y, colorOf(victim, this.scene.own));
    view.actors.fall(victim);
    this.sounds.burst(place.x, place.y);
    this.shakeFrom(place.x, place.y, 0.3);
  }

  private picked({ who, kind }: EventOf<"picked">): void {
    const place = this.view()?.actors.placeOf(who);
    if (!place) return;
    this.view()?.effects.pickup(place.x, place.y, PICKUP_COLORS[kind]);
    this.sounds.pickup(place.x, place.y, kind === "health", who === this.scene.own);
  }

  /** Where a player is drawn in this picture; who has just died, where it was in the last one. */
  private near(id: number, x: number, y: number, within = SAME_PLACE_M): Readonly<Vec> | undefined {
    const avatar = this.scene.avatar(id);
    const place = avatar?.alive ? avatar : this.view()?.actors.placeOf(id);
    return place && Math.hypot(place.x - x, place.y - y) < within ? place : undefined;
  }

  private shakeFrom(x: number, y: number, strength: number): void {
    const distance = Math.hypot(x - this.camera.x, y - this.camera.y);
    this.camera.addTrauma(strength * Math.max(0, 1 - distance / SHAKE_REACH_M));
  }
}
