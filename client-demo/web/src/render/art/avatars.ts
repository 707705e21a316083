// The players from above, facing right. Grey parts take the player's colour; near-black parts stay dark under any tint.
import type { Art, Paint } from "../atlas";

const OUTLINE = "#0b0e15";

function polygon(g: CanvasRenderingContext2D, points: readonly (readonly [number, number])[], round: number): void {
  g.beginPath();
  points.forEach((point, i) => {
    const next = points[(i + 1) % points.length] as readonly [number, number];
    if (i === 0) {
      const last = points.at(-1) as readonly [number, number];
      g.moveTo((last[0] + point[0]) / 2, (last[1] + point[1]) / 2);
    }
    g.arcTo(point[0], point[1], (point[0] + next[0]) / 2, (point[1] + next[1]) / 2, round);
  });
  g.closePath();
}

/** The outlines of a body of radius r around (c, c): circle, hexagon, rounded square, wedge. */
function outline(g: CanvasRenderingContext2D, shape: number, c: number, r: number): void {
  const at = (angle: number, reach: number) =>
    [c + Math.cos(angle) * r * reach, c + Math.sin(angle) * r * reach] as const;
  const turn = Math.PI / 180;
  if (shape === 0) {
    g.beginPath();
    g.arc(c, c, r, 0, 7);
  } else if (shape === 1) {
    polygon(
      g,
      [0, 60, 120, 180, 240, 300].map((a) => at(a * turn, 1.12)),
      r * 0.22,
    );
  } else if (shape === 2) {
    polygon(
      g,
      [45, 135, 225, 315].map((a) => at(a * turn, 1.3)),
      r * 0.42,
    );
  } else {
    polygon(
      g,
      [at(0, 1.3), at(105 * turn, 1.12), at(152 * turn, 1.1), at(208 * turn, 1.1), at(255 * turn, 1.12)],
      r * 0.3,
    );
  }
}

function body(shape: number): Paint {
  return (g, w) => {
    const c = w / 2;
    const r = w * 0.335;
    outline(g, shape, c, r + w * 0.045);
    g.fillStyle = OUTLINE;
    g.fill();
    outline(g, shape, c, r);
    const fill = g.createLinearGradient(c - r, c - r, c + r, c + r);
    fill.addColorStop(0, "#ffffff");
    fill.addColorStop(0.5, "#d9d9d9");
    fill.addColorStop(1, "#9a9a9a");
    g.fillStyle = fill;
    g.fill();
    g.save();
    outline(g, shape, c, r);
    g.clip();
    // Shoulder seams and a darker pack on the back give the facing even without the gun.
    g.fillStyle = "rgba(0,0,0,.36)";
    g.fillRect(c - r * 1.3, c - r * 0.46, r * 0.66, r * 0.92);
    g.fillStyle = "rgba(0,0,0,.22)";
    g.fillRect(c - r * 0.16, c - r * 1.3, r * 0.1, r * 2.6);
    g.strokeStyle = "rgba(255,255,255,.75)";
    g.lineWidth = w * 0.022;
    outline(g, shape, c, r * 0.97);
    g.stroke();
    g.restore();
  };
}

const helmet: Paint = (g, w) => {
  const c = w / 2;
  const r = w * 0.4;
  g.fillStyle = OUTLINE;
  g.beginPath();
  g.arc(c, c, r + w * 0.06, 0, 7);
  g.fill();
  const fill = g.createRadialGradient(c - r * 0.3, c - r * 0.4, r * 0.1, c, c, r);
  fill.addColorStop(0, "#ffffff");
  fill.addColorStop(1, "#bdbdbd");
  g.fillStyle = fill;
  g.beginPath();
  g.arc(c, c, r, 0, 7);
  g.fill();
  // Visor: a dark band at the front with a glint.
  g.fillStyle = "#11161f";
  g.beginPath();
  g.arc(c, c, r * 0.92, -0.85, 0.85);
  g.arc(c, c, r * 0.42, 0.85, -0.85, true);
  g.fill();
  g.strokeStyle = "rgba(255,255,255,.8)";
  g.lineWidth = w * 0.05;
  g.beginPath();
  g.arc(c, c, r * 0.72, -0.62, -0.1);
  g.stroke();
};

