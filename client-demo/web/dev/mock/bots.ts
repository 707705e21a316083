// Wandering bots: walk to somewhere, shoot at whoever they see.
import { cellAt } from "../../src/seam/map";
import { MOCK_MAP } from "./map";
import { type Fighter, type Sim, STEP_S } from "./sim";

const W = MOCK_MAP.width;

export function think(sim: Sim, bot: Fighter): void {
  bot.thinkIn -= STEP_S;
  if (bot.path.length === 0) bot.path = route(bot, Math.floor(sim.random() * W * MOCK_MAP.height));
  follow(bot);
  const target = sim.fighters
    .filter(
      (f) =>
        f !== bot && f.deadFor <= 0 && Math.hypot(f.x - bot.x, f.y - bot.y) < 13 && sim.sees(bot.x, bot.y, f.x, f.y),
    )
    .sort((a, b) => Math.hypot(a.x - bot.x, a.y - bot.y) - Math.hypot(b.x - bot.x, b.y - bot.y))[0];
  if (!target) {
    turnTo(bot, Math.atan2(bot.vy, bot.vx), 0.1);
    bot.input.rifle = bot.input.rocket = false;
    return;
  }
  turnTo(bot, Math.atan2(target.y - bot.y, target.x - bot.x), 0.12 + bot.skill * 0.2);
  if (bot.thinkIn > 0) return;
  bot.thinkIn = 0.25 + sim.random() * 0.5;
  bot.input.rifle = !sim.peaceful && sim.random() < 0.6;
  bot.input.rocket = !sim.peaceful && sim.random() < 0.2;
  bot.input.aim += (sim.random() - 0.5) * (0.5 - bot.skill * 0.35);
}

function follow(bot: Fighter): void {
  const next = bot.path[0];
  if (next === undefined) return;
  const dx = (next % W) + 0.5 - bot.x;
  const dy = Math.floor(next / W) + 0.5 - bot.y;
  const distance = Math.hypot(dx, dy);
  if (distance < 0.3) bot.path.shift();
  bot.input.moveX = (dx / (distance || 1)) * 0.8;
  bot.input.moveY = (dy / (distance || 1)) * 0.8;
}

function turnTo(bot: Fighter, angle: number, share: number): void {
  const off = Math.atan2(Math.sin(angle - bot.input.aim), Math.cos(angle - bot.input.aim));
  bot.input.aim += off * share;
}

/** Breadth first over open cells; [] if there is no way. */
function route(bot: Fighter, goal: number): number[] {
  const open = (at: number) => !"#=".includes(cellAt(MOCK_MAP, at % W, Math.floor(at / W)));
  if (!open(goal)) return [];
  const start = Math.floor(bot.y) * W + Math.floor(bot.x);
  const from = new Map<number, number>([[start, start]]);
  const queue = [start];
  for (let head = 0; head < queue.length && !from.has(goal); head++) {
    const at = queue[head] as number;
    for (const step of [1, -1, W, -W]) {
      if (from.has(at + step) || !open(at + step)) continue;
      from.set(at + step, at);
      queue.push(at + step);
    }
  }
  if (!from.has(goal)) return [];
  const path = [];
  for (let at = goal; at !== start; at = from.get(at) as number) path.unshift(at);
  return path;
}
