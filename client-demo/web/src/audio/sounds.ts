// The game's sounds by what happens. Silent until the first gesture (browsers insist) and while muted.
import { type Placement, Synth } from "./synth";

const STORED_MUTE = "arena.muted";
/** Sounds further than this are not heard. */
const HEARING_M = 24;
/** Of one kind of sound, at most one in this time: a dense fight stays a fight and not a buzz. */
const SPACING_MS = 28;

export class Sounds {
  muted = storedMute();
  private synth: Synth | undefined;
  private readonly last = new Map<string, number>();
  private earX = 0;
  private earY = 0;

  constructor() {
    const wake = () => this.wake();
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, wake, { capture: true });
  }

  /** Returns the new setting. */
  toggleMute(): boolean {
    this.muted = !this.muted;
    try {
      localStorage.setItem(STORED_MUTE, this.muted ? "1" : "");
    } catch {
      // Storage may be forbidden; the setting then lasts as long as the page.
    }
    this.synth?.mute(this.muted);
    return this.muted;
  }

  /** Where the listener is. */
  listen(x: number, y: number): void {
    this.earX = x;
    this.earY = y;
  }

  rifle(x: number, y: number, own: boolean): void {
    const at = this.place("rifle", x, y, own ? 0.75 : 0.55);
    if (!at) return;
    this.synth?.hiss("bandpass", 2300, 500, 0.8, 0.11, 0.75, at);
    this.synth?.tone("square", 210, 52, 0.07, 0.28, at);
    this.synth?.hiss("highpass", 5200, 3000, 0.5, 0.03, 0.35, at);
  }

  rocket(x: number, y: number): void {
    const at = this.place("rocket", x, y, 0.9);
    if (!at) return;
    this.synth?.hiss("bandpass", 380, 1700, 1.4, 0.5, 0.7, at);
    this.synth?.tone("sawtooth", 120, 46, 0.28, 0.4, at);
  }

  explosion(x: number, y: number): void {
    const at = this.place("explosion", x, y, 1);
    if (!at) return;
    this.synth?.hiss("lowpass", 2600, 60, 0.7, 0.95, 1.1, at);
    this.synth?.tone("sine", 130, 28, 0.6, 1.1, at);
    this.synth?.hiss("highpass", 3000, 900, 0.5, 0.12, 0.35, at);
  }

  hit(killed: boolean): void {
    const at = this.place("hit", this.earX, this.earY, 0.5);
    if (!at) return;
    this.synth?.tone("triangle", 1750, 1250, 0.06, 0.5, at);
    if (!killed) return;
    for (const [i, pitch] of [660, 880, 1320].entries())
      this.synth?.tone("triangle", pitch, pitch, 0.16, 0.55, at, 0.04 + i * 0.065);
  }

  hurt(): void {
    const at = this.place("hurt", this.earX, this.earY, 0.8);
    if (!at) return;
    this.synth?.tone("sine", 190, 70, 0.16, 0.8, at);
    this.synth?.hiss("lowpass", 900, 200, 0.8, 0.1, 0.5, at);
  }

  died(): void {
    const at = this.place("died", this.earX, this.earY, 0.8);
    if (!at) return;
    this.synth?.tone("sawtooth", 320, 42, 0.75, 0.4, at);
    this.synth?.tone("sine", 160, 34, 0.8, 0.7, at);
  }

  burst(x: number, y: number): void {
    const at = this.place("burst", x, y, 0.7);
    if (!at) return;
    this.synth?.hiss("lowpass", 1500, 120, 0.9, 0.35, 0.8, at);
    this.synth?.tone("triangle", 300, 60, 0.25, 0.5, at);
  }

  pickup(x: number, y: number, health: boolean, own: boolean): void {
    const at = this.place("pickup", x, y, own ? 0.6 : 0.3);
    if (!at) return;
    const pitches = health ? [523, 784, 1047] : [330, 440, 587];
    for (const [i, pitch] of pitches.entries())
      this.synth?.tone("triangle", pitch, pitch * 1.01, 0.14, 0.5, at, i * 0.06);
  }

  respawn(): void {
    const at = this.place("respawn", this.earX, this.earY, 0.5);
    if (!at) return;
    this.synth?.tone("sine", 220, 880, 0.35, 0.5, at);
    this.synth?.hiss("bandpass", 600, 4000, 2, 0.35, 0.3, at);
  }

  private wake(): void {
    if (this.synth || typeof AudioContext === "undefined") return;
    const audio = new AudioContext();
    void audio.resume();
    this.synth = new Synth(audio);
    this.synth.mute(this.muted);
  }

  /** Undefined when the sound would not be heard. */
  private place(kind: string, x: number, y: number, volume: number): Placement | undefined {
    if (!this.synth || this.muted) return undefined;
    const distance = Math.hypot(x - this.earX, y - this.earY);
    const now = performance.now();
    if (distance > HEARING_M || now - (this.last.get(kind) ?? -Infinity) < SPACING_MS) return undefined;
    this.last.set(kind, now);
    return {
      gain: volume * (1 - distance / HEARING_M) ** 1.5,
      pan: Math.max(-0.85, Math.min(0.85, (x - this.earX) / 14)),
    };
  }
}

function storedMute(): boolean {
  try {
    return localStorage.getItem(STORED_MUTE) === "1";
  } catch {
    return false;
  }
}
