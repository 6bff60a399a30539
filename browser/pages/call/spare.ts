// What of a stream is recorded when there is hardly room to keep it: the sound alone. Promise: the same stream gives the same answer object, so that
// nothing begins anew while nothing changed.
import type { Keeps } from "../../upload/uploads.ts";

export class Spare {
  readonly #sounds = new WeakMap<MediaStream, MediaStream>();

  /** Null: nothing of it. */
  of(stream: MediaStream | null, keeps: Keeps): MediaStream | null {
    if (!stream || keeps === "everything") return stream;
    const tracks = stream.getAudioTracks();
    if (tracks.length === 0) return null;
    const sound = this.#sounds.get(stream) ?? new MediaStream(tracks);
    this.#sounds.set(stream, sound);
    return sound;
  }
}
