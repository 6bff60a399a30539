import { expect, test, vi } from "vitest";
import type { Comment } from "../../../protocol/api.ts";
import type { Api } from "../api.ts";
import type { Playback } from "./playback.ts";

vi.stubGlobal("window", { localStorage: { getItem: () => null, setItem: () => undefined } });
const { Draft } = await import("./draft.ts");

function rig(playing: boolean) {
  const film = { atMs: 130_000, playing: { value: playing } };
  const playback = {
    playing: film.playing,
    exactMs: () => film.atMs,
    pause: () => {
      film.playing.value = false;
    },
    play: () => {
      film.playing.value = true;
    },
  } as unknown as Playback;
  const posted: unknown[] = [];
  const post = async (_id: string, comment: unknown) => {
    posted.push(comment);
    return comment as Comment;
  };
  const api = { post } as unknown as Api;
  return { draft: new Draft("rec", api, playback), film, posted };
}

test("the first keystroke pauses the film and the comment keeps that moment", async () => {
  const { draft, film, posted } = rig(true);
  draft.write("A");
  expect(film.playing.value).toBe(false);
  film.atMs = 131_000;
  draft.write("A moment");
  await draft.post();
  expect(posted).toEqual([{ atMs: 130_000, body: "A moment" }]);
  expect(film.playing.value).toBe(true);
});

test("a film that was paused stays paused after posting", async () => {
  const { draft, film } = rig(false);
  draft.write("A");
  await draft.post();
  expect(film.playing.value).toBe(false);
});

test("a comment of spaces is not posted", async () => {
  const { draft, posted } = rig(false);
  draft.write("   ");
  expect(await draft.post()).toBeNull();
  expect(posted).toEqual([]);
});

test("a refused comment keeps its words and its moment", async () => {
  const { draft, film } = rig(true);
  Object.assign(draft, { api: { post: () => Promise.reject(new Error("down")) } });
  const quiet = vi.spyOn(console, "error").mockReturnValue(undefined);
  draft.write("A moment");
  await draft.post();
  quiet.mockRestore();
  expect(draft.body.value).toBe("A moment");
  expect(draft.moment.value?.atMs).toBe(130_000);
  expect(film.playing.value).toBe(false);
});
