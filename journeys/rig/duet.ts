// Two people in one call, each in a browser of their own, under one condition (wrong clocks, a bad network, a starved machine), who record again and
// again; each recording is measured against the truth.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CreatedRoom, Recording } from "../../protocol/api.ts";
import { alignmentOf, apart, dated, type Source, type TrackAlignment } from "./alignment.ts";
import { Api } from "./api.ts";
import type { Kind, TestBrowser } from "./browser.ts";
import { intervalsOf, skewsOf, soundLags } from "./measure.ts";
import type { Person } from "./person.ts";
import { poll } from "./poll.ts";
import { inTurn } from "./processes.ts";
import { makeReel, type Reel } from "./reel.ts";
import { adminKey } from "./server.ts";
import { Skew, type SkewOptions } from "./skew.ts";
import { Speaker } from "./speaker.ts";
import type { Stage } from "./stage.ts";
import { type Conditions, Wire } from "./wire.ts";

export interface DuetOptions {
  kinds: readonly [Kind, Kind];
  /** "file": Chromium's camera and microphone are files; Firefox has a canvas all the same. */
  camera: "canvas" | "file";
  /** Clocks of each, when they are wrong. */
  skews?: readonly [SkewOptions | null, SkewOptions | null];
  /** Ben's way to the server; Asha's is as good as it gets. Needs network namespaces. */
  weather?: Conditions;
  /** So many other programs never stop computing while it records, and sound has to wait with everything else (`inTurn`). */
  busy?: number;
  /** Files for Chromium's camera that were made before; whoever made them takes them away. */
  reels?: readonly Reel[];
  /** Of everybody's camera; 320 × 180 unless said. Small ones leave a weak machine time for everything else. */
  size?: { width: number; height: number };
}

export interface TakeOptions {
  /** Of what is recorded of both together. */
  durationMs: number;
  /** Ben joins so long after Record; null: he is there before. */
  joinMs: number | null;
  /** In the middle, the wall clocks of those who have wrong ones are set by this, ms. */
  stepMs?: number;
  /** False: the film is neither waited for nor looked at. */
  filmed?: boolean;
}

export interface Take {
  recording: Pick<Recording, "id">;
  tracks: TrackAlignment[];
  /** Alignment error of Asha's track minus that of Ben's, ms. */
  apart: number[];
  /** In the film: true time in Asha's picture minus that in Ben's, where both are fresh, ms. */
  film: number[];
  /** In the film: how far apart each one's pictures are, by participant, ms of true time. */
  intervals: [number[], number[]];
  /** In the film: sound minus picture, by participant 1 and 2, ms. */
  lags: [number[], number[]];
  /** What their witnesses saw and heard, by participant. */
  sources: readonly Source[];
}

/** As long as the server compares what the graph's thread says with what the page does (server/align/readings.ts). */
const pulsesMs = 2000;

/** Nobody looks at the pages, and without a graphics card every pixel of them is the processor's work, sixty times a second in Firefox. Its canvas gives a
 * picture a tick then. */
const window = { width: 640, height: 480 };
const firefoxScreen = { "layout.frame_rate": 30 };

/** In the order of the participants' numbers. */
export const names: readonly string[] = ["Asha", "Ben"];

export class Duet {
  readonly #room: CreatedRoom;
  readonly #busy: ChildProcess[] = [];

  private constructor(
    readonly stage: Stage,
    readonly people: readonly [Person, Person],
    readonly skews: readonly (Skew | null)[],
    room: CreatedRoom,
    private readonly belongings: { close(): void | Promise<void> }[],
    private readonly busy: number,
  ) {
    this.#room = room;
  }

  /** The stage's server listens on every address if there is weather. Whoever opens the stage closes it, and the duet after it. */
  static async open(stage: Stage, options: DuetOptions): Promise<Duet> {
    const belongings: { close(): void | Promise<void> }[] = [];
    const keep = <T extends { close(): void | Promise<void> }>(it: T): T => {
      belongings.unshift(it);
      return it;
    };
    try {
      const wire = options.weather ? keep(await Wire.open()) : null;
      const speaker = options.kinds.includes("firefox") ? keep(await Speaker.open()) : null;
      const skews = [0, 1].map((at) => (options.skews?.[at] ? keep(Skew.open(options.skews[at])) : null));
      const origin = wire?.origin(stage.server.port);
      const { size = { width: 320, height: 180 } } = options;
      const people: Person[] = [];
      const programs = speaker ? [speaker.pid] : [];
      for (const [at, kind] of options.kinds.entries()) {
        const filmed = options.camera === "file" && kind === "chromium";
        const reel = filmed ? (options.reels?.[at] ?? keep(await makeReel(at + 1, size.width, size.height))) : null;
        const browser: TestBrowser = await stage.browser(kind, {
          ...(wire && origin ? { at: { site: await wire.site(names[at]!.toLowerCase(), at === 1 ? options.weather : {}), origin } } : {}),
          ...(speaker && kind === "firefox" ? { speaker, preferences: firefoxScreen } : {}),
          ...(reel ? { reel } : {}),
          ...(skews[at] ? { skew: skews[at] } : {}),
        });
        if (browser.pid !== undefined) programs.push(browser.pid);
        people.push(await stage.person(browser, at + 1, { told: true, witnessed: true, window, ...size }));
      }
      if (!options.busy) keep(inTurn({ browsers: programs, server: stage.server.pid }));
      const room = await new Api(origin ?? stage.server.url, adminKey).createRoom("Duet");
      const duet = new Duet(stage, people as [Person, Person], skews, room, belongings, options.busy ?? 0);
      await people[0]!.join(room.hostUrl, { name: names[0]! });
      await people[1]!.join(room.guestUrl, { name: names[1]! });
      // Nobody presses Record in the second in which they came, and a slow machine takes that long to load what listens to the graph.
      for (const person of people) if (person.browser === "firefox") await person.pulses(pulsesMs);
      return duet;
    } catch (error) {
      for (const each of belongings) await each.close();
      throw error;
    }
  }

