import { beforeAll, expect, test, vi } from "vitest";
import type { Comment, NewScore, Score } from "../../../protocol/feedback.ts";
import { Debrief } from "./debrief.ts";
import type { ReviewApi } from "./door.ts";

beforeAll(() => {
  vi.stubGlobal("window", { clearTimeout: () => undefined });
});

const comment = (id: string, version = 1): Comment =>
  ({ id: `cmt_${id}`, atMs: 0, body: id, version, parentId: null, createdAt: "" }) as Comment;

/** A page whose comments are answered when the test says so. */
function page() {
  const answers: ((comments: Comment[]) => void)[] = [];
  const kept: NewScore[] = [];
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
      kept.push(score);
      return { ...score, reviewerId: "rev_me", changedAt: "" } as Score;
    },
  };
  const debrief = new Debrief("rec_1", api as unknown as ReviewApi);
  return {
    debrief,
    kept,
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
  const { debrief, kept, asked, answer } = page();
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
  expect(kept.at(-1)).toMatchObject({ words: "calm", value: 3, evidence: [{ atMs: 1000 }, { atMs: 2000 }] });
  expect(debrief.scoreOf("par_1", "item")).toMatchObject({ words: "calm", value: 3 });
});
