// Starts everything at once: the wasm core, the picture, and, when the address says who joins, the connection.
import { App } from "./app";
import { installHooks, type PlayerSnapshot } from "./hooks";
import { JoinScreen, joinWishes, rememberedName } from "./hud/join";
import { bannerOf } from "./net/banner";
import { dial, fetchLevel } from "./net/ports";
import { View } from "./render/view";
import { type CoreFactory, loadCore } from "./seam/core";
import { previewMap } from "./seam/map";
import type { Avatar } from "./seam/rows";

const canvas = document.getElementById("view") as HTMLCanvasElement;
const host = document.getElementById("ui") as HTMLElement;
const app = new App(canvas, host);
const wishes = joinWishes(location.search, rememberedName(), Math.random());

const core = loadCore();
const picture = View.create(canvas, app.viewEvents);
const early = wishes.auto === undefined ? undefined : dialEarly();
const level = fetchLevel();
level
  .then((text) => {
    const map = previewMap(text);
    if (map) app.preview(map);
  })
  .catch(() => {}); // So far only the backdrop: joining will say what is wrong.

installHooks(hooksOf(app));
picture
  .then((view) => app.attach(view))
  .catch((error: unknown) =>
    app.hud.messages.stop("This browser cannot draw the arena", `WebGL 2 is needed. ${String(error)}`),
  );
core.catch((error: unknown) => app.hud.messages.stop("The game could not be loaded", String(error)));

// Counted from the first byte, as no key could have it.
if (new URLSearchParams(location.search).has("explain")) app.hud.bytes.toggle();
if (wishes.auto === undefined) welcome();
else {
  app.holdPicture();
  void join(wishes.auto);
}
app.run();

function welcome(): void {
  const screen = new JoinScreen(host, wishes.suggested, app.controls.touch, (name) => {
    screen.say("Loading…");
    void join(name).then(() => screen.remove());
  });
}

async function join(name: string): Promise<void> {
  const make: CoreFactory = await core;
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
  app.start(make(name, seed), { socket: early, level });
}

/** The socket's handshake runs beside the loading of the core. A failure here is met again, and told, by the real attempt. */
function dialEarly(): WebSocket | undefined {
  try {
    return dial();
  } catch {
    return undefined;
  }
}

function hooksOf(app: App) {
  const copy = (a: Avatar): PlayerSnapshot => ({
    ...a,
    name: app.log.nameOf(a.id),
    bot: app.log.people.get(a.id)?.bot ?? false,
  });
  return {
    get own() {
      return app.scene.own;
    },
    get me() {
      const me = app.scene.me();
      return me ? { ...copy(me), heading: app.heading } : null;
    },
    get players() {
      return [...app.scene.avatars].map(copy);
    },
    get connection() {
      return { ...app.connection };
    },
    get banner() {
      return bannerOf(app.connection) ?? null;
    },
    get stats() {
      return { ...app.stats };
    },
    get frames() {
      return app.frames;
    },
    get events() {
      return [...app.log.recent];
    },
    get rockets() {
      return [...app.scene.rockets].map((rocket) => ({ ...rocket }));
    },
    get tracers() {
      return app.reactions.recent.map((shot) => ({ ...shot }));
    },
    get latency() {
      return { move: [...app.latency.samples.move], aim: [...app.latency.samples.aim] };
    },
    get explained() {
      return structuredClone(app.hud.bytes.explained ?? null);
    },
    get net() {
      const { net } = app.hud;
      return net.shown ? { paused: net.paused, figures: net.shownFigures } : null;
    },
    get badge() {
      return app.hud.badge.text;
    },
    get firstFrameMs() {
      return app.firstFrameMs;
    },
    get map() {
      return app.map ? { name: app.map.name, width: app.map.width, height: app.map.height } : null;
    },
    toScreen: (x: number, y: number) => ({ x: app.camera.toScreenX(x), y: app.camera.toScreenY(y) }),
  };
}
