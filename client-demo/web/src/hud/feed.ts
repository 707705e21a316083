// The kill feed: who killed whom with what.
import { colorOf, cssColor } from "../game/colors";
import type { FeedLine, MatchLog } from "../game/log";
import { element } from "./dom";

export class Feed {
  private readonly root: HTMLElement;
  private readonly lines = new Map<number, HTMLElement>();

  constructor(host: HTMLElement) {
    this.root = element("div", "feed", host);
    this.root.setAttribute("aria-live", "polite");
  }

  update(log: MatchLog, own: number): void {
    for (const [serial, line] of this.lines) {
      if (log.feed.some((l) => l.serial === serial)) continue;
      line.remove();
      this.lines.delete(serial);
    }
    for (const line of log.feed) {
      if (!this.lines.has(line.serial)) this.lines.set(line.serial, this.build(line, log, own));
    }
  }

  private build(line: FeedLine, log: MatchLog, own: number): HTMLElement {
    const mine = line.killer === own || line.victim === own;
    const row = element("div", mine ? "line mine" : "line", this.root);
    const name = (id: number) => {
      element("b", "", row, log.nameOf(id)).style.color = cssColor(colorOf(id, own));
    };
    if (line.killer !== undefined) name(line.killer);
    element("span", `weapon ${line.weapon}`, row).setAttribute("aria-label", line.weapon);
    name(line.victim);
    return row;
  }
}
