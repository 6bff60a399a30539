// What was recorded, kept in this tab as well, so that it plays the moment Stop is pressed. Listens in on the one recorder there is.
import type { TrackUpload } from "../../upload/uploads.ts";

interface Kept {
  mimeType: string;
  parts: Blob[];
}

export class Memory {
  /** One per segment: each is a file of its own. */
  readonly #segments: Kept[] = [];

  /** Every chunk goes on to `upload`; null keeps it in this tab only. */
  tap(upload: TrackUpload | null): TrackUpload {
    return {
      segment: (facts, onOver) => {
        const kept: Kept = { mimeType: facts.mimeType || "video/webm", parts: [] };
        this.#segments.push(kept);
        const onward = upload?.segment(facts, onOver);
        return {
          append: (chunk) => {
            // A Blob copies; the buffer itself is given away below.
            kept.parts.push(new Blob([chunk.bytes]));
            onward?.append(chunk);
          },
          clock: (samples) => onward?.clock(samples),
          finish: () => onward?.finish(),
        };
      },
      end: () => upload?.end(),
      safe: upload?.safe ?? Promise.resolve(),
    };
  }

  /** Everything so far as playable files, in order; mostly it is one. */
  films(): Blob[] {
    return this.#segments.filter(({ parts }) => parts.length > 0).map(({ parts, mimeType }) => new Blob(parts, { type: mimeType }));
  }
}
