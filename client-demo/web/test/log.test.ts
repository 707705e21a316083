import { beforeEach, describe, expect, it } from "vitest";
import { deathText, MatchLog, ranking } from "../src/game/log";

const ME = 1;
let log: MatchLog;

beforeEach(() => {
  log = new MatchLog();
  log.apply(
    {
      type: "roster",
      players: [
        { id: ME, name: "Robin", bot: false },
        { id: 2, name: "Vex", bot: true },
        { id: 3, name: "Nix", bot: true },
      ],
    },
    ME,
    0,
  );
});

const kill = (victim: number, killer: number | null, at: number, weapon: "rifle" | "rocket" = "rifle") =>
  log.apply({ type: "died", victim, killer, weapon }, ME, at);

describe("people", () => {
  it("come and go", () => {
    log.apply({ type: "joined", id: 9, name: "Ada", bot: false }, ME, 1);
    expect(log.nameOf(9)).toBe("Ada");
    log.apply({ type: "left", id: 9 }, ME, 2);
    expect(log.nameOf(9)).toBe("Player 9");
    expect(log.nameOf(null)).toBe("the arena");
  });

  it("arrive in several rosters when they are many", () => {
    log.apply({ type: "roster", players: [{ id: 5, name: "Bo", bot: true }] }, ME, 1);
    expect([...log.people.keys()]).toEqual([ME, 2, 3, 5]);
    log.reset();
    expect(log.people.size).toBe(0);
  });
});

describe("feed", () => {
  it("keeps the last five lines", () => {
    for (let i = 0; i < 7; i++) kill(2, 3, i);
    expect(log.feed.map((l) => l.at)).toEqual([2, 3, 4, 5, 6]);
  });

  it("lets old lines go", () => {
    kill(2, 3, 0);
    kill(3, 2, 5000);
    log.expire(6500);
    expect(log.feed).toHaveLength(1);
  });

  it("blames nobody for an accident", () => {
    kill(2, 2, 0, "rocket");
    kill(3, null, 0);
    expect(log.feed.map((l) => l.killer)).toEqual([undefined, undefined]);
  });
});

describe("own kills and deaths", () => {
  it("announce the victim", () => {
    kill(2, ME, 100);
    expect(log.toast).toEqual({ text: "Killed Vex", at: 100 });
    log.expire(3000);
    expect(log.toast).toBeUndefined();
  });

  it("count streaks within four seconds", () => {
    kill(2, ME, 0);
    kill(3, ME, 3000);
    expect(log.toast?.text).toBe("Killed Nix · Double kill!");
    for (let i = 0; i < 3; i++) kill(2, ME, 3100 + i);
    expect(log.toast?.text).toContain("5 kills in a row");
    kill(2, ME, 9000);
    expect(log.toast?.text).toBe("Killed Vex");
  });

  it("name the killer and the weapon", () => {
    kill(ME, 2, 10, "rocket");
    expect(log.death && deathText(log.death, ME, log)).toBe("Killed by Vex with a rocket");
    log.respawned();
    expect(log.death).toBeUndefined();
    kill(ME, ME, 20, "rocket");
    expect(log.death && deathText(log.death, ME, log)).toBe("You blew yourself up");
    kill(ME, null, 30);
    expect(log.death && deathText(log.death, ME, log)).toBe("You died");
  });

  it("do not confuse others' kills with own ones", () => {
    kill(2, 3, 0);
    expect(log.toast).toBeUndefined();
    expect(log.death).toBeUndefined();
  });
});

it("keeps a bounded list of recent events", () => {
  for (let i = 0; i < 100; i++) kill(2, 3, i);
  expect(log.recent.length).toBe(32);
});

it("ranks by kills, then deaths, then id", () => {
  const ids = ranking([
    { id: 4, kills: 1, deaths: 2 },
    { id: 1, kills: 5, deaths: 9 },
    { id: 3, kills: 1, deaths: 0 },
    { id: 2, kills: 1, deaths: 2 },
  ]).map((r) => r.id);
  expect(ids).toEqual([1, 3, 2, 4]);
});
