// The net panel: how the connection does, figure by figure, with graphs of the last ten seconds that can be stopped and looked into.
import { element, setClass, setText } from "../hud/dom";
import type { ArenaCore } from "../seam/core";
import type { Cost } from "../net/link";
import { UNKNOWN } from "./format";
import { Graphs, SPAN_MS } from "./graphs";
import { blurWithin, button, keepKeys } from "./parts";
import { Ring } from "./ring";
import { type Figure, read, type Row, rowsFor } from "./rows";
import { Scrub } from "./scrub";

/** The figures of the core are taken so often, at most. */
const SAMPLE_MS = 50;
/** And drawn so often: faster nobody reads, and the match needs the time. */
const DRAW_MS = 80;

type Core = Pick<ArenaCore, "figures" | "figure_names">;

export class NetPanel {
  readonly root: HTMLElement;
  /** Where what belongs beside it has its place. */
  readonly side: HTMLElement;
  shown = false;
  private readonly list: HTMLElement;
  private readonly graphs: Graphs;
  private readonly when: HTMLElement;
  private readonly pauseButton: HTMLButtonElement;
  private cells: { figure: Figure; value: HTMLElement }[] = [];
  private core: Core | undefined;
  private cost: () => Cost = () => ({ messages: 0, micros: 0 });
  private rows: Row[] = [];
  private names: string[] = [];
  private readonly scrub = new Scrub(SPAN_MS);
  private sampleAt = 0;
  private drawAt = 0;

  constructor(host: HTMLElement, close: () => void) {
    this.root = element("section", "net-panel", host);
    this.root.setAttribute("aria-label", "The connection");
    const main = element("div", "net-main", this.root);
    const title = element("div", "bytes-title", main);
    element("h2", "", title, "Connection");
    this.when = element("span", "net-when", title);
    this.pauseButton = button(title, "net-pause", "Pause", "Stops the graphs to look into them (P)");
    this.pauseButton.addEventListener("click", () => this.togglePause());
    button(title, "net-close", "×", "Close (F3)").addEventListener("click", close);
    const body = element("div", "net-body", main);
    this.list = element("div", "net-rows", body);
    this.graphs = new Graphs(body);
    this.side = element("div", "net-side", this.root);
    this.listen(this.graphs.canvas);
    keepKeys(this.root);
  }

  /** From here on there is something to measure. It is measured also while nobody looks: then the hiccup is still there. */
  start(core: Core, cost: () => Cost): void {
    this.core = core;
    this.cost = cost;
    this.names = [...(JSON.parse(core.figure_names()) as string[]), "messages", "messageMicros"];
    this.scrub.live = new Ring(this.names.length);
    this.rows = rowsFor((name) => {
      const column = this.names.indexOf(name);
      return column < 0 ? undefined : column;
    });
    this.list.replaceChildren();
    this.cells = this.rows.flatMap((row) => buildRow(this.list, row));
  }

  toggle(): void {
    this.shown = !this.shown;
    setClass(this.root, "shown", this.shown);
    this.drawAt = 0;
    if (!this.shown) {
      this.resume();
      blurWithin(this.root);
    }
  }

  /** Stops the graphs and takes the arrow keys, or goes on. */
  togglePause(): void {
    if (!this.shown) return;
    if (this.paused) {
      this.resume();
      this.graphs.canvas.blur();
    } else {
      this.look(() => this.scrub.step(0));
      this.graphs.canvas.focus();
    }
  }

  get paused(): boolean {
    return this.scrub.paused;
  }

  /** The figures as they are read, for tests: by row and label. */
  get shownFigures(): Record<string, string> {
    const { ring, age } = this.scrub;
    return Object.fromEntries(
      this.rows.flatMap((row) => row.figures.map((figure) => [`${row.title} ${figure.label}`, read(figure, ring, age).text])),
    );
  }

  update(now: number): void {
    if (this.core && now >= this.sampleAt) {
      this.sampleAt = now + SAMPLE_MS;
      const { messages, micros } = this.cost();
      this.scrub.live.push(now, [...this.core.figures(), messages, micros]);
    }
    if (!this.shown || now < this.drawAt) return;
    this.drawAt = now + DRAW_MS;
    this.draw();
  }

  private draw(): void {
    const { ring, age, ago, paused } = this.scrub;
    for (const { figure, value } of this.cells) {
      const { text, level } = read(figure, ring, age);
      setText(value, text);
      if (value.dataset.level !== level) value.dataset.level = level;
    }
    this.graphs.draw(this.rows, ring, paused ? age : undefined);
    const moment = Number.isNaN(ago) ? UNKNOWN : `${(ago / 1000).toFixed(2)} s before`;
    setText(this.when, paused ? moment : "");
    setText(this.pauseButton, paused ? "Go on" : "Pause");
    const { canvas } = this.graphs;
    canvas.setAttribute("aria-valuenow", String(paused ? -Math.round(ago) : 0));
    canvas.setAttribute("aria-valuetext", paused ? moment : "now");
  }

  private look(how: () => void): void {
    how();
    this.drawAt = 0;
  }

  private resume(): void {
    this.look(() => this.scrub.resume());
  }

  private listen(canvas: HTMLCanvasElement): void {
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "slider");
    canvas.setAttribute("aria-label", "Moment of the figures, in milliseconds: arrow keys look back");
    canvas.setAttribute("aria-valuemin", String(-SPAN_MS));
    canvas.setAttribute("aria-valuemax", "0");
    const drag = (e: PointerEvent) => this.look(() => this.scrub.lookBack(this.graphs.agoAt(e.clientX)));
    canvas.addEventListener("pointerdown", (e) => {
      canvas.setPointerCapture(e.pointerId);
      drag(e);
    });
    canvas.addEventListener("pointermove", (e) => {
      if (canvas.hasPointerCapture(e.pointerId)) drag(e);
    });
    canvas.addEventListener("keydown", (e) => {
      const step = (e.shiftKey ? 10 : 1) * (e.code === "ArrowLeft" ? 1 : e.code === "ArrowRight" ? -1 : 0);
      if (step !== 0) this.look(() => this.scrub.step(step));
      else if (e.code === "Home") this.look(() => this.scrub.lookBack(SPAN_MS));
      else if (e.code === "End") this.look(() => this.scrub.lookBack(0));
      else if (e.code === "Escape" && this.paused) this.togglePause();
    });
  }
}

function buildRow(list: HTMLElement, row: Row): { figure: Figure; value: HTMLElement }[] {
  const made = element("div", "net-row", list);
  made.title = row.help;
  element("span", "net-title", made, row.title);
  const values = element("span", "net-values", made);
  return row.figures.map((figure) => {
    const cell = element("span", "net-figure", values);
    const label = element("span", "net-label", cell, figure.label);
    if (figure.line) label.style.color = figure.line.color;
    return { figure, value: element("b", "", cell, UNKNOWN) };
  });
}
