// The own rifle, drawn at once: paces local shots as the rules do, and tells which shot events were already seen.

/** 8 shots a second. */
export const RIFLE_PERIOD_MS = 125;
/** An event later than this after its prediction is not that prediction's: draw it. */
const FORGET_MS = 1500;

export class OwnShots {
  private readyAt = 0;
  /** Times of the shots drawn without an event yet, oldest first. */
  private readonly drawn: number[] = [];

  /** True when a shot leaves the muzzle now: call every frame with the trigger. */
  fire(now: number, held: boolean): boolean {
    if (!held || now < this.readyAt) return false;
    // Paced from when the shot was due, so that uneven frames do not lower the rate; a pause starts anew.
    const late = now - this.readyAt;
    this.readyAt = late < RIFLE_PERIOD_MS ? this.readyAt + RIFLE_PERIOD_MS : now + RIFLE_PERIOD_MS;
    this.drawn.push(now);
    return true;
  }

  /** True if the own shot that the server reports has been drawn already. */
  confirm(now: number): boolean {
    while (this.drawn.length > 0 && now - (this.drawn[0] as number) > FORGET_MS) this.drawn.shift();
    return this.drawn.shift() !== undefined;
  }

  /** Forgets everything: died, respawned or reconnected. */
  reset(): void {
    this.drawn.length = 0;
  }
}
