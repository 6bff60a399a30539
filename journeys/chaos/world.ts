// What chaos is done to: the real server behind a network of ours, one real browser, two participants without one, and a bystander in another room.
// Promise: `holds` throws, naming the invariant (faults.md), when something that was promised is not so.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Recording } from "../../protocol/api.ts";
import { Api } from "../rig/api.ts";
import { Drone } from "../rig/drone.ts";
import { makeFootage } from "../rig/footage.ts";
import { Network } from "../rig/network.ts";
import { type Place, place } from "../rig/place.ts";
import { poll } from "../rig/poll.ts";
import { descendantsOf } from "../rig/processes.ts";
import { Sender } from "../rig/sender.ts";
import { adminKey, TestServer } from "../rig/server.ts";
import { filmReady, patience } from "./patience.ts";
import { Pulse } from "./pulse.ts";
import { Sickbed } from "./sickbed.ts";
import type { SmallDisk } from "./smalldisk.ts";
import { alive, Tab } from "./tab.ts";
import { looksWhole } from "./whole.ts";

/** Long enough for a browser to be opened again on a busy machine. */
export const graceMs = 25_000;
/** Of recorded time; a round is shorter. */
const footageMs = 300_000;
/** A bystander's chunk comes every second; more than this without an ack, beyond what the machine itself takes, and somebody else's trouble has
 * become theirs. */
const bystanderMs = 5000;
/** An ack needs two syncs and a few turns of three processes. */
const beatsPerAck = 4;

export class World {
  recording = "";
  room = { id: "", hostKey: "" };
  tab: Tab;
  readonly pulse: Pulse;
  readonly drones: Drone[] = [];
  /** They were here, and never come back. */
  readonly lost: Drone[] = [];
  /** In place of folders of the server, while it lasts. */
  readonly disks = new Set<SmallDisk>();
  readonly #senders = new Map<Drone, Sender>();
  bystander: Drone | null = null;

  private constructor(
    readonly server: TestServer,
    readonly network: Network,
    readonly footage: Uint8Array<ArrayBuffer>,
    readonly illness: Sickbed,
    private readonly bed: Place,
  ) {
    this.tab = new Tab("", "");
    this.pulse = new Pulse(join(bed.path, "pulse"));
  }

  static async open(): Promise<World> {
    const bed = place("sickbed");
    const illness = new Sickbed(bed.path);
    const settings = { DOUBLETAKE_GRACE_MS: String(graceMs), CHAOS_DISK: illness.file, UV_THREADPOOL_SIZE: "16" };
    const server = await TestServer.open(settings, Sickbed.program);
    const footage = await makeFootage({ participant: 2, durationMs: footageMs, trueMs: 0, width: 160, height: 96 });
    return new World(server, await Network.open(server.port), footage, illness, bed);
  }

  get api(): Api {
    return this.server.api;
  }

  /** A room that records, with everybody in it and their first bytes safe. */
  async begin(): Promise<void> {
    const perSecond = Math.ceil((this.footage.length * 1000) / footageMs);
    const room = await new Api(this.network.url, adminKey).createRoom("Chaos");
    this.room = room;
    this.tab = new Tab(room.hostUrl, "Asha");
    await this.tab.join();
    const others = [await this.#sender(room, "Ben"), await this.#sender(room, "Cleo")];
    this.recording = (await this.api.record(room.id)).id;
    for (const sender of others) this.drones.push(await this.#drone(sender, this.recording, this.network.url, perSecond));
    const quiet = await this.api.createRoom("Bystander");
    const neighbour = await this.#sender(quiet, "Noor");
    const { id } = await this.api.record(quiet.id);
    // A tenth of the speed: bytes every second, and hardly any film to make.
    this.bystander = await this.#drone(neighbour, id, this.server.url, Math.ceil(perSecond / 10));
    await this.recovers("at the beginning");
  }

  async #sender(room: { id: string; hostKey: string }, name: string): Promise<Sender> {
    return await Sender.join(this.server.url, room, room.hostKey, name);
  }

  async #drone(sender: Sender, recording: string, url: string, bytesPerSecond: number): Promise<Drone> {
    sender.call.say({ type: "track", recording, source: "camera" });
    const { track, token } = await sender.call.hears("track");
    const { footage } = this;
    const drone = await Drone.start({ url, recording, track, token, footage, bytesPerSecond, samples: sender.samples });
    this.#senders.set(drone, sender);
    return drone;
  }

  /** The last of the drones goes without a word, and takes with it what nobody else has. */
  async loseDrone(): Promise<void> {
    const drone = this.drones.pop();
    if (!drone) throw new Error("there is no drone");
    this.lost.push(drone);
    this.#senders.get(drone)?.call.close();
    await drone.vanish();
  }

