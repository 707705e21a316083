// The own figures: health, rockets, rank and ping.
import type { Stats } from "../seam/connection";
import type { Avatar } from "../seam/rows";
import { element, setClass, setText } from "./dom";

const MAX_ROCKETS = 9;

export class Status {
  private readonly root: HTMLElement;
  private readonly chips: HTMLElement;
  private readonly hp: HTMLElement;
  private readonly bar: HTMLElement;
  private readonly lag: HTMLElement;
  private readonly pips: HTMLElement[] = [];
  private readonly rank: HTMLElement;
  private readonly ping: HTMLElement;
  private readonly sound: HTMLElement;
  private shownHp = -1;
  private shownRockets = -1;

  constructor(
    host: HTMLElement,
    toggleSound: () => void,
    toggleBoard: () => void,
    toggleBytes: () => void,
    toggleNet: () => void,
    toggleReceipts: () => void,
  ) {
    this.root = element("div", "status", host);
    const life = element("div", "life", this.root);
    element("span", "cross", life);
    this.hp = element("b", "", life, "100");
    const track = element("div", "track", life);
    this.lag = element("i", "lag", track);
    this.bar = element("i", "fill", track);
    const ammo = element("div", "ammo", this.root);
    element("span", "rocket-icon", ammo);
    for (let i = 0; i < MAX_ROCKETS; i++) this.pips.push(element("i", "pip", ammo));

    this.chips = element("div", "chips", host);
    this.rank = element("button", "chip rank", this.chips);
    this.rank.addEventListener("click", toggleBoard);
    this.ping = element("span", "chip ping", this.chips);
    this.sound = element("button", "chip sound", this.chips);
    this.sound.setAttribute("aria-label", "Sound on or off (M)");
    this.sound.addEventListener("click", toggleSound);
    const bytes = element("button", "chip bytes", this.chips);
    bytes.title = "Where the bytes go (B)";
    bytes.setAttribute("aria-label", bytes.title);
    bytes.addEventListener("click", toggleBytes);
    const net = element("button", "chip net", this.chips);
    net.title = "The connection (F3)";
    net.setAttribute("aria-label", net.title);
    net.addEventListener("click", toggleNet);
    const receipts = element("button", "chip receipts-chip", this.chips);
    receipts.title = "How shots were judged (F4)";
    receipts.setAttribute("aria-label", receipts.title);
    receipts.addEventListener("click", toggleReceipts);
    // A focused button would take the space bar, which fires rockets.
    this.chips.addEventListener("mousedown", (e) => e.preventDefault());
  }

  setSound(on: boolean): void {
    this.sound.title = on ? "Sound on (M)" : "Sound off (M)";
    setClass(this.sound, "off", !on);
  }

  update(me: Avatar | undefined, rank: number, of: number, stats: Stats, playing: boolean): void {
    setClass(this.root, "shown", me?.alive === true);
    setClass(this.chips, "shown", playing);
    if (me) {
      this.showHp(Math.max(0, Math.round(me.hp)));
      this.showRockets(me.rockets);
      setText(this.rank, `#${rank} of ${of} · ${me.kills} ${me.kills === 1 ? "kill" : "kills"}`);
    } else setText(this.rank, "Watching");
    const rtt = stats.rttMs;
    setText(this.ping, rtt === undefined ? "– ms" : `${Math.round(rtt)} ms`);
    setClass(this.ping, "slow", (rtt ?? 0) > 120);
  }

  private showHp(hp: number): void {
    if (hp === this.shownHp) return;
    this.shownHp = hp;
    setText(this.hp, String(hp));
    const width = `${hp}%`;
    this.bar.style.width = width;
    // The loss drains a moment later; the style sheet delays this bar.
    this.lag.style.width = width;
    setClass(this.root, "low", hp <= 30);
  }

  private showRockets(count: number): void {
    if (count === this.shownRockets) return;
    this.shownRockets = count;
    this.pips.forEach((pip, i) => setClass(pip, "on", i < count));
  }
}
