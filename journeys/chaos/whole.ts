// A complete film, downloaded and looked at from its first to its last picture (I3).
// Promise: throws, naming the invariant, unless it decodes, goes forward in time, and picture and sound are as long as the recording.
import { join } from "node:path";
import { readFilm } from "../rig/film.ts";
import type { TestServer } from "../rig/server.ts";

/** What the film may end too early or too late. */
export const windowMs = 3200;

export async function looksWhole(server: TestServer, recording: string, durationMs: number): Promise<void> {
  const file = await server.api.download(`/recordings/${recording}/video.mp4`, join(server.place.path, "film.mp4"));
  const film = await readFilm(file, []);
  const lastMs = film.pictures.at(-1)?.atMs ?? 0;
  if (Math.abs(lastMs - durationMs) > windowMs) throw new Error(`I3: the film ends at ${lastMs} ms, the recording at ${durationMs} ms`);
  const back = film.pictures.findIndex(({ atMs }, index) => atMs <= (film.pictures[index - 1]?.atMs ?? -1));
  if (back >= 0) throw new Error(`I3: picture ${back} goes back in time`);
  const soundMs = film.sound ? (film.sound.samples.length / film.sound.sampleRate) * 1000 : 0;
  if (Math.abs(soundMs - durationMs) > windowMs) throw new Error(`I3: the sound lasts ${soundMs} ms, the recording ${durationMs} ms`);
}
