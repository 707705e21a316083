import { describe, expect, it } from "vitest";
import { bannerOf, closeReason } from "../src/net/banner";

describe("bannerOf", () => {
  it("is silent while playing", () => {
    expect(bannerOf({ state: "playing" })).toBeUndefined();
  });

  it("tells reason, time and attempt of a lost connection", () => {
    const banner = bannerOf({ state: "waiting", reason: "the server is shutting down.", retryInMs: 2300, attempt: 2 });
    expect(banner).toEqual({
      text: "Connection lost: the server is shutting down. Retrying in 3 s (attempt 2)",
      tone: "warn",
    });
  });

  it("counts the last second as one", () => {
    expect(bannerOf({ state: "waiting", reason: "x", retryInMs: 4, attempt: 1 })?.text).toContain(
      "Retrying in 1 s (attempt 1)",
    );
  });

  it("does not call a first attempt a loss", () => {
    for (const state of ["waiting", "dialling", "handshaking"] as const) {
      expect(bannerOf({ state, attempt: 0 })).toEqual({ text: "Connecting…", tone: "quiet" });
    }
  });

  it("keeps the reason up while it dials again", () => {
    expect(bannerOf({ state: "dialling", reason: "it broke", attempt: 3 })?.text).toBe(
      "Connection lost: it broke. Connecting… (attempt 3)",
    );
  });

  it("passes on why the server refused", () => {
    expect(bannerOf({ state: "refused", reason: "the arena is full" })).toEqual({
      text: "The server refused: the arena is full",
      tone: "stop",
    });
  });
});

describe("closeReason", () => {
  it("prefers the server's own words", () => {
    expect(closeReason(1001, "restarting", true)).toBe("restarting");
  });

  it("tells an unreachable server from a broken line", () => {
    expect(closeReason(1006, "", false)).toBe("the server cannot be reached");
    expect(closeReason(1006, "", true)).toBe("the connection broke");
    expect(closeReason(4000, "", true)).toContain("4000");
  });
});
