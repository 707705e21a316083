// Collects the player's devices into one command, sampled every frame.
import { isMoveKey, moveOf, Trigger, type Vec } from "./keys";
import { ThumbSticks } from "./sticks";

/** What the player wants right now. Aim is in the caller's hands for the mouse: only it knows the camera. */
export interface Command {
  moveX: number;
  moveY: number;
  /** Radians. */
  aim: number;
  /** Triggers held. */
  rifle: boolean;
  rocket: boolean;
  /** Triggers pulled since the last picture, held still or not. */
  riflePulled: boolean;
  rocketPulled: boolean;
}

export interface ControlEvents {
  scoreboard(shown: boolean): void;
  mute(): void;
  bytes(): void;
  receipts(): void;
  net(): void;
  pause(): void;
  /** A device event that should change the picture; `at` is on the clock of performance.now(). */
  stimulus(kind: "move" | "aim", at: number): void;
}

export class Controls {
  /** Mouse position in CSS pixels from the top left. */
  readonly pointer: Vec = { x: 0, y: 0 };
  readonly sticks: ThumbSticks;
  private touching = false;
  private readonly held = new Set<string>();
  private readonly triggers = { rifle: new Trigger(), rocket: new Trigger() };
  private readonly move: Vec = { x: 0, y: 0 };
  /** Off while the join screen is up: its field needs the keys. */
  enabled = false;

  constructor(
    canvas: HTMLElement,
    host: HTMLElement,
    private readonly events: ControlEvents,
  ) {
    this.touch = matchMedia("(hover: none) and (pointer: coarse)").matches;
    this.pointer.x = innerWidth / 2;
    this.pointer.y = innerHeight / 3;
    this.sticks = new ThumbSticks(host, (kind, at) => events.stimulus(kind, at));
    addEventListener("keydown", (e) => this.keyDown(e));
    addEventListener("keyup", (e) => this.keyUp(e));
    addEventListener("blur", () => this.releaseAll());
    addEventListener("contextmenu", (e) => {
      if (this.enabled) e.preventDefault();
    });
    this.listenToMouse(canvas);
  }

  /** Sticks instead of crosshair: follows whichever was used last. */
  get touch(): boolean {
    return this.touching;
  }

  private set touch(on: boolean) {
    this.touching = on;
    document.body.classList.toggle("touch", on);
  }

  /** Fills `out`. `mouseAim` is the direction from the own avatar to the mouse. */
  sample(mouseAim: number, out: Command): void {
    if (this.touch) {
      out.moveX = this.sticks.move.x;
      out.moveY = this.sticks.move.y;
      out.aim = this.sticks.aimAngle;
    } else {
      moveOf(this.held, this.move);
      out.moveX = this.move.x;
      out.moveY = this.move.y;
      out.aim = mouseAim;
    }
    const { rifle, rocket } = this.touch ? this.sticks : this.triggers;
    out.rifle = rifle.held;
    out.rocket = rocket.held;
    out.riflePulled = rifle.takePull();
    out.rocketPulled = rocket.takePull();
    if (this.enabled) return;
    out.moveX = out.moveY = 0;
    out.rifle = out.rocket = out.riflePulled = out.rocketPulled = false;
  }

  releaseAll(): void {
    this.held.clear();
    this.triggers.rifle.reset();
    this.triggers.rocket.reset();
    this.sticks.releaseAll();
    this.events.scoreboard(false);
  }

  private listenToMouse(canvas: HTMLElement): void {
    addEventListener("pointermove", (e) => {
      if (e.pointerType === "touch") return;
      this.pointer.x = e.clientX;
      this.pointer.y = e.clientY;
      this.events.stimulus("aim", e.timeStamp);
    });
    canvas.addEventListener("pointerdown", (e) => {
      if (e.pointerType === "touch") {
        this.touch = true;
        this.sticks.begin(e);
        e.preventDefault();
        return;
      }
      this.touch = false;
      // While another button is down a further one arrives as pointermove, so buttons are read from mousedown below.
      canvas.setPointerCapture(e.pointerId);
    });
    canvas.addEventListener("mousedown", (e) => {
      if (e.button === 0) this.triggers.rifle.press();
      if (e.button === 2) this.triggers.rocket.press();
    });
    addEventListener("mouseup", (e) => {
      if (e.button === 0) this.triggers.rifle.release();
      if (e.button === 2) this.triggers.rocket.release();
    });
  }

  private keyDown(e: KeyboardEvent): void {
    if (!this.enabled || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.code === "Tab") {
      e.preventDefault();
      this.events.scoreboard(true);
    } else if (e.code === "KeyM" && !e.repeat) {
      this.events.mute();
    } else if (e.code === "KeyB" && !e.repeat) {
      this.events.bytes();
    } else if (e.code === "F3") {
      // Otherwise the browser searches.
      e.preventDefault();
      if (!e.repeat) this.events.net();
    } else if (e.code === "F4") {
      e.preventDefault();
      if (!e.repeat) this.events.receipts();
    } else if (e.code === "KeyP" && !e.repeat) {
      this.events.pause();
    } else if (e.code === "Space") {
      // The rocket for those without a right button.
      e.preventDefault();
      if (!e.repeat) this.triggers.rocket.press();
    } else if (isMoveKey(e.code)) {
      e.preventDefault();
      if (!e.repeat) this.events.stimulus("move", e.timeStamp);
      this.held.add(e.code);
    }
  }

  private keyUp(e: KeyboardEvent): void {
    this.held.delete(e.code);
    if (e.code === "Space") this.triggers.rocket.release();
    if (e.code === "Tab") this.events.scoreboard(false);
  }
}
