// Drives the core over a WebSocket: the core decides (when to dial, what to send, what it means), this file only moves bytes.
import { type Connection, JsonCell, type Stats } from "../seam/connection";
import type { ArenaCore } from "../seam/core";
import { closeReason } from "./banner";

/** The core's description of itself is asked for this often, and after every change of the socket. */
const REFRESH_MS = 100;
const LEVEL_RETRY_MS = 1000;
/** Ready states of a WebSocket. */
const OPEN = 1;
const CLOSING = 2;
/** Close code of who is done; any other end counts as a lost connection. */
const LEAVES = 1000;
/** While this many bytes wait in the socket, commands stay in the core: a slow line gets fewer, not older ones. */
const MAX_BUFFERED = 32 * 1024;
/** A hidden page draws no frames: when they stay away this long, arriving messages keep the core ticking. */
const FRAMES_MISSING_MS = 250;
/** When no frame comes for so long, ticks do not wait for it: a little longer than a frame at 60 fps. */
const BEAT_MS = 18;

export interface LinkPorts {
  dial(): WebSocket;
  fetchLevel(): Promise<string>;
  now(): number;
  /** Called instead of a frame while the page is hidden: time to take the core's events away. */
  background(): void;
  /** Called before ticks that come between two frames: time to tell the core what the player does. */
  input(): void;
}

/** What was begun while the core was still loading; each serves as the first of its kind. */
export interface Early {
  socket?: WebSocket | undefined;
  level?: Promise<string> | undefined;
}

/** What the handling of messages has cost so far: decoding, and predicting anew where the server disagreed. */
export interface Cost {
  messages: number;
  micros: number;
}

