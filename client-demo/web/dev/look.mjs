// Takes pictures of the mock's scenes, to be looked at: node dev/look.mjs [scene …]. Needs `vite build --mode mock` first.
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";
import { preview } from "vite";

const SCREENS = { big: { width: 1280, height: 720 }, small: { width: 640, height: 360 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const out = new URL("./shots/", import.meta.url).pathname;
const wanted = process.argv.slice(2);

/** A scene sets the stage in the page, waits, and the picture is taken. */
const SCENES = {
  join: { query: "?seed", run: (page) => frames(page, 20) },
  calm: {
    run: async (page) => {
      await stage(page, "calm");
      await frames(page, 50);
    },
  },
  firefight: {
    run: async (page) => {
      await stage(page, "firefight");
      await page.mouse.down();
      await frames(page, 62);
    },
  },
  explosion: {
    run: async (page) => {
      await stage(page, "explosion");
      await frames(page, 7);
    },
  },
  rocket: {
    run: async (page) => {
      await stage(page, "rocket");
      await frames(page, 16);
    },
  },
  hurt: {
    run: async (page) => {
      await stage(page, "hurt");
      await frames(page, 8);
    },
  },
  death: {
    run: async (page) => {
      await stage(page, "death");
      await frames(page, 30);
    },
  },
  scoreboard: {
    run: async (page) => {
      await frames(page, 500);
      await page.keyboard.down("Tab");
      await frames(page, 20);
    },
  },
  bytes: {
    run: async (page) => {
      await stage(page, "calm");
      await page.keyboard.press("b");
      await frames(page, 150);
      const box = page.locator('.bytes-box[data-reason="change"]').first();
      await box.hover();
      await frames(page, 30);
    },
  },
  net: {
    run: async (page) => {
      await stage(page, "calm");
      await page.keyboard.press("F3");
      await frames(page, 150);
      await page.getByRole("button", { name: "P2" }).click();
      await page.getByLabel("Prediction").uncheck();
      await frames(page, 300);
    },
  },
  receipts: {
    run: async (page) => {
      await stage(page, "firefight");
      await page.keyboard.press("F4");
      await page.mouse.down();
      await frames(page, 62);
    },
  },
  disconnected: {
    run: async (page) => {
      await page.evaluate(() => __mock.drop("the server is shutting down"));
      await page.waitForTimeout(700);
    },
  },
  refused: {
    run: async (page) => {
      await page.evaluate(() => __mock.refuse("schema differs: server 9f2c…, page 11ab…. Reload the page."));
      await page.waitForTimeout(400);
    },
  },
};

const server = await preview({ mode: "mock", preview: { port: 4199 }, build: { outDir: "dist-mock" } });
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
  ],
});
mkdirSync(out, { recursive: true });
for (const [name, scene] of Object.entries(SCENES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const [size, viewport] of Object.entries(SCREENS)) await shoot(`${name}-${size}`, { viewport }, scene);
}
if (wanted.length === 0 || wanted.includes("phone")) {
  await shoot("phone-join", PHONE, SCENES.join);
  await shoot("phone", PHONE, touchScene());
  await shoot("phone-wide", { ...PHONE, viewport: { width: 844, height: 390 } }, touchScene());
  await shoot("phone-bytes", PHONE, bytesScene());
  await shoot("phone-wide-bytes", { ...PHONE, viewport: { width: 844, height: 390 } }, bytesScene());
  await shoot("phone-net", PHONE, netScene());
  await shoot("phone-wide-net", { ...PHONE, viewport: { width: 844, height: 390 } }, netScene());
}
await browser.close();
await server.close();

/** The page's clock goes by frames, so that a slow machine takes the same pictures as a fast one. */
function frameClock() {
  const [request, now] = [requestAnimationFrame.bind(window), performance.now()];
  let [time, seen] = [now, 0];
  performance.now = () => time;
  window.requestAnimationFrame = (draw) =>
    request((stamp) => {
      if (stamp !== seen) time += 1000 / 60;
      seen = stamp;
      draw(time);
    });
}

async function frames(page, count) {
  await page.evaluate((count) => {
    window.until = __arena.frames + count;
  }, count);
  await page.waitForFunction(() => __arena.frames >= window.until, undefined, { timeout: 120_000 });
}

