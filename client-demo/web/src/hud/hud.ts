// Everything around the arena that is made of words: gathers the parts and refreshes them.
import { type MatchLog, type Rank, ranking } from "../game/log";
import { bannerOf } from "../net/banner";
import type { Connection, Stats } from "../seam/connection";
import type { Scene } from "../seam/rows";
import { Board } from "./board";
import { BytesPanel } from "./bytes";
import { Feed } from "./feed";
import { Messages } from "./messages";
import { Status } from "./status";

/** Scores change rarely; ranking them more often shows nothing. */
const RANKING_MS = 200;

export class Hud {
  readonly status: Status;
  readonly messages: Messages;
  readonly board: Board;
  readonly bytes: BytesPanel;
  private readonly feed: Feed;
  private ranks: Rank[] = [];
  private rankedAt = -Infinity;

  constructor(host: HTMLElement, toggleSound: () => void) {
    this.board = new Board(host);
    this.bytes = new BytesPanel(host);
    this.status = new Status(
      host,
      toggleSound,
      () => this.board.toggle(),
      () => this.bytes.toggle(),
    );
    this.feed = new Feed(host);
    this.messages = new Messages(host);
  }

  update(scene: Scene, log: MatchLog, connection: Connection, stats: Stats, now: number): void {
    const playing = connection.state === "playing";
    if (now - this.rankedAt > RANKING_MS) {
      this.rankedAt = now;
      this.ranks = ranking(scene.avatars);
      this.board.update(this.ranks, log, scene.own);
    }
    this.bytes.update(now);
    log.expire(now);
    const rank = this.ranks.findIndex((r) => r.id === scene.own) + 1;
    this.status.update(scene.me(), rank, this.ranks.length, stats, playing);
    this.feed.update(log, scene.own);
    this.messages.update(log, scene.own, bannerOf(connection), now);
  }
}
