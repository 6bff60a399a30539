// Network namespaces: machines of their own as far as the network goes, on this one. Linux only, as root.
// Promise: what was made here goes with `close`, and what a crashed run left behind with the next `sweep`.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { createServer, type Server } from "node:net";
import process from "node:process";
import { promisify } from "node:util";

const run = promisify(execFile);
export const ipProgram = "/usr/sbin/ip";
/** Names say whose they are: dt<pid>-<name>. */
const ours = /^dt(\d+)-/;
/** The only device there is beside the loopback; browsers take other names for a VPN. */
export const device = "eth0";

export async function ip(...args: string[]): Promise<string> {
  return (await run(ipProgram, args)).stdout;
}

/** Says what this machine lacks for namespaces joined by a wire. */
export function demandNamespaces(): void {
  const lacks = (what: string) => new Error(`This journey needs network namespaces: ${what}`);
  if (process.platform !== "linux") throw lacks("it runs on Linux only.");
  if (process.getuid?.() !== 0) throw lacks("run it as root (CAP_NET_ADMIN and CAP_SYS_ADMIN).");
  try {
    accessSync(ipProgram, constants.X_OK);
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw new Error(lacks("`ip` (package iproute2) and /dev/net/tun must be there.").message, { cause });
  }
}

export class Namespace {
  readonly #doors: Server[] = [];
  private constructor(readonly name: string) {}

  static async open(name: string): Promise<Namespace> {
    const namespace = new Namespace(`dt${process.pid}-${name}`);
    await ip("netns", "add", namespace.name);
    await namespace.ip("link", "set", "lo", "up");
    return namespace;
  }

  /** In front of a command: it runs in here. */
  get exec(): string[] {
    return [ipProgram, "netns", "exec", this.name];
  }

  async ip(...args: string[]): Promise<string> {
    return await ip("-n", this.name, ...args);
  }

  /** Makes a port of this namespace's loopback reachable on the same port of ours: not by the wire, and for tools only. */
  async door(port: number): Promise<void> {
    const [program = "", ...exec] = this.exec;
    const bridge = `const s=require("net").connect(${port},"127.0.0.1");s.on("error",()=>process.exit());process.stdin.pipe(s).pipe(process.stdout)`;
    const server = createServer((near) => {
      const far = spawn(program, [...exec, process.execPath, "-e", bridge], { stdio: ["pipe", "pipe", "inherit"] });
      near.pipe(far.stdin);
      far.stdout.pipe(near);
      near.on("close", () => far.kill("SIGKILL"));
      far.on("exit", () => near.destroy());
      for (const end of [near, far.stdin, far.stdout]) end.on("error", () => near.destroy());
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    this.#doors.push(server);
  }

  async close(): Promise<void> {
    for (const door of this.#doors) door.close();
    await clear(this.name);
  }
}

/** Namespaces whose makers are dead. */
export async function sweep(): Promise<void> {
  const names = (await ip("netns", "list")).split("\n").map((line) => line.split(" ")[0] ?? "");
  for (const name of names) {
    const pid = Number(ours.exec(name)?.[1] ?? process.pid);
    if (!alive(pid)) await clear(name);
  }
}

/** Ends what still runs in it, and takes it away. */
async function clear(name: string): Promise<void> {
  const pids = (await ip("netns", "pids", name)).split("\n").filter(Boolean).map(Number);
  for (const pid of pids) if (alive(pid)) process.kill(pid, "SIGKILL");
  await ip("netns", "delete", name);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
