// The log beside a segment's bytes: one JSON line per fact, only ever appended.
// Promise: what a crash or a power cut tore off the end is left out, and everything before it is read.
import * as z from "zod/mini";
import { ChunkFacts, ClockSample, SegmentFacts } from "../../protocol/facts.ts";
import { Finished } from "../../protocol/upload.ts";

export const LoggedChunk = z.extend(ChunkFacts, { crc32: z.int() });
export type LoggedChunk = z.infer<typeof LoggedChunk>;

const Line = z.discriminatedUnion("type", [
  z.object({ type: z.literal("facts"), facts: SegmentFacts }),
  z.object({ type: z.literal("chunk"), chunk: LoggedChunk }),
  z.object({ type: z.literal("clock"), samples: z.array(ClockSample) }),
  z.object({ type: z.literal("finish"), finish: Finished }),
  /** The server holds all of it, with this hash: the bytes are gone from this device. */
  z.object({ type: z.literal("sealed"), sealed: Finished }),
]);
export type Line = z.infer<typeof Line>;

export interface Log {
  facts: SegmentFacts | null;
  chunks: LoggedChunk[];
  samples: ClockSample[];
  finish: Finished | null;
  sealed: Finished | null;
  /** Bytes of the log that were understood: the next line is written from here. */
  soundBytes: number;
}

export function encodeLine(line: Line): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(line)}\n`);
}

export function parseLog(data: Uint8Array): Log {
  const log: Log = { facts: null, chunks: [], samples: [], finish: null, sealed: null, soundBytes: 0 };
  for (;;) {
    const end = data.indexOf(0x0a, log.soundBytes);
    if (end === -1) return log;
    const line = parseLine(data.subarray(log.soundBytes, end));
    if (line === null || !take(log, line)) return log;
    log.soundBytes = end + 1;
  }
}

/** False when the line does not follow from those before it. */
function take(log: Log, line: Line): boolean {
  if (line.type === "facts") {
    if (log.facts) return false;
    log.facts = line.facts;
    return true;
  }
  if (!log.facts) return false;
  if (line.type === "clock") log.samples.push(...line.samples);
  else if (line.type === "finish") log.finish = line.finish;
  else if (line.type === "sealed") log.sealed = line.sealed;
  else {
    const last = log.chunks.at(-1);
    const follows = line.chunk.endOffset > (last?.endOffset ?? 0) && line.chunk.sequence > (last?.sequence ?? -1);
    if (log.finish || !follows) return false;
    log.chunks.push(line.chunk);
  }
  return true;
}

function parseLine(data: Uint8Array): Line | null {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch {
    // Torn: JSON or UTF-8 that ends in the middle.
    return null;
  }
  const result = Line.safeParse(value);
  return result.success ? result.data : null;
}
