// The graphs of the net panel: all of them on one canvas, the newest at the right.
import type { Figure, Row } from "./rows";
import type { Ring } from "./ring";

/** What a graph shows of the past. */
export const SPAN_MS = 10_000;
/** Where the newest sample is: the rest of the width is the past. */
const EDGE = 2;
/** Sharper than this costs more than it shows. */
const MAX_DENSITY = 2;

export class Graphs {
  readonly canvas: HTMLCanvasElement;
  private readonly pen: CanvasRenderingContext2D | null;
  private width = 0;
  private height = 0;

  constructor(host: HTMLElement) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "net-graphs";
    host.append(this.canvas);
    this.pen = this.canvas.getContext("2d");
  }

  /** The moment under a place on the canvas, in ms before the newest. */
  agoAt(clientX: number): number {
    const box = this.canvas.getBoundingClientRect();
    const share = (clientX - box.left) / Math.max(1, box.width - EDGE);
    return SPAN_MS * Math.min(1, Math.max(0, 1 - share));
  }

  /** Draws each row into a strip of the same height; `cursor` is the age of the sample that is looked at. */
  draw(rows: readonly Row[], ring: Ring, cursor: number | undefined): void {
    const { pen } = this;
    if (!pen || !this.fit()) return;
    pen.clearRect(0, 0, this.width, this.height);
    const strip = this.height / rows.length;
    rows.forEach((row, i) => this.drawRow(pen, row, ring, i * strip, strip));
    if (cursor === undefined) return;
    const x = this.x(ring, cursor);
    pen.fillStyle = "#e9eef8";
    pen.fillRect(Math.round(x), 0, 1, this.height);
  }

  /** Takes over the size that the style sheet gives; whether there is any. */
  private fit(): boolean {
    const density = Math.min(MAX_DENSITY, devicePixelRatio);
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth !== this.width || clientHeight !== this.height) {
      [this.width, this.height] = [clientWidth, clientHeight];
      this.canvas.width = Math.round(clientWidth * density);
      this.canvas.height = Math.round(clientHeight * density);
      this.pen?.setTransform(density, 0, 0, density, 0, 0);
    }
    return this.width > 0 && this.height > 0;
  }

  private drawRow(pen: CanvasRenderingContext2D, row: Row, ring: Ring, top: number, strip: number): void {
    pen.fillStyle = "rgb(150 175 220 / 0.07)";
    pen.fillRect(0, top + 2, this.width, strip - 4);
    const lines = row.figures.flatMap(({ line, ...figure }) =>
      line ? [{ line, unit: figure.unit, points: this.points(figure, ring) }] : [],
    );
    const scales = new Map<string, Scale>();
    for (const { unit, line, points } of lines) scales.set(unit, widened(scales.get(unit), line.span, points));
    for (const { unit, line, points } of lines) {
      this.drawLine(pen, points, line.color, scales.get(unit) ?? line.span, top + 3, strip - 6);
    }
  }

  /** The samples of the last ten seconds, newest first: x and value in turns. */
  private points(figure: Figure, ring: Ring): number[] {
    const points: number[] = [];
    const oldest = ring.time(0) - SPAN_MS;
    for (let age = 0; age < ring.size && ring.time(age) >= oldest; age++) {
      points.push(this.x(ring, age), figure.value(ring, age));
    }
    return points;
  }

  private x(ring: Ring, age: number): number {
    const ago = ring.time(0) - ring.time(age);
    return (this.width - EDGE) * (1 - ago / SPAN_MS);
  }

  /** A line with gaps where nothing is known. */
  private drawLine(pen: CanvasRenderingContext2D, points: number[], color: string, [least, most]: Scale, top: number, height: number): void {
    pen.beginPath();
    let drawing = false;
    for (let i = 0; i + 1 < points.length; i += 2) {
      const [x, value] = [points[i] ?? 0, points[i + 1] ?? NaN];
      if (Number.isNaN(value)) {
        drawing = false;
        continue;
      }
      const y = top + height * (1 - (value - least) / (most - least));
      if (drawing) pen.lineTo(x, y);
      else pen.moveTo(x, y);
      drawing = true;
    }
    pen.strokeStyle = color;
    pen.lineWidth = 1.25;
    pen.stroke();
  }
}

type Scale = readonly [number, number];

/** A scale that takes the span and all points. */
function widened(scale: Scale | undefined, span: Scale, points: readonly number[]): Scale {
  let [least, most] = scale ?? span;
  least = Math.min(least, span[0]);
  most = Math.max(most, span[1]);
  for (let i = 1; i < points.length; i += 2) {
    const value = points[i] ?? NaN;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}
