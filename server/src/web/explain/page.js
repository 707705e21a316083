// The server's page: a list of clients beside the treemap of the chosen one, or of all.
import { exact, kbps, short } from "./figures.js";
import { BytesView } from "./view.js";

/** @import { Explained } from "./figures.js" */
/** @typedef {{ session: number, name: string, bits: number, recentBits: number, recentSeconds: number, broken?: string }} Client */
/** @typedef {Explained & { game: string, clients: Client[], session: number | null }} Page */

const REFRESH_MS = 500;

const note = /** @type {HTMLElement} */ (document.getElementById("note"));
const list = /** @type {HTMLElement} */ (document.getElementById("clients"));
const game = /** @type {HTMLElement} */ (document.getElementById("game"));
const host = /** @type {HTMLElement} */ (document.getElementById("view"));
const view = new BytesView(host, /** @type {any} */ (globalThis).d3);

/**
 * A client's line, by its session; they stay, so that a click finds what it began on.
 * @type {Map<number | null, HTMLButtonElement>}
 */
const rows = new Map();
/** @type {number | null} */
let chosen = null;
/** @type {Page | undefined} */
let shown;

async function refresh() {
  const wanted = chosen;
  try {
    const answer = await fetch(wanted === null ? "/explain.json" : `/explain.json?client=${wanted}`);
    if (answer.status === 404) {
      // The client has left: back to all of them.
      chosen = null;
    } else if (!answer.ok) {
      note.textContent = await answer.text();
    } else if (wanted === chosen) {
      shown = await answer.json();
      draw();
    }
  } catch {
    note.textContent = "The server does not answer.";
  }
  setTimeout(refresh, REFRESH_MS);
}

function draw() {
  if (!shown) return;
  game.textContent = shown.game;
  const broken = shown.clients.filter((client) => client.broken);
  note.textContent = broken.length > 0
    ? `A defect: what ${broken.map(title).join(", ")} is sent cannot be read (${broken[0]?.broken}).`
    : "What this server sends: messages and their WebSocket headers. What TCP and IP add is not counted.";
  drawClients(shown);
  view.draw(shown);
}

/** @param {Page} page */
function drawClients({ clients }) {
  const bits = clients.reduce((sum, client) => sum + client.recentBits, 0);
  const seconds = clients.reduce((most, client) => Math.max(most, client.recentSeconds), 0);
  fill(null, `All ${clients.length}`, kbps(bits, seconds), "");
  for (const client of clients) {
    const rate = kbps(client.recentBits, client.recentSeconds);
    fill(client.session, title(client), rate, `${exact(client.bits / 8)} bytes so far`);
  }
  for (const [session, button] of rows) {
    if (session === null || clients.some((client) => client.session === session)) continue;
    button.remove();
    rows.delete(session);
  }
}

/** @param {Client} client */
function title({ session, name }) {
  return name === "" ? `#${session}` : `${name} #${session}`;
}

/**
 * @param {number | null} session
 * @param {string} name
 * @param {number} rate
 * @param {string} hint
 */
function fill(session, name, rate, hint) {
  let button = rows.get(session);
  if (!button) {
    button = document.createElement("button");
    button.append(document.createElement("span"), document.createElement("b"));
    button.addEventListener("click", () => choose(session));
    rows.set(session, button);
    list.append(button);
  }
  button.title = hint;
  button.classList.toggle("on", session === chosen);
  const [label, figure] = button.children;
  if (label) label.textContent = name;
  if (figure) figure.textContent = `${short(rate)} kbit/s`;
}

/** @param {number | null} session */
function choose(session) {
  chosen = session;
  for (const [other, button] of rows) button.classList.toggle("on", other === session);
}

addEventListener("resize", draw);
void refresh();
