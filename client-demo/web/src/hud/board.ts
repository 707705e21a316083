// The scoreboard, shown while Tab is held.
import { colorOf, cssColor } from "../game/colors";
import type { MatchLog, Rank } from "../game/log";
import { element, setClass } from "./dom";

/** The best of a large party, and yourself. */
const MAX_ROWS = 12;

export class Board {
  private readonly root: HTMLElement;
  private readonly body: HTMLElement;
  private shown = false;
  private text = "";

  constructor(host: HTMLElement) {
    this.root = element("div", "board", host);
    const table = element("table", "", this.root);
    const head = element("tr", "", element("thead", "", table));
    for (const title of ["", "Player", "Kills", "Deaths", "K/D"]) element("th", "", head, title);
    this.body = element("tbody", "", table);
  }

  show(shown: boolean): void {
    this.shown = shown;
    setClass(this.root, "shown", shown);
  }

  toggle(): void {
    this.show(!this.shown);
  }

  /** Rebuilt only while shown, and only when something in it changed. */
  update(ranks: readonly Rank[], log: MatchLog, own: number): void {
    if (!this.shown) return;
    const shown = ranks.filter((rank, i) => i < MAX_ROWS || rank.id === own);
    const text = shown.map((r) => `${r.id} ${r.kills} ${r.deaths} ${log.nameOf(r.id)}`).join("\n") + own;
    if (text === this.text) return;
    this.text = text;
    this.body.replaceChildren();
    for (const rank of shown) {
      const row = element("tr", rank.id === own ? "me" : "", this.body);
      element("td", "place", row, String(ranks.indexOf(rank) + 1));
      const name = element("td", "name", row);
      element("i", "dot", name).style.background = cssColor(colorOf(rank.id, own));
      element("span", "", name, log.nameOf(rank.id));
      if (log.people.get(rank.id)?.bot) element("em", "", name, "bot");
      element("td", "", row, String(rank.kills));
      element("td", "", row, String(rank.deaths));
      element("td", "", row, (rank.kills / Math.max(1, rank.deaths)).toFixed(1));
    }
  }
}
