// What a hostile file goes through, in the order of the product: what looks at the bytes as they are kept, then a real composing process behind its fences.
// Promise: throws, naming the file, when one of them does what it may not: throw anything but a refusal, take long, grow, escape, or harm somebody else.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { UserError } from "../../protocol/errors.ts";
import { Container } from "../../server/align/container.ts";
import { attempt } from "../../server/compose/attempt.ts";
import { type Fences, writable } from "../../server/compose/fence.ts";
import { idOf, red, segmentOf, timelineWith, webmOf } from "../../server/compose/footage.fixture.ts";
import { msOf } from "../../server/compose/place.ts";
import { Suspects } from "../../server/compose/suspects.ts";
import { windowOf } from "../../server/compose/window.ts";
import { fences, Worker } from "../../server/compose/worker.ts";
import { facts, ModelDisk } from "../../server/ingest/rig.fixture.ts";
import { SegmentFile } from "../../server/ingest/segment.ts";
import { Disk } from "../../server/store/disk.ts";
import type { Random } from "../chaos/random.ts";
import { composingOf } from "../chaos/world.ts";
import { type Place, place } from "../rig/place.ts";
import type { Seed } from "./seeds.ts";

/** Processor time that looking at one small file may take, ms; most take less than ten. */
const lookMaxMs = 2000;
/** Heap that one small file may cost while it is looked at. */
const lookMaxBytes = 200e6;
const canvas = { width: 320, height: 192 };
const windowTicks = 48;
const deadlineMs = 120_000;

export interface Tally {
  files: number;
  /** Refused by what looks at the bytes: no decoder saw them. */
  refused: number;
  composed: number;
  windows: number;
  /** Times that the composing process ended: by itself, or at its deadline. */
  deaths: number;
  /** Files that had to be left out for it. */
  left: string[];
  longestLookMs: number;
  longestWindowMs: number;
  /** Highest memory of a composing process, MB. */
  composingMb: number;
}

export class Gauntlet {
  readonly tally: Tally = {
    files: 0,
    refused: 0,
    composed: 0,
    windows: 0,
    deaths: 0,
    left: [],
    longestLookMs: 0,
    longestWindowMs: 0,
    composingMb: 0,
  };
  readonly #place: Place = place("fuzz");
  readonly #worker: Worker;
  readonly #neighbours: Worker;
  readonly #good = webmOf({ seconds: 2, colour: () => red, tone: { hz: 400, gain: () => 0.3 } });
  #untouched = "";
  #sets = 0;

