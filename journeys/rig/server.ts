// The real program, as a process of its own on a free port with a folder of its own; asked through the front door only.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, createWriteStream, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Api } from "./api.ts";
import { type Place, place, root } from "./place.ts";
import { poll } from "./poll.ts";

export const adminKey = "journey-admin-key-0123456789abcdef0123456789";

export class TestServer {
  readonly api: Api;
  #child: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    readonly place: Place,
    private readonly settings: Record<string, string>,
    private readonly program: readonly string[],
  ) {
    this.api = new Api(this.url, adminKey);
  }

  /** `settings`: further DOUBLETAKE_* variables, by full name. `program`: what Node runs; else what was built before, or the sources. */
  static async open(settings: Record<string, string> = {}, program = built()): Promise<TestServer> {
    const server = new TestServer(await freePort(), place("server"), settings, program);
    try {
      await server.start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  get dataFolder(): string {
    return join(this.place.path, "data");
  }

  /** Of the program while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get log(): string {
    return readFileSync(this.#logFile, "utf8");
  }

  get #logFile(): string {
    return join(this.place.path, "server.log");
  }

  /** On the same port and the same data as before. `settings`: for this start only, over those it was opened with. */
  async start(settings: Record<string, string> = {}): Promise<void> {
    const child = spawn(process.execPath, this.program, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NODE_ENV: "production",
        DOUBLETAKE_PORT: String(this.port),
        DOUBLETAKE_DATA: this.dataFolder,
        DOUBLETAKE_ADMIN_KEY: adminKey,
        DOUBLETAKE_STUN_PORT: "0",
        // Only a journey about the count waits for one.
        DOUBLETAKE_COUNTDOWN_S: "0",
        ...this.settings,
        ...settings,
      },
    });
    this.#child = child;
    const log = createWriteStream(this.#logFile, { flags: "a" });
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    // Whoever reads the log of a failed journey sees an end that nobody asked for.
    child.once("exit", (code, signal) => this.#child === child && appendFileSync(this.#logFile, `the program ended: ${code ?? signal}\n`));
    await poll(
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) return "exited";
        return (await fetch(`${this.url}/healthz`)).status === 200 && "alive";
      },
      { what: "GET /healthz answers 200", limitMs: 300_000, everyMs: 25 },
    ).then((state) => {
      if (state === "exited") throw new Error(`the server ended at start with ${child.exitCode ?? child.signalCode}:\n${this.log}`);
    });
  }

  /** Resolves with the exit code, or the signal's name when it had none. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<number | string> {
    const child = this.#child;
    if (!child) return 0;
    this.#child = null;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode ?? 0;
    const gone = once(child, "exit");
    child.kill(signal);
    const [code, by] = (await gone) as [number | null, string | null];
    return code ?? by ?? 0;
  }

  async close(): Promise<void> {
    try {
      await this.stop("SIGKILL");
    } finally {
      this.place.close();
    }
  }
}

/** By `rig/build.ts`, of these same sources. */
function built(): string[] {
  const path = process.env["JOURNEYS_PROGRAM"];
  return path ? [path] : ["--import", "tsx", "server/main.ts"];
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
