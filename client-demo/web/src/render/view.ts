// The picture: renderer, layers, and the order in which a frame is painted.
import "pixi.js/unsafe-eval";
import "pixi.js/mesh";
import { Container, WebGLRenderer } from "pixi.js";
import { type Camera, playScale } from "../game/camera";
import type { Vec } from "../input/keys";
import type { ArenaMap } from "../seam/map";
import type { Avatar, RocketRow, Scene } from "../seam/rows";
import { Actors } from "./actors";
import { type Atlas, paintAtlas } from "./atlas";
import { Effects } from "./effects";
import { Floor } from "./floor";
import { Glass } from "./glass";
import { Items } from "./items";
import { LEAN, Lens } from "./lens";
import { type Lamp, placeLamps } from "./lightmap";
import { QuadBatch } from "./quads";
import { Tags } from "./tags";
import { Walls } from "./walls";

/** More pixels than this per CSS pixel cost time and show nothing. */
const MAX_RESOLUTION = 2;

export interface ViewEvents {
  appeared(avatar: Avatar): void;
  launched(rocket: RocketRow): void;
}

/** What a frame is painted from. */
export interface FrameView {
  scene: Scene;
  camera: Camera;
  /** The own avatar's aim, fresher than the scene's. */
  ownHeading: number;
  /** The mouse in CSS pixels; undefined with touch. */
  pointer: Vec | undefined;
  /** Seconds. */
  time: number;
  dt: number;
}

export class View {
  readonly renderer = new WebGLRenderer();
  readonly effects: Effects;
  readonly actors: Actors;
  readonly items: Items;
  readonly tags = new Tags();
  readonly glass: Glass;
  private readonly atlas: Atlas;
  private readonly stage = new Container();
  private readonly world = new Container();
  private readonly floorLayer = new Container();
  private readonly wallLayer = new Container();
  private readonly ground: QuadBatch;
  private readonly air: QuadBatch;
  private readonly labels: QuadBatch;
  private readonly screen: QuadBatch;
  private readonly lens = new Lens();
  private readonly ownOnScreen: Vec = { x: 0, y: 0 };
  private floor: Floor | undefined;
  private walls: Walls | undefined;
  private lamps: readonly Lamp[] = [];
  private map: ArenaMap | undefined;
  /** Layers still to be shown, one per frame: see reveal(). */
  private readonly hidden: Container[];

  private constructor(events: ViewEvents) {
    this.atlas = paintAtlas();
    const { source, sprites } = this.atlas;
    this.effects = new Effects(this.atlas);
    this.actors = new Actors(sprites, { appeared: (avatar) => events.appeared(avatar) });
    this.items = new Items(sprites, this.effects, (rocket) => events.launched(rocket));
    this.glass = new Glass(sprites);
    this.ground = new QuadBatch(source, 2048);
    this.air = new QuadBatch(source, 3072);
    this.labels = new QuadBatch(this.tags.source, 512);
    this.screen = new QuadBatch(source, 256);
    this.world.addChild(this.floorLayer, this.ground.mesh, this.wallLayer, this.air.mesh, this.labels.mesh);
    this.stage.addChild(this.world, this.screen.mesh);
    this.hidden = [this.floorLayer, this.wallLayer];
    for (const layer of this.hidden) layer.visible = false;
  }

  /** Rejects with a reason fit for the player when there is no WebGL 2. */
  static async create(canvas: HTMLCanvasElement, events: ViewEvents): Promise<View> {
    const view = new View(events);
    await view.renderer.init({
      canvas,
      width: innerWidth,
      height: innerHeight,
      resolution: Math.min(MAX_RESOLUTION, devicePixelRatio || 1),
      autoDensity: true,
      // Dense screens need no smoothing of wall edges beyond their own, and software renderers cannot afford it.
      antialias: devicePixelRatio < 1.5 && hasFastGraphics(),
      backgroundColor: 0x07090f,
      powerPreference: "high-performance",
      skipExtensionImports: true,
    });
    canvas.addEventListener("webglcontextrestored", () => view.floor?.restore());
    return view;
  }

  resize(width: number, height: number): void {
    this.renderer.resize(width, height, Math.min(MAX_RESOLUTION, devicePixelRatio || 1));
    this.lens.resize(this.renderer.canvas.width, this.renderer.canvas.height);
  }

  /** Paints floor and walls of a map; the same map again costs nothing. */
  setMap(map: ArenaMap): void {
    const same = this.map?.width === map.width && this.map.cells === map.cells;
    this.map = map;
    if (same) return;
    this.floor?.destroy();
    this.walls?.destroy();
    this.floorLayer.removeChildren();
    this.wallLayer.removeChildren();
    this.lamps = placeLamps(map);
    this.floor = new Floor(this.renderer, map, this.lamps, this.lens);
    this.walls = new Walls(map, this.lens);
    this.floorLayer.addChild(this.floor.mesh);
    this.wallLayer.addChild(this.walls.mesh);
  }

