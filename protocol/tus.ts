// Upload over plain HTTP, for where a proxy lets no WebSocket through: tus 1.0 with creation and creation-defer-length, on the same offsets.
// Promise: what is said here is what `/ws/upload` says; only the envelope is another.
import * as z from "zod/mini";
import { ProtocolError } from "./errors.ts";
import { ChunkFacts, SegmentFacts } from "./facts.ts";
import { SegmentId, Sha256, TrackId } from "./recording.ts";

export const tusVersion = "1.0.0";
export const uploadsPath = "/api/v1/uploads";
export const patchType = "application/offset+octet-stream";
/** Carries the facts of the chunk that a PATCH brings, or a part of. A foreign tus client leaves it out. */
export const chunkHeader = "upload-chunk";

/** `Upload-Metadata` of a creation, decoded; `facts` as JSON. `sha256`: sealed by itself once `Upload-Length` bytes are there. */
export const Creation = z.object({
  version: z.optional(z.int()),
  track: TrackId,
  segment: SegmentId,
  facts: SegmentFacts,
  sha256: z.optional(Sha256),
});
export type Creation = z.infer<typeof Creation>;

export const ByteCount = z.coerce.number().check(z.int(), z.gte(0), z.lte(Number.MAX_SAFE_INTEGER));

export function encodeChunk({ sequence, endOffset, eventMs }: ChunkFacts): string {
  return `${sequence} ${endOffset} ${eventMs}`;
}

export function parseChunk(text: string, from: number): ChunkFacts {
  const [sequence, endOffset, eventMs, ...more] = text.split(" ").map(Number);
  const result = ChunkFacts.safeParse({ sequence, endOffset, eventMs });
  if (!result.success || more.length > 0 || result.data.endOffset <= from)
    throw new ProtocolError("malformed", `${chunkHeader}=${text.slice(0, 80)}`);
  return result.data;
}

/** What is announced in a creation travels in the upload's own address, so that no restart forgets it. */
export const Announced = z.object({ bytes: z.optional(ByteCount), sha256: z.optional(Sha256) });
export type Announced = z.infer<typeof Announced>;

export const Place = z.object({ track: TrackId, segment: SegmentId });
export const ofTrack = z.object({ track: TrackId });
