// Pick-ups and rockets.
import type { Rgb } from "../game/colors";
import type { PickupKind } from "../seam/events";
import type { RocketRow, Scene } from "../seam/rows";
import type { Atlas } from "./atlas";
import type { Effects } from "./effects";
import type { QuadBatch } from "./quads";

export const PICKUP_COLORS: Readonly<Record<PickupKind, Rgb>> = { health: 0x45e98a, rockets: 0xff9a3c };

interface Flight {
  x: number;
  y: number;
  /** Seen in the scene of this turn; flights that are not end. */
  seen: number;
  /** Exploded already, although the core still shows it flying. */
  spent: boolean;
}

/** An explosion belongs to a drawn rocket at most this far from it. */
const MATCH_M = 5;

export class Items {
  private readonly flights = new Map<number, Flight>();
  private turn = 0;

  constructor(
    private readonly sprites: Atlas["sprites"],
    private readonly effects: Effects,
    private readonly launched: (rocket: RocketRow) => void,
  ) {}

  clear(): void {
    this.flights.clear();
  }

  /** Follows the rockets, leaving trails. */
  update(scene: Scene): void {
    this.turn++;
    for (const rocket of scene.rockets) {
      const flight = this.flights.get(rocket.id);
      if (!flight) {
        this.flights.set(rocket.id, { x: rocket.x, y: rocket.y, seen: this.turn, spent: false });
        this.launched(rocket);
        continue;
      }
      const metres = Math.hypot(rocket.x - flight.x, rocket.y - flight.y);
      if (!flight.spent && metres < 3) this.effects.rocketTrail(rocket.x, rocket.y, rocket.heading, metres);
      flight.x = rocket.x;
      flight.y = rocket.y;
      flight.seen = this.turn;
    }
    for (const [id, flight] of this.flights) if (flight.seen !== this.turn) this.flights.delete(id);
  }

  /** The event is ahead of the picture: take the rocket that exploded out of the air. */
  exploded(scene: Scene, owner: number, x: number, y: number): void {
    let nearest: Flight | undefined;
    let best = MATCH_M;
    for (const rocket of scene.rockets) {
      const flight = this.flights.get(rocket.id);
      const distance = Math.hypot(rocket.x - x, rocket.y - y);
      if (rocket.owner !== owner || !flight || flight.spent || distance > best) continue;
      best = distance;
      nearest = flight;
    }
    if (nearest) nearest.spent = true;
  }

  drawPickups(batch: QuadBatch, scene: Scene, time: number): void {
    const s = this.sprites;
    for (const pickup of scene.pickups) {
      const color = PICKUP_COLORS[pickup.kind];
      const pulse = 0.5 + 0.5 * Math.sin(time * 3.2 + pickup.id);
      batch.tint(color, pickup.ready ? 0.85 : 0.22);
      batch.add(s.pad, pickup.x, pickup.y, 1.7, 1.7, time * (pickup.ready ? 0.5 : 0));
      if (!pickup.ready) {
        batch.tint(0xffffff, 0.13);
        batch.add(s[pickup.kind], pickup.x, pickup.y, 0.74, 0.74);
        continue;
      }
      batch.tint(color, 0.34 + 0.22 * pulse, 1);
      batch.add(s.soft, pickup.x, pickup.y, 2.5 + 0.3 * pulse, 2.5 + 0.3 * pulse);
      batch.tint(0x04060b, 0.45);
      batch.add(s.soft, pickup.x + 0.1, pickup.y + 0.14, 1.2, 1.2);
      batch.tint(0xffffff);
      const size = 0.86 + 0.07 * pulse;
      batch.add(s[pickup.kind], pickup.x, pickup.y - 0.05 * pulse, size, size);
    }
  }

  drawRockets(batch: QuadBatch, scene: Scene): void {
    const s = this.sprites;
    for (const rocket of scene.rockets) {
      if (this.flights.get(rocket.id)?.spent) continue;
      const cos = Math.cos(rocket.heading);
      const sin = Math.sin(rocket.heading);
      const there = rocket.presence;
      batch.tint(0xff8a2a, 0.42 * there, 1);
      batch.add(s.soft, rocket.x, rocket.y, 3.4, 3.4);
      batch.tint(0x04060b, 0.45 * there);
      batch.add(s.soft, rocket.x + 0.2, rocket.y + 0.28, 0.8, 0.5);
      batch.tint(0xffd27a, there, 1);
      batch.turned(s.soft, rocket.x - cos * 0.42, rocket.y - sin * 0.42, 0.95, 0.4, cos, sin);
      batch.tint(0xffffff, there);
      batch.turned(s.rocket, rocket.x, rocket.y, 0.82, 0.38, cos, sin);
    }
  }
}