export class Link {
  readonly cost: Cost = { messages: 0, micros: 0 };
  readonly connection = new JsonCell<Connection>({ state: "waiting" });
  readonly stats = new JsonCell<Stats>({});
  private socket: WebSocket | undefined;
  private frameAt = -Infinity;
  private pumpedAt = 0;
  private refreshAt = 0;
  private levelAt = 0;
  private fetching = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private timerAt = Infinity;
  private beat: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly core: ArenaCore,
    private readonly ports: LinkPorts,
    private readonly early: Early = {},
  ) {}

  /** Call once per frame, after handle_input: pumps, and goes on doing so until the next frame, if that takes longer than a tick. */
  frame(now: number): void {
    this.frameAt = now;
    this.pump(now);
    this.waitForFrame();
  }

  /** Dials when due, runs the core's ticks, sends what it has to say. */
  pump(now: number): void {
    this.pumpedAt = now;
    const { socket } = this;
    if (socket) this.hand(socket, () => this.core.deliver(now));
    if (this.core.poll_connect(now)) this.connect(now);
    this.core.tick(now);
    this.transmit();
    if (now >= this.refreshAt) this.refresh(now);
    if (this.connection.value.state === "needs-level") this.loadLevel(now);
  }

  /** The page goes into the background or comes back: the server is told at once, while the page may still speak. */
  setHidden(hidden: boolean): void {
    this.core.set_hidden(hidden, this.ports.now());
    this.transmit();
  }

  /** The page goes away for good: by this code the server knows that nobody will come back for the seat. */
  leave(): void {
    this.socket?.close(LEAVES, "the page is closed");
  }

  private connect(now: number): void {
    this.socket?.close();
    try {
      this.socket = this.early.socket ?? this.ports.dial();
    } catch (error) {
      this.core.handle_closed(String(error), now);
      return;
    }
    this.early.socket = undefined;
    this.listen(this.socket);
    this.refreshAt = 0;
  }

  private listen(socket: WebSocket): void {
    let opened = false;
    const open = () => {
      if (this.socket !== socket) return;
      opened = true;
      this.core.handle_open(this.ports.now());
      this.transmit();
      this.refreshAt = 0;
    };
    socket.onopen = open;
    socket.onmessage = ({ data }) => {
      if (this.socket === socket && data instanceof ArrayBuffer) this.receive(socket, data);
    };
    socket.onclose = ({ code, reason }) => {
      if (this.socket !== socket) return;
      this.hangUp(closeReason(code, reason, opened));
    };
    // A socket dialled early may be past its own event.
    if (socket.readyState === OPEN) open();
    else if (socket.readyState >= CLOSING) this.hangUp(closeReason(1006, "", false));
  }

  private receive(socket: WebSocket, data: ArrayBuffer): void {
    const now = this.ports.now();
    this.cost.messages++;
    if (!this.hand(socket, () => this.core.handle_message(new Uint8Array(data), now))) return;
    this.goOn(now);
    this.waitForLink();
  }

  /** Hands the core something from the server; hangs up and returns false when it does not like it. */
  private hand(socket: WebSocket, message: () => void): boolean {
    const begun = this.ports.now();
    try {
      message();
      this.cost.micros += 1000 * (this.ports.now() - begun);
      return true;
    } catch (error) {
      this.hangUp(String(error));
      socket.close(4000, "protocol error");
      return false;
    }
  }

  /** A simulated link lets a message through between two frames. */
  private deliver(): void {
    const { socket } = this;
    const now = this.ports.now();
    if (!socket || !this.hand(socket, () => this.core.deliver(now))) return;
    this.transmit();
    this.goOn(now);
  }

  /** Frames come too rarely for a simulated link: what they would add to the round trip is no part of it. */
  private waitForLink(): void {
    const due = this.core.link_due();
    if (due === this.timerAt) return;
    clearTimeout(this.timer);
    this.timerAt = due;
    if (due === Infinity) return;
    this.timer = setTimeout(
      () => {
        this.timerAt = Infinity;
        this.deliver();
        this.waitForLink();
      },
      Math.max(0, due - this.ports.now()),
    );
  }

  /** A slow picture is no reason for late commands: while it is drawn, the page has time for its ticks. */
  private waitForFrame(): void {
    clearTimeout(this.beat);
    this.beat = setTimeout(() => {
      const now = this.ports.now();
      if (now - this.frameAt > FRAMES_MISSING_MS) return; // Nobody looks.
      this.ports.input();
      this.pump(now);
      this.waitForFrame();
    }, BEAT_MS);
  }

  private goOn(now: number): void {
    // A handshake goes on with each message, also before the browser has drawn its first frame.
    if (this.connection.value.state !== "playing") this.advance();
    else if (now - this.pumpedAt > FRAMES_MISSING_MS) {
      this.pump(now);
      this.ports.background();
    }
  }

  /** The connection has come further: see where it is now, without waiting for the next frame. */
  private advance(): void {
    this.refreshAt = 0;
    this.pump(this.ports.now());
  }

  private hangUp(reason: string): void {
    this.socket = undefined;
    this.core.handle_closed(reason, this.ports.now());
    this.refreshAt = 0;
  }

  private transmit(): void {
    const socket = this.socket;
    if (socket?.readyState !== OPEN) return;
    while (socket.bufferedAmount < MAX_BUFFERED) {
      const bytes = this.core.poll_transmit();
      if (!bytes) break;
      socket.send(bytes as Uint8Array<ArrayBuffer>);
    }
    this.waitForLink();
  }

  private refresh(now: number): void {
    this.refreshAt = now + REFRESH_MS;
    const before = this.connection.value;
    if (this.connection.update(this.core.connection())) this.connection.value = withLoss(before, this.connection.value);
    this.stats.update(this.core.stats());
    // A refusal is final: the server has nothing more to say, and the player has to act.
    if (this.connection.value.state === "refused") this.socket?.close();
  }

  private loadLevel(now: number): void {
    if (this.fetching || now < this.levelAt) return;
    this.fetching = true;
    const level = this.early.level ?? this.ports.fetchLevel();
    this.early.level = undefined;
    level
      .then((text) => this.core.handle_level(text))
      .catch(() => {}) // Not to be had, or not the level that is played any more: asked for again after a pause.
      .finally(() => {
        this.fetching = false;
        this.levelAt = this.ports.now() + LEVEL_RETRY_MS;
        this.advance();
      });
  }
}

/** While dialling again the core no longer says why: the page goes on telling the player. */
function withLoss(before: Connection, after: Connection): Connection {
  const trying = after.state === "dialling" || after.state === "handshaking";
  if (!trying || before.reason === undefined) return after;
  return { reason: before.reason, ...(before.attempt === undefined ? {} : { attempt: before.attempt }), ...after };
}
