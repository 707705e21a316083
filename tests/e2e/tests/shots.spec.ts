// Own shots in a real browser, over a simulated link: there at once, and only once.
import { type Browser, expect, test } from "@playwright/test";
import { Player } from "../support/player";
import { ArenaServer, freePort } from "../support/server";

let server: ArenaServer;

test.afterEach(async ({ browser }) => {
  for (const context of browser.contexts()) await context.close();
  await server.stop();
});

/** What happens, in the order in which the page draws it. */
interface Trace {
  order: string[];
}

/** Clicks for a shot and for a rocket; the page does nothing for so long after the picture of the second click. */
async function fireBoth(browser: Browser, hangMs: number): Promise<void> {
  server = await ArenaServer.start(await freePort(), "--bots", "0");
  const ada = await Player.join(browser, server.url, "Ada");
  await ada.page.keyboard.press("F3");
  await ada.page.getByRole("button", { name: "P4" }).click();
  await ada.page.keyboard.press("F3");
  await ada.page.waitForTimeout(4000);
  await ada.page.evaluate(() => {
    const hooks = () => (window as unknown as { __arena: { own: number; tracers: unknown[]; events: { type: string; who?: number }[]; rockets: { id: number }[] } }).__arena;
    const order: string[] = [];
    let [tracers, shots, rockets, bursts] = [0, 0, 0, 0];
    const count = (type: string) => hooks().events.filter((event) => event.type === type && event.who === hooks().own).length;
    const look = () => {
      if (hooks().tracers.length > tracers) order.push("tracer");
      if (count("shot") > shots) order.push("shot");
      if (hooks().rockets.length > rockets) order.push(`rocket ${hooks().rockets[0]!.id < 0 ? "own" : "other"}`);
      if (count("explosion") > bursts) order.push("explosion");
      [tracers, shots, rockets, bursts] = [hooks().tracers.length, count("shot"), hooks().rockets.length, count("explosion")];
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    (window as unknown as { trace: Trace }).trace = { order };
  });
  const order = () => ada.page.evaluate(() => [...(window as unknown as { trace: Trace }).trace.order]);
  await ada.page.mouse.move(400, 100);
  // A click is shorter than the time between two shots.
  await ada.page.mouse.click(400, 100);
  await expect.poll(order).toEqual(["tracer", "shot"]);
  expect(await ada.read((hooks) => hooks.events.filter((event) => event.type === "shot")[0]!["drawn"])).toBe(true);
  await ada.page.mouse.click(400, 100, { button: "right" });
  await ada.page.evaluate(async (ms) => {
    await new Promise(requestAnimationFrame);
    for (const end = performance.now() + ms; performance.now() < end; );
  }, hangMs);
  await expect.poll(order).toEqual(["tracer", "shot", "rocket own", "explosion"]);
  await ada.page.waitForTimeout(500);
  expect((await ada.read((hooks) => hooks.tracers)).length, "tracers of one shot").toBe(1);
  ada.expectNoComplaints();
}

test("the own rocket and the own tracer are drawn before the server can have heard of them, and once", async ({ browser }) => {
  await fireBoth(browser, 0);
});

test("a rocket whose command comes too late, for the page hangs, starts all the same, and once", async ({ browser }) => {
  await fireBoth(browser, 200);
});
