// The server's end of one composing process: starts it behind its fences when there is something to do, one order at a time, ends it when it hangs.
// Promise: an order ends within its deadline, as a report or as a death; a process that died is started anew by the next order; no process ever
// sees two recordings.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Logger } from "pino";
import { bareEnvironment, Fences, writable } from "./fence.ts";
import { unfurnished } from "./jail.ts";
import { type Done, type Order, Report } from "./order.ts";
import { program } from "./program.ts";

/** Left out of an order: the worker numbers them. */
export type Task = Order extends infer One ? (One extends Order ? Omit<One, "id"> : never) : never;

/** The process ended, was ended, or said something that makes no sense. */
export class Death extends Error {
  override readonly name = "Death";
  /** Whose bytes it was at; null: it did not say. */
  readonly segment: string | null;
  constructor(message: string, { segment = null }: { segment?: string | null } = {}) {
    super(message);
    this.segment = segment;
  }
}

/** It could not be done, and the process lives on. `code` and `segment` as in `Report`. */
export class Failure extends Error {
  override readonly name = "Failure";
  constructor(
    readonly code: string | null,
    message: string,
    readonly segment: string | null = null,
  ) {
    super(message);
  }
}

/** No process could be started: something about the machine, whatever the code, and never about the media. */
export class NotStarted extends Failure {
  constructor(cause: Error) {
    super((cause as NodeJS.ErrnoException).code ?? null, `a composing process could not be started: ${cause.message}`);
    this.cause = cause;
  }
}

export interface WorkerOptions {
  log: Logger;
  /** Longest an order may take. */
  deadlineMs: number;
  /** A process with nothing to do for so long is ended. */
  idleMs: number;
  /** Those of this machine unless said. */
  fences?: Fences | undefined;
}

/** The last of what it wrote on standard error: enough for a crash report. */
const stderrBytes = 4000;
/** Of orders, after which a process is replaced: with all its threads at work it has then used half of its processor time (`limits`). */
const lifeMs = 15 * 60_000;
/** So many bytes of media are read in so long, at the slowest. */
const readingBytes = 100e6;
const readingMs = 10_000;
/** From the end of a process's first to the end of its last. */
const lingerMs = 2000;
/** What it says on standard error when it is asked to be careful: the segment that it is at. */
const lookedAt = /^at (\w+)\n/gm;

let common: Fences | null = null;

/** Those of this machine, tried out once. */
export function fences(): Fences {
  common ??= new Fences(program());
  return common;
}