  async take({ durationMs, joinMs, stepMs, filmed = true }: TakeOptions): Promise<Take> {
    const [asha, ben] = this.people;
    const { api } = this.stage;
    // His page is there before: on a machine of his own, loading it takes nothing from Asha's recorder.
    if (joinMs !== null) {
      // Out of the call: his own link alone would change nothing.
      await ben.page.goto("about:blank");
      await ben.prepare(this.#room.guestUrl, { name: names[1]! });
    }
    await asha.click("button", "Record");
    const { id } = await api.recordingOf(this.#room.id);
    await this.stage.reaches(id, joinMs ?? 0);
    if (joinMs !== null) await ben.enter({ name: names[1]! });
    this.#starve();
    try {
      const fromMs = await this.#together(id);
      if (stepMs !== undefined) {
        await this.stage.reaches(id, fromMs + durationMs / 2);
        for (const skew of this.skews) skew?.step(stepMs);
      }
      await this.stage.reaches(id, fromMs + durationMs);
      await asha.click("button", "Stop recording");
    } finally {
      await this.#calm();
    }
    await asha.readsSafe(120_000);
    await ben.readsSafe(120_000);
    const sources = await Promise.all(this.people.map((person): Promise<Source> => person.testimony()));
    const recording = filmed ? await api.settles(id, ["ready"], 240_000) : await api.recording(id);
    return await this.#measure(recording, sources, filmed);
  }

  /** Recording time from which something of both is here: on a busy machine, a page takes seconds to open. */
  async #together(recording: string): Promise<number> {
    return await poll(
      async () => {
        const { durationMs, tracks } = await this.stage.api.recording(recording);
        return tracks.filter(({ bytes }) => bytes > 0).length === names.length && durationMs;
      },
      { what: "both are recorded", limitMs: 60_000 },
    );
  }

  async #measure(recording: Recording, sources: Source[], filmed: boolean): Promise<Take> {
    const { api, server } = this.stage;
    const sourceOf = (participant: number) => sources[participant - 1] ?? null;
    const timeline = await api.timeline(recording.id);
    const folder = join(server.dataFolder, "recordings", recording.id);
    const tracks = await alignmentOf(timeline, folder, (name) => names.indexOf(name) + 1, sourceOf);
    const [a, b] = [1, 2].map((participant) => tracks.find((track) => track.participant === participant));
    const aligned = { recording, tracks, apart: a && b ? apart(a, b) : [], sources };
    if (!filmed) return { ...aligned, film: [], intervals: [[], []], lags: [[], []] };
    const film = await this.stage.film(recording.id);
    const pictures = dated(film, recording.startedAt, sourceOf);
    // Pictures that show both, but for a second at each end, where one may be held that came a little late.
    const both = pictures.filter(({ codes }) => [1, 2].every((number) => codes[1]?.some((code) => code?.participant === number)));
    const fromMs = (both[0]?.atMs ?? 0) + 1000;
    const toMs = (both.at(-1)?.atMs ?? 0) - 1000;
    const middle = both.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
    const lagsOf = (participant: number) => soundLags(film, middle, 1, participant, sourceOf(participant)?.beeps);
    const intervals: Take["intervals"] = [intervalsOf(middle, 1, 1), intervalsOf(middle, 1, 2)];
    return { ...aligned, film: skewsOf(middle, 1, 1, 2, true), intervals, lags: [lagsOf(1), lagsOf(2)] };
  }

  #starve(): void {
    for (let count = 0; count < this.busy; count++) this.#busy.push(spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
  }

  async #calm(): Promise<void> {
    for (const child of this.#busy.splice(0)) {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
  }

  async close(): Promise<void> {
    await this.#calm();
    for (const each of this.belongings.splice(0)) await each.close();
  }
}
