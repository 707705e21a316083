// Where the view is. World units are metres, screen units CSS pixels.
import type { Vec } from "../input/keys";

/** Every screen shows about this much floor, so that a wide one is no advantage. */
const VIEW_AREA_M2 = 27 * 15.2;
/** Below this a player is too small to read; small screens then see less. */
const MIN_SCALE = 26;
/** How much of the way to the pointer the view leans. */
const LOOK_AHEAD = 0.34;
const LOOK_AHEAD_MAX_M = 5;
/** Per second; the own avatar itself is followed rigidly, only the lean is smoothed. */
const LEAN_RATE = 9;
const GLIDE_RATE = 5;
const SHAKE_M = 0.34;

/** Pixels per metre while playing. */
export function playScale(width: number, height: number): number {
  return Math.max(MIN_SCALE, Math.sqrt((width * height) / VIEW_AREA_M2));
}

/** Pixels per metre at which the whole map just fits the screen, or, for a backdrop, more than fills it. */
export function overviewScale(
  width: number,
  height: number,
  mapWidth: number,
  mapHeight: number,
  fill: boolean,
): number {
  return fill ? Math.max(width / mapWidth, height / mapHeight) * 1.3 : Math.min(width / mapWidth, height / mapHeight);
}

/** Keeps a view of the given extent inside the map and a margin around it, or centred where that is smaller. */
export function clampCentre(centre: number, extent: number, mapExtent: number, margin: number): number {
  if (extent >= mapExtent + margin * 2) return mapExtent / 2;
  return Math.min(mapExtent + margin - extent / 2, Math.max(extent / 2 - margin, centre));
}

/** The lean for a pointer that is (dx, dy) metres from the middle of the screen. Writes into `out` and returns it. */
export function lookAhead(dx: number, dy: number, out: Vec): Vec {
  const length = Math.hypot(dx, dy) * LOOK_AHEAD;
  const limit = length > LOOK_AHEAD_MAX_M ? LOOK_AHEAD_MAX_M / length : 1;
  out.x = dx * LOOK_AHEAD * limit;
  out.y = dy * LOOK_AHEAD * limit;
  return out;
}

export class Camera {
  /** World position in the middle of the screen. */
  x = 0;
  y = 0;
  scale = 40;
  width = 1;
  height = 1;
  /** How far the view may reach beyond the map, metres: thumbs cover a good part of a phone's picture. */
  margin = 2;
  /** 0..1, decays by itself; its square shakes the view. */
  trauma = 0;
  shakeX = 0;
  shakeY = 0;
  private readonly lean: Vec = { x: 0, y: 0 };
  private readonly want: Vec = { x: 0, y: 0 };
  private readonly focus: Vec = { x: 0, y: 0 };
  /** Left of the way from an old focus to a new one: respawning glides instead of cutting. */
  private readonly glide: Vec = { x: 0, y: 0 };
  private following = false;

  constructor(private readonly calm = false) {}

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
  }

  /** Follows a point, leaning toward (dx, dy), the pointer's offset from the middle of the screen in CSS pixels. */
  follow(x: number, y: number, dx: number, dy: number, map: { width: number; height: number }, dt: number): void {
    const scale = playScale(this.width, this.height);
    const jumped = Math.hypot(x - this.focus.x, y - this.focus.y) > 3;
    if (!this.following || jumped) {
      this.glide.x = this.x - x;
      this.glide.y = this.y - y;
      this.lean.x = this.lean.y = 0;
      this.following = true;
    }
    this.focus.x = x;
    this.focus.y = y;
    this.scale += (scale - this.scale) * ease(GLIDE_RATE, dt);
    if (Math.abs(scale / this.scale - 1) < 0.002) this.scale = scale;
    lookAhead(dx / this.scale, dy / this.scale, this.want);
    approach(this.lean, this.want, ease(LEAN_RATE, dt));
    this.glide.x -= this.glide.x * ease(GLIDE_RATE * 1.6, dt);
    this.glide.y -= this.glide.y * ease(GLIDE_RATE * 1.6, dt);
    this.x = clampCentre(x + this.lean.x + this.glide.x, this.width / this.scale, map.width, this.margin);
    this.y = clampCentre(y + this.lean.y + this.glide.y, this.height / this.scale, map.height, this.margin);
    this.shake(dt);
  }

  /** The view before there is an own avatar: the whole map or, as a `backdrop`, a part of it that drifts by. */
  overview(map: { width: number; height: number }, time: number, backdrop: boolean): void {
    this.following = false;
    this.scale = overviewScale(this.width, this.height, map.width, map.height, backdrop);
    const swing = backdrop ? 0.2 : 0;
    this.x = clampCentre(map.width * (0.5 + Math.sin(time * 0.11) * swing), this.width / this.scale, map.width, 0);
    this.y = clampCentre(map.height * (0.5 + Math.cos(time * 0.13) * swing), this.height / this.scale, map.height, 0);
    this.shakeX = this.shakeY = 0;
  }

  /** Puts the view at once where it would glide to; for the first frame. */
  cut(x: number, y: number): void {
    this.x = this.focus.x = x;
    this.y = this.focus.y = y;
    this.glide.x = this.glide.y = 0;
    this.scale = playScale(this.width, this.height);
    this.following = true;
  }

  addTrauma(amount: number): void {
    this.trauma = Math.min(1, this.trauma + amount * (this.calm ? 0.25 : 1));
  }

  toWorldX(screenX: number): number {
    return this.x + (screenX - this.width / 2) / this.scale;
  }

  toWorldY(screenY: number): number {
    return this.y + (screenY - this.height / 2) / this.scale;
  }

  toScreenX(worldX: number): number {
    return this.width / 2 + (worldX - this.x) * this.scale;
  }

  toScreenY(worldY: number): number {
    return this.height / 2 + (worldY - this.y) * this.scale;
  }

  private shake(dt: number): void {
    this.trauma = Math.max(0, this.trauma - dt * 1.7);
    const reach = this.trauma * this.trauma * SHAKE_M;
    this.shakeX = (Math.random() * 2 - 1) * reach;
    this.shakeY = (Math.random() * 2 - 1) * reach;
  }
}

/** Share of the way to go in `dt` seconds for an exponential approach at a rate per second. */
export function ease(rate: number, dt: number): number {
  return 1 - Math.exp(-rate * dt);
}

function approach(value: Vec, target: Vec, share: number): void {
  value.x += (target.x - value.x) * share;
  value.y += (target.y - value.y) * share;
}
