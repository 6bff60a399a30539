// Has a model of this machine write down what was said, one track after the other: by FFmpeg's own filter behind the composing process's fences, or by a
// whisper.cpp program that somebody named. Off unless a model's file is.
// Promise: one listens at a time and lets everything else go first; each ends within its time; what fails says why, and is tried again when asked.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, realpath, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Logger } from "pino";
import type { Hearing } from "../../protocol/captions.ts";
import { UserError } from "../../protocol/errors.ts";
import { parseVtt } from "../../protocol/vtt.ts";
import { bareEnvironment, Fences } from "./fence.ts";
import { type Heard, said } from "./listen.ts";
import { program } from "./program.ts";
import { Death, Failure, Worker } from "./worker.ts";

export interface ListenerOptions {
  /** The model's file, as whisper.cpp reads it. */
  model: string;
  /** A whisper.cpp program (`whisper-cli`); null: FFmpeg's own filter. */
  program: string | null;
  /** Of ISO 639-1, or "auto". */
  language: string;
  log: Logger;
  /** A track's sound as such programs want it, and how long it is. Throws UserError("not-ready") while it still grows. */
  speech: (recordingId: string, trackId: string) => Promise<{ path: string; folder: string; durationMs: number }>;
  onHeard: (recordingId: string, trackId: string, heard: Heard[]) => Promise<void>;
}

/** Of the process that listens. The largest of whisper's models takes four of them; its processor time may be a day. */
const bounds = { memoryBytes: 8 * 2 ** 30, processorSeconds: 24 * 3600, niceness: 19 };
/** Loading a model from a slow disk; then ten times the sound's own length: below that speed it is no use to anybody. */
const patienceFirstMs = 10 * 60_000;
const patienceTimes = 10;
const idleMs = 1000;
/** Where Linux looks for it. node-av's FFmpeg is built with it, and its whisper filter calls it without a look whether it is there: where it is not,
 * whatever model is named ends the process (SIGSEGV). */
const vulkan = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"].map(
  (folder) => `${folder}/libvulkan.so.1`,
);
const noVulkan =
  "The server lacks a library that FFmpeg's whisper filter needs: libvulkan.so.1 (Debian: apt-get install libvulkan1). A whisper.cpp program can be named instead.";
const stderrChars = 500;

interface Item {
  recordingId: string;
  trackId: string;
  state: Hearing["state"];
  why: string | null;
}

