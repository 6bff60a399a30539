// `npm run bench -- kill --rounds 1000 --seed 1`: the real server is killed (SIGKILL) at random moments while devices upload, again and again.
// It says how far it is; Ctrl-C ends it with the figures so far, and `--from 400` goes on after so many rounds.
// Promise: after every restart each acked byte is looked up on the disk, and a difference ends the run with the seed that repeats it.
import { createCipheriv, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { typeid } from "typeid-js";
import build, { program } from "../journeys/rig/build.ts";
import { openUpload, Sender, type UploadLine } from "../journeys/rig/sender.ts";
import { TestServer } from "../journeys/rig/server.ts";
import { encodeFrame, uploadVersion } from "../protocol/upload.ts";
import { webmHead } from "../server/align/media.fixture.ts";
import { randomOf } from "../server/ingest/rig.fixture.ts";
import { table } from "./table.ts";

export interface KillFigures {
  /** Kills under load, each followed by a start and a look at everything that was acked. */
  rounds: number;
  /** Further kills while it started, after every fourth round. */
  atStart: number;
  ackedBytes: number;
  sealed: number;
  /** Bytes of segments that were checked against the disk, over all rounds. */
  checkedBytes: number;
  /** From the start of the process until it answers, worst, ms. */
  worstStartMs: number;
}

const devices = 4;
/** A new recording, and a seed of its own, this often: what is sealed is looked at in each round until then. */
const roundsPerRecording = 10;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

interface Segment {
  id: string;
  source: Uint8Array<ArrayBuffer>;
  acked: number;
  sealed: boolean;
}

/** Sends segment after segment of its track by the one loop, and remembers what it was promised. */
class Device {
  readonly segments: Segment[] = [];

  constructor(
    readonly server: TestServer,
    readonly track: string,
    readonly token: string,
    readonly random: () => number,
  ) {}

  /** Until the socket breaks. Throws only what must not happen. */
  async send(): Promise<void> {
    let line: UploadLine | null = null;
    try {
      line = await openUpload(this.server.url);
      line.say({ type: "hello", version: uploadVersion, track: this.track, token: this.token });
      await line.hears("welcome");
      for (;;) await this.#sendOne(line, this.#current());
    } catch (error) {
      if (error instanceof Loss) throw error;
      const code = line?.closed?.code;
      if (code !== undefined && code >= 4000) throw new Loss(`track=${this.track} was shown out with ${code} ${line?.closed?.reason}`);
    }
  }

  #current(): Segment {
    const open = this.segments.at(-1);
    if (open && !open.sealed) return open;
    const segment = { id: typeid("seg").toString(), source: mediaOf(this.random), acked: 0, sealed: false };
    this.segments.push(segment);
    return segment;
  }

  async #sendOne(line: UploadLine, segment: Segment): Promise<void> {
    const { source } = segment;
    const facts = { browser: "other", version: 0, mimeType: "video/webm", startCallMs: 0, startEventMs: 0 } as const;
    line.say({ type: "open", segment: segment.id, handle: 1, facts });
    const { offset } = await line.hears("offset");
    if (offset < segment.acked) throw new Loss(`segment=${segment.id} offset=${offset} acked=${segment.acked}`);
    segment.acked = offset;
    let sent = offset;
    while (segment.acked < source.length) {
      while (sent < source.length && sent - segment.acked < 300_000) {
        const to = Math.min(source.length, sent + 1 + Math.floor(this.random() * 90_000));
        sendFrames(line, source, sent, to);
        sent = to;
      }
      segment.acked = (await line.hears("ack")).offset;
    }
    line.say({ type: "finish", segment: segment.id, bytes: source.length, sha256: sha256(source) });
    await line.hears("sealed");
    segment.sealed = true;
  }
}

class Loss extends Error {}

function sendFrames(line: UploadLine, source: Uint8Array<ArrayBuffer>, from: number, to: number): void {
  const bytes = source.subarray(from, to);
  line.sendRaw(encodeFrame({ handle: 1, sequence: from, offset: from, endOffset: to, eventMs: from, bytes }));
}

/** A head that is accepted and then noise, so that each byte can be told from every other. */
function mediaOf(random: () => number): Uint8Array<ArrayBuffer> {
  const key = Uint8Array.from({ length: 16 }, () => random() * 256);
  const body = createCipheriv("aes-128-ctr", key, new Uint8Array(16)).update(new Uint8Array(100_000 + Math.floor(random() * 2_500_000)));
  return Uint8Array.from(Buffer.concat([webmHead(), body]));
}

/** Every acked byte is in its file; returns how many were looked at. */
function check(server: TestServer, recording: string, device: Device): number {
  let checked = 0;
  for (const { id, source, acked, sealed } of device.segments) {
    const promised = sealed ? source.length : acked;
    if (promised === 0) continue;
    const bytes = readFileSync(join(server.dataFolder, "recordings", recording, "tracks", device.track, `${id}.webm`));
    if (!bytes.subarray(0, promised).equals(source.subarray(0, promised)))
      throw new Loss(`segment=${id} acked=${acked} sealed=${sealed} on disk=${bytes.length}: other bytes than were sent`);
    checked += promised;
  }
  return checked;
}

