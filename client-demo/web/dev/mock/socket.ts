// A network that exists only in this page: a WebSocket that opens and greets, and the level at /level.

export class MockSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  private static current: MockSocket | undefined;
  private static down = false;

  binaryType = "arraybuffer";
  bufferedAmount = 0;
  readyState = MockSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((e: { code: number; reason: string }) => void) | null = null;

  constructor() {
    MockSocket.current = this;
    setTimeout(() => {
      if (MockSocket.down) {
        this.readyState = MockSocket.CLOSED;
        this.onclose?.({ code: 1006, reason: "" });
        return;
      }
      this.readyState = MockSocket.OPEN;
      this.onopen?.();
      setTimeout(() => this.onmessage?.({ data: new ArrayBuffer(1) }), 20);
    }, 20);
  }

  send(): void {}

  close(): void {
    this.readyState = MockSocket.CLOSED;
  }

  /** Ends the connection and refuses new ones for 10 s. */
  static drop(reason: string): void {
    MockSocket.down = true;
    setTimeout(() => (MockSocket.down = false), 10_000);
    const socket = MockSocket.current;
    if (!socket) return;
    socket.readyState = MockSocket.CLOSED;
    socket.onclose?.({ code: 1006, reason });
  }
}

export function installNetwork(level: string): void {
  Object.assign(globalThis, { WebSocket: MockSocket });
  const real = globalThis.fetch.bind(globalThis);
  globalThis.fetch = (input, options) =>
    input === "/level" ? Promise.resolve(new Response(level)) : real(input, options);
}
