// One segment as it is known here: what its browser said of it, and what arrived.
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../protocol/errors.ts";
import { type ChunkFacts, type ClockSample, SegmentFacts } from "../../protocol/facts.ts";
import type { SegmentRow } from "../store/catalog.ts";
import type { Disk } from "../store/disk.ts";
import { parseFacts } from "../store/facts.ts";
import { Container } from "./container.ts";
import type { Media } from "./extent.ts";
import { withoutPackets } from "./gist.ts";
import { withoutReadings } from "./map.ts";

export interface Live {
  recordingId: string;
  facts: SegmentFacts;
  /** Relative to the recording's folder. */
  file: string;
  chunks: ChunkFacts[];
  samples: ClockSample[];
  /** How many bytes `media` is made of. */
  bytes: number;
  /** Without its packets once it has ended. */
  media: Media;
}

/** Null when there is no such file: what was announced and never written. `trouble` is told what the disk said; what came before it counts. */
export async function readLive(disk: Disk, recordingId: string, row: SegmentRow, trouble: (error: unknown) => void): Promise<Live | null> {
  const facts = SegmentFacts.parse(JSON.parse(row.facts));
  const file = disk.segmentName(row.trackId, row.id, facts.mimeType);
  const container = new Container();
  const live: Live = { recordingId, facts, file, chunks: [], samples: [], bytes: 0, media: container };
  const path = join(disk.recording(recordingId), file);
  try {
    const lines = await readFile(path.replace(/\.\w+$/, ".facts.jsonl"), "utf8");
    for (const line of lines.split("\n")) {
      const { chunk, clock } = parseFacts(line) ?? {};
      if (chunk) live.chunks.push(chunk);
      if (clock) live.samples.push(clock);
    }
    for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024 })) container.push(bytes as Buffer);
    return live;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    // Not media from there on: the spool said so to whoever sent it. What came before it counts.
    if (!(error instanceof UserError)) trouble(error);
    return live;
  } finally {
    live.bytes = container.bytes;
  }
}

/** Nothing more comes of it: what its place follows from is kept, and the packets and readings are let go. */
export function shut(live: Live): void {
  const { facts, media } = live;
  if (!(media instanceof Container)) return;
  const here = live.chunks.filter(({ endOffset }) => endOffset <= live.bytes);
  live.samples = withoutReadings(facts, here, live.samples, media.packets);
  live.media = withoutPackets(media, here, facts);
}
