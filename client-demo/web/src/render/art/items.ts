// Pick-ups, their pads on the floor, and the rocket in flight. These have their own colours and are not tinted.
import type { Art, Paint } from "../atlas";

const DARK = "#0b0e15";

function crate(g: CanvasRenderingContext2D, w: number, light: string, deep: string): void {
  const inset = w * 0.1;
  const size = w - inset * 2;
  g.fillStyle = DARK;
  g.beginPath();
  g.roundRect(inset - 5, inset - 5, size + 10, size + 10, w * 0.17);
  g.fill();
  const fill = g.createLinearGradient(0, inset, w * 0.4, w - inset);
  fill.addColorStop(0, light);
  fill.addColorStop(1, deep);
  g.fillStyle = fill;
  g.beginPath();
  g.roundRect(inset, inset, size, size, w * 0.14);
  g.fill();
  g.strokeStyle = "rgba(255,255,255,.55)";
  g.lineWidth = w * 0.025;
  g.beginPath();
  g.roundRect(inset + w * 0.03, inset + w * 0.03, size - w * 0.06, size - w * 0.06, w * 0.12);
  g.stroke();
}

const health: Paint = (g, w) => {
  crate(g, w, "#f4fff7", "#bfe8cd");
  const arm = w * 0.12;
  const reach = w * 0.26;
  g.fillStyle = "#12a150";
  g.beginPath();
  g.roundRect(w / 2 - arm, w / 2 - reach, arm * 2, reach * 2, w * 0.035);
  g.roundRect(w / 2 - reach, w / 2 - arm, reach * 2, arm * 2, w * 0.035);
  g.fill();
};

const ammo: Paint = (g, w) => {
  crate(g, w, "#ffb457", "#c65a12");
  g.save();
  g.translate(w / 2, w / 2);
  g.rotate(-Math.PI / 4);
  for (const side of [-1, 1]) drawRocket(g, 0, side * w * 0.13, w * 0.5, w * 0.15, "#fff4e0");
  g.restore();
};

/** A rocket around (x, y) pointing right. */
function drawRocket(
  g: CanvasRenderingContext2D,
  x: number,
  y: number,
  length: number,
  width: number,
  shell: string,
): void {
  const back = x - length / 2;
  const tip = x + length / 2;
  g.fillStyle = DARK;
  g.beginPath();
  g.moveTo(back - 2, y - width * 0.95);
  g.lineTo(back + length * 0.3, y - width * 0.55);
  g.lineTo(tip - length * 0.28, y - width * 0.6);
  g.quadraticCurveTo(tip + 3, y, tip - length * 0.28, y + width * 0.6);
  g.lineTo(back + length * 0.3, y + width * 0.55);
  g.lineTo(back - 2, y + width * 0.95);
  g.fill();
  g.fillStyle = shell;
  g.fillRect(back + length * 0.06, y - width * 0.36, length * 0.62, width * 0.72);
  g.fillStyle = "#e5402b";
  g.beginPath();
  g.moveTo(tip - length * 0.3, y - width * 0.38);
  g.quadraticCurveTo(tip - 2, y, tip - length * 0.3, y + width * 0.38);
  g.fill();
  g.fillStyle = "rgba(0,0,0,.25)";
  g.fillRect(back + length * 0.06, y, length * 0.62, width * 0.36);
}

const rocket: Paint = (g, w, h) => drawRocket(g, w / 2, h / 2, w * 0.84, h * 0.52, "#f4f6fa");

/** Painted on the floor under a pick-up; white, tinted by kind. */
const pad: Paint = (g, w) => {
  const c = w / 2;
  g.strokeStyle = "rgba(255,255,255,.9)";
  g.lineWidth = w * 0.022;
  g.beginPath();
  g.arc(c, c, w * 0.42, 0, 7);
  g.stroke();
  g.lineWidth = w * 0.055;
  for (let i = 0; i < 4; i++) {
    g.beginPath();
    g.arc(c, c, w * 0.465, i * (Math.PI / 2) + 0.5, i * (Math.PI / 2) + 1.07);
    g.stroke();
  }
  g.fillStyle = "rgba(255,255,255,.1)";
  g.beginPath();
  g.arc(c, c, w * 0.4, 0, 7);
  g.fill();
};

export const itemArt = {
  health: [112, 112, health],
  rockets: [112, 112, ammo],
  rocket: [96, 44, rocket],
  pad: [176, 176, pad],
} as const satisfies Art;