/** Stock at the left end, muzzle at the right. */
const gun: Paint = (g, w, h) => {
  const c = h / 2;
  g.fillStyle = OUTLINE;
  g.beginPath();
  g.roundRect(2, c - h * 0.36, w * 0.62, h * 0.72, 6);
  g.roundRect(w * 0.4, c - h * 0.22, w * 0.58, h * 0.44, 4);
  g.fill();
  const fill = g.createLinearGradient(0, c - h * 0.3, 0, c + h * 0.3);
  fill.addColorStop(0, "#c3ccda");
  fill.addColorStop(0.5, "#7c8799");
  fill.addColorStop(1, "#4a5364");
  g.fillStyle = fill;
  g.beginPath();
  g.roundRect(7, c - h * 0.25, w * 0.54, h * 0.5, 4);
  g.roundRect(w * 0.5, c - h * 0.12, w * 0.44, h * 0.24, 2);
  g.fill();
  g.fillStyle = OUTLINE;
  g.fillRect(w * 0.84, c - h * 0.2, w * 0.05, h * 0.4);
};

const hand: Paint = (g, w) => {
  g.fillStyle = OUTLINE;
  g.beginPath();
  g.arc(w / 2, w / 2, w * 0.46, 0, 7);
  g.fill();
  g.fillStyle = "#e6e6e6";
  g.beginPath();
  g.arc(w / 2, w / 2, w * 0.32, 0, 7);
  g.fill();
};

const boot: Paint = (g, w, h) => {
  g.fillStyle = "#0d1118";
  g.beginPath();
  g.roundRect(2, 3, w - 4, h - 6, (h - 6) / 2);
  g.fill();
  g.fillStyle = "#39424f";
  g.beginPath();
  g.roundRect(w * 0.45, 7, w * 0.42, h - 14, 5);
  g.fill();
};

/** Spawn protection: a ring of hexagonal plates. */
const guard: Paint = (g, w) => {
  const c = w / 2;
  g.lineCap = "butt";
  for (let i = 0; i < 6; i++) {
    const from = (i / 6) * Math.PI * 2 + 0.1;
    g.strokeStyle = "rgba(255,255,255,.95)";
    g.lineWidth = w * 0.035;
    g.beginPath();
    g.arc(c, c, w * 0.45, from, from + Math.PI / 3 - 0.2);
    g.stroke();
    g.strokeStyle = "rgba(255,255,255,.3)";
    g.lineWidth = w * 0.02;
    g.beginPath();
    g.arc(c, c, w * 0.4, from - 0.05, from + Math.PI / 3 - 0.1);
    g.stroke();
  }
  const fill = g.createRadialGradient(c, c, w * 0.25, c, c, w * 0.46);
  fill.addColorStop(0, "rgba(255,255,255,0)");
  fill.addColorStop(1, "rgba(255,255,255,.22)");
  g.fillStyle = fill;
  g.beginPath();
  g.arc(c, c, w * 0.46, 0, 7);
  g.fill();
};

/** Under the own avatar: a ring with a notch that points ahead. */
const halo: Paint = (g, w) => {
  const c = w / 2;
  g.strokeStyle = "#fff";
  g.lineWidth = w * 0.03;
  g.beginPath();
  g.arc(c, c, w * 0.39, 0.42, Math.PI * 2 - 0.42);
  g.stroke();
  g.fillStyle = "#fff";
  g.beginPath();
  g.moveTo(w * 0.985, c);
  g.lineTo(w * 0.885, c - w * 0.07);
  g.lineTo(w * 0.91, c);
  g.lineTo(w * 0.885, c + w * 0.07);
  g.fill();
};

export const avatarArt = {
  body0: [144, 144, body(0)],
  body1: [144, 144, body(1)],
  body2: [144, 144, body(2)],
  body3: [144, 144, body(3)],
  helmet: [72, 72, helmet],
  gun: [112, 40, gun],
  hand: [32, 32, hand],
  boot: [44, 28, boot],
  guard: [160, 160, guard],
  halo: [192, 192, halo],
} as const satisfies Art;