export class Listener {
  readonly #options: ListenerOptions;
  readonly #items = new Map<string, Item>();
  #fences: Fences | null = null;
  #worker: Worker | null = null;
  #child: ChildProcess | null = null;
  #running: Promise<void> | null = null;
  #now: Item | null = null;
  #closed = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Their turn will come. What has failed is tried once more. */
  hear(recordingId: string, trackIds: readonly string[]): void {
    if (this.#closed) return;
    for (const trackId of trackIds) {
      if (this.#items.get(trackId)?.state !== "listening") this.#items.set(trackId, { recordingId, trackId, state: "waiting", why: null });
    }
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  hearings(recordingId: string): Hearing[] {
    const mine = [...this.#items.values()].filter((item) => item.recordingId === recordingId);
    return mine.map(({ trackId, state, why }) => ({ trackId, state, why }));
  }

  /** The recording is to be deleted: nothing of it is read or written once this has resolved. */
  async forget(recordingId: string): Promise<void> {
    for (const [key, item] of this.#items) if (item.recordingId === recordingId) this.#items.delete(key);
    if (this.#now?.recordingId === recordingId) await this.#end();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#items.clear();
    await this.#end();
    await this.#running;
  }

  async #end(): Promise<void> {
    kill(this.#child);
    await this.#worker?.close();
  }

  async #run(): Promise<void> {
    for (;;) {
      const item = [...this.#items.values()].find(({ state }) => state === "waiting");
      if (!item || this.#closed) return;
      item.state = "listening";
      this.#now = item;
      const { recordingId, trackId } = item;
      const { log, onHeard } = this.#options;
      try {
        const heard = await this.#listen(item);
        // Deleted meanwhile: nobody wants to know.
        if (this.#items.get(trackId) !== item) continue;
        await onHeard(recordingId, trackId, heard);
        this.#items.delete(trackId);
        log.info({ recording: recordingId, track: trackId, lines: heard.length }, "a track was written down");
      } catch (error) {
        item.state = "failed";
        item.why = error instanceof UserError ? error.message : "The log says why.";
        log.warn({ recording: recordingId, track: trackId, err: error }, "a track could not be written down");
      } finally {
        this.#now = null;
      }
    }
  }

  async #listen({ recordingId, trackId }: Item): Promise<Heard[]> {
    const { path, folder, durationMs } = await this.#options.speech(recordingId, trackId);
    const patienceMs = patienceFirstMs + durationMs * patienceTimes;
    const out = join(dirname(path), `${trackId}-heard`);
    return this.#options.program === null
      ? await this.#byFilter(folder, path, `${out}.srt`, patienceMs)
      : said(await this.#byProgram(this.#options.program, path, out, patienceMs));
  }

  async #byFilter(folder: string, sound: string, out: string, patienceMs: number): Promise<Heard[]> {
    const { model, language, log } = this.#options;
    this.#fences ??= new Fences(await codeWith(model), bounds);
    this.#worker ??= new Worker({ log, deadlineMs: patienceMs, idleMs, fences: this.#fences });
    try {
      const order = { model, language, patienceMs, sound: relative(folder, sound), out: relative(folder, out) };
      const { heard = [] } = await this.#worker.send({ type: "listen", folder, ...order });
      return heard;
    } catch (error) {
      if (error instanceof Failure && error.code === "not-ready") throw new UserError("not-ready", error.message, { cause: error });
      if (error instanceof Death && process.platform === "linux" && !vulkan.some((file) => existsSync(file)))
        throw new UserError("not-ready", noVulkan, { cause: error });
      throw error;
    } finally {
      // A model takes more memory than anything else here, and there may be nothing to hear for days.
      await this.#worker.close();
    }
  }

  async #byProgram(file: string, sound: string, out: string, patienceMs: number): Promise<Heard[]> {
    const { model, language } = this.#options;
    this.#fences ??= new Fences(program(), bounds);
    const vtt = `${out}.vtt`;
    await rm(vtt, { force: true });
    try {
      await this.#call(this.#fences.bounded([file, "-m", model, "-f", sound, "-l", language, "-ovtt", "-of", out, "-np"]), patienceMs);
      return parseVtt(await readFile(vtt, "utf8"));
    } finally {
      await rm(vtt, { force: true });
    }
  }

  #call([file = "", ...args]: string[], patienceMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = spawn(file, args, { cwd: "/", env: bareEnvironment(), detached: true, stdio: ["ignore", "ignore", "pipe"] });
      this.#child = child;
      let stderr = "";
      child.stderr.on("data", (data: Buffer) => {
        stderr = (stderr + data.toString()).slice(-stderrChars);
      });
      const deadline = setTimeout(() => kill(child), patienceMs);
      const settle = (error: Error | null) => {
        clearTimeout(deadline);
        this.#child = null;
        if (error) reject(error);
        else resolve();
      };
      child.on("error", settle);
      child.on("close", (code, signal) => {
        if (code === 0) settle(null);
        else settle(new Error(`${args.at(-1)}: the program that listens ended code=${code} signal=${signal} ${stderr}`.trim()));
      });
    });
  }
}

/** The model is one more thing that may be read behind the fences; what lies among the system's own files is there already. */
async function codeWith(model: string) {
  const code = program();
  const real = await realpath(model).catch((cause: Error) => {
    throw new UserError("not-ready", "The model's file is not there.", { cause });
  });
  return { ...code, needs: real.startsWith("/usr/") ? code.needs : [...code.needs, [real, model] as const] };
}

/** With all that it has started. */
function kill(child: ChildProcess | null): void {
  try {
    if (child?.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
