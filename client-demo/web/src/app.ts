// The page while it lives: one loop that turns input into commands, the core's scene into a picture, and events into words.
import { Sounds } from "./audio/sounds";
import { Camera } from "./game/camera";
import { LatencyProbe } from "./game/latency";
import { MatchLog } from "./game/log";
import { Hud } from "./hud/hud";
import { type Command, Controls } from "./input/controls";
import type { Vec } from "./input/keys";
import { type Early, Link } from "./net/link";
import { dial, fetchLevel } from "./net/ports";
import { Reactions } from "./reactions";
import type { View } from "./render/view";
import { FRAME_CELLS } from "./render/wallmesh";
import type { Connection, ConnectionState, Stats } from "./seam/connection";
import type { ArenaCore } from "./seam/core";
import { readEvent } from "./seam/events";
import type { ArenaMap } from "./seam/map";
import { type Avatar, Scene } from "./seam/rows";

/** A frame later than this follows a pause: what happened meanwhile goes to the log without fireworks. */
const PAUSE_MS = 600;
/** A rollback of the own rockets must not sound like a second launch. */
const LAUNCH_GAP_MS = 300;
const BACKGROUND_MS = 1000;
const HOLD_MS = 1500;
/** How far the aim stick leans the view, in CSS pixels. */
const STICK_REACH_PX = 170;
const NOT_STARTED: Connection = { state: "waiting" };
const NO_STATS: Stats = {};

export class App {
  readonly scene = new Scene();
  readonly log = new MatchLog();
  readonly camera = new Camera(matchMedia("(prefers-reduced-motion: reduce)").matches);
  readonly latency = new LatencyProbe();
  readonly sounds = new Sounds();
  readonly hud: Hud;
  readonly controls: Controls;
  map: ArenaMap | undefined;
  frames = 0;
  firstFrameMs: number | null = null;
  readonly reactions: Reactions;
  private readonly command: Command = {
    moveX: 0,
    moveY: 0,
    aim: 0,
    rifle: false,
    rocket: false,
    riflePulled: false,
    rocketPulled: false,
  };
  private readonly focus: Vec = { x: 0, y: 0 };
  private view: View | undefined;
  private core: ArenaCore | undefined;
  private link: Link | undefined;
  private state: ConnectionState = "waiting";
  private lastFrame = performance.now();
  private wasAlive = false;
  private seenOwn = false;
  private rocketsLeft = 0;
  private launchAt = -Infinity;
  private heldUntil = 0;

  constructor(canvas: HTMLCanvasElement, host: HTMLElement) {
    this.reactions = new Reactions(() => this.view, this.scene, this.camera, this.sounds);
    this.hud = new Hud(host, () => this.toggleSound());
    this.controls = new Controls(canvas, host, {
      scoreboard: (shown) => this.hud.board.show(shown),
      mute: () => this.toggleSound(),
      bytes: () => this.hud.toggle(this.hud.bytes),
      net: () => this.hud.toggle(this.hud.net),
      receipts: () => this.hud.receipts.toggle(),
      pause: () => this.hud.net.togglePause(),
      stimulus: (kind, at) => this.latency.stimulus(kind, at),
    });
    this.hud.status.setSound(!this.sounds.muted);
    addEventListener("resize", () => this.resize());
    this.resize();
  }

  /** The picture may come before or after the match; `events` of the view are routed here. */
  attach(view: View): void {
    this.view = view;
    this.resize();
    if (this.map) view.setMap(this.map);
    for (const [id, { name }] of this.log.people) view.tags.set(id, name);
  }

  readonly viewEvents = {
    appeared: (avatar: Avatar) => this.reactions.appeared(avatar),
    launched: (rocket: Parameters<Reactions["launched"]>[0]) => this.reactions.launched(rocket),
  };

  /** Shows an arena before the match has one: a backdrop, and most likely the floor of the match, painted while it connects. */
  preview(map: ArenaMap): void {
    if (this.map) return;
    this.map = map;
    this.view?.setMap(map);
  }

  /**
   * Draws nothing until the match begins, for a second and a half at most. The first drawing call waits until the browser has
   * started its graphics, and the page with it: while joining at once, that time belongs to the connection.
   */
  holdPicture(): void {
    this.heldUntil = performance.now() + HOLD_MS;
  }

  /** Joins: from now on the core is driven by the frames, and by what comes between slow ones. */
  start(core: ArenaCore, early: Early): void {
    this.core = core;
    const ports = {
      dial,
      fetchLevel,
      now: () => performance.now(),
      background: () => this.drain(performance.now(), true),
      input: () => this.sendInput(core),
    };
    const link = new Link(core, ports, early);
    this.link = link;
    this.hud.start(core, () => link.cost);
    const tell = () => {
      this.controls.releaseAll();
      link.setHidden(document.hidden);
    };
    document.addEventListener("visibilitychange", tell);
    if (document.hidden) tell();
    window.addEventListener("pagehide", ({ persisted }) => {
      if (!persisted) link.leave();
    });
    link.pump(performance.now());
    this.controls.enabled = true;
    document.body.classList.add("playing");
  }

  /** The own avatar's heading as it is drawn, fresher than the core's. */
  get heading(): number {
    return this.command.aim;
  }

  get connection(): Connection {
    return this.link?.connection.value ?? NOT_STARTED;
  }

  get stats(): Stats {
    return this.link?.stats.value ?? NO_STATS;
  }

