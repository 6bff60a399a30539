// A network with faults: stands between browsers and the server as plain TCP, and does to connections what cables, routers and proxies do.
// Promise: bytes that it passes on are passed on unchanged and in order; every fault can be taken back.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

interface Link {
  near: Socket;
  far: Socket;
  /** Path of the connection's first request. */
  path: string;
  /** Swallows everything in both directions, the end of either side included. */
  black: boolean;
  heardAt: number;
}

export class Network {
  /** Upgrades to these paths are answered with 403, as by a proxy that knows no WebSocket. */
  blocked: RegExp | null = null;
  /** WebSockets that carry nothing for this long are dropped. Null: never. */
  idleMs: number | null = null;
  /** Every piece is held up this long, each way. */
  delayMs = 0;
  /** Bytes a second from browser to server, for each connection. */
  upBytesPerSecond = Number.POSITIVE_INFINITY;
  readonly #links = new Set<Link>();
  /** Of browsers that have said nothing yet: Chromium opens one in reserve now and then. */
  readonly #silent = new Set<Socket>();
  readonly #server: Server;
  readonly #sweeper: NodeJS.Timeout;
  #cut = false;

  private constructor(
    readonly targetPort: number,
    server: Server,
  ) {
    this.#server = server;
    server.on("connection", (near) => this.#accept(near));
    this.#sweeper = setInterval(() => this.#sweep(), 200);
  }

  static async open(targetPort: number): Promise<Network> {
    const server = createServer();
    const network = new Network(targetPort, server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return network;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the network has no port");
    return `http://localhost:${address.port}`;
  }

  /** How many connections to such a path are open, dead ones among them. */
  count(path: RegExp): number {
    return this.#matching(path).length;
  }

  /** The cable is pulled: everything breaks and nothing new gets through, until `mend`. */
  cut(): void {
    this.#cut = true;
    this.drop();
  }

  mend(): void {
    this.#cut = false;
  }

  /** Connections break as if a router had forgotten them; new ones get through. */
  drop(path = /./): void {
    for (const link of this.#matching(path)) this.#break(link);
  }

  /** Connections that are open now go on existing and carry nothing any more; new ones get through. */
  blackHole(path = /./): void {
    for (const link of this.#matching(path)) link.black = true;
  }

  /** No fault any more, for connections to come. */
  calm(): void {
    this.mend();
    this.blocked = null;
    this.idleMs = null;
    this.delayMs = 0;
    this.upBytesPerSecond = Number.POSITIVE_INFINITY;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.cut();
    for (const near of this.#silent) near.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #matching(path: RegExp): Link[] {
    return [...this.#links].filter((link) => path.test(link.path));
  }

  #accept(near: Socket): void {
    near.on("error", () => near.destroy());
    if (this.#cut) {
      near.destroy();
      return;
    }
    this.#silent.add(near);
    near.once("close", () => this.#silent.delete(near));
    near.once("data", (head) => {
      this.#silent.delete(near);
      const [, path = "/", rest = ""] = /^\w+ (\S+) ([\s\S]*)$/.exec(head.toString("latin1")) ?? [];
      const upgrade = /^upgrade: *websocket/im.test(rest);
      if (upgrade && this.blocked?.test(path)) {
        near.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
      }
      near.pause();
      near.unshift(head);
      this.#join(near, upgrade ? `ws:${path}` : path);
    });
  }

  #join(near: Socket, path: string): void {
    const far = connect(this.targetPort, "127.0.0.1");
    const link: Link = { near, far, path, black: false, heardAt: performance.now() };
    this.#links.add(link);
    far.on("error", () => this.#break(link));
    near.on("close", () => link.black || this.#break(link));
    far.on("close", () => link.black || this.#break(link));
    void this.#carry(link, near, far, () => this.upBytesPerSecond);
    void this.#carry(link, far, near, () => Number.POSITIVE_INFINITY);
  }

  async #carry(link: Link, from: Socket, to: Socket, bytesPerSecond: () => number): Promise<void> {
    try {
      for await (const piece of from as AsyncIterable<Buffer>) {
        link.heardAt = performance.now();
        const heldMs = this.delayMs + (piece.length / bytesPerSecond()) * 1000;
        if (heldMs > 0) await wait(heldMs);
        if (!link.black && !to.write(piece)) await Promise.race([once(to, "drain"), once(to, "close")]);
      }
      if (!link.black) to.end();
    } catch {
      this.#break(link);
    }
  }

  #break(link: Link): void {
    if (!this.#links.delete(link)) return;
    link.near.destroy();
    link.far.destroy();
  }

  #sweep(): void {
    const { idleMs } = this;
    if (idleMs === null) return;
    for (const link of this.#matching(/^ws:/)) if (performance.now() - link.heardAt > idleMs) this.#break(link);
  }
}