async function record(server: TestServer, randomFor: (index: number) => () => number): Promise<{ recording: string; all: Device[] }> {
  const room = await server.api.createRoom("Kill");
  const senders = [await Sender.join(server.url, room, room.hostKey, "Host")];
  for (let i = 1; i < devices; i++) senders.push(await Sender.join(server.url, room, room.guestKey, `Guest ${i}`));
  senders[0]!.call.say({ type: "record" });
  const all: Device[] = [];
  let recording = "";
  for (const [index, sender] of senders.entries()) {
    recording = (await sender.call.hears("recording")).recording.id;
    sender.call.say({ type: "track", recording, source: "camera" });
    const { track, token } = await sender.call.hears("track");
    all.push(new Device(server, track, token, randomFor(index)));
  }
  return { recording, all };
}

/** `from`: rounds that were done before with the same seed. `onRound` says false to stop after this one. */
export async function killRounds(
  rounds: number,
  seed: number,
  onRound: (figures: KillFigures) => boolean = () => true,
  from = 0,
): Promise<KillFigures> {
  const figures = { rounds: 0, atStart: 0, ackedBytes: 0, sealed: 0, checkedBytes: 0, worstStartMs: 0 };
  build();
  const server = await TestServer.open({ DOUBLETAKE_GRACE_MS: "3600000", DOUBLETAKE_LOG_LEVEL: "warn" }, [program]);
  let block = Math.floor(from / roundsPerRecording);
  try {
    for (let more = true; more && figures.rounds < rounds; block++) {
      // Apart from what the devices draw: the moments are then the same, however fast the machine is.
      const random = randomOf(seed + block * 7919);
      const { recording, all } = await record(server, (index) => randomOf(seed + block * 7919 + 1 + index));
      for (let round = 0; more && round < roundsPerRecording && figures.rounds < rounds; round++) {
        await killed(server, recording, all, random, figures);
        more = onRound(figures);
      }
      const segments = all.flatMap((device) => device.segments);
      figures.ackedBytes += segments.reduce((sum, segment) => sum + segment.acked, 0);
      figures.sealed += segments.filter(({ sealed }) => sealed).length;
      await server.api.ask("DELETE", `/recordings/${recording}`);
    }
    return figures;
  } catch (error) {
    const again = `npm run bench -- kill --rounds ${roundsPerRecording} --seed ${seed} --from ${block * roundsPerRecording}`;
    throw new Error(`after ${figures.rounds} rounds; repeat with: ${again}\n${server.log.slice(-2000)}`, { cause: error });
  } finally {
    await server.close();
  }
}

async function killed(server: TestServer, recording: string, all: Device[], random: () => number, figures: KillFigures): Promise<void> {
  const sending = Promise.all(all.map((device) => device.send()));
  await Promise.race([wait(20 + random() * 700), sending]);
  await server.stop("SIGKILL");
  await sending;
  if (random() < 1 / 4) {
    // While it reads back what the one before it left.
    const starting = server.start().catch((error: Error) => error);
    await wait(random() * 600);
    await server.stop("SIGKILL");
    await starting;
    figures.atStart += 1;
  }
  const startedAt = performance.now();
  await server.start();
  figures.worstStartMs = Math.max(figures.worstStartMs, performance.now() - startedAt);
  for (const device of all) figures.checkedBytes += check(server, recording, device);
  figures.rounds += 1;
}

export async function kill(args: string[]): Promise<void> {
  const text = (value: string) => ({ type: "string" as const, default: value });
  const { values } = parseArgs({ args, options: { rounds: text("100"), seed: text("1"), from: text("0") } });
  let stop = false;
  process.once("SIGINT", () => {
    stop = true;
  });
  const report = (figures: KillFigures) => {
    const { rounds, atStart, checkedBytes } = figures;
    if (rounds % 10 === 0)
      process.stderr.write(`${rounds} kills and ${atStart} at start, ${Math.round(checkedBytes / 1e6)} MB looked up, none lost\n`);
    return !stop;
  };
  const figures = await killRounds(Number(values.rounds), Number(values.seed), report, Number(values.from));
  console.log(
    table([
      [
        "kills",
        "more while it started",
        "MB acked",
        "segments sealed",
        "MB looked up after restarts",
        "acked bytes lost",
        "worst start, ms",
      ],
      [
        figures.rounds,
        figures.atStart,
        figures.ackedBytes / 1e6,
        figures.sealed,
        figures.checkedBytes / 1e6,
        0,
        Math.round(figures.worstStartMs),
      ],
    ]),
  );
}
