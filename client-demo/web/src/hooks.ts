// `window.__arena`: what automated tests read from the page. Read-only, never used by the game itself, harmless to players:
// it shows nothing that is not drawn. Every read returns a fresh copy of the current values.
import type { Explained } from "../../../server/src/web/explain/figures.js";
import type { Banner } from "./net/banner";
import type { Connection, Stats } from "./seam/connection";
import type { DrawnShot } from "./reactions";
import type { ArenaEvent } from "./seam/events";
import type { RocketRow } from "./seam/rows";

export interface PlayerSnapshot {
  id: number;
  name: string;
  bot: boolean;
  x: number;
  y: number;
  heading: number;
  hp: number;
  guarded: boolean;
  rockets: number;
  kills: number;
  deaths: number;
  alive: boolean;
}

export interface ArenaHooks {
  /** Id of the own player, -1 while there is none. */
  readonly own: number;
  /** The own player as last drawn (metres, radians), or null. */
  readonly me: PlayerSnapshot | null;
  /** Everyone as last drawn, the own player included. */
  readonly players: PlayerSnapshot[];
  readonly connection: Connection;
  /** What the player reads about the connection, or null. */
  readonly banner: Banner | null;
  readonly stats: Stats;
  /** Frames drawn since the page was opened. */
  readonly frames: number;
  /** The last 32 events of the match, oldest first. */
  readonly events: ArenaEvent[];
  /** The rockets as last drawn; the own ones have negative ids. */
  readonly rockets: RocketRow[];
  /** The last 32 rifle shots as drawn, oldest first: from whom, where to, and the player it ends in on this screen. */
  readonly tracers: DrawnShot[];
  /** Input to picture in ms: from an event's time stamp to the end of the first frame that shows its effect. Only inputs from rest count. */
  readonly latency: { move: number[]; aim: number[] };
  /** What the panel of bytes shows, or null while it is closed. */
  readonly explained: Explained | null;
  /** What the net panel shows at the moment that is looked at, by row and label; null while it is closed. */
  readonly net: { paused: boolean; figures: Record<string, string> } | null;
  /** What is said on screen of simulated links and switched off remedies; "" while there are none. */
  readonly badge: string;
  /** Ms from navigation to the first frame with the own avatar in the arena, or null. */
  readonly firstFrameMs: number | null;
  readonly map: { name: string; width: number; height: number } | null;
  /** Where a place in the arena (metres) is on the page (CSS pixels): lets a test aim the mouse. */
  toScreen(x: number, y: number): { x: number; y: number };
}

declare global {
  interface Window {
    readonly __arena?: ArenaHooks;
  }
}

/** Installs the hooks; their properties are getters and cannot be replaced. */
export function installHooks(hooks: ArenaHooks): void {
  Object.defineProperty(window, "__arena", { value: Object.freeze(hooks), configurable: false, writable: false });
}
