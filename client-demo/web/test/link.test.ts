import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Link } from "../src/net/link";
import type { Connection } from "../src/seam/connection";
import type { ArenaCore } from "../src/seam/core";

class FakeSocket {
  binaryType = "";
  bufferedAmount = 0;
  readyState = 0;
  sent: Uint8Array[] = [];
  closed = false;
  code: number | undefined;
  onopen?: () => void;
  onmessage?: (e: { data: unknown }) => void;
  onclose?: (e: { code: number; reason: string }) => void;
  send(bytes: Uint8Array) {
    this.sent.push(bytes);
    this.bufferedAmount += bytes.length;
  }
  close(code?: number) {
    this.closed = true;
    this.code = code;
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
}

/** Notes every call; the test sets what it answers. */
function fakeCore() {
  const calls: unknown[][] = [];
  const core = {
    dialNow: false,
    state: { state: "waiting" } as Connection,
    outbox: [] as Uint8Array[],
    failing: false,
    calls,
    poll_connect: () => core.dialNow && !(core.dialNow = false),
    handle_open: (now: number) => calls.push(["open", now]),
    handle_message: (bytes: Uint8Array) => {
      if (core.failing) throw "message 7 is no message";
      calls.push(["message", bytes.length]);
    },
    handle_closed: (reason: string) => calls.push(["closed", reason]),
    set_hidden: (hidden: boolean, now: number) => calls.push(["hidden", hidden, now]),
    handle_level: (text: string) => calls.push(["level", text]),
    tick: (now: number) => calls.push(["tick", now]),
    poll_transmit: () => core.outbox.shift(),
    due: Infinity,
    arriving: 0,
    deliver: (now: number) => {
      if (now < core.due) return;
      if (core.failing) throw "message 7 is no message";
      core.due = Infinity;
      for (; core.arriving > 0; core.arriving--) calls.push(["message", 1]);
    },
    link_due: () => core.due,
    connection: () => JSON.stringify(core.state),
    stats: () => "{}",
  };
  return core;
}

let core: ReturnType<typeof fakeCore>;
let sockets: FakeSocket[];
let now: number;
let level: () => Promise<string>;
let background: number;
let inputs: number;

function link(early?: FakeSocket): Link {
  const ports = {
    dial: () => {
      sockets.push(new FakeSocket());
      return sockets.at(-1) as unknown as WebSocket;
    },
    fetchLevel: () => level(),
    now: () => now,
    background: () => background++,
    input: () => inputs++,
  };
  return new Link(core as unknown as ArenaCore, ports, { socket: early as unknown as WebSocket | undefined });
}

beforeEach(() => {
  core = fakeCore();
  sockets = [];
  now = 1000;
  background = 0;
  inputs = 0;
  level = () => Promise.resolve("###");
});

const named = (name: string) => core.calls.filter(([call]) => call === name);

describe("Link", () => {
  it("dials when the core says so, and sends what the core has", () => {
    const l = link();
    core.dialNow = true;
    l.pump(now);
    const socket = sockets[0] as FakeSocket;
    core.outbox = [new Uint8Array(3), new Uint8Array(4)];
    l.pump(now);
    expect(socket.sent).toHaveLength(0);
    socket.open();
    expect(named("open")).toHaveLength(1);
    expect(socket.sent.map((b) => b.length)).toEqual([3, 4]);
  });

  it("leaves commands in the core while the line is slow", () => {
    const l = link();
    core.dialNow = true;
    l.pump(now);
    sockets[0]?.open();
    core.outbox = [new Uint8Array(40_000), new Uint8Array(1)];
    l.pump(now);
    expect(core.outbox).toHaveLength(1);
    (sockets[0] as FakeSocket).bufferedAmount = 0;
    l.pump(now);
    expect(core.outbox).toHaveLength(0);
  });

  it("goes on with the handshake without waiting for frames", async () => {
    const l = link();
    core.dialNow = true;
    l.pump(now);
    sockets[0]?.open();
    core.state = { state: "needs-level" };
    core.outbox = [new Uint8Array(9)];
    sockets[0]?.onmessage?.({ data: new ArrayBuffer(5) });
    expect(sockets[0]?.sent).toHaveLength(1);
    core.state = { state: "playing" };
    await new Promise((resolve) => setTimeout(resolve));
    expect(named("level")).toHaveLength(1);
    expect(l.connection.value.state).toBe("playing");
  });

  it("gives up the seat when the page goes away, and only then", () => {
    const l = link();
    l.leave();
    core.dialNow = true;
    l.pump(now);
    sockets[0]?.open();
    core.failing = true;
    sockets[0]?.onmessage?.({ data: new ArrayBuffer(5) });
    expect(sockets[0]?.code).not.toBe(1000);
    core.dialNow = true;
    l.pump(now);
    sockets[1]?.open();
    l.leave();
    expect(sockets[1]?.code).toBe(1000);
  });

  it("reports how a connection ended, once", () => {
    const l = link();
    core.dialNow = true;
    l.pump(now);
    const socket = sockets[0] as FakeSocket;
    socket.open();
    socket.onclose?.({ code: 1006, reason: "" });
    socket.onclose?.({ code: 1006, reason: "" });
    expect(named("closed")).toEqual([["closed", "the connection broke"]]);
  });

  it("hangs up on a server that breaks the protocol", () => {
    const l = link();
    core.dialNow = true;
    l.pump(now);
    const socket = sockets[0] as FakeSocket;
    socket.open();
    core.failing = true;
    socket.onmessage?.({ data: new ArrayBuffer(5) });
    expect(socket.closed).toBe(true);
    expect(named("closed")).toEqual([["closed", "message 7 is no message"]]);
  });

  it("ignores a socket that it has replaced", () => {
    const l = link();
    core.dialNow = true;
    l.pump(now);
    core.dialNow = true;
    l.pump(now);
    expect(sockets[0]?.closed).toBe(true);
    sockets[0]?.onmessage?.({ data: new ArrayBuffer(5) });
    sockets[0]?.onclose?.({ code: 1006, reason: "" });
    expect(named("message")).toHaveLength(0);
    expect(named("closed")).toHaveLength(0);
  });

  it("takes over a socket that is open already, or has failed already", () => {
    const open = new FakeSocket();
    open.readyState = 1;
    core.dialNow = true;
    link(open).pump(now);
    expect(named("open")).toHaveLength(1);
    const failed = new FakeSocket();
    failed.readyState = 3;
    core.dialNow = true;
    link(failed).pump(now);
    expect(named("closed")).toEqual([["closed", "the server cannot be reached"]]);
    expect(sockets).toHaveLength(0);
  });

  it("fetches the level once, and again only after a failure and a pause", async () => {
    const fetchLevel = vi.fn(() => Promise.reject(new Error("no")));
    level = fetchLevel;
    const l = link();
    core.state = { state: "needs-level" };
    l.pump(now);
    l.pump(now + 16);
    await new Promise((resolve) => setTimeout(resolve));
    l.pump(now + 32);
    expect(fetchLevel).toHaveBeenCalledTimes(1);
    level = () => Promise.resolve("map");
    now = 2100;
    l.pump(now);
    await new Promise((resolve) => setTimeout(resolve));
    expect(named("level")).toEqual([["level", "map"]]);
  });

  it("remembers why the line was lost while it dials again", () => {
    const l = link();
    core.state = { state: "waiting", reason: "it broke", retryInMs: 900, attempt: 2 };
    l.pump(now);
    core.state = { state: "dialling" };
    l.pump((now += 200));
    core.state = { state: "handshaking" };
    l.pump((now += 200));
    expect(l.connection.value).toEqual({ state: "handshaking", reason: "it broke", attempt: 2 });
    core.state = { state: "playing" };
    l.pump((now += 200));
    expect(l.connection.value).toEqual({ state: "playing" });
  });

  it("tells the server at once that the page is hidden", () => {
    const l = link();
    core.dialNow = true;
    l.pump(now);
    const [socket] = sockets as [FakeSocket];
    socket.open();
    core.outbox = [new Uint8Array(2)];
    l.setHidden(true);
    expect(named("hidden")).toEqual([["hidden", true, now]]);
    expect(socket.sent.at(-1)?.length).toBe(2);
    l.setHidden(false);
    expect(named("hidden").at(-1)).toEqual(["hidden", false, now]);
  });

  it("ticks on arriving messages while the page is hidden", () => {
    const l = link();
    core.dialNow = true;
    l.pump(now);
    sockets[0]?.open();
    core.state = { state: "playing" };
    l.pump((now += 200));
    const ticks = named("tick").length;
    now += 100;
    sockets[0]?.onmessage?.({ data: new ArrayBuffer(5) });
    expect(named("tick").length).toBe(ticks);
    now += 400;
    sockets[0]?.onmessage?.({ data: new ArrayBuffer(5) });
    expect(named("tick").length).toBe(ticks + 1);
    expect(background).toBe(1);
  });

  describe("between two frames", () => {
    beforeEach(() => vi.useFakeTimers());
    afterEach(() => vi.useRealTimers());

    const pass = (ms: number) => {
      for (let i = 0; i < ms; i++) {
        now++;
        vi.advanceTimersByTime(1);
      }
    };

    it("leaves the ticks to frames that come in time", () => {
      const l = link();
      for (let i = 0; i < 60; i++) {
        l.frame(now);
        pass(17);
      }
      expect(named("tick")).toHaveLength(60);
      expect(inputs).toBe(0);
    });

    it("goes on ticking, with fresh input, while a slow picture is drawn, and stops when no more come", () => {
      const l = link();
      for (let i = 0; i < 5; i++) {
        l.frame(now);
        pass(100);
      }
      const times = named("tick").map(([, at]) => Number(at));
      const gaps = times.slice(1).map((at, i) => at - (times[i] ?? at));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(20);
      expect(inputs).toBe(times.length - 5);
      pass(300);
      const { length } = named("tick");
      pass(1000);
      expect(named("tick")).toHaveLength(length);
    });
  });

  describe("with a simulated link", () => {
    beforeEach(() => vi.useFakeTimers());
    afterEach(() => vi.useRealTimers());

    /** A playing link whose core has a message on its way for 30 ms. */
    function waiting(): FakeSocket {
      const l = link();
      core.dialNow = true;
      l.pump(now);
      core.state = { state: "playing" };
      const socket = sockets[0] as FakeSocket;
      socket.open();
      l.pump(now);
      core.due = now + 30;
      core.arriving = 1;
      socket.onmessage?.({ data: new ArrayBuffer(5) });
      return socket;
    }

    it("delivers between two frames, and sends what follows", () => {
      const socket = waiting();
      core.outbox = [new Uint8Array(3)];
      now += 29;
      vi.advanceTimersByTime(29);
      expect(named("message")).toEqual([["message", 5]]);
      now += 1;
      vi.advanceTimersByTime(1);
      expect(named("message").at(-1)).toEqual(["message", 1]);
      expect(socket.sent.map((b) => b.length)).toEqual([3]);
    });

    it("hangs up on what arrives broken", () => {
      const socket = waiting();
      core.failing = true;
      now += 30;
      vi.advanceTimersByTime(30);
      expect(socket.closed).toBe(true);
      expect(named("closed")).toEqual([["closed", "message 7 is no message"]]);
    });
  });
});
