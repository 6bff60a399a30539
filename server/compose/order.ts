// What the server and its composing process say to each other, over the process's own channel. Parsed on the receiving side.
import * as z from "zod/mini";
import { Knee } from "../../protocol/timeline.ts";
import { mostEffortless } from "./effort.ts";

const tick = z.int().check(z.gte(0));
const side = z.int().check(z.gte(0), z.lte(16384));
/** Inside the recording's folder: no step upwards, no absolute path. */
const file = z.string().check(
  z.minLength(1),
  z.maxLength(500),
  z.refine(
    (path) => !path.startsWith("/") && !path.includes("\\") && !path.includes("\0") && !path.split("/").includes(".."),
    "leaves the folder",
  ),
);
const db = z.number().check(z.gte(-60), z.lte(60));
const CanvasSize = z.object({ width: side.check(z.multipleOf(2)), height: side.check(z.multipleOf(2)) });

const Job = z.object({
  index: tick,
  firstTick: tick,
  ticks: z.int().check(z.gte(1), z.lte(96)),
  pieces: z.array(
    z.object({
      fromTick: tick,
      toTick: tick,
      tiles: z.array(
        z.object({
          trackId: z.string(),
          rect: z.object({ x: side, y: side, width: side, height: side }),
          segment: z.nullable(z.string()),
          off: z.boolean(),
          why: z.nullable(z.string().check(z.maxLength(100))),
        }),
      ),
    }),
  ),
  named: z.array(z.object({ trackId: z.string(), name: z.nullable(z.string().check(z.maxLength(80))), plate: z.nullable(file) })),
  sounds: z.array(z.string()),
  sources: z.array(
    z.object({
      segment: z.string(),
      trackId: z.string(),
      file,
      bytes: z.int().check(z.gte(0)),
      map: z.array(Knee),
      soundMap: z.optional(z.array(Knee)),
      audioShiftMs: z.number(),
      toTick: z.int(),
    }),
  ),
});

/** A segment of a track that is made into a file. */
const Part = z.object({
  file,
  bytes: z.int().check(z.gte(0)),
  map: z.array(Knee),
  soundMap: z.optional(z.array(Knee)),
  audioShiftMs: z.number(),
});
/** `out`: the file to be made. `patienceMs`: how long it may take; long recordings take long. */
const made = { id: z.int(), folder: z.string(), out: file, patienceMs: z.int() };

export const Order = z.discriminatedUnion("type", [
  /** Compose a window into a file of the windows' folder. */
  z.object({
    type: z.literal("render"),
    id: z.int(),
    folder: z.string(),
    windows: file,
    file,
    canvas: CanvasSize,
    job: Job,
    gains: z.optional(z.array(z.object({ trackId: z.string(), fromDb: db, toDb: db }))),
    effort: z.optional(z.int().check(z.gte(0), z.lte(mostEffortless))),
    /** Windows that were composed before, by other processes: to be looked at for the film's header when there is nothing else to do. */
    earlier: z.optional(z.array(file)),
    /** Say on standard error whose bytes are looked at: the process has died of one of them. */
    careful: z.optional(z.boolean()),
  }),
  /** Draw of a window what is here, for the "render" of it that follows: ticks before `toTick`. */
  z.object({
    type: z.literal("begin"),
    id: z.int(),
    folder: z.string(),
    canvas: CanvasSize,
    job: Job,
    toTick: tick,
  }),
  /** Write the header of the one file; `head`: in the windows' folder, the only one that may be written to. */
  z.object({ type: z.literal("finish"), id: z.int(), folder: z.string(), windows: file, files: z.array(file), head: file }),
  /** A track as one file; the extension is told in the report. `silent`: its pictures without its sound. */
  z.object({
    type: z.literal("track"),
    ...made,
    zero: z.enum(["film", "track"]),
    silent: z.optional(z.boolean()),
    parts: z.array(Part),
  }),
  /** A track's sound. `samples`: the film's length. */
  z.object({
    type: z.literal("voice"),
    ...made,
    format: z.enum(["wav", "flac", "speech"]),
    samples: z.int().check(z.gte(1)),
    parts: z.array(Part),
  }),
  /** The film's sound. */
  z.object({ type: z.literal("sound"), ...made, windows: file, files: z.array(file) }),
  /** The first picture of a window. */
  z.object({ type: z.literal("poster"), ...made, windows: file, file }),
  /** What is said in a sound of format "speech", by a model. `model`: absolute. `out`: may be written to on the way. */
  z.object({ type: z.literal("listen"), ...made, sound: file, model: z.string(), language: z.string().check(z.regex(/^[a-z]{2,4}$/)) }),
]);
export type Order = z.infer<typeof Order>;

export const Report = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("done"),
    id: z.int(),
    bytes: z.int(),
    missing: z.array(z.object({ segment: z.string(), why: z.string() })),
    cpuMs: z.number(),
    decoded: z.int(),
    /** What was made, relative to the recording's folder. */
    made: z.optional(file),
    /** What was said, by whoever listened. */
    heard: z.optional(z.array(z.object({ fromMs: z.int(), toMs: z.int(), body: z.string() }))),
    /** How loud who was, every 10 ms: see `loud.ts`. */
    voices: z.optional(z.array(z.object({ segment: z.string(), fromMediaMs: z.number(), levels: z.array(z.int()) }))),
    /** The same by track, as people hear it: see `loudness.ts`. */
    loud: z.optional(z.array(z.object({ trackId: z.string(), energies: z.array(z.number()) }))),
  }),
  /** `code`: of the operating system (ENOSPC), or "other-init", or null. `segment`: whose bytes were looked at, where that was to be said. */
  z.object({ type: z.literal("failed"), id: z.int(), code: z.nullable(z.string()), message: z.string(), segment: z.optional(z.string()) }),
]);
export type Report = z.infer<typeof Report>;
export type Done = Extract<Report, { type: "done" }>;
