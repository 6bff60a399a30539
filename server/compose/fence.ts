// What a composing process may do besides composing one recording: nothing. Says which fences this machine has, and how a program is run behind them.
// Promise: whatever a hostile stream makes of a decoder, it stays inside its recording's folder, off the network, and within its share of the machine;
// a fence that this machine lacks is named, never passed over.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { jail } from "./jail.ts";

/** Of one process. A window of nine people in 720p takes a fifth of the memory. */
export const limits = {
  memoryBytes: 1536 * 2 ** 20,
  /** Of its whole life; `Worker` takes a fresh one long before. */
  processorSeconds: 7200,
  openFiles: 512,
  /** A track of eight hours, whole. */
  fileBytes: 16 * 2 ** 30,
  processes: 64,
} as const;

/** All that may be written to, below the recording's folder: there every layout has its windows. */
export const writable = "windows";

/** Let others go first: recording is never to wait for composing. One step only: the server needs little of a processor, and with three steps
 * composing starved beside two browsers on the same two cores (ready 35 s after Stop instead of 2). */
const niceness = 1;

const usual = { ...limits, niceness } as const;

export interface Told {
  up: string[];
  /** Each with what is open without it. */
  down: string[];
}

export interface Code {
  /** Absolute: what Node runs. */
  file: string;
  /** Folders and files, as they are found and as they really lie, that it needs to run. */
  needs: readonly (readonly [real: string, as: string])[];
}

/** What this machine has, by full name; null: it has not. */
interface Tools {
  unshare: string | null;
  setpriv: string | null;
  prlimit: string | null;
  mount: string | null;
  umount: string | null;
  pivotRoot: string | null;
}

/** Also in the middle of an endless loop, which hears nothing of a closed channel. */
const withServer = ["--pdeathsig", "KILL"];
const spaces = ["--user", "--map-root-user", "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child=SIGKILL"];

export class Fences {
  readonly #bounds: { -readonly [K in keyof typeof usual]: number };
  readonly #tools: Tools;
  readonly #code: Code;
  /** Namespaces of its own, with nothing in them but what is needed. */
  #jailed: boolean;
  #why: string;

  /** `bounds`: others than usual. */
  constructor(code: Code, bounds: Partial<Record<keyof typeof usual, number>> = {}) {
    this.#bounds = { ...usual, ...bounds };
    const linux = process.platform === "linux";
    const find = (name: string) =>
      ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map((folder) => join(folder, name)).find((path) => linux && existsSync(path)) ?? null;
    const [unshare, setpriv, prlimit, mount, umount, pivotRoot] = [
      find("unshare"),
      find("setpriv"),
      find("prlimit"),
      find("mount"),
      find("umount"),
      find("pivot_root"),
    ];
    this.#code = code;
    this.#tools = { unshare, setpriv, prlimit, mount, umount, pivotRoot };
    this.#jailed = true;
    this.#why = linux ? this.#tried() : `${process.platform} has no namespaces`;
    this.#jailed = this.#why === "";
  }