  /** Runs until the page closes. An error here is a bug: it ends the loop and says so instead of repeating 60 times a second. */
  run(): void {
    const frame = () => {
      try {
        this.frame(performance.now());
        requestAnimationFrame(frame);
      } catch (error) {
        console.error(error);
        this.hud.messages.stop("The game stopped", `This should not happen: ${String(error)}`);
      }
    };
    requestAnimationFrame(frame);
    // A hidden page gets no frames; what then keeps the match going are arriving messages and, without a line, this.
    setInterval(() => {
      if (document.hidden) this.background(performance.now());
    }, BACKGROUND_MS);
  }

  private background(now: number): void {
    this.link?.pump(now);
    this.drain(now, true);
  }

  private frame(now: number): void {
    const pause = now - this.lastFrame;
    const dt = Math.min(0.05, pause / 1000);
    this.lastFrame = now;
    if (this.core && this.link) {
      this.sendInput(this.core);
      this.link.frame(now);
      this.followState(this.core);
      this.scene.update(this.core, now);
      this.drain(now, pause > PAUSE_MS);
      this.followOwn(now);
      this.hud.update(this.scene, this.log, this.connection, this.stats, now);
    }
    this.moveCamera(now, dt);
    this.draw(now, dt);
  }

  private draw(now: number, dt: number): void {
    if (now > this.heldUntil || this.state === "playing") this.heldUntil = 0;
    if (!this.view || this.heldUntil > 0) return;
    const { scene, camera, command, controls } = this;
    const pointer = this.core && !controls.touch ? controls.pointer : undefined;
    this.view.draw({ scene, camera, ownHeading: command.aim, pointer, time: now / 1000, dt });
    this.hud.receipts.draw(camera, now);
    this.frames++;
    this.measure();
  }

  private sendInput(core: ArenaCore): void {
    const { pointer } = this.controls;
    const aim = Math.atan2(
      this.camera.toWorldY(pointer.y) - this.focus.y,
      this.camera.toWorldX(pointer.x) - this.focus.x,
    );
    this.controls.sample(aim, this.command);
    const { moveX, moveY, rifle, rocket, riflePulled, rocketPulled } = this.command;
    core.pull(riflePulled, rocketPulled);
    core.handle_input(moveX, moveY, this.command.aim, rifle, rocket);
  }

  /** Reacts to the connection starting or ending. */
  private followState(core: ArenaCore): void {
    const { state } = this.connection;
    if (state === this.state) return;
    const left = this.state === "playing";
    this.state = state;
    if (left) {
      this.log.reset();
      this.latency.interrupt();
    }
    if (state !== "playing") return;
    this.view?.clear();
    this.seenOwn = this.wasAlive = false;
    const text = core.map();
    if (text === "") return;
    this.map = JSON.parse(text) as ArenaMap;
    this.view?.setMap(this.map);
  }

  /** Takes the core's events: into the log, and unless `quiet` into light and sound. */
  private drain(now: number, quiet: boolean): void {
    for (let line = this.core?.poll_event(); line !== undefined; line = this.core?.poll_event()) {
      const event = readEvent(line);
      this.log.apply(event, this.scene.own, now);
      if (event.type === "receipt") this.hud.receipts.add(event, now);
      if (event.type === "roster") {
        for (const { id, name } of event.players) this.view?.tags.set(id, name);
      } else if (event.type === "joined") this.view?.tags.set(event.id, event.name);
      else if (event.type === "left") this.view?.tags.delete(event.id);
      if (!quiet) this.reactions.apply(event);
    }
  }

  /** Draws the own shots as they are fired, and notices the own respawn. */
  private followOwn(now: number): void {
    const me = this.scene.me();
    if (!me?.alive) {
      this.wasAlive = false;
      return;
    }
    if (!this.wasAlive) {
      this.wasAlive = true;
      this.rocketsLeft = me.rockets;
      this.log.respawned();
    }
    this.focus.x = me.x;
    this.focus.y = me.y;
    for (const shot of this.scene.shots) this.reactions.ownShot(me, shot);
    if (me.rockets < this.rocketsLeft && now - this.launchAt > LAUNCH_GAP_MS) {
      this.launchAt = now;
      this.reactions.launch(me.id, me.x, me.y, this.command.aim);
    }
    this.rocketsLeft = me.rockets;
  }

  private moveCamera(now: number, dt: number): void {
    const { camera, map, controls } = this;
    if (!map) return;
    camera.margin = controls.touch ? FRAME_CELLS : 2;
    if (!this.core || (!this.seenOwn && !this.wasAlive)) {
      camera.overview(map, now / 1000, !this.core);
    } else {
      if (!this.seenOwn) camera.cut(this.focus.x, this.focus.y);
      this.seenOwn = true;
      // The dead look at where they fell.
      const alive = this.wasAlive ? 1 : 0;
      const stick = controls.sticks.aimStrength * STICK_REACH_PX;
      const dx = alive * (controls.touch ? Math.cos(this.command.aim) * stick : controls.pointer.x - camera.width / 2);
      const dy = alive * (controls.touch ? Math.sin(this.command.aim) * stick : controls.pointer.y - camera.height / 2);
      camera.follow(this.focus.x, this.focus.y, dx, dy, map, dt);
    }
    this.sounds.listen(camera.x, camera.y);
  }

  private measure(): void {
    const me = this.scene.me();
    if (!this.view?.complete || !me?.alive) {
      this.latency.interrupt();
      return;
    }
    const now = performance.now();
    this.firstFrameMs ??= now;
    this.latency.drawn(me.x, me.y, this.command.aim, now);
  }

  private toggleSound(): void {
    this.hud.status.setSound(!this.sounds.toggleMute());
  }

  private resize(): void {
    this.camera.resize(innerWidth, innerHeight);
    this.view?.resize(innerWidth, innerHeight);
  }
}
