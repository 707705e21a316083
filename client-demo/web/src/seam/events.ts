// The events of a match, one JSON line each as poll_event() gives them.

export type WeaponKind = "rifle" | "rocket";
export type PickupKind = "health" | "rockets";

export interface RosterEntry {
  id: number;
  name: string;
  bot: boolean;
}

export type ArenaEvent =
  /** Who is present, sent after joining; a large party comes in several of these. */
  | { type: "roster"; players: RosterEntry[] }
  | { type: "joined"; id: number; name: string; bot: boolean }
  | { type: "left"; id: number }
  /** One rifle shot from (x0, y0) to where it ended; `hit` is the player it ended in. `drawn`: the own one, of which core.shots() told. */
  | { type: "shot"; who: number; x0: number; y0: number; x1: number; y1: number; hit: number | null; drawn?: true }
  /** To the shooter, if it asked: how a rifle shot was judged; `rewound` in ms, `poses` where the server had those near it. */
  | {
      type: "receipt";
      x0: number;
      y0: number;
      x1: number;
      y1: number;
      verdict: "hit" | "missed" | "blocked" | "guarded" | "dead";
      victim: number | null;
      rewound: number;
      clamped: boolean;
      poses: { id: number; x: number; y: number }[];
    }
  | { type: "explosion"; who: number; x: number; y: number }
  /** To the attacker only: you hit. */
  | { type: "hit"; victim: number; damage: number; killed: boolean }
  /** To the victim only: you were hit, from (x, y). */
  | { type: "hurt"; by: number; damage: number; x: number; y: number }
  | { type: "died"; victim: number; killer: number | null; weapon: WeaponKind }
  | { type: "picked"; who: number; kind: PickupKind };

export type EventOf<T extends ArenaEvent["type"]> = Extract<ArenaEvent, { type: T }>;

/** The core wrote the line, so its shape is trusted; a type from a newer core passes through and is ignored by every switch. */
export function readEvent(line: string): ArenaEvent {
  return JSON.parse(line) as ArenaEvent;
}
