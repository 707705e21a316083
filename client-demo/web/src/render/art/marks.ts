// Marks on the glass: crosshair, damage arrow, vignette, digits.
import type { Art, Paint } from "../atlas";

/** A slim arc that bulges right, thick in the middle: from there came the damage. */
const arrow: Paint = (g, w, h) => {
  g.fillStyle = "#fff";
  g.beginPath();
  g.moveTo(w * 0.1, 2);
  g.quadraticCurveTo(w * 1.72, h / 2, w * 0.1, h - 2);
  g.quadraticCurveTo(w * 1.12, h / 2, w * 0.1, 2);
  g.fill();
};

const vignette: Paint = (g, w, h) => {
  const fill = g.createRadialGradient(w / 2, h / 2, w * 0.24, w / 2, h / 2, w * 0.71);
  fill.addColorStop(0, "rgba(255,255,255,0)");
  fill.addColorStop(0.5, "rgba(255,255,255,.22)");
  fill.addColorStop(1, "rgba(255,255,255,1)");
  g.fillStyle = fill;
  g.fillRect(0, 0, w, h);
};

function glyph(character: string): Paint {
  return (g, w, h) => {
    g.font = `900 ${h * 0.8}px "Arial Black", "Liberation Sans", Arial, sans-serif`;
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.lineJoin = "round";
    g.lineWidth = h * 0.17;
    g.strokeStyle = "#0b0e15";
    g.strokeText(character, w / 2, h * 0.53);
    g.fillStyle = "#fff";
    g.fillText(character, w / 2, h * 0.53);
  };
}

const tick: Paint = (g, w, h) => {
  g.fillStyle = "rgba(8,10,16,.75)";
  g.beginPath();
  g.roundRect(0, 0, w, h, h / 2);
  g.fill();
  g.fillStyle = "#fff";
  g.beginPath();
  g.roundRect(3, 3, w - 6, h - 6, (h - 6) / 2);
  g.fill();
};

export const markArt = {
  arrow: [48, 144, arrow],
  vignette: [128, 128, vignette],
  tick: [40, 14, tick],
  digit0: [34, 48, glyph("0")],
  digit1: [34, 48, glyph("1")],
  digit2: [34, 48, glyph("2")],
  digit3: [34, 48, glyph("3")],
  digit4: [34, 48, glyph("4")],
  digit5: [34, 48, glyph("5")],
  digit6: [34, 48, glyph("6")],
  digit7: [34, 48, glyph("7")],
  digit8: [34, 48, glyph("8")],
  digit9: [34, 48, glyph("9")],
} as const satisfies Art;
