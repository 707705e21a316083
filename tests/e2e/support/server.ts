// The real server, as an operator starts it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A running `arena serve`. */
export class ArenaServer {
  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
    private readonly log: string[],
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Everything it wrote so far. */
  get output(): string {
    return this.log.join("");
  }

  /** Starts it and waits until it is healthy. */
  static async start(port: number, ...flags: string[]): Promise<ArenaServer> {
    const program = process.env["TICKWIRE_ARENA"] ?? "../../target/debug/arena";
    const child = spawn(program, ["serve", "--bind", `127.0.0.1:${port}`, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    const log: string[] = [];
    child.stdout.on("data", (chunk: Buffer) => log.push(chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => log.push(chunk.toString()));
    const server = new ArenaServer(port, child, log);
    for (let tries = 0; tries < 200; tries++) {
      if (child.exitCode !== null) break;
      const healthy = await fetch(`${server.url}/healthz`).then((answer) => answer.ok, () => false);
      if (healthy) return server;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill("SIGKILL");
    throw new Error(`the server did not start:\n${server.output}`);
  }

  /** Kills it without a word, as a crash does. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Asks it to stop, and returns its exit code. */
  async stop(): Promise<number | null> {
    return this.end("SIGTERM");
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exit = once(this.child, "exit");
    this.child.kill(signal);
    await exit;
    return this.child.exitCode;
  }
}
