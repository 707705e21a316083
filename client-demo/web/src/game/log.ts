// What happened, as the HUD tells it. A reducer: events in, plain lists out; nothing here draws or reads a clock.
import type { ArenaEvent, EventOf, WeaponKind } from "../seam/events";

const FEED_LINES = 5;
const FEED_MS = 6000;
/** Kills within this time of one another count as a streak. */
const STREAK_MS = 4000;
const TOAST_MS = 1900;
export const RESPAWN_MS = 2000;
/** Events kept for the test hooks. */
const RECENT = 32;

export interface Person {
  name: string;
  bot: boolean;
}

export interface FeedLine {
  /** Grows by one per line: lets the HUD keep an element per line. */
  serial: number;
  at: number;
  /** Undefined when nobody else is to blame. */
  killer?: number;
  victim: number;
  weapon: WeaponKind;
}

export interface Toast {
  text: string;
  at: number;
}

export interface Death {
  at: number;
  killer: number | null;
  weapon: WeaponKind;
}

export class MatchLog {
  readonly people = new Map<number, Person>();
  readonly feed: FeedLine[] = [];
  readonly recent: ArenaEvent[] = [];
  toast: Toast | undefined;
  /** The own death, until the next respawn. */
  death: Death | undefined;
  private serial = 0;
  private streak = 0;
  private lastKillAt = -Infinity;

  apply(event: ArenaEvent, own: number, now: number): void {
    this.recent.push(event);
    if (this.recent.length > RECENT) this.recent.shift();
    switch (event.type) {
      case "roster":
        for (const { id, name, bot } of event.players) this.people.set(id, { name, bot });
        break;
      case "joined":
        this.people.set(event.id, { name: event.name, bot: event.bot });
        break;
      case "left":
        this.people.delete(event.id);
        break;
      case "died":
        this.died(event, own, now);
        break;
      default:
        break;
    }
  }

  /** Lets old lines and messages go. */
  expire(now: number): void {
    while (this.feed.length > 0 && now - (this.feed[0] as FeedLine).at > FEED_MS) this.feed.shift();
    if (this.toast && now - this.toast.at > TOAST_MS) this.toast = undefined;
  }

  respawned(): void {
    this.death = undefined;
  }

  /** A new connection is a new match. */
  reset(): void {
    this.people.clear();
    this.feed.length = 0;
    this.toast = this.death = undefined;
    this.streak = 0;
  }

  nameOf(id: number | null | undefined): string {
    if (id === null || id === undefined) return "the arena";
    return this.people.get(id)?.name ?? `Player ${id}`;
  }

  private died(event: EventOf<"died">, own: number, now: number): void {
    const { victim, killer, weapon } = event;
    const blame = killer === null || killer === victim ? {} : { killer };
    this.feed.push({ serial: ++this.serial, at: now, victim, weapon, ...blame });
    if (this.feed.length > FEED_LINES) this.feed.shift();
    if (victim === own) {
      this.death = { at: now, killer, weapon };
      this.streak = 0;
    } else if (killer === own) {
      this.streak = now - this.lastKillAt <= STREAK_MS ? this.streak + 1 : 1;
      this.lastKillAt = now;
      this.toast = { text: killText(this.nameOf(victim), this.streak), at: now };
    }
  }
}

function killText(name: string, streak: number): string {
  const bonus =
    ["", "", " · Double kill!", " · Triple kill!", " · Quad kill!"][streak] ?? ` · ${streak} kills in a row!`;
  return `Killed ${name}${bonus}`;
}

/** The death screen's line. */
export function deathText(death: Death, own: number, log: MatchLog): string {
  if (death.killer === own) return "You blew yourself up";
  if (death.killer === null) return "You died";
  return `Killed by ${log.nameOf(death.killer)} with ${death.weapon === "rifle" ? "the rifle" : "a rocket"}`;
}

export interface Rank {
  id: number;
  kills: number;
  deaths: number;
}

/** Best first: by kills, then by fewer deaths, then by id so that equals keep their places. */
export function ranking(players: Iterable<Rank>): Rank[] {
  return [...players]
    .map(({ id, kills, deaths }) => ({ id, kills, deaths }))
    .sort((a, b) => b.kills - a.kills || a.deaths - b.deaths || a.id - b.id);
}
