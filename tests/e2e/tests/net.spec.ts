// The net panel and the simulated link, in a real browser against the real server.
import { expect, type Page, test } from "@playwright/test";
import { Player } from "../support/player";
import { ArenaServer, freePort } from "../support/server";

let server: ArenaServer;

test.afterEach(async ({ browser }) => {
  for (const context of browser.contexts()) await context.close();
  await server.stop();
});

const LARGE = { viewport: { width: 1280, height: 720 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** A figure as the panel shows it; NaN while it shows none. */
async function figure(player: Player, name: string): Promise<number> {
  const figures = (await player.read((hooks) => hooks.net))?.figures ?? {};
  return Number.parseFloat((figures[name] ?? "none").replace("−", "-"));
}

/** Waits until a figure lies between two numbers, inclusive. */
async function expectFigure(player: Player, name: string, least: number, most: number): Promise<void> {
  const within = async () => {
    const value = await figure(player, name);
    return value >= least && value <= most ? "within" : `${name} is ${value}, not ${least} to ${most}`;
  };
  await expect.poll(within, { timeout: 30_000 }).toBe("within");
}

const canvas = (page: Page) => page.locator(".net-graphs");

/** The words of no row run into the graphs, with figures as long as they get. */
async function expectFiguresBesideGraphs(page: Page): Promise<void> {
  const spaces = await page.locator(".net-row").evaluateAll((rows) => {
    const graphs = document.querySelector(".net-graphs")!.getBoundingClientRect().left;
    return rows.map((row) => {
      const values = [...row.querySelectorAll("b")];
      for (const value of values) value.textContent = value.textContent!.replace(/^[−\d.]+/, "88.8").replace("–", "88.8 %");
      return [row.textContent, graphs - Math.max(...values.map((value) => value.getBoundingClientRect().right))] as const;
    });
  });
  expect(spaces.length).toBeGreaterThan(8);
  expect(spaces.filter(([, space]) => space < 4)).toEqual([]);
}

test("the panel tells the connection's figures, and a link from the page changes them at once", async ({ browser }) => {
  server = await ArenaServer.start(await freePort(), "--bots", "5", "--seed", "7");
  const ada = await Player.join(browser, server.url, "Ada", LARGE);
  const panel = ada.page.locator(".net-panel");
  await expect(panel).toBeHidden();
  expect(await ada.read((hooks) => [hooks.net, hooks.badge])).toEqual([null, ""]);
  await ada.page.keyboard.press("F3");
  await expect(panel).toBeVisible();
  await expectFigure(ada, "Round trip median", 0, 40);
  await expectFigure(ada, "Received, kbit/s snapshots", 5, 500);
  await expectFigure(ada, "Sent, kbit/s commands", 1, 100);
  await expectFigure(ada, "Interpolation delay", 30, 400);

  // Its own link, of 100 ± 20 ms, comes on top of a loopback's.
  await panel.getByRole("button", { name: "P2" }).click();
  await expect(ada.page.locator(".sim-badge")).toHaveText(/^Simulated link P2: round trip 100 ± 20 ms/);
  await expectFigure(ada, "Round trip median", 85, 150);
  await expectFigure(ada, "Round trip p95", 100, 250);
  await ada.page.waitForTimeout(3000);
  await ada.screenshot("net-panel");
  await expectFiguresBesideGraphs(ada.page);
  expect(await ada.state()).toBe("playing");

  const latency = panel.getByLabel("Latency");
  await latency.fill("300");
  await expect(ada.page.locator(".sim-badge")).toHaveText(/^Simulated link round trip 300 ± 20 ms/);
  await expectFigure(ada, "Round trip median", 270, 380);

  await panel.getByRole("button", { name: "P0" }).click();
  await expect(ada.page.locator(".sim-badge")).toBeHidden();
  await expectFigure(ada, "Round trip median", 0, 60);
  await panel.getByLabel("Interpolation").uncheck();
  await expect(ada.page.locator(".sim-badge")).toHaveText("Off: interpolation");
  expect(await figure(ada, "Interpolation delay")).toBeNaN();
  await panel.getByLabel("Interpolation").check();
  await expect(ada.page.locator(".sim-badge")).toBeHidden();
  await ada.page.keyboard.press("F3");
  await expect(panel).toBeHidden();
  ada.expectNoComplaints();
});

test("the graphs stop and are looked into, by mouse and by keys", async ({ browser }) => {
  server = await ArenaServer.start(await freePort(), "--bots", "2");
  const ada = await Player.join(browser, server.url, "Ada", LARGE);
  await ada.page.keyboard.press("F3");
  await ada.page.waitForTimeout(3000);
  const box = (await canvas(ada.page).boundingBox())!;
  // A tenth of the way back, then a little further: a drag.
  await ada.page.mouse.move(box.x + box.width * 0.95, box.y + 20);
  await ada.page.mouse.down();
  await ada.page.mouse.move(box.x + box.width * 0.9, box.y + 20);
  await ada.page.mouse.up();
  const when = ada.page.locator(".net-when");
  await expect(when).toHaveText(/^(0\.9|1\.0|1\.1)\d* s before$/);
  const still = await ada.read((hooks) => hooks.net);
  expect(still?.paused).toBe(true);
  await ada.page.waitForTimeout(700);
  expect(await ada.read((hooks) => hooks.net), "stands still").toEqual(still);

  // The arrows move the moment now, not the avatar.
  const [before, me] = [await when.textContent(), await ada.read((hooks) => hooks.me)];
  await ada.page.keyboard.press("Shift+ArrowLeft");
  await expect(when).not.toHaveText(before!);
  await ada.page.keyboard.down("ArrowRight");
  await ada.page.waitForTimeout(300);
  await ada.page.keyboard.up("ArrowRight");
  const after = await ada.read((hooks) => hooks.me);
  if (me?.alive && after?.alive && me.hp === after.hp) expect([after.x, after.y]).toEqual([me.x, me.y]);
  await ada.page.keyboard.press("End");
  await expect(when).toHaveText("0.00 s before");
  await ada.page.keyboard.press("p");
  await expect(when).toHaveText("");
  expect((await ada.read((hooks) => hooks.net))?.paused).toBe(false);

  // By the keyboard alone: P stops, Tab goes on to the simulated link.
  await ada.page.keyboard.press("p");
  await expect(canvas(ada.page)).toBeFocused();
  await ada.page.keyboard.press("Tab");
  await expect(ada.page.getByRole("button", { name: "P0" })).toBeFocused();
  await ada.page.keyboard.press("F3");
  await ada.page.keyboard.press("F3");
  expect((await ada.read((hooks) => hooks.net))?.paused, "opened anew it is live").toBe(false);
  await ada.page.keyboard.press("b");
  await expect(ada.page.locator(".net-panel"), "the bytes have its place").toBeHidden();
  await expect(ada.page.locator(".bytes-panel")).toBeVisible();
  ada.expectNoComplaints();
});

test("in a small window the badge covers nothing of the panel", async ({ browser }) => {
  server = await ArenaServer.start(await freePort(), "--bots", "0");
  const ada = await Player.join(browser, server.url, "Ada", { viewport: { width: 640, height: 360 } });
  await ada.page.keyboard.press("F3");
  await ada.page.getByRole("button", { name: "P2" }).click();
  const badge = ada.page.locator(".sim-badge");
  await expect(badge).toBeVisible();
  const [said, panel] = [(await badge.boundingBox())!, (await ada.page.locator(".net-panel").boundingBox())!];
  expect(panel.y + panel.height, "the panel ends above the badge").toBeLessThanOrEqual(said.y);
  await expectFiguresBesideGraphs(ada.page);
  // All of it can be reached.
  await ada.page.getByLabel("Bandwidth").scrollIntoViewIfNeeded();
  await ada.page.getByLabel("Bandwidth").fill("256");
  await expect(badge).toContainText("kbit/s to you");
  await ada.screenshot("net-small");
  ada.expectNoComplaints();
});

test("in the lowest window the badge does not cover the own avatar", async ({ browser }) => {
  server = await ArenaServer.start(await freePort(), "--bots", "0");
  const ada = await Player.join(browser, server.url, "Ada", { viewport: { width: 480, height: 270 } });
  await ada.page.keyboard.press("F3");
  await ada.page.getByRole("button", { name: "P2" }).click();
  // As much to say as there can be.
  await ada.page.getByLabel("Bandwidth").fill("512");
  await ada.page.getByLabel("Prediction").uncheck();
  await ada.page.keyboard.press("F3");
  const badge = ada.page.locator(".sim-badge");
  await expect(badge).toContainText("Off: prediction");
  const said = (await badge.boundingBox())!;
  /** The lowest pixel of the own avatar. */
  const lowest = () => ada.read((hooks) => (hooks.me === null ? 0 : hooks.toScreen(hooks.me.x, hooks.me.y + 0.4).y));
  // The view leans towards the pointer, and stands still where the map ends.
  for (const [x, y] of [[240, 135], [240, 1], [1, 1], [479, 1]] as const) {
    await ada.page.mouse.move(x, y);
    for (let looks = 0; looks < 8; looks++) {
      await ada.walk("s", 250);
      expect(await lowest(), `the pointer is at ${x}, ${y}`).toBeLessThanOrEqual(said.y);
    }
  }
  await ada.screenshot("net-lowest");
  const status = (await ada.page.locator(".status").boundingBox())!;
  expect(said.y + said.height, "the badge ends above health and rockets").toBeLessThanOrEqual(status.y);
  ada.expectNoComplaints();
});

test("a phone has a button for it, and the switches fit", async ({ browser }) => {
  server = await ArenaServer.start(await freePort(), "--bots", "5");
  const ada = await Player.join(browser, server.url, "Ada", PHONE);
  await ada.page.locator(".chip.net").tap();
  await ada.page.waitForTimeout(3000);
  await ada.page.getByRole("button", { name: "P1" }).tap();
  await expectFigure(ada, "Round trip median", 40, 110);
  await ada.page.waitForTimeout(1500);
  await ada.screenshot("net-phone");
  await expectFiguresBesideGraphs(ada.page);
  await canvas(ada.page).tap();
  await expect(ada.page.locator(".net-when")).toHaveText(/s before$/);
  const [panel, graphs] = [await ada.page.locator(".net-panel").boundingBox(), await canvas(ada.page).boundingBox()];
  expect(panel!.x + panel!.width).toBeLessThanOrEqual(390);
  expect(graphs!.x + graphs!.width).toBeLessThanOrEqual(panel!.x + panel!.width);
  await ada.page.getByLabel("Prediction").tap();
  await expect(ada.page.locator(".sim-badge")).toContainText("Off: prediction");
  await ada.page.locator(".net-panel .net-close").tap();
  await expect(ada.page.locator(".net-panel")).toBeHidden();
  await expect(ada.page.locator(".sim-badge"), "said as long as it is so").toBeVisible();
  ada.expectNoComplaints();
});

test("a server that simulates a bad link says so, and it is measured", async ({ browser }) => {
  server = await ArenaServer.start(await freePort(), "--bots", "2", "--link", "P3");
  expect(server.output).toContain("every player's link is made worse on purpose (--link): P3");
  const ada = await Player.join(browser, server.url, "Ada");
  const badge = ada.page.locator(".sim-badge");
  await expect(badge).toHaveText("The server simulates a bad link: P3: round trip 100 ± 20 ms, 1 % of segments lost");
  await ada.page.keyboard.press("F3");
  await expectFigure(ada, "Round trip median", 85, 170);
  await expectFigure(ada, "Server tick p99.9", 0, 1000);
  await ada.page.getByRole("button", { name: "P1" }).click();
  await expect(badge).toContainText("Simulated link P1");
  await expect(badge).toContainText("The server simulates a bad link: P3");
  await expectFigure(ada, "Round trip median", 130, 260);
  ada.expectNoComplaints();
});
