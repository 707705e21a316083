// Everything around the arena that is made of words: gathers the parts and refreshes them.
import { type MatchLog, type Rank, ranking } from "../game/log";
import { bannerOf } from "../net/banner";
import type { Cost } from "../net/link";
import { Badge } from "../panel/badge";
import { NetPanel } from "../panel/netpanel";
import { Simulator } from "../panel/simulator";
import type { Connection, Stats } from "../seam/connection";
import type { ArenaCore } from "../seam/core";
import type { Scene } from "../seam/rows";
import { Board } from "./board";
import { BytesPanel } from "./bytes";
import { Feed } from "./feed";
import { Messages } from "./messages";
import { Receipts } from "./receipts";
import { Status } from "./status";

/** Scores change rarely; ranking them more often shows nothing. */
const RANKING_MS = 200;

export class Hud {
  readonly status: Status;
  readonly messages: Messages;
  readonly board: Board;
  readonly bytes: BytesPanel;
  readonly net: NetPanel;
  readonly receipts: Receipts;
  readonly badge: Badge;
  private readonly simulator: Simulator;
  private readonly feed: Feed;
  private ranks: Rank[] = [];
  private rankedAt = -Infinity;

  constructor(host: HTMLElement, toggleSound: () => void) {
    this.receipts = new Receipts(host);
    this.board = new Board(host);
    this.bytes = new BytesPanel(host, () => this.toggle(this.bytes));
    this.net = new NetPanel(host, () => this.toggle(this.net));
    this.simulator = new Simulator(this.net.side);
    this.badge = new Badge(host);
    this.status = new Status(
      host,
      toggleSound,
      () => this.board.toggle(),
      () => this.toggle(this.bytes),
      () => this.toggle(this.net),
      () => this.receipts.toggle(),
    );
    this.feed = new Feed(host);
    this.messages = new Messages(host);
  }

  /** Opens or closes one of the two panels, which lie in the same place. */
  toggle(panel: BytesPanel | NetPanel): void {
    const other = panel === this.net ? this.bytes : this.net;
    if (other.shown && !panel.shown) other.toggle();
    panel.toggle();
  }

  /** Joined: from here on there is something to measure. */
  start(core: ArenaCore, cost: () => Cost): void {
    this.bytes.start(core);
    this.net.start(core, cost);
    this.receipts.start(core);
    this.simulator.start(core);
  }

  update(scene: Scene, log: MatchLog, connection: Connection, stats: Stats, now: number): void {
    const playing = connection.state === "playing";
    if (now - this.rankedAt > RANKING_MS) {
      this.rankedAt = now;
      this.ranks = ranking(scene.avatars);
      this.board.update(this.ranks, log, scene.own);
    }
    this.bytes.update(now);
    this.net.update(now);
    this.badge.update(this.simulator.on, stats.notice ?? "");
    log.expire(now);
    const rank = this.ranks.findIndex((r) => r.id === scene.own) + 1;
    this.status.update(scene.me(), rank, this.ranks.length, stats, playing);
    this.feed.update(log, scene.own);
    this.messages.update(log, scene.own, bannerOf(connection), now);
  }
}
