// Two thumb sticks and a rocket button. A stick appears where the thumb lands: left half moves, right half aims.
import { stickVector, Trigger, type Vec } from "./keys";
import { element } from "../hud/dom";

const RADIUS = 56;
/** Pushed further than this the aim stick fires, too. */
const FIRE_AT = 0.55;

interface Stick {
  base: HTMLElement;
  knob: HTMLElement;
  pointer: number;
  x: number;
  y: number;
  vector: Vec;
}

export class ThumbSticks {
  readonly move: Vec;
  readonly rifle = new Trigger();
  readonly rocket = new Trigger();
  /** Radians; keeps its last value when the thumb lifts. */
  aimAngle = 0;
  private readonly left: Stick;
  private readonly right: Stick;

  constructor(
    host: HTMLElement,
    private readonly stimulus: (kind: "move" | "aim", at: number) => void,
  ) {
    const layer = element("div", "sticks", host);
    this.left = build(layer, "move");
    this.right = build(layer, "aim");
    this.move = this.left.vector;
    this.buildRocketButton(layer);
    addEventListener("pointermove", (e) => this.drag(e));
    addEventListener("pointerup", (e) => this.end(e.pointerId));
    addEventListener("pointercancel", (e) => this.end(e.pointerId));
  }

  /** How far the aim stick is pushed, 0..1. */
  get aimStrength(): number {
    return Math.hypot(this.right.vector.x, this.right.vector.y);
  }

  begin(e: PointerEvent): void {
    const stick = e.clientX < innerWidth / 2 ? this.left : this.right;
    if (stick.pointer >= 0) return;
    stick.pointer = e.pointerId;
    stick.x = e.clientX;
    stick.y = e.clientY;
    stick.base.classList.add("held");
    place(stick.base, e.clientX, e.clientY);
    this.apply(stick, 0, 0);
  }

  releaseAll(): void {
    for (const stick of [this.left, this.right]) this.end(stick.pointer);
    this.rifle.reset();
    this.rocket.reset();
  }

  private buildRocketButton(layer: HTMLElement): void {
    const button = element("button", "rocket-button", layer);
    button.setAttribute("aria-label", "Fire a rocket");
    element("span", "rocket-icon", button);
    button.addEventListener("pointerdown", (e) => {
      e.preventDefault();
      this.rocket.press();
    });
    for (const type of ["pointerup", "pointercancel", "pointerleave"]) {
      button.addEventListener(type, () => this.rocket.release());
    }
  }

  private drag(e: PointerEvent): void {
    const stick =
      this.left.pointer === e.pointerId ? this.left : this.right.pointer === e.pointerId ? this.right : undefined;
    if (!stick) return;
    this.apply(stick, e.clientX - stick.x, e.clientY - stick.y);
    this.stimulus(stick === this.left ? "move" : "aim", e.timeStamp);
  }

  private end(pointer: number): void {
    for (const stick of [this.left, this.right]) {
      if (stick.pointer !== pointer || pointer < 0) continue;
      stick.pointer = -1;
      stick.base.classList.remove("held");
      // Back to its resting place in the style sheet.
      stick.base.style.left = stick.base.style.top = "";
      this.apply(stick, 0, 0);
    }
  }

  private apply(stick: Stick, dx: number, dy: number): void {
    const { x, y } = stickVector(dx, dy, RADIUS, stick.vector);
    const reach = Math.min(1, RADIUS / (Math.hypot(dx, dy) || 1));
    stick.knob.style.transform = `translate(${dx * reach}px, ${dy * reach}px)`;
    if (stick !== this.right) return;
    const strength = Math.hypot(x, y);
    if (strength > 0) this.aimAngle = Math.atan2(y, x);
    const fires = strength > FIRE_AT;
    if (!fires) this.rifle.release();
    else if (!this.rifle.held) this.rifle.press();
    stick.base.classList.toggle("firing", fires);
  }
}

function build(layer: HTMLElement, kind: "move" | "aim"): Stick {
  const base = element("div", `stick ${kind}`, layer);
  return { base, knob: element("div", "knob", base), pointer: -1, x: 0, y: 0, vector: { x: 0, y: 0 } };
}

function place(base: HTMLElement, x: number, y: number): void {
  base.style.left = `${x}px`;
  base.style.top = `${y}px`;
}
