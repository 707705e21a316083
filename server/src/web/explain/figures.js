// What the trees of bits come to, in words. Shared by the server's page and by the panels of games.

/**
 * A part of what was sent: see `Node` in `tickwire_protocol::explain`.
 * @typedef {{ name: string, bits: number, children?: Node[] }} Node
 */

/**
 * What the bits of some time were for.
 * @typedef {{ seconds: number, tree: Node }} Report
 */

/**
 * @typedef {object} Explained
 * @property {number} tickRate Ticks per second.
 * @property {Report} recent The last five seconds.
 * @property {Report} all Since the beginning.
 */

/**
 * A number with at most three digits that say something: 1234, 12.3, 0.12.
 * @param {number} value
 */
export function short(value) {
  if (value === 0) return "0";
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/**
 * A whole number to the last digit.
 * @param {number} value
 */
export function exact(value) {
  return value.toLocaleString("en-US", { maximumFractionDigits: 3 });
}

/**
 * @param {number} bits
 * @param {number} seconds
 */
export function kbps(bits, seconds) {
  return seconds > 0 ? bits / 1000 / seconds : 0;
}

/**
 * Bytes for each tick of the game, not for each message.
 * @param {number} bits
 * @param {Report} report
 * @param {number} tickRate
 */
export function bytesPerTick(bits, { seconds }, tickRate) {
  return seconds > 0 ? bits / 8 / seconds / tickRate : 0;
}

/**
 * @param {number} bits
 * @param {number} of
 */
export function percent(bits, of) {
  return of > 0 ? `${short((100 * bits) / of)} %` : "–";
}

/**
 * Everything about one part, for who points at it.
 * @param {readonly string[]} path
 * @param {number} bits
 * @param {Report} report
 * @param {number} tickRate
 */
export function describe(path, bits, report, tickRate) {
  const figures = [
    `${exact(bits)} bits in ${report.seconds.toFixed(1)} s`,
    `${short(kbps(bits, report.seconds))} kbit/s`,
    `${short(bytesPerTick(bits, report, tickRate))} B per tick`,
    percent(bits, report.tree.bits),
  ];
  return { name: path.join(" → "), figures: figures.join(" · ") };
}

/**
 * @typedef {object} Part
 * @property {string} key Unlike that of any other part of the tree.
 * @property {string[]} path Names from below the root.
 * @property {string} label
 * @property {number} bits
 * @property {Part[]} parts
 */

/**
 * The tree as it is drawn: the parts in the order of `order`, so that they keep their places while the figures change, and a
 * field with a single reason as one part.
 * @param {Node} tree
 * @param {Node} order
 * @returns {Part}
 */
export function arrange(tree, order) {
  return part([], tree, order);
}

/**
 * @param {string[]} path
 * @param {Node} node
 * @param {Node | undefined} order
 * @returns {Part}
 */
function part(path, node, order) {
  let { children = [] } = node;
  const [end] = children;
  const single = path.length > 0 && children.length === 1 && end && !end.children;
  const whole = single && end ? [...path, end.name] : path;
  if (single) children = [];
  const rank = new Map((order?.children ?? []).map((child) => [child.name, child]));
  const weight = (/** @type {Node} */ child) => rank.get(child.name)?.bits ?? 0;
  const sorted = [...children].sort((a, b) => weight(b) - weight(a) || (a.name < b.name ? -1 : 1));
  return {
    key: JSON.stringify(path),
    path: whole,
    label: node.name,
    bits: node.bits,
    parts: sorted.map((child) => part([...path, child.name], child, rank.get(child.name))),
  };
}
