// What the panels have in common: buttons and keys that leave the game its own.
import { element } from "../hud/dom";

export function button(host: HTMLElement, classes: string, text: string, title: string): HTMLButtonElement {
  const made = element("button", classes, host, text);
  made.type = "button";
  made.title = title;
  if (text.length < 2) made.setAttribute("aria-label", title);
  // Taking the focus, a click would take the space bar from the game, which fires rockets; the Tab key still reaches it.
  made.addEventListener("mousedown", (e) => e.preventDefault());
  return made;
}

const OWN_KEYS = new Set(["Tab", "Space", "Enter", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);

/** Keys that a part of the panel understands are not the game's too, while the focus is in there. */
export function keepKeys(root: HTMLElement): void {
  root.addEventListener("keydown", (e) => {
    if (OWN_KEYS.has(e.code)) e.stopPropagation();
  });
}

/** Gives the keys back to the game. */
export function blurWithin(root: HTMLElement): void {
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement && root.contains(activeElement)) activeElement.blur();
}
