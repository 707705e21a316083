// Who wears which colour and shape. Yourself is always the same cyan, which nobody else ever has.

/** 0xrrggbb. */
export type Rgb = number;

export const OWN_COLOR: Rgb = 0x3df0ff;

/** Far apart in hue and, for those who see fewer hues, in lightness. */
const PALETTE: readonly Rgb[] = [
  0xff5348, // red
  0xffc83a, // yellow
  0x5f8dff, // blue
  0xff7fd8, // pink
  0x8fdb4a, // lime
  0xff8f33, // orange
  0xb27dff, // violet
  0xf2eee0, // bone
  0xc98b5b, // copper
  0x2fc48d, // jade
];

/** Body outlines; together with the colours 4 × 10 looks before two players look alike. */
export const SHAPES = 4;

export function colorOf(id: number, own: number): Rgb {
  return id === own ? OWN_COLOR : (PALETTE[((id % PALETTE.length) + PALETTE.length) % PALETTE.length] as Rgb);
}

export function shapeOf(id: number, own: number): number {
  return id === own ? 0 : ((id % SHAPES) + SHAPES) % SHAPES;
}

export function cssColor(color: Rgb): string {
  return `#${color.toString(16).padStart(6, "0")}`;
}

/** Mixes towards another colour, 0..1. */
export function mix(a: Rgb, b: Rgb, amount: number): Rgb {
  const channel = (shift: number) => {
    const from = (a >> shift) & 255;
    const to = (b >> shift) & 255;
    return Math.round(from + (to - from) * amount) << shift;
  };
  return channel(16) | channel(8) | channel(0);
}
