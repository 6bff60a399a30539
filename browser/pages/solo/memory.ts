// What was recorded, kept in this tab as well, so that it plays the moment Stop is pressed. Listens in on the one recorder there is.
import type { TrackUpload } from "../../upload/uploads.ts";

export class Memory {
  #parts: Blob[] = [];
  #mimeType = "video/webm";

  /** Every chunk goes on to `upload`; null keeps it in this tab only. */
  tap(upload: TrackUpload | null): TrackUpload {
    return {
      segment: (facts) => {
        this.#mimeType = facts.mimeType || this.#mimeType;
        const onward = upload?.segment(facts);
        return {
          append: (chunk) => {
            // A Blob copies; the buffer itself is given away below.
            this.#parts.push(new Blob([chunk.bytes]));
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

  /** Everything so far as one playable file. */
  film(): Blob {
    return new Blob(this.#parts, { type: this.#mimeType });
  }
}
