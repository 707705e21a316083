// The few DOM helpers that the HUD needs. Text only ever enters through textContent: names come from strangers.

/** Makes an element with classes, inside a parent. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  classes: string,
  parent?: HTMLElement,
  text?: string,
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = classes;
  if (text !== undefined) made.textContent = text;
  parent?.append(made);
  return made;
}

/** Writes text only when it differs: the HUD is refreshed every frame and changes rarely. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function setClass(target: HTMLElement, name: string, on: boolean): void {
  if (target.classList.contains(name) !== on) target.classList.toggle(name, on);
}
