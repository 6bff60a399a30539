import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { UserError } from "../../../protocol/errors.ts";
import type { Comment, Feedback, NewReviewer, NewScore, Score } from "../../../protocol/feedback.ts";
import { Debrief } from "./debrief.ts";
import type { ReviewApi } from "./door.ts";
import { Who } from "./who.ts";

const kept = new Map<string, string>();
beforeAll(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("window", { clearTimeout, setTimeout, location: { origin: "http://localhost" } });
  vi.stubGlobal("localStorage", {
    getItem: (slot: string) => kept.get(slot) ?? null,
    setItem: (slot: string, text: string) => void kept.set(slot, text),
    removeItem: (slot: string) => void kept.delete(slot),
  });
});
afterEach(() => kept.clear());

const comment = (id: string, version = 1): Comment =>
  ({ id: `cmt_${id}`, atMs: 0, body: id, version, parentId: null, createdAt: "" }) as Comment;

/** A page whose comments are answered when the test says so. */
function page() {
  const answers: ((comments: Comment[]) => void)[] = [];
  const given: NewScore[] = [];
  const api = {
    identity: null,
    feedback: async () => ({ rubric: null, me: "rev_me", reviewers: [], may: [] }),
    comments: () => new Promise<Comment[]>((resolve) => answers.push(resolve)),
    captions: async () => ({ items: [], hearings: [], cursor: null }),
    post: async (_: string, { body }: { body: string }) => comment(body),
    editComment: async (id: string) => comment(id.slice(4), 2),
    deleteComment: async () => undefined,
    score: async (_: string, score: NewScore) => {
      if (score.words === "no room") throw new Error("no room");
      given.push(score);
      return { ...score, reviewerId: "rev_me", changedAt: "" } as Score;
    },
  };
  const debrief = new Debrief("rec_1", api as unknown as ReviewApi);
  return {
    debrief,
    given,
    asked: (count = 1) => vi.waitUntil(() => answers.length >= count),
    answer: (comments: Comment[]) => answers.shift()?.(comments),
  };
}

test("what was posted, mended and deleted while everything was being read stands, however old the answer is", async () => {
  const { debrief, asked, answer } = page();
  const first = debrief.read();
  await asked();
  answer([comment("old"), comment("wrong")]);
  await first;
  const second = debrief.read();
  await asked();
  await debrief.post({ atMs: 0, body: "mine" });
  await debrief.edit("cmt_old", { body: "new" });
  await debrief.remove("cmt_wrong");
  answer([comment("old"), comment("wrong")]);
  await second;
  expect(debrief.comments.value.map(({ body, version }) => [body, version])).toEqual([
    ["old", 2],
    ["mine", 1],
  ]);
});

test("what the server said before it was asked is not remembered beyond the answer", async () => {
  const { debrief, asked, answer } = page();
  const first = debrief.read();
  await asked();
  await debrief.post({ atMs: 0, body: "mine" });
  answer([]);
  await first;
  const second = debrief.read();
  await asked();
  answer([]);
  await second;
  expect(debrief.comments.value).toEqual([]);
});

test("a score, its words and two moments given at once are all kept, and what could not be kept takes nothing with it", async () => {
  const { debrief, given, asked, answer } = page();
  const read = debrief.read();
  await asked();
  answer([]);
  await read;
  const mark = (atMs: number) => debrief.score("par_1", "item", ({ evidence }) => ({ evidence: [...evidence, { atMs, endMs: null }] }));
  const failed = debrief.score("par_1", "item", () => ({ words: "no room" }));
  await Promise.all([
    expect(failed).rejects.toThrow("no room"),
    debrief.score("par_1", "item", () => ({ words: "calm" })),
    debrief.score("par_1", "item", () => ({ value: 3 })),
    mark(1000),
    mark(2000),
  ]);
  expect(given.at(-1)).toMatchObject({ words: "calm", value: 3, evidence: [{ atMs: 1000 }, { atMs: 2000 }] });
  expect(debrief.scoreOf("par_1", "item")).toMatchObject({ words: "calm", value: 3 });
});

/** A page of somebody this browser remembers, or not, and a line that the server refuses by. */
function known(identity: string | null) {
  if (identity) kept.set("doubletake.reviewer.rec_1", identity);
  const joined: NewReviewer[] = [];
  const renamed: unknown[] = [];
  const me = { id: "rev_me", name: "Asha", participantId: null, handedInAt: null, comments: 0 };
  const api = {
    key: "key",
    identity: null as string | null,
    feedback: async () => ({ rubric: null, me: api.identity && "rev_me", reviewers: [me], may: ["comment"] }) as unknown as Feedback,
    comments: async () => [],
    captions: async () => ({ items: [], hearings: [], cursor: null }),
    join: async (_: string, one: NewReviewer) => {
      joined.push(one);
      return { ...me, identity: "rev_new.secret" };
    },
    rename: async (...one: unknown[]) => void renamed.push(one),
  };
  const debrief = new Debrief("rec_1", api as unknown as ReviewApi);
  return { debrief, api, joined, renamed };
}

