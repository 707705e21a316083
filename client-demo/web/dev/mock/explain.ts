// What a match of eight about costs, for the treemap of bytes.
import type { Explained, Node, Report } from "../../../../server/src/web/explain/figures.js";

/** Bits per second: component, field, reason. */
const RATES: readonly (readonly [string, string, string, number])[] = [
  ["Body", "x", "change", 2900],
  ["Body", "x", "spawn", 90],
  ["Body", "y", "change", 2840],
  ["Body", "y", "spawn", 88],
  ["Body", "vx", "change", 1650],
  ["Body", "vy", "change", 1710],
  ["Body", "heading", "change", 2450],
  ["Body", "heading", "spawn", 60],
  ["Body", "whole", "change", 210],
  ["Health", "hp", "change", 140],
  ["Health", "guarded", "change", 30],
  ["Weapon", "rifle_cooldown", "change", 620],
  ["Weapon", "rocket_cooldown", "change", 130],
  ["Weapon", "rockets", "change", 40],
  ["Score", "kills", "change", 22],
  ["Score", "deaths", "change", 20],
  ["Rocket", "x", "change", 95],
  ["Rocket", "x", "spawn", 70],
  ["Rocket", "y", "change", 97],
  ["Rocket", "heading", "spawn", 60],
  ["Pickup", "ready", "change", 12],
  ["rows", "change", "", 900],
  ["rows", "id", "", 420],
  ["rows", "removal", "", 60],
  ["events", "shot", "", 3300],
  ["events", "hit", "", 410],
  ["events", "died", "", 130],
  ["events", "header", "", 1500],
  ["messages", "header", "", 1920],
  ["messages", "padding", "", 110],
  ["messages", "control", "", 240],
  ["messages", "WebSocket", "", 980],
];

export function mockExplained(since: number, now: number): Explained {
  return { tickRate: 60, recent: report(Math.min(5000, now - since), now), all: report(now - since, 0) };
}

function report(ms: number, phase: number): Report {
  const seconds = ms / 1000;
  const tree: Node = { name: "all", bits: 0, children: [] };
  RATES.forEach(([component, field, reason, rate], i) => {
    const wobble = phase === 0 ? 1 : 1 + 0.3 * Math.sin(phase / 1700 + i);
    add(tree, [component, field, reason].filter((name) => name !== ""), Math.round(rate * seconds * wobble));
  });
  return { seconds, tree };
}

function add(node: Node, [name, ...rest]: string[], bits: number): void {
  node.bits += bits;
  if (name === undefined) return;
  node.children ??= [];
  let child = node.children.find((c) => c.name === name);
  if (!child) node.children.push((child = { name, bits: 0 }));
  add(child, rest, bits);
}
