// Where the bytes go, as a treemap: component, field, reason. Shared by the server's page and by the panels of games; the layout
// is d3-hierarchy's, which whoever uses this hands over.
import { arrange, bytesPerTick, describe, exact, kbps, percent, short } from "./figures.js";

/** @import { Explained, Part } from "./figures.js" */
/** @import { HierarchyRectangularNode } from "d3-hierarchy" */

/** Boxes smaller than this, in pixels, are drawn without words. */
const WORD = { width: 34, height: 14 };
/** A box of this size or more has a line for its name above its parts. */
const TITLED = { width: 40, height: 34 };
const TITLE = 16;
/** Hues that differ on a dark ground; what is no component is grey. */
const HUES = [188, 28, 145, 268, 52, 212, 96, 4, 300];
const EVENTS_HUE = 332;
const AROUND = new Set(["rows", "messages"]);

/** @typedef {"recent" | "all"} Span */

export class BytesView {
  /** @type {Span} */
  span = "recent";
  /** @type {Map<string, HTMLElement>} */
  boxes = new Map();
  /** @type {Explained | undefined} */
  shown;
  /** The part that is pointed at. */
  pointed = "";
  /**
   * Components by when they were first seen: each keeps its hue.
   * @type {string[]}
   */
  components = [];

  /**
   * @param {HTMLElement} host
   * @param {Pick<typeof import("d3-hierarchy"), "hierarchy" | "treemap">} d3
   */
  constructor(host, d3) {
    this.d3 = d3;
    const head = add(host, "div", "bytes-head");
    this.rate = add(head, "b", "bytes-rate");
    this.tick = add(head, "span", "bytes-tick");
    const spans = add(head, "div", "bytes-spans");
    this.buttons = [this.button(spans, "recent", "last 5 s"), this.button(spans, "all", "in all")];
    this.map = add(host, "div", "bytes-map");
    const foot = add(host, "div", "bytes-foot");
    this.name = add(foot, "b", "bytes-name");
    this.figures = add(foot, "span", "bytes-figures");
    this.map.addEventListener("pointerover", (e) => this.point(e.target));
    this.map.addEventListener("pointerdown", (e) => this.point(e.target));
    this.map.addEventListener("pointerleave", (e) => {
      if (e.pointerType !== "touch") this.point(null);
    });
  }

  /**
   * Shows new figures; `undefined` shows that there are none.
   * @param {Explained | undefined} explained
   */
  draw(explained) {
    this.shown = explained;
    for (const button of this.buttons) button.classList.toggle("on", button.dataset["span"] === this.span);
    const report = explained?.[this.span];
    if (!explained || !report) {
      setText(this.rate, "–");
      setText(this.tick, "");
      this.boxes.forEach((box) => box.remove());
      this.boxes.clear();
      this.tell();
      return;
    }
    const { bits } = report.tree;
    setText(this.rate, `${short(kbps(bits, report.seconds))} kbit/s`);
    const bytes = `${short(bits / 8 / Math.max(report.seconds, 0.001))} B/s`;
    setText(this.tick, `${bytes} · ${short(bytesPerTick(bits, report, explained.tickRate))} B per tick`);
    this.layOut(arrange(report.tree, explained.all.tree), bits);
    this.tell();
  }

  /**
   * @param {Part} root
   * @param {number} total
   */
  layOut(root, total) {
    const { width, height } = this.map.getBoundingClientRect();
    const tree = this.d3.hierarchy(root, (part) => part.parts).sum((part) => (part.parts.length > 0 ? 0 : part.bits));
    const laid = this.d3
      .treemap()
      .size([width, height])
      .paddingInner((node) => (node.depth === 0 ? 3 : 1))
      .paddingTop((node) => (isTitled(/** @type {any} */ (node)) ? TITLE : 0))
      .round(true)(/** @type {any} */ (tree));
    const seen = new Set();
    for (const node of laid.descendants()) {
      const drawn = /** @type {HierarchyRectangularNode<Part>} */ (/** @type {unknown} */ (node));
      if (drawn.depth === 0 || drawn.data.bits === 0) continue;
      seen.add(drawn.data.key);
      this.place(drawn, total);
    }
    for (const [key, box] of this.boxes) {
      if (seen.has(key)) continue;
      box.remove();
      this.boxes.delete(key);
    }
  }

