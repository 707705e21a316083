// What the core says of its connection, read from JSON.

export type ConnectionState = "waiting" | "dialling" | "handshaking" | "needs-level" | "playing" | "refused";

export interface Connection {
  state: ConnectionState;
  /** Why the last connection ended, or why the server refused. */
  reason?: string;
  /** "waiting": time until the next attempt. */
  retryInMs?: number;
  /** Attempts since the connection was last up; 0 or absent before the first. */
  attempt?: number;
  /** Name of the level to fetch. */
  level?: string;
  own?: number;
}

/** Figures for the HUD and the tests; fields that the core does not know yet are absent. */
export interface Stats {
  rttMs?: number;
  jitterMs?: number;
  kbps?: number;
  snapshotAgeMs?: number;
  corrections?: number;
  /** What the server wants every player to know: that it simulates a bad link. */
  notice?: string;
}

/** Remembers the last text, so that an unchanged answer costs a comparison and no parsing. */
export class JsonCell<T> {
  private text = "";

  constructor(public value: T) {}

  /** Returns true if the value changed. */
  update(text: string): boolean {
    if (text === this.text || text === "") return false;
    this.text = text;
    this.value = JSON.parse(text) as T;
    return true;
  }
}
