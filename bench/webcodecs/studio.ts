// A page in which both recorders run, and whoever takes what they write: every byte is written down as it comes, with the time.
import { once } from "node:events";
import { createWriteStream, readdirSync, readFileSync, type WriteStream } from "node:fs";
import { createServer, type Server } from "node:http";
import { extname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Page } from "puppeteer-core";
import { type Browser, launch } from "puppeteer-core";
import { build } from "vite";
import { WebSocketServer } from "ws";
import { chromiumArgs } from "../../journeys/rig/browser.ts";
import { type Place, place, root } from "../../journeys/rig/place.ts";
import type { Reel } from "../../journeys/rig/reel.ts";
import type { Studio } from "./page.ts";

const patienceMs = 10_000;
const mimeTypes: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };

/** The bundle of the page, made once. */
export async function bundle(): Promise<Place> {
  const out = place("studio");
  await build({
    root: join(root, "bench/webcodecs"),
    configFile: false,
    logLevel: "error",
    build: { outDir: out.path, emptyOutDir: false, target: "es2023" },
    worker: { format: "es" },
  });
  return out;
}

export class Room {
  private constructor(
    readonly browser: Browser,
    readonly page: Page,
    private readonly server: Server,
    private readonly profile: Place,
    private readonly written: Map<string, { stream: WriteStream; bytes: number }>,
  ) {}

  /** `web`: what `bundle` made; `folder`: where `media.webm` and `codecs.webm` are written. */
  static async open(web: string, folder: string, reel: Reel): Promise<Room> {
    const server = createServer(({ url = "/" }, response) => {
      const path = url === "/" ? "/index.html" : url;
      try {
        const bytes = readFileSync(join(web, path));
        response.writeHead(200, { "content-type": mimeTypes[extname(path)] ?? "application/octet-stream" }).end(bytes);
      } catch {
        response.writeHead(404).end();
      }
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const written: Room["written"] = new Map();
    new WebSocketServer({ server }).on("connection", (socket, { url = "" }) => {
      const entry = { stream: createWriteStream(join(folder, `${url.slice(1)}.webm`)), bytes: 0 };
      written.set(url.slice(1), entry);
      socket.on("message", (data: Buffer) => {
        entry.stream.write(data);
        entry.bytes += data.length;
      });
      socket.on("close", () => entry.stream.end());
    });
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const profile = place("chromium");
    const browser = await launch({
      executablePath: "/usr/bin/chromium",
      headless: true,
      userDataDir: profile.path,
      protocolTimeout: 120_000,
      args: [...chromiumArgs, "--use-fake-ui-for-media-stream", ...reel.args],
    });
    const page = await browser.newPage();
    await page.goto(`http://localhost:${port}/`);
    await page.waitForFunction("globalThis.studio !== undefined", { timeout: 60_000 });
    return new Room(browser, page, server, profile, written);
  }

  start(recorders: readonly ("media" | "codecs")[]): Promise<void> {
    return this.page.evaluate(`studio.start(${JSON.stringify(recorders)})`) as Promise<void>;
  }

  async stop(): Promise<void> {
    await this.page.evaluate("studio.stop()");
    await this.#writtenDown();
  }

  /** A recorder that failed never hangs up: what it wrote so far is all there is. */
  async #writtenDown(): Promise<void> {
    const all = Promise.all([...this.written.values()].map(({ stream }) => stream.closed || once(stream, "close")));
    await Promise.race([all, wait(patienceMs)]);
  }

  facts(): Promise<Studio["facts"]> {
    return this.page.evaluate("studio.facts") as Promise<Studio["facts"]>;
  }

  noted(): ReturnType<Studio["noted"]> {
    return this.page.evaluate("studio.noted()") as ReturnType<Studio["noted"]>;
  }

  bytesOf(recorder: string): number {
    return this.written.get(recorder)?.bytes ?? 0;
  }

  /** CPU time of all of the browser's processes so far, ms. */
  cpuMs(): number {
    const mine = new Set([this.browser.process()?.pid ?? 0]);
    let ticks = 0;
    for (const { pid, parent, used } of processes()) {
      if (!mine.has(pid) && !mine.has(parent)) continue;
      mine.add(pid);
      ticks += used;
    }
    return ticks * 10;
  }

  async kill(): Promise<void> {
    const child = this.browser.process();
    if (!child) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    await this.#writtenDown();
  }

  async close(): Promise<void> {
    if (this.browser.connected) await this.browser.close();
    this.server.closeAllConnections();
    this.server.close();
    this.profile.close();
  }
}

interface Process {
  pid: number;
  parent: number;
  /** Clock ticks of 10 ms, children that ended included. */
  used: number;
}

/** Of the whole machine, parents before their children. */
function processes(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const fields = readFileSync(`/proc/${name}/stat`, "utf8")
          .replace(/^.*\) /, "")
          .split(" ");
        const used = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
        return [{ pid: Number(name), parent: Number(fields[1]), used }];
      } catch {
        return []; // It ended between the two looks.
      }
    })
    .sort((a, b) => a.pid - b.pid);
}
