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

/** A tap shorter than this still reaches a client tick. */
const MIN_HOLD_MS = 40;

/** A button that counts as held for at least one client tick, however short the tap. */
export class Trigger {
  private down = false;
  private until = 0;

  press(now: number): void {
    this.down = true;
    this.until = now + MIN_HOLD_MS;
  }

  release(): void {
    this.down = false;
  }

  /** Lets go at once, without the minimum hold. */
  reset(): void {
    this.down = false;
    this.until = 0;
  }

  held(now: number): boolean {
    return this.down || now < this.until;
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
