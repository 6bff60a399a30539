import { expect, test, vi } from "vitest";
import type { Comment } from "../../../protocol/feedback.ts";
import type { Debrief } from "./debrief.ts";
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
  const post = async (comment: unknown) => {
    posted.push(comment);
    return comment as Comment;
  };
  const joined: unknown[] = [];
  const join = async (...who: unknown[]) => void joined.push(who);
  const debrief = { post, join, me: null } as unknown as Debrief;
  return { draft: new Draft(debrief, playback), film, posted, joined };
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
  Object.assign(draft, { debrief: { post: () => Promise.reject(new Error("down")) } });
  const quiet = vi.spyOn(console, "error").mockReturnValue(undefined);
  draft.write("A moment");
  await draft.post();
  quiet.mockRestore();
  expect(draft.body.value).toBe("A moment");
  expect(draft.moment.value?.atMs).toBe(130_000);
  expect(film.playing.value).toBe(false);
});

test("a range keeps its ends whichever was set first, and the film goes on between them", async () => {
  const { draft, film, posted } = rig(true);
  draft.begin();
  expect(film.playing.value).toBe(true);
  film.atMs = 134_000;
  draft.end();
  draft.write("All of this");
  await draft.post();
  film.atMs = 20_000;
  draft.begin();
  film.atMs = 15_000;
  draft.end();
  draft.write("Backwards");
  await draft.post();
  expect(posted).toEqual([
    { atMs: 130_000, endMs: 134_000, body: "All of this" },
    { atMs: 15_000, endMs: 20_000, body: "Backwards" },
  ]);
});

test("whoever gives a name becomes a reviewer before their first comment", async () => {
  const { draft, posted, joined } = rig(false);
  draft.author.value = " Olu ";
  draft.self.value = "par_1";
  draft.write("Yes");
  await draft.post();
  expect(joined).toEqual([["Olu", "par_1"]]);
  expect(posted).toHaveLength(1);
});
