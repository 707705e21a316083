// Shot receipts: where the server had the others when it judged an own shot, drawn over the picture while somebody wants to see.
import type { Camera } from "../game/camera";
import type { ArenaCore } from "../seam/core";
import type { EventOf } from "../seam/events";
import { element, setClass } from "./dom";

export type Receipt = EventOf<"receipt">;

/** So many of the last shots are shown, each for so long. */
const SHOWN = 5;
const LIFE_MS = 4000;
const PLAYER_RADIUS_M = 0.4;

const COLORS: Readonly<Record<Receipt["verdict"], string>> = {
  hit: "#5dff9b",
  missed: "#ff6b6b",
  blocked: "#ffc83a",
  guarded: "#7cc4ff",
  dead: "#c9a2ff",
};
const WORDS: Readonly<Record<Receipt["verdict"], string>> = {
  hit: "hit",
  missed: "missed",
  blocked: "wall in the way",
  guarded: "cannot be hurt yet",
  dead: "already dead",
};

/** What is written beside a shot. */
export function wordsOf({ verdict, rewound, clamped }: Receipt): string {
  const age = rewound > 0 ? `${Math.round(rewound)} ms ago` : "now";
  return `${WORDS[verdict]} · ${age}${clamped ? ", not the picture you had" : ""}`;
}

type Core = Pick<ArenaCore, "set_receipts">;

export class Receipts {
  private readonly canvas: HTMLCanvasElement;
  private readonly kept: { receipt: Receipt; at: number }[] = [];
  private core: Core | undefined;
  private shown = false;
  private blank = true;

  constructor(host: HTMLElement) {
    this.canvas = element("canvas", "receipts", host);
    this.canvas.setAttribute("aria-hidden", "true");
  }

  /** For tests. */
  get count(): number {
    return this.kept.length;
  }

  /** From here on there is somebody to ask. */
  start(core: Core): void {
    this.core = core;
    if (this.shown) core.set_receipts(true);
  }

  /** The server says it only to those who ask. */
  toggle(): void {
    this.shown = !this.shown;
    setClass(this.canvas, "shown", this.shown);
    this.core?.set_receipts(this.shown);
    this.kept.length = 0;
  }

  add(receipt: Receipt, now: number): void {
    if (!this.shown) return;
    this.kept.push({ receipt, at: now });
    if (this.kept.length > SHOWN) this.kept.shift();
  }

  draw(camera: Camera, now: number): void {
    if (!this.shown) return;
    while (this.kept.length > 0 && now - (this.kept[0]?.at ?? 0) > LIFE_MS) this.kept.shift();
    if (this.kept.length === 0 && this.blank) return;
    const { canvas } = this;
    const ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(camera.width * ratio) || canvas.height !== Math.round(camera.height * ratio)) {
      canvas.width = Math.round(camera.width * ratio);
      canvas.height = Math.round(camera.height * ratio);
    }
    const g = canvas.getContext("2d");
    if (!g) return;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, camera.width, camera.height);
    this.blank = this.kept.length === 0;
    for (const { receipt, at } of this.kept) {
      g.globalAlpha = 1 - (now - at) / LIFE_MS;
      drawReceipt(g, camera, receipt);
    }
    // Words of older shots would lie over each other.
    const last = this.kept.at(-1);
    if (last) drawWords(g, camera, last.receipt);
  }
}

function drawReceipt(g: CanvasRenderingContext2D, camera: Camera, receipt: Receipt): void {
  const color = COLORS[receipt.verdict];
  const radius = camera.toScreenX(PLAYER_RADIUS_M) - camera.toScreenX(0);
  const [x1, y1] = [camera.toScreenX(receipt.x1), camera.toScreenY(receipt.y1)];
  g.strokeStyle = g.fillStyle = color;
  g.lineWidth = 1.5;
  g.setLineDash([6, 4]);
  g.beginPath();
  g.moveTo(camera.toScreenX(receipt.x0), camera.toScreenY(receipt.y0));
  g.lineTo(x1, y1);
  g.stroke();
  g.setLineDash([]);
  for (const { id, x, y } of receipt.poses) {
    g.beginPath();
    g.arc(camera.toScreenX(x), camera.toScreenY(y), radius, 0, 2 * Math.PI);
    if (id === receipt.victim) {
      const alpha = g.globalAlpha;
      g.globalAlpha = alpha * 0.3;
      g.fill();
      g.globalAlpha = alpha;
    }
    g.stroke();
  }
}

function drawWords(g: CanvasRenderingContext2D, camera: Camera, receipt: Receipt): void {
  const radius = camera.toScreenX(PLAYER_RADIUS_M) - camera.toScreenX(0);
  const [x1, y1] = [camera.toScreenX(receipt.x1), camera.toScreenY(receipt.y1)];
  g.font = "600 13px system-ui, sans-serif";
  g.textBaseline = "middle";
  const words = wordsOf(receipt);
  const width = g.measureText(words).width;
  // The words stay in the picture, and dark behind them so that they can be read on any floor.
  const x = Math.max(8, Math.min(x1 + radius + 8, camera.width - width - 8));
  const y = Math.max(14, Math.min(y1 - radius - 6, camera.height - 14));
  g.lineWidth = 4;
  g.strokeStyle = "rgba(5, 7, 14, 0.85)";
  g.strokeText(words, x, y);
  g.fillStyle = COLORS[receipt.verdict];
  g.fillText(words, x, y);
}
