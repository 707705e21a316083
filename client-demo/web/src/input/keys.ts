// Keys and triggers to intentions. Pure: no DOM here.

export interface Vec {
  x: number;
  y: number;
}

/** By physical key, so that WASD is the same hand position on every keyboard layout. */
const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  KeyW: [0, -1],
  ArrowUp: [0, -1],
  KeyS: [0, 1],
  ArrowDown: [0, 1],
  KeyA: [-1, 0],
  ArrowLeft: [-1, 0],
  KeyD: [1, 0],
  ArrowRight: [1, 0],
};

export function isMoveKey(code: string): boolean {
  return code in MOVES;
}

/** Direction of the held keys: length 0 or 1, so that diagonals are not faster. Writes into `out` and returns it. */
export function moveOf(held: Iterable<string>, out: Vec): Vec {
  let x = 0;
  let y = 0;
  for (const code of held) {
    const move = MOVES[code];
    if (!move) continue;
    x += move[0];
    y += move[1];
  }
  // W and ArrowUp together are still one "up".
  x = Math.sign(x);
  y = Math.sign(y);
  const length = Math.hypot(x, y) || 1;
  out.x = x / length;
  out.y = y / length;
  return out;
}

/** A button that fires: held or not, and whether it was pulled since somebody asked. */
export class Trigger {
  private down = false;
  private pulled = false;

  get held(): boolean {
    return this.down;
  }

  press(): void {
    this.down = this.pulled = true;
  }

  release(): void {
    this.down = false;
  }

  /** Lets go, and forgets that it was pulled. */
  reset(): void {
    this.down = this.pulled = false;
  }

  /** Whether it was pulled since the last call: also when it was let go again, between two pictures. */
  takePull(): boolean {
    const { pulled } = this;
    this.pulled = false;
    return pulled;
  }
}

/**
 * A thumb stick: the offset of a touch from where it began, as a vector of length at most 1 with a dead zone.
 * Writes into `out` and returns it.
 */
export function stickVector(dx: number, dy: number, radius: number, out: Vec): Vec {
  const length = Math.hypot(dx, dy) / radius;
  const DEAD = 0.15;
  if (length < DEAD) {
    out.x = out.y = 0;
    return out;
  }
  const strength = Math.min(1, (length - DEAD) / (1 - DEAD - 0.1));
  out.x = (dx / radius / length) * strength;
  out.y = (dy / radius / length) * strength;
  return out;
}
