// The server's end of one composing process: starts it when there is something to do, one order at a time, ends it when it hangs.
// Promise: an order ends within its deadline, as a report or as a death; a process that died is started anew by the next order.
import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Logger } from "pino";
import { type Done, type Order, Report } from "./order.ts";

/** Left out of an order: the worker numbers them. */
export type Task = Order extends infer One ? (One extends Order ? Omit<One, "id"> : never) : never;

/** The process ended, was ended, or said something that makes no sense. */
export class Death extends Error {
  override readonly name = "Death";
}

/** It could not be done, and the process lives on. `code` as in `Report`. */
export class Failure extends Error {
  override readonly name = "Failure";
  constructor(
    readonly code: string | null,
    message: string,
  ) {
    super(message);
  }
}

export interface WorkerOptions {
  log: Logger;
  /** Longest an order may take. */
  deadlineMs: number;
  /** A process with nothing to do for so long is ended. */
  idleMs: number;
}

/** The last of what it wrote on standard error: enough for a crash report. */
const stderrBytes = 4000;

export class Worker {
  #child: ChildProcess | null = null;
  #orders = 0;
  #idle: NodeJS.Timeout | null = null;
  #stderr = "";
  readonly #options: WorkerOptions;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Null while none runs. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts the process if none runs, so that the first order need not wait for it. */
  warm(): void {
    this.#child ??= this.#start();
    this.#rest();
  }

  async send(task: Task): Promise<Done> {
    this.#child ??= this.#start();
    const child = this.#child;
    this.#orders += 1;
    const id = this.#orders;
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = null;
    try {
      const report = await this.#report(child, { ...task, id });
      if (report.type === "failed") throw new Failure(report.code, report.message);
      return report;
    } finally {
      this.#rest();
    }
  }

  #report(child: ChildProcess, order: Order): Promise<Report> {
    return new Promise((resolve, reject) => {
      const die = (why: string) => {
        if (this.#child === child) this.#child = null;
        settle(() => reject(new Death(`${why} pid=${child.pid} ${this.#stderr}`.trim())));
      };
      const onMessage = (message: unknown) => {
        const report = Report.safeParse(message);
        if (!report.success) return kill("it said something that makes no sense");
        if (report.data.id === order.id) settle(() => resolve(report.data));
      };
      const onExit = (code: number | null, signal: string | null) => die(`the composing process ended code=${code} signal=${signal}`);
      const onError = (error: Error) => kill(error.message);
      const kill = (why: string) => {
        child.kill("SIGKILL");
        die(why);
      };
      const deadline = setTimeout(() => kill(`no report within ${this.#options.deadlineMs} ms`), this.#options.deadlineMs);
      const settle = (then: () => void) => {
        clearTimeout(deadline);
        child.off("message", onMessage).off("exit", onExit).off("error", onError);
        then();
      };
      child.on("message", onMessage).on("exit", onExit).on("error", onError);
      if (!child.connected) return die("the composing process is gone");
      child.send(order, (error) => {
        if (error) kill(error.message);
      });
    });
  }

  #start(): ChildProcess {
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const child = fork(fileURLToPath(new URL("./child.ts", import.meta.url)), {
      execArgv: ["--import", tsx, "--max-old-space-size=1024"],
      // None of the server's settings or secrets.
      env: Object.fromEntries(["PATH", "HOME", "TMPDIR"].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
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
    child.on("exit", gone);
    // A process at rest keeps nobody up.
    child.unref();
    child.channel?.unref();
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
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }
}