  /** Forgets everything that moved; for a new connection. */
  clear(): void {
    this.effects.clear();
    this.actors.clear();
    this.items.clear();
    this.tags.clear();
    this.glass.clear();
  }

  /** True once every layer is on screen. */
  get complete(): boolean {
    return this.hidden.length === 0;
  }

  draw(frame: FrameView): void {
    const { camera, scene, dt } = frame;
    this.actors.update(scene, dt);
    this.items.update(scene);
    this.effects.update(dt);
    this.glass.update(dt);
    const eyeX = camera.x + camera.shakeX;
    const eyeY = camera.y + camera.shakeY;
    this.world.scale.set(camera.scale);
    this.world.position.set(camera.width / 2 - eyeX * camera.scale, camera.height / 2 - eyeY * camera.scale);
    this.lens.look(eyeX, eyeY);
    // As fine as playing needs it, also while an overview shows it smaller: painting twice would delay the first frame.
    if (this.floorLayer.visible) this.floor?.fit(playScale(camera.width, camera.height) * this.renderer.resolution);
    this.paintGround(frame, eyeX, eyeY);
    this.paintAir(frame, eyeX, eyeY);
    this.labels.begin();
    this.tags.draw(this.labels, scene, this.actors, scene.own, camera.scale);
    this.labels.end();
    this.paintGlass(frame);
    this.renderer.render(this.stage);
    this.reveal();
  }

  /**
   * A layer's first frame compiles its shader, which blocks the page, on slow machines for a quarter of a second: one layer
   * per frame, so that the connection is made meanwhile.
   */
  private reveal(): void {
    const next = this.map && this.hidden.shift();
    if (next) next.visible = true;
  }

  private paintGround(frame: FrameView, eyeX: number, eyeY: number): void {
    const batch = this.ground;
    batch.begin();
    this.effects.decals.draw(batch);
    this.items.drawPickups(batch, frame.scene, frame.time);
    this.actors.draw(batch, frame.scene, frame.scene.own, frame.ownHeading, eyeX, eyeY, frame.time);
    this.items.drawRockets(batch, frame.scene);
    batch.end();
  }

  private paintAir(frame: FrameView, eyeX: number, eyeY: number): void {
    const batch = this.air;
    batch.begin();
    if (this.map) this.actors.drawPrints(batch, frame.scene, frame.scene.own, frame.ownHeading, eyeX, eyeY, this.map);
    this.paintLamps(frame.time, eyeX, eyeY);
    this.effects.smoke.draw(batch);
    this.effects.flares.draw(batch);
    this.effects.tracers.draw(batch);
    this.effects.sparks.draw(batch);
    batch.end();
  }

  /** Light strips high on the walls; those on faces that look away from the eye are hidden by their own wall. */
  private paintLamps(time: number, eyeX: number, eyeY: number): void {
    const { white, glow } = this.atlas.sprites;
    const nearer = 1 + 0.7 * LEAN;
    for (const lamp of this.lamps) {
      if ((lamp.x - eyeX) * lamp.nx + (lamp.y - eyeY) * lamp.ny > 0) continue;
      const x = eyeX + (lamp.x - eyeX) * nearer;
      const y = eyeY + (lamp.y - eyeY) * nearer;
      const [long, thin] = [0.6, 0.1];
      const wide = lamp.nx === 0;
      this.air.tint(lamp.color, 0.5 + 0.06 * Math.sin(time * 2.1 + lamp.x * 3.7), 1);
      this.air.add(glow, x, y, 2.4, 2.4);
      this.air.tint(lamp.color);
      this.air.add(white, x, y, wide ? long : thin, wide ? thin : long);
      this.air.tint(0xffffff, 0.8);
      this.air.add(white, x, y, wide ? long * 0.86 : thin * 0.4, wide ? thin * 0.4 : long * 0.86);
    }
  }

  private paintGlass({ scene, camera, pointer, time }: FrameView): void {
    const me = scene.me();
    const own = me?.alive ? this.ownOnScreen : undefined;
    if (own && me) {
      own.x = camera.toScreenX(me.x);
      own.y = camera.toScreenY(me.y);
    }
    this.screen.begin();
    this.glass.draw(this.screen, camera, own, me?.hp ?? 100, pointer, time);
    this.screen.end();
  }
}

/** False where the processor draws: by the browser's own word, or by the name of the renderer. */
function hasFastGraphics(): boolean {
  const context = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (!context) return false;
  const info = context.getExtension("WEBGL_debug_renderer_info");
  const name = String(info ? context.getParameter(info.UNMASKED_RENDERER_WEBGL) : "");
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return !/swiftshader|llvmpipe|software|basic render/i.test(name);
}
