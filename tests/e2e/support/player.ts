// A player at a real browser, and what the page tells of itself by `window.__arena`.
import { type Browser, type BrowserContextOptions, type Page, expect } from "@playwright/test";

/** One player as the page last drew it. */
export interface Seen {
  id: number;
  name: string;
  x: number;
  y: number;
  heading: number;
  hp: number;
  alive: boolean;
}

/** What bytes were for. */
export interface Explained {
  seconds: number;
  tree: Part;
}

export interface Part {
  name: string;
  bits: number;
  children?: Part[];
}

/** What these tests read of `window.__arena`. */
interface Hooks {
  own: number;
  me: Seen | null;
  players: Seen[];
  connection: { state: string; reason?: string };
  banner: { title?: string; text?: string } | null;
  frames: number;
  events: ({ type: string } & Record<string, unknown>)[];
  rockets: { id: number; x: number; y: number; owner: number; presence: number }[];
  tracers: { who: number; x0: number; y0: number; x1: number; y1: number; hit: number | null }[];
  latency: { move: number[]; aim: number[] };
  firstFrameMs: number | null;
  explained: { tickRate: number; recent: Explained; all: Explained } | null;
  net: { paused: boolean; figures: Record<string, string> } | null;
  badge: string;
  toScreen(x: number, y: number): { x: number; y: number };
}

export class Player {
  /** Bytes of all messages from the server, each with the header that the WebSocket puts before it. */
  received = 0;
  /** Snapshots from the server. */
  snapshots = 0;

  private constructor(
    readonly page: Page,
    readonly name: string,
    /** What the browser complained about. */
    readonly complaints: string[],
  ) {}

  /** Opens the page in a browser profile of its own and joins; `wishes` go behind the name in its address. */
  static async join(browser: Browser, url: string, name: string, options: BrowserContextOptions = {}, wishes = ""): Promise<Player> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    const player = new Player(page, name, complaints);
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => {
        const { length } = payload;
        // A snapshot's first byte has a 1 in its lowest two bits.
        if (typeof payload !== "string" && ((payload[0] ?? 0) & 3) === 1) player.snapshots++;
        player.received += length + (length < 126 ? 2 : length < 65536 ? 4 : 10);
      });
    });
    await page.goto(`${url}/?name=${encodeURIComponent(name)}${wishes}`);
    await player.waitUntilPlaying();
    return player;
  }

  read<T>(pick: (hooks: Hooks) => T): Promise<T> {
    return this.page.evaluate(`(${pick.toString()})(window.__arena)`) as Promise<T>;
  }

  state(): Promise<string> {
    return this.read((hooks) => hooks.connection.state);
  }

  /** Until the server has let the player in and the own avatar is drawn. */
  async waitUntilPlaying(): Promise<void> {
    await this.page.waitForFunction(
      () => {
        const hooks = (window as unknown as { __arena?: Hooks }).__arena;
        return hooks?.connection.state === "playing" && hooks.me?.alive === true;
      },
      undefined,
      { timeout: 60_000 },
    );
  }

  /** How this page draws the player called `name`. */
  async sees(name: string): Promise<Seen | undefined> {
    const players = await this.read((hooks) => hooks.players);
    return players.find((player) => player.name === name);
  }

  /** Walks with a key for a while. */
  async walk(key: string, ms: number): Promise<void> {
    await this.page.keyboard.down(key);
    await this.page.waitForTimeout(ms);
    await this.page.keyboard.up(key);
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: `../../artifacts/screenshots/${name}.png` });
  }

  /** The page ran without an error of its own. */
  expectNoComplaints(allowed: RegExp = /$^/): void {
    expect(this.complaints.filter((text) => !allowed.test(text))).toEqual([]);
  }
}

/** The largest of a few distances between two places. */
export function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
