// What reached the server of a recording, told by its tracks: a journey about uploads need not wait for the film.
import { expect } from "vitest";
import type { Recording } from "../../protocol/api.ts";
import type { Api } from "./api.ts";
import type { Person } from "./person.ts";
import { poll } from "./poll.ts";

/** Waits until this many tracks have media up to this time of the recording, safe on the server. */
export async function reaches(api: Api, recording: string, toMs: number, tracks = 1): Promise<void> {
  await poll(
    async () => {
      const ends = (await api.recording(recording)).tracks.map(({ segments }) => segments.at(-1)?.endMs ?? 0);
      return ends.length === tracks && ends.every((endMs) => endMs >= toMs);
    },
    { what: `${tracks} tracks reach ${toMs} ms`, limitMs: 60_000 + toMs },
  );
}

/** Waits until more of every track is safe than there was. */
export async function goesOn(api: Api, recording: string, when: string): Promise<void> {
  const bytes = async () => (await api.recording(recording)).tracks.map((track) => track.bytes);
  const before = await bytes();
  await poll(async () => (await bytes()).every((now, track) => now > (before[track] ?? 0)), {
    what: `bytes arrive ${when}`,
    limitMs: 60_000,
  });
}

/** Everything that these pages' recorders wrote is sealed under its hash, and nothing else: nothing missing, nothing twice. */
export async function arrives(api: Api, id: string, people: Person[]): Promise<Recording> {
  const recording = await poll(
    async () => {
      const now = await api.recording(id);
      return now.tracks.every(({ state }) => state === "safe") && now;
    },
    { what: "every track is safe", limitMs: 60_000 },
  );
  const sealed = recording.tracks.flatMap(({ segments }) => segments.map(({ bytes, sha256 }) => `${bytes} ${sha256}`));
  const written = (await Promise.all(people.map((person) => person.written()))).flat().map(({ bytes, sha256 }) => `${bytes} ${sha256}`);
  expect(sealed.sort()).toEqual(written.sort());
  return recording;
}