  /** `around`: the fences of this machine unless said, for a look from outside. */
  constructor(around: Fences = fences()) {
    const log = pino({ level: "silent" });
    this.#worker = new Worker({ log, deadlineMs, idleMs: deadlineMs, fences: around });
    this.#neighbours = new Worker({ log, deadlineMs, idleMs: deadlineMs });
    for (const folder of [this.folder, this.#other]) {
      mkdirSync(join(folder, "tracks"), { recursive: true });
      mkdirSync(join(folder, writable), { recursive: true });
      writeFileSync(join(folder, "tracks/good.webm"), this.#good);
    }
  }

  /** The hostile recording's folder; beside it lies somebody else's. */
  get folder(): string {
    return join(this.#place.path, "mine");
  }
  get #other(): string {
    return join(this.#place.path, "other");
  }
  get neighbour(): string {
    return join(this.#other, "tracks/good.webm");
  }

  /** All of them in one window, beside somebody whose recording is good. */
  async run(files: readonly Seed[], random: Random): Promise<void> {
    const accepted: Seed[] = [];
    for (const file of files) if (await this.#look(file, random)) accepted.push(file);
    if (accepted.length > 0) await this.#compose(accepted);
  }

  /** As the spool does; false: it is refused. */
  async #look({ name, bytes }: Seed, random: Random): Promise<boolean> {
    this.tally.files += 1;
    const container = new Container();
    const inspector = {
      push: (part: Uint8Array) => container.push(part),
      chunk: () => undefined,
      clock: () => undefined,
      reset: () => undefined,
    };
    const path = join(this.#place.path, "recordings/x.webm");
    const segment = await SegmentFile.open(new Disk(this.#place.path, new ModelDisk()), path, facts, inspector);
    const before = process.cpuUsage();
    const heap = process.memoryUsage().heapUsed;
    let refused = false;
    try {
      for (let at = 0, sequence = 0; at < bytes.length; sequence++) {
        const part = Uint8Array.from(bytes.subarray(at, at + 1 + Math.floor(random.next() * 20_000)));
        await segment.append({ handle: 0, sequence, offset: at, endOffset: at + part.length, eventMs: at, bytes: part });
        at += part.length;
      }
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "not-media") throw new Error(`${name}: ${(error as Error).stack}`);
      refused = true;
    }
    const { user, system } = process.cpuUsage(before);
    const tookMs = (user + system) / 1000;
    this.tally.longestLookMs = Math.max(this.tally.longestLookMs, tookMs);
    if (tookMs > lookMaxMs) throw new Error(`${name}: looking at it took ${Math.round(tookMs)} ms`);
    if (process.memoryUsage().heapUsed - heap > lookMaxBytes)
      throw new Error(`${name}: looking at it took ${lookMaxBytes / 1e6} MB and more`);
    for (const packet of container.packets)
      if (!(packet.offset >= 0 && packet.size > 0 && packet.offset + packet.size <= bytes.length && Number.isFinite(packet.mediaMs)))
        throw new Error(`${name}: a packet at ${packet.offset} of ${packet.size} bytes, ${packet.mediaMs} ms`);
    await segment.close();
    if (refused) this.tally.refused += 1;
    return !refused;
  }

  async #compose(files: readonly Seed[]): Promise<void> {
    const { tally, folder } = this;
    this.#sets += 1;
    const endMs = msOf(windowTicks);
    const named = files.map((file, index) => ({ file, path: `tracks/${this.#sets}x${index}.bin`, who: `f${this.#sets}x${index}` }));
    for (const { file, path } of named) writeFileSync(join(folder, path), file.bytes);
    const tracks = {
      good: [segmentOf("tracks/good.webm", this.#good.length, 0, endMs, { id: idOf("seg", "good") })],
      ...Object.fromEntries(
        named.map(({ file, path, who }) => [who, [segmentOf(path, file.bytes.length, 0, endMs, { id: idOf("seg", who) })]]),
      ),
    };
    const job = windowOf(timelineWith(endMs, tracks), canvas, 0)!;
    const startedMs = performance.now();
    const names = files.map(({ name }) => name).join(" | ");
    const { done, without } = await attempt(
      job,
      async (tried) => {
        try {
          return await this.#worker.send({ type: "render", folder, windows: "windows/x", file: "0.m4s", canvas, job: tried });
        } catch (error) {
          tally.deaths += 1;
          throw error;
        }
      },
      new Suspects(),
      () => false,
      pino({ level: "silent" }),
    ).catch((error: Error) => {
      throw new Error(`none of these could be composed, not even as cards: ${names}: ${error.message}`);
    });
    tally.windows += 1;
    tally.composed += files.length;
    tally.longestWindowMs = Math.max(tally.longestWindowMs, performance.now() - startedMs);
    for (const track of without) {
      const found = named.find(({ who }) => idOf("trk", who) === track);
      tally.left.push(found?.file.name ?? track);
      if (!found) throw new Error(`somebody whose recording is good was left out beside: ${names}`);
    }
    if (done.missing.some(({ segment }) => segment === idOf("seg", "good")))
      throw new Error(`somebody whose recording is good is missing beside: ${names}`);
    this.#measure();
    for (const { path } of named) rmSync(join(folder, path));
    if (this.#sets % 50 === 1) await this.neighbourIsWell();
  }

  #measure(): void {
    for (const pid of composingOf(process.pid)) {
      const status = `/proc/${pid}/status`;
      if (!existsSync(status)) continue;
      const [, kilobytes = "0"] = /VmHWM:\s+(\d+)/.exec(readFileSync(status, "utf8")) ?? [];
      this.tally.composingMb = Math.max(this.tally.composingMb, Math.round(Number(kilobytes) / 1024));
    }
  }

  /** Somebody else's window comes out as before, to the byte. */
  async neighbourIsWell(): Promise<void> {
    const timeline = timelineWith(msOf(windowTicks), { good: [segmentOf("tracks/good.webm", this.#good.length, 0, msOf(windowTicks))] });
    const job = windowOf(timeline, canvas, 0)!;
    await this.#neighbours.send({ type: "render", folder: this.#other, windows: "windows/x", file: "0.m4s", canvas, job });
    const hash = createHash("sha256")
      .update(readFileSync(join(this.#other, "windows/x/0.m4s")))
      .digest("hex");
    this.#untouched ||= hash;
    if (hash !== this.#untouched) throw new Error("the neighbour's window is another one than before");
    if (!readFileSync(this.neighbour).equals(this.#good)) throw new Error("the neighbour's recording was written to");
  }

  async close(): Promise<void> {
    await Promise.all([this.#worker.close(), this.#neighbours.close()]);
    this.#place.close();
  }
}