test("who writes before the page has read who they are stays who they were", async () => {
  const { debrief, api, joined } = known("rev_me.secret");
  await debrief.join("Asha", null);
  expect([joined, api.identity, kept.get("doubletake.reviewer.rec_1")]).toEqual([[], "rev_me.secret", "rev_me.secret"]);
  expect(debrief.me?.name).toBe("Asha");
});

test("who is asked is said as shown, kept on this device, and can be corrected", async () => {
  const { debrief, joined, renamed } = known(null);
  await debrief.read();
  expect(debrief.unknown).toBe(true);
  debrief.who.people.value = [{ id: "par_1", name: "Asha" }];
  debrief.who.author.value = "Asha";
  debrief.who.self.value = "par_1";
  await debrief.introduce();
  expect(joined).toEqual([{ name: "Asha", participantId: "par_1" }]);
  expect([kept.get("doubletake.reviewer.rec_1"), debrief.unknown]).toEqual(["rev_new.secret", false]);
  await debrief.rename(new Who(debrief.who.people, "Asha R.", ""));
  expect(renamed).toEqual([["rev_me", { name: "Asha R.", participantId: null }]]);
});

test("the host is asked about each claim to be on the film, and nobody else; an answer that comes too late is read anew", async () => {
  const ben = { id: "rev_b", name: "B", participantId: null, claimedId: "par_2", handedInAt: null, comments: 0 };
  const rights = { may: ["look", "comment"] };
  const answered: unknown[] = [];
  let reads = 0;
  const api = {
    key: "key",
    feedback: async () => {
      reads += 1;
      return { rubric: null, me: null, reviewers: [ben, { ...ben, id: "rev_c", claimedId: null }], ...rights } as unknown as Feedback;
    },
    comments: async () => [],
    captions: async () => ({ items: [], hearings: [], cursor: null }),
    answerClaim: async (...one: unknown[]) => {
      answered.push(one);
      throw new UserError("changed", "They say something else.");
    },
  };
  const debrief = new Debrief("rec_1", api as unknown as ReviewApi);
  debrief.who.people.value = [{ id: "par_2", name: "Ben" }];
  await debrief.read();
  expect(debrief.claims.value).toEqual([]);
  rights.may.push("host");
  await debrief.read();
  expect(debrief.claims.value.map(({ who, person }) => [who.id, person])).toEqual([["rev_b", "Ben"]]);
  await expect(debrief.answerClaim(debrief.claims.value[0]!.who, true)).rejects.toThrow("something else");
  expect([answered, reads]).toEqual([[["rev_b", { claimedId: "par_2", confirmed: true }]], 3]);
});

test("a round says whom it waits for who was recorded and has not come, or has only said so", async () => {
  const { debrief } = known("rev_me.secret");
  debrief.who.people.value = [
    { id: "par_1", name: "Asha" },
    { id: "par_2", name: "Ben" },
  ];
  await debrief.read();
  expect(debrief.awaited.value).toEqual(["Asha", "Ben"]);
  const { feedback } = debrief;
  const [me] = feedback.value!.reviewers;
  feedback.value = {
    ...feedback.value!,
    reviewers: [
      { ...me!, participantId: "par_1" },
      { ...me!, claimedId: "par_2" },
    ],
  };
  expect(debrief.awaited.value).toEqual(["Ben"]);
});

test("a link that has ended takes nobody's name away; a browser that is not known is asked anew", () => {
  const sockets: { onmessage: (event: { data: string }) => void; close: () => void }[] = [];
  vi.stubGlobal(
    "WebSocket",
    class {
      onmessage = () => undefined;
      readonly close = () => undefined;
      constructor() {
        sockets.push(this);
      }
    },
  );
  const { debrief, api } = known("rev_me.secret");
  const close = debrief.open();
  const refuse = (code: string) => sockets[0]!.onmessage({ data: JSON.stringify({ type: "refused", code, message: "No." }) });
  refuse("gone");
  expect([api.identity, kept.get("doubletake.reviewer.rec_1"), debrief.failure.value]).toEqual(["rev_me.secret", "rev_me.secret", "No."]);
  refuse("not-allowed");
  expect([api.identity, kept.has("doubletake.reviewer.rec_1")]).toEqual([null, false]);
  close();
});