export class Worker {
  #child: ChildProcess | null = null;
  /** Whose media it may read: of the recording it was started for. */
  #folder = "";
  #orders = 0;
  #spentMs = 0;
  #idle: NodeJS.Timeout | null = null;
  #stderr = "";
  readonly #options: WorkerOptions;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Of the first of its processes, which leads their group. Null while none runs. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts the process if none runs, so that the first order need not wait for it. `folder`: the recording's. */
  warm(folder: string): void {
    if (this.#child) return;
    try {
      this.#child = this.#start(folder);
    } catch (error) {
      this.#options.log.warn({ err: error }, "a composing process could not be started");
    }
    this.#rest();
  }

  async send(task: Task): Promise<Done> {
    if (this.#child && (this.#folder !== task.folder || this.#spentMs > lifeMs)) await this.close();
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = null;
    const startedMs = performance.now();
    try {
      const child = this.#started(task.folder);
      this.#orders += 1;
      const report = await this.#report(child, { ...task, id: this.#orders });
      if (report.type === "failed") throw new Failure(report.code, report.message, report.segment ?? null);
      return report;
    } finally {
      this.#spentMs += performance.now() - startedMs;
      this.#rest();
    }
  }

  #started(folder: string): ChildProcess {
    try {
      this.#child ??= this.#start(folder);
      return this.#child;
    } catch (error) {
      throw new NotStarted(error as Error);
    }
  }

  #report(child: ChildProcess, order: Order): Promise<Report> {
    this.#stderr = "";
    return new Promise((resolve, reject) => {
      const die = (why: string) => {
        if (this.#child === child) this.#child = null;
        const text = `${why} pid=${child.pid} ${this.#stderr.replaceAll(lookedAt, "")}`.trim();
        settle(() => reject(new Death(text, { segment: [...this.#stderr.matchAll(lookedAt)].at(-1)?.[1] ?? null })));
      };
      const onMessage = (message: unknown) => {
        const report = Report.safeParse(message);
        if (!report.success) return kill("it said something that makes no sense");
        if (report.data.id === order.id) settle(() => resolve(report.data));
      };
      const onExit = (code: number | null, signal: string | null) =>
        afterLastWords(child, () => die(`the composing process ended code=${code} signal=${signal}`));
      const onError = (error: Error) => (child.pid === undefined ? settle(() => reject(new NotStarted(error))) : kill(error.message));
      const kill = (why: string) => {
        end(child);
        die(why);
      };
      const patienceMs = Math.max(this.#options.deadlineMs + this.#readingMs(order), "patienceMs" in order ? order.patienceMs : 0);
      const deadline = setTimeout(() => kill(`no report within ${patienceMs} ms`), patienceMs);
      const settle = (then: () => void) => {
        clearTimeout(deadline);
        child.off("message", onMessage).off("exit", onExit).off("error", onError);
        then();
      };
      child.on("message", onMessage).on("exit", onExit).on("error", onError);
      // Why is known at its "error", which is on its way.
      if (child.pid === undefined) return;
      if (!child.connected) return die("the composing process is gone");
      // A process that cannot be told anything has ended or is about to. Why is known at its "exit", and so is whether its fence was at fault:
      // whoever tries again before that would try the same fence.
      child.send(order, (error) => {
        if (error) end(child);
      });
    });
  }

  /** A fresh process reads all that there is of its segments before it can decode the last of it, and hours of them are gigabytes. */
  #readingMs(order: Order): number {
    if (!("job" in order) || this.#spentMs > 0) return 0;
    const bytes = order.job.sources.reduce((sum, source) => sum + source.bytes, 0);
    return Math.floor(bytes / readingBytes) * readingMs;
  }

  #start(folder: string): ChildProcess {
    mkdirSync(join(folder, writable), { recursive: true });
    const around = this.#options.fences ?? fences();
    const [file, ...args] = around.behind(folder);
    const child = spawn(file!, args, {
      cwd: "/",
      env: bareEnvironment(),
      // A group of its own: all of it is ended at once, and nothing that is typed at the server's terminal reaches it.
      detached: true,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#folder = folder;
    this.#spentMs = 0;
    this.#stderr = "";
    child.stderr?.on("data", (data: Buffer) => {
      this.#stderr = (this.#stderr + data.toString()).slice(-stderrBytes);
    });
    const gone = () => {
      if (this.#child === child) this.#child = null;
    };
    // Whoever waits for a report hears it too; an unheard "error" would end the server.
    child.on("error", (error) => {
      this.#options.log.debug({ err: error }, "composing process");
      // It could not be started at all: there is no "exit" then.
      if (child.pid === undefined) gone();
    });
    child.on("exit", (code) => {
      gone();
      if (code !== unfurnished || !around.jailed) return;
      around.giveUpJail(this.#stderr.trim());
      this.#options.log.warn({ ...around.told }, "composing with fewer fences than before");
    });
    // A process at rest keeps nobody up.
    child.unref();
    child.channel?.unref();
    (child.stderr as Socket | null)?.unref();
    this.#options.log.debug({ pid: child.pid }, "composing process started");
    return child;
  }

  #rest(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.close(), this.#options.idleMs);
    this.#idle.unref();
  }

  /** Ends the process; an order that is under way ends as a Death. Idempotent, and no last word: `send` starts another one. */
  async close(): Promise<void> {
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = null;
    const child = this.#child;
    this.#child = null;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    // Whoever waits for its end is kept up.
    child.ref();
    const ended = new Promise<void>((resolve) => {
      // Closed when the last of its processes let go of standard error; whoever got out of the group is not waited for.
      let linger: NodeJS.Timeout | undefined;
      child.once("exit", () => {
        linger = setTimeout(resolve, lingerMs);
      });
      child.once("close", () => {
        clearTimeout(linger);
        resolve();
      });
    });
    end(child);
    await ended;
  }
}

/** What a process wrote before its end may be read after it. */
function afterLastWords(child: ChildProcess, then: () => void): void {
  const { stderr } = child;
  if (!stderr || stderr.readableEnded || stderr.destroyed) {
    then();
    return;
  }
  const limit = setTimeout(then, lingerMs);
  stderr.once("close", () => {
    clearTimeout(limit);
    then();
  });
}

/** Whatever it has started, too. */
function end(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