  /**
   * @param {HierarchyRectangularNode<Part>} node
   * @param {number} total
   */
  place(node, total) {
    const { key, path, label, bits, parts } = node.data;
    let box = this.boxes.get(key);
    if (!box) {
      box = add(this.map, "div", "");
      add(box, "span", "bytes-label");
      add(box, "span", "bytes-value");
      box.dataset["key"] = key;
      this.boxes.set(key, box);
    }
    const [left, top] = [node.x0, node.y0];
    const [width, height] = [node.x1 - node.x0, node.y1 - node.y0];
    const [first = ""] = path;
    const around = AROUND.has(first);
    const reason = parts.length > 0 ? "" : (path.at(-1) ?? "");
    box.className = `bytes-box depth-${node.depth}${parts.length > 0 ? " group" : ""}${around ? " around" : ""}`;
    box.dataset["reason"] = reason;
    box.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px;--hue:${around ? 0 : this.hueOf(first)}`;
    const titled = parts.length > 0 ? isTitled(node) : width >= WORD.width && height >= WORD.height;
    const [name, value] = /** @type {[HTMLElement, HTMLElement]} */ ([box.children[0], box.children[1]]);
    const merged = parts.length === 0 && path.at(-1) !== label && width > 90 ? `${label} ${path.at(-1)}` : label;
    setText(name, titled ? merged : "");
    const roomy = parts.length > 0 ? width >= 110 : height >= 2 * WORD.height && width >= 40;
    setText(value, titled && roomy ? percent(bits, total) : "");
  }

  /**
   * The hue of a component.
   * @param {string} name
   */
  hueOf(name) {
    if (name === "events") return EVENTS_HUE;
    if (!this.components.includes(name)) this.components.push(name);
    return HUES[this.components.indexOf(name) % HUES.length];
  }

  /** @param {EventTarget | null} target */
  point(target) {
    const box = target instanceof Element ? target.closest("[data-key]") : null;
    this.pointed = (box instanceof HTMLElement && box.dataset["key"]) || "";
    this.tell();
  }

  /** Says all about the part that is pointed at, or about everything. */
  tell() {
    const { shown } = this;
    const report = shown?.[this.span];
    for (const [key, box] of this.boxes) box.classList.toggle("pointed", key === this.pointed);
    if (!shown || !report) {
      setText(this.name, "");
      setText(this.figures, "Nothing yet");
      return;
    }
    const part = find(arrange(report.tree, report.tree), this.pointed);
    if (part && part.path.length > 0) {
      const { name, figures } = describe(part.path, part.bits, report, shown.tickRate);
      setText(this.name, name);
      setText(this.figures, figures);
    } else {
      setText(this.name, `${exact(report.tree.bits / 8)} bytes`);
      setText(this.figures, `in ${report.seconds.toFixed(1)} s, WebSocket headers included, TCP and IP not`);
    }
  }

  /**
   * @param {HTMLElement} host
   * @param {Span} span
   * @param {string} text
   */
  button(host, span, text) {
    const button = add(host, "button", "", text);
    button.dataset["span"] = span;
    button.addEventListener("click", () => {
      this.span = span;
      this.draw(this.shown);
    });
    return button;
  }
}

/** @param {HierarchyRectangularNode<Part>} node */
function isTitled(node) {
  const inside = node.depth > 0 && node.data.parts.length > 0;
  return inside && node.x1 - node.x0 >= TITLED.width && node.y1 - node.y0 >= TITLED.height;
}

/**
 * @param {Part} part
 * @param {string} key
 * @returns {Part | undefined}
 */
function find(part, key) {
  if (part.key === key) return part;
  for (const below of part.parts) {
    const found = find(below, key);
    if (found) return found;
  }
  return undefined;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {HTMLElement} parent
 * @param {K} tag
 * @param {string} classes
 * @param {string} [text]
 */
function add(parent, tag, classes, text) {
  const made = document.createElement(tag);
  made.className = classes;
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

/**
 * Names come from strangers: as text only, and only when it differs.
 * @param {HTMLElement} target
 * @param {string} text
 */
function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
