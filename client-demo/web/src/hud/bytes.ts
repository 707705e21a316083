// Where the bytes go: a treemap over what the server sends, live.
import { hierarchy, treemap } from "d3-hierarchy";
import type { Explained } from "../../../../server/src/web/explain/figures.js";
import "../../../../server/src/web/explain/view.css";
import { BytesView } from "../../../../server/src/web/explain/view.js";
import type { ArenaCore } from "../seam/core";
import { element, setClass } from "./dom";

/** Faster than this nobody reads. */
const REFRESH_MS = 500;

type Core = Pick<ArenaCore, "set_explain" | "explain">;

export class BytesPanel {
  /** What is shown, for tests too. */
  explained: Explained | undefined;
  private readonly root: HTMLElement;
  private readonly view: BytesView;
  private core: Core | undefined;
  shown = false;
  private refreshAt = 0;

  constructor(host: HTMLElement, toggle: () => void) {
    this.root = element("section", "bytes-panel", host);
    this.root.setAttribute("aria-label", "Where the bytes go");
    const title = element("div", "bytes-title", this.root);
    element("h2", "", title, "Where the bytes go");
    const close = element("button", "bytes-close", title, "×");
    close.setAttribute("aria-label", "Close (B)");
    close.addEventListener("click", toggle);
    this.view = new BytesView(this.root, { hierarchy, treemap });
    // A focused button would take the space bar, which fires rockets.
    this.root.addEventListener("mousedown", (e) => e.preventDefault());
  }

  /** From here on there is something to ask. Opened before, it counts from the first byte. */
  start(core: Core): void {
    this.core = core;
    if (this.shown) core.set_explain(true, performance.now());
  }

  /** Counting costs a little, so it goes on only while somebody looks. */
  toggle(): void {
    this.shown = !this.shown;
    setClass(this.root, "shown", this.shown);
    this.core?.set_explain(this.shown, performance.now());
    this.explained = undefined;
    this.refreshAt = 0;
  }

  update(now: number): void {
    if (!this.shown || now < this.refreshAt) return;
    this.refreshAt = now + REFRESH_MS;
    const text = this.core?.explain() ?? "";
    this.explained = text === "" ? undefined : (JSON.parse(text) as Explained);
    this.view.draw(this.explained);
  }
}
