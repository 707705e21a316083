// The link simulator and the switches: how the game feels on a bad link, and what each of its remedies is worth.
import { element, setClass, setText } from "../hud/dom";
import type { ArenaCore } from "../seam/core";
import { describe, type LinkNumbers, NO_LINK, type Profile, profileOf, rateOfStep, RATES, stepOfRate } from "./links";
import { button } from "./parts";

type Core = Pick<ArenaCore, "set_link" | "link_profiles" | "set_feel">;

/** What is done to a bad link; each can be switched off. */
const REMEDIES = [
  { key: "prediction", title: "Prediction", help: "Your own avatar moves at once, not after a round trip" },
  { key: "interpolation", title: "Interpolation", help: "The others glide between snapshots, a little in the past" },
  { key: "compensation", title: "Lag compensation", help: "The server judges your shots by the picture you had" },
] as const;

interface Slider {
  input: HTMLInputElement;
  value: HTMLElement;
}

export class Simulator {
  private readonly buttons: HTMLElement;
  private readonly words: HTMLElement;
  private readonly sliders: Record<"rtt" | "jitter" | "loss" | "rate", Slider>;
  private readonly boxes: HTMLInputElement[];
  private core: Core | undefined;
  private profiles: Profile[] = [];
  private link: LinkNumbers = NO_LINK;

  constructor(host: HTMLElement) {
    const title = element("div", "bytes-title", host);
    element("h2", "", title, "Simulated link");
    this.buttons = element("div", "sim-profiles", host);
    this.buttons.setAttribute("role", "group");
    this.buttons.setAttribute("aria-label", "Profiles");
    this.sliders = {
      rtt: this.slider(host, "Latency", 500, 5),
      jitter: this.slider(host, "Jitter", 100, 1),
      loss: this.slider(host, "Loss → stall", 5, 0.1),
      rate: this.slider(host, "Bandwidth", RATES.length, 1),
    };
    this.words = element("p", "sim-words", host);
    const remedies = element("div", "sim-remedies", host);
    this.boxes = REMEDIES.map(({ title: text, help }) => {
      const label = element("label", "", remedies);
      label.title = help;
      const box = element("input", "", label);
      box.type = "checkbox";
      box.checked = true;
      element("span", "", label, text);
      box.addEventListener("change", () => this.applyFeel());
      giveKeysBack(box);
      return box;
    });
  }

  start(core: Core): void {
    this.core = core;
    this.profiles = JSON.parse(core.link_profiles()) as Profile[];
    this.buttons.replaceChildren();
    for (const profile of this.profiles) {
      const made = button(this.buttons, "", profile.name, describe(profile, profile.name) || "Nothing is simulated");
      made.dataset.profile = profile.name;
      made.addEventListener("click", () => this.apply(profile));
    }
    this.show();
  }

  /** What is on, in words; "" while the game is as it should be. */
  get on(): string {
    const parts: string[] = [];
    const words = describe(this.link, profileOf(this.link, this.profiles));
    if (words !== "") parts.push(`Simulated link ${words}`);
    const off = REMEDIES.filter((_, i) => this.boxes[i]?.checked === false);
    if (off.length > 0) parts.push(`Off: ${off.map(({ title }) => title.toLowerCase()).join(", ")}`);
    return parts.join(" · ");
  }

  private slider(host: HTMLElement, title: string, most: number, step: number): Slider {
    const label = element("label", "sim-slider", host);
    element("span", "", label, title);
    const input = element("input", "", label);
    Object.assign(input, { type: "range", min: "0", max: String(most), step: String(step), value: "0" });
    const value = element("b", "", label);
    input.addEventListener("input", () => this.applySliders());
    giveKeysBack(input);
    return { input, value };
  }

  private applySliders(): void {
    const { rtt, jitter, loss, rate } = this.sliders;
    this.apply({
      rttMs: Number(rtt.input.value),
      jitterMs: Number(jitter.input.value),
      lossPercent: Number(loss.input.value),
      kbps: rateOfStep(Number(rate.input.value)),
      holeSeconds: this.link.holeSeconds,
    });
  }

  private apply(link: LinkNumbers): void {
    this.link = link;
    const { rttMs, jitterMs, lossPercent, kbps, holeSeconds } = link;
    this.core?.set_link(rttMs, jitterMs, lossPercent, kbps, holeSeconds, performance.now());
    this.show();
  }

  private applyFeel(): void {
    const [prediction = true, interpolation = true, compensation = true] = this.boxes.map((box) => box.checked);
    this.core?.set_feel(prediction, interpolation, compensation);
  }

  private show(): void {
    const { rttMs, jitterMs, lossPercent, kbps } = this.link;
    set(this.sliders.rtt, rttMs, `${rttMs} ms`);
    set(this.sliders.jitter, jitterMs, `± ${jitterMs} ms`);
    set(this.sliders.loss, lossPercent, `${lossPercent} %`);
    set(this.sliders.rate, stepOfRate(kbps), kbps === 0 ? "free" : `${kbps} kbit/s`);
    const name = profileOf(this.link, this.profiles);
    for (const made of this.buttons.querySelectorAll("button")) {
      const chosen = made.dataset.profile === name;
      setClass(made, "on", chosen);
      made.setAttribute("aria-pressed", String(chosen));
    }
    const words = describe(this.link, name);
    setText(this.words, words === "" ? "Off: your real connection, nothing added." : `Added to your real connection: ${words}.`);
  }
}

function set({ input, value }: Slider, number: number, text: string): void {
  input.value = String(number);
  input.setAttribute("aria-valuetext", text);
  setText(value, text);
}

/** After the mouse or a finger let go, the keys are the game's again; who came by the Tab key keeps the focus. */
function giveKeysBack(input: HTMLInputElement): void {
  input.addEventListener("pointerup", () => input.blur());
}