  /** Durable bytes of the browser's tracks, as the server tells. */
  async tabBytes(): Promise<number> {
    const { tracks } = await this.api.recording(this.recording);
    return tracks.filter(({ participant }) => participant.name === "Asha").reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Everybody's bytes become safe again, more than there were: the upload goes on by itself (I2). */
  async recovers(after: string): Promise<number> {
    const from = performance.now();
    const before = this.drones.map((drone) => drone.acked);
    const tab = await this.tabBytes();
    await poll(() => this.drones.every((drone, index) => drone.acked > (before[index] ?? 0)), {
      what: `I2: the drones' uploads go on ${after} (${this.drones.map((drone) => drone.state)})`,
      limitMs: 40_000 * patience(),
    });
    const what = `I2: the browser's upload goes on ${after}`;
    await poll(async () => (await this.tabBytes()) > tab, { what, limitMs: 40_000 * patience() });
    return performance.now() - from;
  }

  /** I1: what was ever acked lies on the disk, byte for byte. */
  ackedIsThere(): void {
    for (const drone of [...this.drones, ...this.lost, ...(this.bystander ? [this.bystander] : [])]) {
      const { acked } = drone;
      const folder = join(this.server.dataFolder, "recordings", drone.options.recording, "tracks", drone.options.track);
      // What a failing disk was given stands beside the segment, until all of it was sent again.
      const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${drone.segment.id}.webm`)) : [];
      const held = names.map((name) => readFileSync(join(folder, name)));
      if (acked > 0 && !held.some((bytes) => bytes.subarray(0, acked).equals(drone.recorded.subarray(0, acked))))
        throw new Error(`I1: segment=${drone.segment.id} acked=${acked} on disk=${held.map(({ length }) => length)}, or other bytes`);
    }
  }

  /** I4: nobody else noticed. */
  bystanderIsWell(): void {
    const silence = this.bystander?.silenceMs() ?? 0;
    const beat = this.pulse.longestMs();
    if (silence > bystanderMs + beatsPerAck * beat)
      throw new Error(`I4: the other room's upload had no ack for ${Math.round(silence)} ms, a sync took ${Math.round(beat)} ms at most`);
  }

  /** Stops, waits until everybody's everything is safe and the film is made, and looks at it (I2, I3, I6). */
  async end(): Promise<{ durationMs: number; tracks: number }> {
    if (this.tab.open) await this.#finish();
    const recording = await filmReady(this.api, this.recording, this.lost.length > 0 ? "partial" : "ready");
    for (const drone of this.lost) this.#isNamed(drone, recording);
    for (const drone of this.drones) {
      const held = recording.tracks.flatMap(({ segments }) => segments).find(({ id }) => id === drone.segment.id);
      if (held?.sha256 !== drone.sha256()) throw new Error(`I1: segment=${drone.segment.id} is sealed as ${held?.sha256}`);
    }
    const names = recording.tracks.map(({ participant }) => participant.name);
    if (new Set(names).size < names.length) throw new Error(`one person is one track, but there are ${names.join(", ")}`);
    await looksWhole(this.server, this.recording, recording.durationMs);
    return { durationMs: recording.durationMs, tracks: recording.tracks.length };
  }

  /** Everybody who is there stops, and all that they have becomes safe. */
  async #finish(): Promise<void> {
    await this.api.stop(this.recording);
    await Promise.all(this.drones.map((drone) => drone.finish()));
    for (const drone of this.drones) if (drone.state !== "done") throw new Error(`I2: a drone ended as “${drone.state}”`);
    await this.tab.person.readsSafe(60_000 * patience());
    await this.#complete();
  }

  /** Who is missing stands in the problems, in words; what they sent is there. */
  #isNamed(drone: Drone, { problems, tracks }: Recording): void {
    const track = tracks.find(({ id }) => id === drone.options.track);
    const name = track?.participant.name ?? "";
    if (track?.state !== "partial" || !problems.some((problem) => problem.startsWith(`${name}'s camera: `)))
      throw new Error(`I6: ${name} is ${track?.state}, and the problems are: ${problems.join(" ")}`);
    if (track.bytes < drone.acked) throw new Error(`I1: ${name} has ${track.bytes} bytes, acked=${drone.acked}`);
  }

  /** What a lost tab left on the device is sent by the room's page, or by hand from `/upload`. */
  async #complete(): Promise<void> {
    const gone = new Set(this.lost.map(({ options }) => options.track));
    const safe = async () => (await this.api.recording(this.recording)).tracks.every(({ id, state }) => state === "safe" || gone.has(id));
    const byItself = await poll(safe, { what: "all tracks are safe", limitMs: 10_000 }).catch(() => false);
    if (!byItself) await this.tab.sendLeft(this.network.url);
    await poll(safe, { what: "I2: all tracks are safe", limitMs: 30_000 * patience() });
  }

  /** I5: no half-written files and no processes of a server that is gone. */
  async nothingIsLeft(processes: number[]): Promise<void> {
    await poll(() => !processes.some(alive), { what: "I5: processes of the killed server are gone", limitMs: 60_000 });
    const recordings = join(this.server.dataFolder, "recordings");
    const halves = () => readdirSync(recordings, { recursive: true }).filter((name) => /\.tmp$|\.part$/.test(String(name)));
    await poll(() => halves().length === 0, { what: "I5: no temporary files", limitMs: 60_000 });
  }

  async close(): Promise<void> {
    try {
      await Promise.all([...this.drones, ...(this.bystander ? [this.bystander] : [])].map((drone) => drone.vanish()));
      await this.tab.close();
      await this.network.close();
    } finally {
      await this.server.stop("SIGKILL");
      for (const disk of this.disks) disk.close();
      await this.server.close();
      await this.pulse.close();
      this.bed.close();
    }
  }
}

/** Of a process, now; 0 when it is gone. */
export function memoryMb(pid: number | undefined): number {
  const status = `/proc/${pid}/status`;
  const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(existsSync(status) ? readFileSync(status, "utf8") : "") ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

/** Of a server's processes, those that compose: one each, behind whatever fences. */
export function composingOf(pid: number | undefined): number[] {
  // Newer versions of Node name the thread, not the program.
  const runsNode = (process: number) =>
    existsSync(`/proc/${process}/comm`) && /^(node|MainThread)/.test(readFileSync(`/proc/${process}/comm`, "utf8"));
  return descendantsOf(pid).filter(runsNode);
}
