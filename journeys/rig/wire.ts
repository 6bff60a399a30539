// A wire between network namespaces, with delay, jitter, loss, narrowness and cuts: one site per participant; this process' own namespace, where
// the server runs, is its home. The kernel's netem is often missing, so the packets go through a process of ours (`carrier.ts`), by a seed.
// Promise: sites reach the home and each other and nothing else; `close` leaves nothing behind, and neither does a crash for longer than until
// the next `open`.
//
//   const wire = await Wire.open();
//   const stage = await Stage.open({ DOUBLETAKE_HOST: "0.0.0.0" });
//   const asha = await wire.site("asha", { delayMs: 50, jitterMs: 10, loss: 0.05, up: { bitsPerSecond: 1e6 } });
//   const browser = await stage.browser("chromium", { at: { site: asha, origin: wire.origin(stage.server.port) } });
//   const room = await new Api(wire.origin(stage.server.port), adminKey).createRoom();
//
// A page on http://10.… is no secure one. `origin` above makes the browser take it for one (cameras, OPFS, Web Locks): Chromium by
// --unsafely-treat-insecure-origin-as-secure, Firefox by dom.securecontext.allowlist.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Carried, CarrierOrder } from "./carrier.ts";
import type { Weather } from "./leg.ts";
import { demandNamespaces, device, ip, Namespace, sweep } from "./namespace.ts";
import { type Place, place, root } from "./place.ts";
import { freePort } from "./server.ts";

/** What holds for both directions, and what for one of them. */
export interface Conditions extends Partial<Weather> {
  /** From the site. */
  up?: Partial<Weather>;
  /** To the site. */
  down?: Partial<Weather>;
}

export interface Start {
  launch: { executablePath: string; pipe?: boolean; debuggingPort?: number };
  args: string[];
  preferences: Record<string, unknown>;
}

/** The home and seven sites: a carrier gets its devices when it starts, because only Perl, which every Debian has, can make the system call. */
const mostEnds = 8;
const makeTuns = `
  my $node = shift; my $files = "";
  for my $name (split /,/, shift) {
    open(my $tun, "+<", "/dev/net/tun") or die "/dev/net/tun: $!";
    ioctl($tun, 0x400454ca, pack("a16 s x22", $name, 0x1001)) or die "TUNSETIFF: $!";
    push @keep, $tun; $files .= "," . fileno($tun);
  }
  exec($node, @ARGV[0 .. $#ARGV - 1], substr($files, 1), $ARGV[-1]);
`;

type Question = CarrierOrder extends infer Order ? (Order extends CarrierOrder ? Omit<Order, "ask"> : never) : never;

export class Wire {
  readonly #sites: Site[] = [];
  readonly #answers = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  #asked = 0;
  #hosts = 1;
  #closing: Promise<void> | null = null;

  private constructor(
    readonly network: string,
    readonly carrier: ChildProcess,
    readonly tuns: string[],
    readonly place: Place,
  ) {
    carrier.on("message", ({ ask, answer }: { ask: number; answer: unknown }) => {
      this.#answers.get(ask)?.resolve(answer);
      this.#answers.delete(ask);
    });
    carrier.on("exit", (code, signal) => {
      for (const answer of this.#answers.values()) answer.reject(new Error(`the wire's carrier ended: ${code ?? signal}`));
      this.#answers.clear();
    });
  }

  static async open(seed = 1): Promise<Wire> {
    demandNamespaces();
    await sweep();
    const tuns = Array.from({ length: mostEnds }, (_, end) => `dt${process.pid % 1e7}t${end}`);
    const node = ["--import", "tsx", join(root, "journeys/rig/carrier.ts")];
    const carrier = spawn("/usr/bin/perl", ["-e", `$^F = 255; ${makeTuns}`, process.execPath, tuns.join(","), ...node, String(seed)], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // Each end's reader waits in a thread.
      env: { PATH: process.env.PATH, UV_THREADPOOL_SIZE: String(mostEnds + 1) },
    });
    const wire = new Wire(await freeNetwork(), carrier, tuns, place("wire"));
    try {
      await new Promise<unknown>((resolve, reject) => wire.#answers.set(0, { resolve, reject }));
      const [home = ""] = tuns;
      await ip("address", "add", `${wire.address}/32`, "dev", home);
      await ip("link", "set", home, "up");
      await ip("route", "add", `${wire.network}.0/24`, "dev", home, "src", wire.address);
      await wire.ask({ type: "address", site: 0, address: wire.address });
    } catch (error) {
      await wire.close();
      throw error;
    }
    return wire;
  }

  /** Of the home; a server that is to be reached listens on it, or on 0.0.0.0. */
  get address(): string {
    return `${this.network}.1`;
  }

  origin(port: number): string {
    return `http://${this.address}:${port}`;
  }

  async site(name: string, conditions: Conditions = {}): Promise<Site> {
    const end = this.#sites.length + 1;
    const tun = this.tuns[end];
    if (!tun) throw new Error(`a wire has ${mostEnds - 1} sites`);
    const namespace = await Namespace.open(name);
    const site = new Site(this, end, namespace);
    this.#sites.push(site);
    await ip("link", "set", tun, "netns", namespace.name, "name", device);
    await site.set(conditions);
    await site.plug();
    return site;
  }

  /** An address that nobody had yet. */
  nextAddress(): string {
    return `${this.network}.${++this.#hosts}`;
  }

  ask(question: Question): Promise<unknown> {
    const ask = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#answers.set(ask, { resolve, reject });
      this.carrier.send({ ...question, ask }, (error) => error && reject(error));
    });
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      // Its devices go with it, those that were moved to the sites among them.
      const gone = this.carrier.exitCode === null && this.carrier.signalCode === null ? once(this.carrier, "exit") : null;
      this.carrier.kill("SIGKILL");
      await gone;
      for (const site of this.#sites) await site.namespace.close();
      this.place.close();
    })();
    return this.#closing;
  }
}

