// Every sprite of the game, painted once into one texture at start: nothing is downloaded, everything draws in one batch.
import { CanvasSource } from "pixi.js";
import { avatarArt } from "./art/avatars";
import { effectArt } from "./art/effects";
import { itemArt } from "./art/items";
import { markArt } from "./art/marks";

/** A place in an atlas: texture coordinates as 16-bit fractions, ready for the vertex buffer. */
export interface Region {
  u0: number;
  v0: number;
  u1: number;
  v1: number;
}

/** Paints one sprite into its own w × h box; colours are grey where the game tints. */
export type Paint = (g: CanvasRenderingContext2D, w: number, h: number) => void;
export type Art = Readonly<Record<string, readonly [w: number, h: number, paint: Paint]>>;

const ART = { ...effectArt, ...avatarArt, ...itemArt, ...markArt };
export type SpriteName = keyof typeof ART;

const SIZE = 1024;
/** Free space around each sprite, so that smaller mip levels do not mix neighbours. */
const GAP = 6;

export interface Atlas {
  source: CanvasSource;
  sprites: Readonly<Record<SpriteName, Region>>;
}

export function paintAtlas(): Atlas {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const g = canvas.getContext("2d");
  if (!g) throw new Error("this browser gives no 2D canvas");
  const sprites = {} as Record<SpriteName, Region>;
  for (const { name, x, y, w, h, paint } of layOut()) {
    g.save();
    g.translate(x, y);
    g.beginPath();
    g.rect(0, 0, w, h);
    g.clip();
    paint(g, w, h);
    g.restore();
    sprites[name] = region(x, y, w, h, SIZE, SIZE);
  }
  const source = new CanvasSource({
    resource: canvas,
    autoGenerateMipmaps: true,
    scaleMode: "linear",
    mipmapFilter: "linear",
  });
  return { source, sprites };
}

export function region(x: number, y: number, w: number, h: number, width: number, height: number): Region {
  const fraction = (at: number, size: number) => Math.round((at / size) * 65535);
  return { u0: fraction(x, width), v0: fraction(y, height), u1: fraction(x + w, width), v1: fraction(y + h, height) };
}

interface Placed {
  name: SpriteName;
  x: number;
  y: number;
  w: number;
  h: number;
  paint: Paint;
}

/** Shelves, tallest sprites first. */
function layOut(): Placed[] {
  const names = (Object.keys(ART) as SpriteName[]).sort((a, b) => ART[b][1] - ART[a][1]);
  const placed: Placed[] = [];
  let x = GAP;
  let y = GAP;
  let shelf = 0;
  for (const name of names) {
    const [w, h, paint] = ART[name];
    if (x + w + GAP > SIZE) {
      x = GAP;
      y += shelf + GAP;
      shelf = 0;
    }
    if (y + h + GAP > SIZE) throw new Error(`the sprite atlas is full at ${name}`);
    placed.push({ name, x, y, w, h, paint });
    shelf = Math.max(shelf, h);
    x += w + GAP;
  }
  return placed;
}
