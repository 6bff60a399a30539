import { signal } from "@preact/signals";
import { expect, test, vi } from "vitest";
import { UserError } from "../../../protocol/errors.ts";
import type { Comment, NewComment } from "../../../protocol/feedback.ts";
import type { Spoken, Way } from "../attach/spoken.ts";
import type { Debrief } from "./debrief.ts";
import type { Playback } from "./playback.ts";

vi.stubGlobal("navigator", { languages: ["en"] });
vi.stubGlobal("localStorage", { getItem: () => null });
vi.stubGlobal("window", { localStorage: { getItem: () => null, setItem: () => undefined }, setTimeout: () => 0 });
const { Draft } = await import("./draft.ts");
const { Who } = await import("./who.ts");
const { Spoken: Held } = await import("../attach/spoken.ts");
const spoken = () => new Held({ kind: "voice", durationMs: 3000, blob: new Blob() });

function rig(playing: boolean, who = new Who()) {
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
  const introduce = () => who.say(async (...said) => joined.push(said));
  const send = async (spoken: Spoken) => await spoken.send(async () => ({ id: `att_${++sent.count}` }));
  const sent = { count: 0 };
  const debrief = { post, send, introduce, who } as unknown as Debrief;
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
  Object.assign(draft.debrief, { post: () => Promise.reject(new Error("down")) });
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

test("words written about a range that was begun pause the film, and it goes on when they are posted", async () => {
  const { draft, film, posted } = rig(true);
  draft.begin();
  film.atMs = 134_000;
  draft.write("A");
  expect(film.playing.value).toBe(false);
  draft.end();
  await draft.post();
  expect(posted).toEqual([{ atMs: 130_000, endMs: 134_000, body: "A" }]);
  expect(film.playing.value).toBe(true);
});

test("a film that is played on while one writes pauses at the next letter, and still goes on afterwards", async () => {
  const { draft, film } = rig(false);
  draft.write("A");
  film.playing.value = true;
  draft.write("A m");
  expect(film.playing.value).toBe(false);
  draft.giveUp();
  expect(film.playing.value).toBe(true);
});

test("whoever gives a name becomes a reviewer before their first comment", async () => {
  const { draft, posted, joined } = rig(false);
  draft.who.author.value = " Olu ";
  draft.who.self.value = "par_1";
  draft.write("Yes");
  await draft.post();
  expect(joined).toEqual([["Olu", "par_1"]]);
  expect(posted).toHaveLength(1);
});

test("a writer whose remembered name is on the film is sent as who they are shown to be, before the comment", async () => {
  const people = signal([
    { id: "par_asha", name: "Asha" },
    { id: "par_olu", name: "Olu" },
  ]);
  const { draft, joined } = rig(false, new Who(people, "Asha"));
  draft.write("Yes");
  await draft.post();
  expect(draft.who.shown.value).toBe("par_asha");
  expect(joined).toEqual([["Asha", "par_asha"]]);
});

test("what is spoken needs no words, keeps the moment at which it began, and nothing is posted while it is recorded", async () => {
  const { draft, film, posted } = rig(true);
  draft.speak();
  draft.speaking.value = true;
  expect(film.playing.value).toBe(false);
  film.atMs = 131_000;
  draft.write("Beside it");
  expect(await draft.post()).toBeNull();
  draft.speaking.value = false;
  draft.held.value = spoken();
  draft.write("");
  draft.giveUp();
  expect(draft.ready.value).toBe(true);
  await draft.post();
  expect(posted).toEqual([{ atMs: 130_000, body: "", attachmentId: "att_1" }]);
  expect([draft.held.value, film.playing.value]).toEqual([null, true]);
});

test("what is thrown away with nothing else lets the film go on", () => {
  const { draft, film } = rig(true);
  draft.speak();
  draft.unspeak();
  expect([film.playing.value, draft.moment.value]).toEqual([true, null]);
});

test("posting that is stopped while it is sent keeps the words and what was spoken, and is no failure", async () => {
  const { draft, posted } = rig(true);
  const held = spoken();
  const { send } = draft.debrief;
  const never = (_: Blob, way: Way) =>
    new Promise<never>((_resolve, reject) => way.signal.addEventListener("abort", () => reject(way.signal.reason as Error)));
  Object.assign(draft.debrief, { send: () => held.send(never) });
  draft.who.author.value = "";
  draft.write("Beside it");
  draft.held.value = held;
  const posting = draft.post();
  expect([draft.busy.value, draft.ready.value, held.sent.value]).toEqual([true, false, 0]);
  held.stop();
  expect(await posting).toBeNull();
  expect([draft.failure.value, draft.body.value, draft.held.value, draft.ready.value]).toEqual([null, "Beside it", held, true]);
  Object.assign(draft.debrief, { send });
  await draft.post();
  expect(posted).toMatchObject([{ body: "Beside it", attachmentId: "att_1" }]);
});

test("a refused comment keeps what was spoken, which is sent once, and anew only when the server has lost it", async () => {
  const { draft, posted } = rig(false);
  const { post } = draft.debrief;
  let refusal: Error | null = new UserError("disk-full", "The server's disk is full.");
  Object.assign(draft.debrief, { post: (comment: NewComment) => (refusal ? Promise.reject(refusal) : post(comment)) });
  draft.held.value = spoken();
  await draft.post();
  expect(draft.failure.value).toContain("what you recorded");
  refusal = new UserError("not-found", "Gone.");
  await draft.post();
  refusal = null;
  await draft.post();
  expect(posted).toMatchObject([{ attachmentId: "att_2" }]);
});
