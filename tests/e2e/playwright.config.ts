import { defineConfig } from "@playwright/test";

// One worker and a small window: the picture is drawn in software on the machines that run this, and nothing here judges speed.
export default defineConfig({
  testDir: "tests",
  outputDir: "../../artifacts/e2e",
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    viewport: { width: 640, height: 360 },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env["TICKWIRE_CHROMIUM"] ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
      ],
    },
  },
});
