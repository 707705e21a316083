// Words over the arena: connection banner, kill message, death screen, and the end of the road.
import { deathText, type MatchLog, RESPAWN_MS } from "../game/log";
import type { Banner } from "../net/banner";
import { element, setClass, setText } from "./dom";

export class Messages {
  private readonly banner: HTMLElement;
  private readonly toast: HTMLElement;
  private readonly death: HTMLElement;
  private readonly deathLine: HTMLElement;
  private readonly countdown: HTMLElement;
  private readonly ring: HTMLElement;
  private toastAt = -1;
  private stopped = false;

  constructor(private readonly host: HTMLElement) {
    this.banner = element("div", "banner", host);
    this.banner.setAttribute("role", "status");
    this.toast = element("div", "toast", host);
    this.death = element("div", "death", host);
    element("div", "death-title", this.death, "You died");
    this.deathLine = element("div", "death-line", this.death);
    this.ring = element("div", "respawn", this.death);
    this.countdown = element("b", "", this.ring);
  }

  update(log: MatchLog, own: number, banner: Banner | undefined, now: number): void {
    setClass(this.banner, "shown", banner !== undefined && !this.stopped);
    if (banner) {
      setText(this.banner, banner.text);
      this.banner.dataset.tone = banner.tone;
      if (banner.tone === "stop") this.stop("Not admitted", banner.text);
    }
    this.showToast(log);
    this.showDeath(log, own, now);
  }

  /** Nothing goes on from here without the player: says why and offers to load the page again. */
  stop(title: string, text: string): void {
    if (this.stopped) return;
    this.stopped = true;
    const card = element("div", "card", element("div", "join stop", this.host));
    element("h2", "", card, title);
    element("p", "reason", card, text);
    element("button", "play", card, "TRY AGAIN").addEventListener("click", () => location.reload());
  }

  private showToast(log: MatchLog): void {
    const { toast } = log;
    setClass(this.toast, "shown", toast !== undefined);
    if (!toast || toast.at === this.toastAt) return;
    this.toastAt = toast.at;
    setText(this.toast, toast.text);
    // Restarts the pop animation for a new kill while the old message is still up.
    this.toast.getAnimations().forEach((animation) => {
      animation.currentTime = 0;
    });
  }

  private showDeath(log: MatchLog, own: number, now: number): void {
    const { death } = log;
    setClass(this.death, "shown", death !== undefined);
    if (!death) return;
    setText(this.deathLine, deathText(death, own, log));
    const left = Math.max(0, RESPAWN_MS - (now - death.at));
    setText(this.countdown, left > 0 ? (left / 1000).toFixed(1) : "…");
    this.ring.style.setProperty("--left", String(left / RESPAWN_MS));
  }
}
