// Name tags and health bars. Each name is written once into a texture of its own kind; the bars are rectangles.
import { CanvasSource } from "pixi.js";
import { colorOf, mix } from "../game/colors";
import type { Scene } from "../seam/rows";
import type { Actors } from "./actors";
import { type Region, region } from "./atlas";
import type { QuadBatch } from "./quads";

const COLUMNS = 4;
const ROWS = 16;
const CELL_W = 256;
const CELL_H = 32;
/** The first cell stays white, for the bars. */
const CAPACITY = COLUMNS * ROWS - 1;
const NAME_PX = 15;
const BAR_PX = 38;
const BAR_H_PX = 5;

interface Tag {
  text: string;
  cell: number;
  region: Region;
  /** Width by height. */
  aspect: number;
}

export class Tags {
  readonly source: CanvasSource;
  private readonly g: CanvasRenderingContext2D;
  private readonly white: Region;
  private readonly tags = new Map<number, Tag>();
  private readonly free: number[] = [];

  constructor() {
    const canvas = document.createElement("canvas");
    canvas.width = COLUMNS * CELL_W;
    canvas.height = ROWS * CELL_H;
    const g = canvas.getContext("2d");
    if (!g) throw new Error("this browser gives no 2D canvas");
    this.g = g;
    g.fillStyle = "#fff";
    g.fillRect(0, 0, CELL_H, CELL_H);
    this.white = region(4, 4, 8, 8, canvas.width, canvas.height);
    this.source = new CanvasSource({
      resource: canvas,
      autoGenerateMipmaps: true,
      scaleMode: "linear",
      mipmapFilter: "linear",
    });
    for (let cell = CAPACITY; cell > 0; cell--) this.free.push(cell);
  }

  /** Writes or rewrites a player's name. More players than cells: the rest stay nameless. */
  set(id: number, text: string): void {
    const old = this.tags.get(id);
    if (old?.text === text) return;
    const cell = old?.cell ?? this.free.pop();
    if (cell === undefined) return;
    const x = (cell % COLUMNS) * CELL_W;
    const y = Math.floor(cell / COLUMNS) * CELL_H;
    const width = this.write(text, x, y);
    this.tags.set(id, {
      text,
      cell,
      region: region(x, y, width, CELL_H, COLUMNS * CELL_W, ROWS * CELL_H),
      aspect: width / CELL_H,
    });
    this.source.update();
  }

  delete(id: number): void {
    const tag = this.tags.get(id);
    if (!tag) return;
    this.free.push(tag.cell);
    this.tags.delete(id);
  }

  clear(): void {
    for (const id of [...this.tags.keys()]) this.delete(id);
  }

  draw(batch: QuadBatch, scene: Scene, actors: Actors, own: number, scale: number): void {
    const px = 1 / scale;
    for (const avatar of scene.avatars) {
      if (!actors.visible(avatar) || avatar.id === own) continue;
      const y = avatar.y - 0.62 - 9 * px;
      this.drawBar(batch, avatar.x, y, px, avatar.hp, actors.shownHp(avatar), colorOf(avatar.id, own));
      const tag = this.tags.get(avatar.id);
      if (!tag) continue;
      batch.tint(mix(colorOf(avatar.id, own), 0xffffff, 0.55), 0.95);
      const h = (NAME_PX + 5) * px;
      batch.add(tag.region, avatar.x, y - 12 * px, h * tag.aspect, h);
    }
  }

  private drawBar(batch: QuadBatch, x: number, y: number, px: number, hp: number, shown: number, color: number): void {
    const width = BAR_PX * px;
    const height = BAR_H_PX * px;
    const part = (from: number, to: number, rgb: number, alpha: number) => {
      if (to <= from) return;
      batch.tint(rgb, alpha);
      batch.add(this.white, x + ((from + to) / 200 - 0.5) * width, y, ((to - from) / 100) * width, height);
    };
    batch.tint(0x05070c, 0.78);
    batch.add(this.white, x, y, width + 3 * px, height + 3 * px);
    // What was just lost stays for a moment in white.
    part(Math.max(0, hp), Math.min(100, shown), 0xffffff, 0.85);
    part(0, Math.min(100, hp), hp > 30 ? color : 0xff4038, 1);
  }

  private write(text: string, x: number, y: number): number {
    const g = this.g;
    g.clearRect(x, y, CELL_W, CELL_H);
    g.font = '700 22px ui-sans-serif, system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';
    g.textBaseline = "middle";
    g.lineJoin = "round";
    g.lineWidth = 5;
    g.strokeStyle = "rgba(5,7,12,.9)";
    g.fillStyle = "#fff";
    const width = Math.min(CELL_W - 8, Math.ceil(g.measureText(text).width) + 8);
    g.strokeText(text, x + 4, y + CELL_H / 2 + 1, width - 8);
    g.fillText(text, x + 4, y + CELL_H / 2 + 1, width - 8);
    return width;
  }
}
