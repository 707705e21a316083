// The first screen: a name, a button, and how to play.
import { element } from "./dom";

const STORED_NAME = "arena.name";
export const MAX_NAME = 16;

export interface JoinWishes {
  /** Set when the page's address asks to skip the screen. */
  auto: string | undefined;
  /** What the field starts with. */
  suggested: string;
}

/** Reads `?name=Foo` (join at once as Foo) and `?autoplay` (join at once under the remembered name). */
export function joinWishes(search: string, remembered: string, random: number): JoinWishes {
  const query = new URLSearchParams(search);
  const given = cleanName(query.get("name") ?? "");
  const suggested = given || cleanName(remembered) || `Guest ${100 + Math.floor(random * 900)}`;
  const auto = given !== "" || query.has("autoplay") ? suggested : undefined;
  return { auto, suggested };
}

/** A name as the server takes it: one line, trimmed, short; "" if nothing is left. */
export function cleanName(raw: string): string {
  const line = raw.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return [...line].slice(0, MAX_NAME).join("").trim();
}

export function rememberedName(): string {
  try {
    return localStorage.getItem(STORED_NAME) ?? "";
  } catch {
    return ""; // Storage may be forbidden; the name is then asked anew each time.
  }
}

function remember(name: string): void {
  try {
    localStorage.setItem(STORED_NAME, name);
  } catch {
    // As above.
  }
}

export class JoinScreen {
  private readonly root: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly note: HTMLElement;

  constructor(
    host: HTMLElement,
    suggested: string,
    touch: boolean,
    private readonly join: (name: string) => void,
  ) {
    this.root = element("div", "join", host);
    const card = element("form", "card", this.root);
    element("h1", "", card, "ARENA");
    element("p", "tagline", card, "Rifle in the left hand, rockets in the right.");
    const field = element("input", "", card);
    field.id = "name";
    field.maxLength = MAX_NAME;
    field.value = suggested;
    field.autocomplete = "off";
    field.spellcheck = false;
    field.setAttribute("aria-label", "Your name");
    field.placeholder = "Your name";
    this.button = element("button", "play", card, "PLAY");
    this.button.type = "submit";
    this.note = element("p", "note", card);
    card.append(controlsHelp(touch));
    card.addEventListener("submit", (e) => {
      e.preventDefault();
      const name = cleanName(field.value) || suggested;
      remember(name);
      field.blur();
      this.join(name);
    });
    if (!touch) field.select();
  }

  /** What keeps the game from starting, "" for nothing. */
  say(text: string): void {
    this.note.textContent = text;
  }

  remove(): void {
    this.root.remove();
  }
}

function controlsHelp(touch: boolean): HTMLElement {
  const list = document.createElement("dl");
  list.className = "controls";
  const rows = touch
    ? [
        ["Left thumb", "move"],
        ["Right thumb", "aim, push further to fire"],
        ["Rocket button", "fire a rocket"],
      ]
    : [
        ["W A S D", "move"],
        ["Mouse", "aim"],
        ["Left button", "rifle"],
        ["Right button", "rocket"],
        ["Tab", "scores"],
        ["M", "sound"],
        ["B", "where the bytes go"],
        ["F3", "the connection, bad links"],
        ["F4", "how shots were judged"],
      ];
  for (const [keys, what] of rows) {
    const row = element("div", "", list);
    element("dt", "", row, keys);
    element("dd", "", row, what);
  }
  return list;
}
