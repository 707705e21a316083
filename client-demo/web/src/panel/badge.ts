// Says plainly that the game is not as it should be, as long as it is not: a simulated link, a remedy that is switched off.
import { element, setClass, setText } from "../hud/dom";

export class Badge {
  text = "";
  private readonly root: HTMLElement;

  constructor(host: HTMLElement) {
    this.root = element("div", "sim-badge", host);
    this.root.setAttribute("role", "status");
  }

  /** What is on in this page, and what the server says of itself; "" for nothing. */
  update(here: string, server: string): void {
    this.text = [here, server].filter((part) => part !== "").join(" · ");
    setClass(this.root, "shown", this.text !== "");
    setText(this.root, this.text);
  }
}
