// Where the bytes go: what the page and the server say of it, against what the browser received.
import { expect, test } from "@playwright/test";
import { type Part, Player } from "../support/player";
import { ArenaServer, freePort } from "../support/server";

let server: ArenaServer;

test.afterEach(async ({ browser }) => {
  for (const context of browser.contexts()) await context.close();
  await server.stop();
});

const LARGE = { viewport: { width: 1280, height: 720 } };

/** The sum of the parts that have no parts. */
function sum({ bits, children }: Part): number {
  return children ? children.reduce((all, child) => all + sum(child), 0) : bits;
}

test("the panel accounts for every byte", async ({ browser }) => {
  server = await ArenaServer.start(await freePort(), "--bots", "5", "--seed", "7");
  // From the first byte on.
  const ada = await Player.join(browser, server.url, "Ada", LARGE, "&explain");
  const panel = ada.page.locator(".bytes-panel");
  await expect(panel).toBeVisible();
  await ada.page.waitForTimeout(6000);
  await ada.page.mouse.move(640, 650);
  await ada.screenshot("bytes-panel");
  await panel.getByRole("button", { name: "in all" }).click();

  // It says goodbye; then nothing comes any more.
  await server.stop();
  await expect.poll(() => ada.state()).not.toBe("playing");
  await expect
    .poll(() => ada.read((hooks) => (hooks.explained?.all.tree.bits ?? 0) / 8), { message: "bytes explained" })
    .toBe(ada.received);
  const { all, recent } = (await ada.read((hooks) => hooks.explained))!;
  expect([sum(all.tree), sum(recent.tree)]).toEqual([all.tree.bits, recent.tree.bits]);
  await ada.page.mouse.move(640, 650);
  await expect(panel.locator(".bytes-name")).toHaveText(`${ada.received.toLocaleString("en-US")} bytes`);
  const names = all.tree.children!.map((part) => part.name);
  expect(names).toEqual(expect.arrayContaining(["Body", "rows", "events", "messages"]));
  ada.expectNoComplaints(/WebSocket|ERR_CONNECTION_REFUSED/);
});

test("a key opens and closes the panel", async ({ browser }) => {
  server = await ArenaServer.start(await freePort(), "--bots", "2");
  const ada = await Player.join(browser, server.url, "Ada");
  const panel = ada.page.locator(".bytes-panel");
  await expect(panel).toBeHidden();
  await ada.page.keyboard.press("b");
  await expect(panel.locator(".bytes-box").first()).toBeVisible();
  await panel.locator(".bytes-box[data-reason]:not([data-reason=''])").first().hover();
  await expect(panel.locator(".bytes-figures")).toContainText("B per tick");
  await ada.page.keyboard.press("b");
  await expect(panel).toBeHidden();
  expect(await ada.read((hooks) => hooks.explained), "counts no longer").toBeNull();
  ada.expectNoComplaints();
});

test("a phone has a button for it", async ({ browser }) => {
  server = await ArenaServer.start(await freePort(), "--bots", "5");
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const ada = await Player.join(browser, server.url, "Ada", phone);
  await ada.page.locator(".chip.bytes").tap();
  await ada.page.waitForTimeout(3000);
  await ada.page.locator(".bytes-box[data-reason]:not([data-reason=''])").first().tap();
  await expect(ada.page.locator(".bytes-name")).toContainText("→");
  await ada.screenshot("bytes-phone");
  await ada.page.locator(".bytes-close").tap();
  await expect(ada.page.locator(".bytes-panel")).toBeHidden();
  ada.expectNoComplaints();
});

test("the server shows it for each client and in all", async ({ browser }) => {
  server = await ArenaServer.start(await freePort(), "--bots", "5", "--explain");
  expect(server.output).toContain(`${server.url}/explain`);
  const ada = await Player.join(browser, server.url, "Ada");
  const bob = await Player.join(browser, server.url, "Bob");
  const context = await browser.newContext(LARGE);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.goto(`${server.url}/explain`);
  const clients = page.locator("#clients button");
  await expect(clients).toHaveText([/^All 2/, /^Ada #1/, /^Bob #2/]);
  await page.waitForTimeout(5000);
  await page.screenshot({ path: "../../artifacts/screenshots/explain-all.png" });
  await clients.nth(2).click();
  await page.locator(".bytes-box[data-reason='change']").first().hover();
  await expect(page.locator(".bytes-figures")).toContainText("kbit/s");
  await page.screenshot({ path: "../../artifacts/screenshots/explain-one.png" });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(1000);
  await page.screenshot({ path: "../../artifacts/screenshots/explain-phone.png" });

  // What the server has told of is ahead of what came, by whole messages.
  const told = await fetch(`${server.url}/explain.json?client=1`).then((answer) => answer.json());
  await expect.poll(() => ada.received).toBeGreaterThanOrEqual(told.all.tree.bits / 8);
  expect(sum(told.all.tree)).toBe(told.all.tree.bits);
  expect(complaints).toEqual([]);
  ada.expectNoComplaints();
  bob.expectNoComplaints();
});
