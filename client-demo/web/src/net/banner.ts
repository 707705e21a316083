// What the player reads about the connection. Pure: a state in, a sentence out.
import type { Connection } from "../seam/connection";

export interface Banner {
  text: string;
  /** "quiet" for ordinary progress, "warn" while it retries, "stop" when only the player can go on. */
  tone: "quiet" | "warn" | "stop";
}

/** Undefined while playing: nothing to say. */
export function bannerOf(connection: Connection): Banner | undefined {
  const attempt = connection.attempt ?? 0;
  switch (connection.state) {
    case "playing":
      return undefined;
    case "refused":
      return { text: `The server refused: ${connection.reason ?? "no reason given"}`, tone: "stop" };
    case "waiting": {
      if (connection.reason === undefined && attempt === 0) return { text: "Connecting…", tone: "quiet" };
      const seconds = Math.max(1, Math.ceil((connection.retryInMs ?? 0) / 1000));
      return { text: `${lost(connection)} Retrying in ${seconds} s (attempt ${Math.max(1, attempt)})`, tone: "warn" };
    }
    case "dialling":
    case "handshaking":
      if (attempt <= 1 && connection.reason === undefined) return { text: "Connecting…", tone: "quiet" };
      return { text: `${lost(connection)} Connecting… (attempt ${attempt})`, tone: "warn" };
    case "needs-level":
      return { text: "Loading the arena…", tone: "quiet" };
  }
}

function lost(connection: Connection): string {
  const reason = (connection.reason ?? "no answer").replace(/[.\s]+$/, "");
  return `Connection lost: ${reason}.`;
}

/** The reason to report to the core for a WebSocket that closed. */
export function closeReason(code: number, reason: string, wasOpen: boolean): string {
  if (reason !== "") return reason;
  if (!wasOpen) return "the server cannot be reached";
  if (code === 1000 || code === 1001) return "the server closed the connection";
  if (code === 1006) return "the connection broke";
  return `the connection ended with code ${code}`;
}
