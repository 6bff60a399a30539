// What the browser notes beside the bytes of a segment: clocks, why it began, where its chunks end. Facts, no conclusions; it is parsed wherever it is read.
// A file of its own, because no page reads it back: only the upload worker and the server do.
import * as z from "zod/mini";
import { bytes, graphReadingsMax, sightingsMax } from "./recording.ts";

/** Two clocks read in one go: the browser's, and that of an element which plays the stream that is recorded (`currentTime`, in ms). What drives
 * Firefox's recorder drives it too, so the recorder's time stands still when it does. Its zero is its own. */
export const GraphReading = z.object({ browserMs: z.number(), mediaMs: z.number() });
export type GraphReading = z.infer<typeof GraphReading>;

/** A picture of the recorded camera as it passed by: the time that the browser stamped on it when it was taken (its zero is its own), and the browser's
 * clock when it had come. Chromium's recorder stamps by the same, so pictures of the file can be told by what lies between them. */
export const Sighting = z.object({ stampMs: z.number(), browserMs: z.number() });
export type Sighting = z.infer<typeof Sighting>;

/** One ping over the signalling socket. `sentMs`, `receivedMs`: the browser's clock (`performance.timeOrigin + performance.now()`);
 * `serverMs`: the server's monotonic clock; `epoch` names that clock, because it starts anew when the machine does. */
export const ClockSample = z.object({
  sentMs: z.number(),
  receivedMs: z.number(),
  serverMs: z.number(),
  epoch: z.string().check(z.maxLength(40)),
  /** How much of the segment there was at `receivedMs`: says that a recorder ran although it had nothing new, as with a still screen.
   * Taken without a ping: `epoch` is "" and names no clock. */
  bytes: z.optional(bytes),
  /** How far the recorder's own clock had come, where the browser lets it be read: shows time that it lost. Without a ping, as above. */
  graph: z.optional(z.array(GraphReading).check(z.maxLength(graphReadingsMax))),
  /** Iterations of the graph, by its own thread: when each began and how far the graph had come, from before the recorder began on. All of them around
   * the start, both around what may be lost time, else one every 40 ms. Its zero is another one. */
  pulses: z.optional(z.array(GraphReading).check(z.maxLength(graphReadingsMax))),
  /** Pictures of the segment's first seconds, where the browser shows them. Without a ping, as above. */
  sightings: z.optional(z.array(Sighting).check(z.maxLength(sightingsMax))),
  /** The camera was switched off (false) or on again; its pictures are black meanwhile. Without a ping, as above. */
  camera: z.optional(z.boolean()),
});
export type ClockSample = z.infer<typeof ClockSample>;

/** Why a run of MediaRecorder was begun: Record or joining; the same after a reload; a camera or microphone came or went; the run before fell silent
 * or stopped by itself; the browser's clock stood still or nothing ran for a while; recording was taken up after a pause; the run before had lasted for
 * long, and runs on until this one has delivered. */
export const SegmentReason = z.enum(["start", "rejoined", "device", "watchdog", "slip", "paused", "fresh"]);
export type SegmentReason = z.infer<typeof SegmentReason>;

/** What the browser knows of one run of MediaRecorder. Facts, no conclusions; times on the browser's clock. */
export const SegmentFacts = z.object({
  browser: z.enum(["chromium", "firefox", "other"]),
  /** Major version, for the calibration table. */
  version: z.int(),
  mimeType: z.string().check(z.maxLength(200)),
  /** Clock when `start()` was called. */
  startCallMs: z.number(),
  /** Clock in the `start` event's handler; null if it never came. */
  startEventMs: z.nullable(z.number()),
  /** Clock when `start()` returned: nothing is recorded before. Absent: nobody looked; so is it of the next. */
  startedMs: z.optional(z.number()),
  /** Clock since when that event may have waited for the page at most. */
  startSinceMs: z.optional(z.number()),
  reason: z.optional(SegmentReason),
});
export type SegmentFacts = z.infer<typeof SegmentFacts>;

/** One `dataavailable`: its place in the order, the offset just after its last byte, and the browser's clock in the handler. */
export const ChunkFacts = z.object({ sequence: z.int().check(z.gte(0)), endOffset: bytes, eventMs: z.number() });
export type ChunkFacts = z.infer<typeof ChunkFacts>;