  /** Program and arguments that run the code, or `program` instead of it, for one recording. `folder`: absolute, with the writable folder in it. */
  behind(folder: string, program: readonly string[] = this.node(folder)): string[] {
    const inner = [...this.#limits(this.#jailed), ...this.#privileges(this.#jailed), ...program];
    // Files of somebody else would be nobody's in there.
    if (!this.#jailed || statSync(folder).uid !== process.geteuid?.()) return inner;
    const { unshare, mount, umount, pivotRoot } = this.#tools;
    const real = realpathSync(folder);
    const seen: (readonly [string, string])[] = [...this.#code.needs, ...nodeItself(), [real, folder]];
    const read = seen.filter(([, as], index) => seen.findIndex(([, other]) => other === as) === index).flat();
    const write = [join(real, writable), join(folder, writable)];
    const spaced = [this.#tools.setpriv!, ...withServer, "--", unshare!, ...spaces, "--"];
    return [...spaced, "/bin/sh", "-c", jail, "fence", mount!, umount!, pivotRoot!, ...read, "--", ...write, ...inner];
  }

  /** Program and arguments that run another program, one that somebody chose for this machine and that sees nothing of strangers: within its share of the
   * machine, without privileges, and not a moment longer than the server. */
  bounded(program: readonly string[]): string[] {
    return [...this.#limits(false), ...this.#privileges(false), ...program];
  }

  /** How Node is told to run the code for this recording. */
  node(folder: string): string[] {
    return [process.execPath, ...nodeFlags(folder, this.#code), this.#code.file];
  }

  /** It could not be furnished after all: from here on without. */
  giveUpJail(why: string): void {
    this.#jailed = false;
    this.#why = why;
  }

  get jailed(): boolean {
    return this.#jailed;
  }

  get told(): Told {
    const { setpriv, prlimit } = this.#tools;
    const told: Told = { up: ["Node's permissions", "a bare environment"], down: [] };
    if (process.platform === "win32") told.down.push("limits (memory, processor time, files)");
    else told.up.push(`limits (${Object.keys(limits).join(", ")}) by ${prlimit ? "prlimit" : "ulimit"}`);
    if (setpriv) told.up.push("no privileges");
    else told.down.push("privileges are kept (setpriv is missing)");
    if (this.#jailed) told.up.push("no network", "no files but its recording's", "no processes but its own");
    else told.down.push(`network, other files and processes are open to native code (${this.#why})`);
    return told;
  }

  #limits(jailed: boolean): string[] {
    const { memoryBytes, processorSeconds, openFiles, fileBytes, processes, niceness } = this.#bounds;
    if (process.platform === "win32") return [];
    const nice = ["/usr/bin/nice", "/bin/nice"].find((path) => existsSync(path));
    const later = nice ? [nice, "-n", String(niceness)] : [];
    // Outside of a user namespace the processes of everybody with this user id count, the server's threads too.
    const count = jailed ? [`--nproc=${processes}`] : [];
    if (this.#tools.prlimit) {
      const most = [`--data=${memoryBytes}`, `--cpu=${processorSeconds}`, `--nofile=${openFiles}`, `--fsize=${fileBytes}`, "--core=0"];
      return [...later, this.#tools.prlimit, ...most, ...count, "--"];
    }
    const most = [`-d ${memoryBytes / 1024}`, `-t ${processorSeconds}`, `-n ${openFiles}`, `-f ${fileBytes / 512}`, "-c 0"];
    // What one system does not count, the next one does.
    const script = most.map((limit) => `ulimit ${limit} 2>/dev/null || :`).join("; ");
    return [...later, "/bin/sh", "-c", `${script}; exec "$@"`, "fence"];
  }

  #privileges(jailed: boolean): string[] {
    const { setpriv } = this.#tools;
    if (!setpriv) return [];
    // Root of a namespace, or of the machine.
    const caps = jailed || process.geteuid?.() === 0 ? ["--bounding-set=-all", "--inh-caps=-all"] : [];
    return [setpriv, "--no-new-privs", ...caps, ...withServer, "--"];
  }

  /** Empty: namespaces can be made and furnished here. Else why not. */
  #tried(): string {
    const missing = Object.entries(this.#tools).filter(([name, path]) => !path && name !== "prlimit");
    if (missing.length > 0) return `missing: ${missing.map(([name]) => name).join(", ")}`;
    const folder = mkdtempSync(join(tmpdir(), "fence-"));
    try {
      mkdirSync(join(folder, writable), { recursive: true });
      const [program, ...args] = this.behind(folder, ["/bin/sh", "-c", "exit 0"]);
      const { status, signal, stderr } = spawnSync(program!, args, { encoding: "utf8", timeout: 20_000, env: bareEnvironment() });
      return status === 0 ? "" : `no namespaces here: ${(stderr || signal || `${status}`).trim().split("\n").at(-1)}`;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** Of glibc, malloc(3): pictures that were let go are kept for the next window instead of going back to the system picture by picture. A window costs a
 * quarter less processor for it (`npm run bench:compose`), and no more memory than it once had. Each arena keeps some for itself and gives up what is
 * empty, so there is one: the encoder's threads hardly ever ask. */
export const allocator = {
  MALLOC_MMAP_THRESHOLD_: String(32 * 2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(256 * 2 ** 20),
  MALLOC_ARENA_MAX: "1",
} as const;

/** None of the server's settings or secrets. A model that whisper.cpp cannot work with ends its process; without the last of these a debugger is looked for
 * first, and waited for without end. */
export function bareEnvironment(): Record<string, string> {
  return { PATH: "/usr/bin:/bin", HOME: "/nonexistent", UV_THREADPOOL_SIZE: "2", ...allocator, GGML_NO_BACKTRACE: "1" };
}

/** Node's own fence, of what JavaScript may do: files, other programs, threads. Native code is outside of it. */
export function nodeFlags(folder: string, { needs }: Code, version = process.versions.node): string[] {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const flag = major > 23 || (major === 23 && minor >= 5) ? "--permission" : "--experimental-permission";
  const both = (path: string) => (existsSync(path) ? [...new Set([path, realpathSync(path)])] : [path]);
  const read = [...needs.flat(), ...both(folder)].map((path) => `--allow-fs-read=${path}${sep}*`);
  const write = both(join(folder, writable)).map((path) => `--allow-fs-write=${path}${sep}*`);
  // Pictures are not V8's: its heap holds packets' places and little else, and what is young in it dies within a picture.
  return [flag, "--allow-addons", "--no-warnings", "--max-old-space-size=768", "--max-semi-space-size=2", ...new Set(read), ...write];
}

/** Where Node lies, when it is not among the system's own programs. */
function nodeItself(): (readonly [string, string])[] {
  const real = realpathSync(process.execPath);
  const prefix = dirname(dirname(real));
  const system = ["/usr", "/bin", "/lib"].some((folder) => real.startsWith(`${folder}/`));
  if (system) return [];
  // A prefix of its own (…/versions/node/v24) brings its libraries; a lone program in somebody's home does not open that home.
  const own = existsSync(join(prefix, "include/node")) ? prefix : real;
  return own === real ? [[real, process.execPath]] : [[own, own]];
}
