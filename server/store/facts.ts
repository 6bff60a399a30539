// The lines of JSON beside a segment's media: the segment's own facts first, then chunks, clock samples and marks as they come.
// Promise: a line that is torn or foreign is passed over; it was never acked.
import * as z from "zod/mini";
import { ChunkFacts, ClockSample, type SegmentFacts } from "../../protocol/facts.ts";
import { bytes } from "../../protocol/recording.ts";

/** "Up to this offset the media has this hash": one with every commit, so that after a crash what was synced can be told from what was not.
 * `hash`: the first 16 hex digits of the SHA-256 of everything before. */
export const Mark = z.object({ offset: bytes, hash: z.string().check(z.regex(/^[0-9a-f]{16}$/)) });
export type Mark = z.infer<typeof Mark>;

export type Fact = { segment: SegmentFacts } | { chunk: ChunkFacts } | { clock: ClockSample } | { mark: Mark };

export const factLine = (fact: Fact) => `${JSON.stringify(fact)}\n`;

export function parseFacts(line: string): { chunk?: ChunkFacts; clock?: ClockSample; mark?: Mark } | null {
  if (line === "") return null;
  try {
    const value = JSON.parse(line) as { chunk?: unknown; clock?: unknown; mark?: unknown };
    if (value.chunk) return { chunk: ChunkFacts.parse(value.chunk) };
    if (value.clock) return { clock: ClockSample.parse(value.clock) };
    if (value.mark) return { mark: Mark.parse(value.mark) };
    return null;
  } catch {
    return null;
  }
}
