// Soft light, smoke, sparks and marks: all white, tinted and blended by the effects that use them.
import type { Art, Paint } from "../atlas";

/** A round gradient from its list of (distance, alpha). */
function radial(stops: readonly (readonly [number, number])[], gray = 255): Paint {
  return (g, w, h) => {
    const fill = g.createRadialGradient(w / 2, h / 2, 0, w / 2, h / 2, w / 2);
    for (const [at, alpha] of stops) fill.addColorStop(at, `rgba(${gray},${gray},${gray},${alpha})`);
    g.fillStyle = fill;
    g.fillRect(0, 0, w, h);
  };
}

/** The same sequence on every page load, so that every player sees the same art. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function puff(seed: number): Paint {
  return (g, w, h) => {
    const random = seeded(seed);
    for (let i = 0; i < 26; i++) {
      const angle = random() * Math.PI * 2;
      const reach = random() ** 0.6 * w * 0.26;
      const radius = w * (0.1 + random() * 0.13);
      const x = w / 2 + Math.cos(angle) * reach;
      const y = h / 2 + Math.sin(angle) * reach;
      const fill = g.createRadialGradient(x, y, 0, x, y, radius);
      fill.addColorStop(0, "rgba(255,255,255,.30)");
      fill.addColorStop(1, "rgba(255,255,255,0)");
      g.fillStyle = fill;
      g.fillRect(x - radius, y - radius, radius * 2, radius * 2);
    }
  };
}

/** A dark burst with streaks, for the floor. */
const scorch: Paint = (g, w, h) => {
  const random = seeded(11);
  const c = w / 2;
  radial([
    [0, 0.85],
    [0.35, 0.62],
    [0.6, 0.2],
    [0.85, 0],
  ])(g, w, h);
  for (let i = 0; i < 44; i++) {
    const angle = random() * Math.PI * 2;
    const length = c * (0.45 + random() * 0.5);
    const width = 0.03 + random() * 0.07;
    g.fillStyle = `rgba(255,255,255,${0.08 + random() * 0.16})`;
    g.beginPath();
    g.moveTo(c + Math.cos(angle - width) * c * 0.2, c + Math.sin(angle - width) * c * 0.2);
    g.lineTo(c + Math.cos(angle) * length, c + Math.sin(angle) * length);
    g.lineTo(c + Math.cos(angle + width) * c * 0.2, c + Math.sin(angle + width) * c * 0.2);
    g.fill();
  }
};

/** Paint thrown on the floor when a player bursts. */
const splat: Paint = (g, w, h) => {
  const random = seeded(29);
  const c = w / 2;
  g.fillStyle = "#fff";
  g.beginPath();
  for (let i = 0; i <= 40; i++) {
    const angle = (i / 40) * Math.PI * 2;
    const reach = c * (0.3 + 0.12 * Math.sin(angle * 5 + 1) + 0.07 * Math.sin(angle * 11));
    g.lineTo(c + Math.cos(angle) * reach, c + Math.sin(angle) * reach);
  }
  g.fill();
  for (let i = 0; i < 34; i++) {
    const angle = random() * Math.PI * 2;
    const reach = c * (0.4 + random() * 0.52);
    const radius = c * 0.09 * (1.1 - reach / c) + 1 + random() * 2;
    g.beginPath();
    g.ellipse(c + Math.cos(angle) * reach, h / 2 + Math.sin(angle) * reach, radius * 1.9, radius, angle, 0, 7);
    g.fill();
  }
};

const flash: Paint = (g, w, h) => {
  const c = h / 2;
  const spike = (angle: number, length: number, width: number) => {
    g.beginPath();
    g.moveTo(8 + Math.cos(angle) * length, c + Math.sin(angle) * length);
    g.lineTo(8 - Math.sin(angle) * width, c + Math.cos(angle) * width);
    g.lineTo(8 + Math.sin(angle) * width, c - Math.cos(angle) * width);
    g.fill();
  };
  g.shadowColor = "#fff";
  g.shadowBlur = 9;
  g.fillStyle = "rgba(255,255,255,.95)";
  spike(0, w - 16, 11);
  spike(0.5, w * 0.42, 8);
  spike(-0.5, w * 0.42, 8);
  spike(1.1, w * 0.24, 6);
  spike(-1.1, w * 0.24, 6);
};

/** Bright at the right end, fading to the left, soft at the edges. */
const streak: Paint = (g, w, h) => {
  for (let y = 0; y < h; y++) {
    const off = Math.abs((y + 0.5) / h - 0.5) * 2;
    const edge = (1 - off) ** 2;
    const fill = g.createLinearGradient(0, 0, w, 0);
    fill.addColorStop(0, "rgba(255,255,255,0)");
    fill.addColorStop(0.8, `rgba(255,255,255,${edge * 0.8})`);
    fill.addColorStop(0.97, `rgba(255,255,255,${edge})`);
    fill.addColorStop(1, "rgba(255,255,255,0)");
    g.fillStyle = fill;
    g.fillRect(0, y, w, 1);
  }
};

const beam: Paint = (g, w, h) => {
  const fill = g.createLinearGradient(0, 0, 0, h);
  for (const [at, alpha] of [
    [0, 0],
    [0.35, 0.25],
    [0.5, 1],
    [0.65, 0.25],
    [1, 0],
  ] as const) {
    fill.addColorStop(at, `rgba(255,255,255,${alpha})`);
  }
  g.fillStyle = fill;
  g.fillRect(0, 0, w, h);
};

const shard: Paint = (g, w, h) => {
  g.fillStyle = "#fff";
  g.beginPath();
  g.moveTo(2, h * 0.3);
  g.lineTo(w - 2, h * 0.5);
  g.lineTo(w * 0.4, h - 2);
  g.fill();
};

export const effectArt = {
  white: [
    16,
    16,
    (g, w, h) => {
      g.fillStyle = "#fff";
      g.fillRect(-8, -8, w + 16, h + 16);
    },
  ],
  soft: [
    128,
    128,
    radial([
      [0, 1],
      [0.2, 0.84],
      [0.45, 0.42],
      [0.7, 0.12],
      [1, 0],
    ]),
  ],
  glow: [
    128,
    128,
    radial([
      [0, 1],
      [0.08, 0.8],
      [0.2, 0.34],
      [0.45, 0.1],
      [0.75, 0.02],
      [1, 0],
    ]),
  ],
  disc: [
    64,
    64,
    radial([
      [0, 1],
      [0.86, 1],
      [0.97, 0],
    ]),
  ],
  shock: [
    256,
    256,
    radial([
      [0, 0],
      [0.66, 0],
      [0.86, 0.16],
      [0.94, 0.9],
      [0.965, 0.7],
      [1, 0],
    ]),
  ],
  puffA: [128, 128, puff(3)],
  puffB: [128, 128, puff(17)],
  scorch: [192, 192, scorch],
  splat: [192, 192, splat],
  flash: [112, 64, flash],
  streak: [128, 16, streak],
  beam: [16, 24, beam],
  shard: [28, 24, shard],
} as const satisfies Art;