async function shoot(name, options, scene) {
  const page = await browser.newPage(options);
  await page.addInitScript(frameClock);
  page.on(
    "console",
    (message) =>
      ["error", "warning"].includes(message.type()) &&
      !/GPU stall|swiftshader/i.test(message.text()) &&
      console.log(name, message.type(), message.text()),
  );
  page.on("pageerror", (error) => console.log(name, "error", error.stack ?? error.message));
  await page.goto(`http://127.0.0.1:4199/${scene.query ?? "?name=Robin&seed"}`);
  if (!scene.query) await page.waitForFunction(() => window.__arena?.firstFrameMs);
  await frames(page, scene.query ? 30 : 75);
  await scene.run(page);
  await page.screenshot({ path: `${out}${name}.png` });
  const figures = await page.evaluate(() => ({ frames: __arena.frames, first: Math.round(__arena.firstFrameMs ?? 0) }));
  console.log(name, JSON.stringify(figures));
  await page.close();
}

/** Moves the fighters where the scene wants them. */
async function stage(page, scene) {
  // Bring the camera there first, then look at a target, then let things happen.
  await page.evaluate(() => Object.assign(__mock.sim.own(), { x: 19.5, y: 13.5, vx: 0, vy: 0, guarded: 9 }));
  await frames(page, 40);
  const spot = await page.evaluate(() => __arena.toScreen(25, 10.5));
  await page.mouse.move(spot.x, spot.y);
  await frames(page, 30);
  await page.evaluate((scene) => {
    const { sim } = __mock;
    const own = sim.own();
    const bots = sim.fighters.filter((f) => f.bot);
    const put = (f, x, y, hp = 100) => Object.assign(f, { x, y, vx: 0, vy: 0, hp, deadFor: 0, guarded: 0, path: [] });
    if (scene === "calm") sim.peaceful = true;
    put(own, 19.5, 13.5);
    [
      [25, 10.5, 64],
      [28.5, 15.5, 28],
      [13.8, 10.5],
      [24, 17.5, 88],
      [33.5, 13],
      [22, 7.5, 52],
      [8, 20],
    ].forEach(([x, y, hp], i) => put(bots[i], x, y, hp));
    if (scene === "calm") bots[1].guarded = 5;
    if (scene === "explosion") sim.explode(23.5, 12, bots[0].id);
    if (scene === "rocket") {
      bots.forEach((b) => (b.rocketIn = 9));
      own.heading = 0;
      sim.launch({ ...own, heading: -0.15 });
      sim.launch({ ...bots[1], heading: 3.5 });
      sim.launch({ ...bots[3], heading: 4.2 });
    }
    if (scene === "hurt") {
      sim.peaceful = true;
      sim.damage(own, bots[0].id, 38, bots[0].x, bots[0].y, "rifle");
      sim.damage(own, bots[3].id, 40, bots[3].x, bots[3].y, "rifle");
    }
    if (scene === "death") sim.damage(own, bots[0].id, 200, bots[0].x, bots[0].y, "rocket");
  }, scene);
}

function netScene() {
  return {
    run: async (page) => {
      await touchScene().run(page);
      await page.locator(".chip.net").tap();
      await frames(page, 400);
      await page.locator(".net-graphs").tap();
      await frames(page, 30);
    },
  };
}

function bytesScene() {
  return {
    run: async (page) => {
      await touchScene().run(page);
      await page.locator(".chip.bytes").tap();
      await frames(page, 150);
      await page.locator('.bytes-box[data-reason="change"]').first().tap();
      await frames(page, 30);
    },
  };
}

function touchScene() {
  return {
    run: async (page) => {
      const client = await page.context().newCDPSession(page);
      const { width, height } = page.viewportSize();
      const touch = (type, points) => client.send("Input.dispatchTouchEvent", { type, touchPoints: points });
      const [left, right] = [
        { x: width * 0.24, y: height * 0.82, id: 1 },
        { x: width * 0.76, y: height * 0.78, id: 2 },
      ];
      await touch("touchStart", [left]);
      await touch("touchStart", [left, right]);
      await touch("touchMove", [
        { ...left, x: left.x + 30, y: left.y - 25 },
        { ...right, x: right.x + 40, y: right.y - 30 },
      ]);
      await frames(page, 50);
    },
  };
}