export class Site {
  #address: string;

  constructor(
    readonly wire: Wire,
    readonly end: number,
    readonly namespace: Namespace,
  ) {
    this.#address = wire.nextAddress();
  }

  get address(): string {
    return this.#address;
  }

  /** In front of a command: it runs at this site. */
  get exec(): string[] {
    return this.namespace.exec;
  }

  /** What it takes to start a browser at this site and to work it from here: pipes pass between namespaces, and Firefox, which knows none, gets
   * a door. */
  async start(kind: "chromium" | "firefox", origin: string): Promise<Start> {
    if (kind === "chromium") {
      const launch = { executablePath: this.program("/usr/bin/chromium"), pipe: true };
      return { launch, args: [`--unsafely-treat-insecure-origin-as-secure=${origin}`], preferences: {} };
    }
    const debuggingPort = await freePort();
    await this.namespace.door(debuggingPort);
    const preferences = {
      "dom.securecontext.allowlist": new URL(origin).hostname,
      "media.devices.insecure.enabled": true,
      "media.getusermedia.insecure.enabled": true,
    };
    return { launch: { executablePath: this.program("/usr/bin/firefox-esr"), debuggingPort }, args: [], preferences };
  }

  /** A program that starts the given one at this site, with the arguments it is given. */
  program(path: string): string {
    const script = join(this.wire.place.path, `${this.namespace.name}-${path.split("/").at(-1)}`);
    writeFileSync(script, `#!/bin/sh\nexec ${this.exec.join(" ")} ${path} "$@"\n`);
    chmodSync(script, 0o755);
    return script;
  }

  /** From now on; what is not named is as on a fair line. */
  async set(conditions: Conditions): Promise<void> {
    const { up, down, ...both } = conditions;
    await this.wire.ask({ type: "weather", site: this.end, up: { ...both, ...up }, down: { ...both, ...down } });
  }

  /** Everything is swallowed in silence, until `set`. */
  async cut(): Promise<void> {
    await this.set({ cut: true });
  }

  /** The cable is out, and this machine knows; until `plug`. */
  async unplug(): Promise<void> {
    await this.namespace.ip("link", "set", device, "down");
  }

  async plug(): Promise<void> {
    await this.wire.ask({ type: "address", site: this.end, address: this.address });
    await this.namespace.ip("address", "replace", `${this.address}/32`, "dev", device);
    await this.namespace.ip("link", "set", device, "up");
    await this.namespace.ip("route", "replace", "default", "dev", device, "src", this.address);
  }

  /** Another network: the old address is gone with all that went over it. */
  async move(): Promise<void> {
    const old = this.address;
    this.#address = this.wire.nextAddress();
    await this.namespace.ip("address", "delete", `${old}/32`, "dev", device);
    await this.plug();
  }

  /** What this site sent. */
  async count(): Promise<Carried> {
    return (await this.wire.ask({ type: "count", site: this.end })) as Carried;
  }
}

async function freeNetwork(): Promise<string> {
  const taken = await ip("-4", "route");
  for (let tried = 0; tried < 64; tried++) {
    const network = `10.${64 + ((process.pid + tried) % 64)}.${process.pid % 251}`;
    if (!taken.includes(`${network}.`)) return network;
  }
  throw new Error("no free network between 10.64 and 10.127");
}
