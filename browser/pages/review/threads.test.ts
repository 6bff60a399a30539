import { expect, test } from "vitest";
import type { Comment } from "../../../protocol/feedback.ts";
import { rowsOf, topOf } from "./rows.ts";
import { bandsOf, dotsOf, faceOf, neighbour, threadsOf, withComment } from "./threads.ts";

const comment = (id: string, atMs: number, more: Partial<Comment> = {}) =>
  ({ id, atMs, endMs: null, parentId: null, createdAt: id, version: 1, body: id, author: null, reviewerId: null, ...more }) as Comment;

test("threads stand by time, replies by when they were written, and a reply without its thread for itself", () => {
  const all = [
    comment("c", 30),
    comment("r2", 10, { parentId: "a" }),
    comment("a", 10),
    comment("r1", 10, { parentId: "a" }),
    comment("x", 20, { parentId: "gone" }),
  ];
  expect(threadsOf(all).map(({ first, replies }) => [first.id, ...replies.map(({ id }) => id)])).toEqual([["a", "r1", "r2"], ["x"], ["c"]]);
});

test("an older version told late does not take the newer one's place", () => {
  const now = [comment("a", 1, { version: 3, body: "newest" })];
  expect(withComment(now, comment("a", 1, { version: 2 }))[0]?.body).toBe("newest");
  expect(withComment(now, comment("a", 1, { version: 4, body: "yet newer" }))[0]?.body).toBe("yet newer");
});

test("N goes on from what is selected, else from the moment on the screen, and ends at the last", () => {
  const threads = threadsOf([comment("a", 10), comment("b", 20), comment("c", 30)]);
  expect(neighbour(threads, null, 15, 1)?.first.id).toBe("b");
  expect(neighbour(threads, null, 15, -1)?.first.id).toBe("a");
  expect(neighbour(threads, "b", 0, 1)?.first.id).toBe("c");
  expect(neighbour(threads, "c", 0, 1)).toBeNull();
});

test("dots that would lie on one another are one, and none is lost", () => {
  const threads = threadsOf(Array.from({ length: 10_000 }, (_, index) => comment(`${index}`, index)));
  const dots = dotsOf(threads, 10_000, 90);
  expect(dots.length).toBeLessThanOrEqual(91);
  expect(dots.reduce((sum, dot) => sum + dot.threads.length, 0)).toBe(10_000);
});

test("of more ranges than can be told apart none is lost, and each is as long as it is", () => {
  const threads = threadsOf(Array.from({ length: 500 }, (_, index) => comment(`${index}`, index * 100, { endMs: index * 100 + 700 })));
  const bands = bandsOf([...threads, ...threadsOf([comment("moment", 10)])], 50_000, 60);
  expect(bands.reduce((sum, { threads: here }) => sum + here.length, 0)).toBe(500);
  expect(bands.length).toBeLessThanOrEqual(61);
  for (const { place, share, threads: here } of bands) {
    expect(place).toBe(here[0]!.first.atMs / 50_000);
    expect(place + share).toBeCloseTo(Math.min(1, here.at(-1)!.first.endMs! / 50_000));
  }
});

test("a range that ends after the film ends with it", () => {
  expect(bandsOf(threadsOf([comment("a", 500, { endMs: 9000 })]), 1000, 60)).toMatchObject([{ place: 0.5, share: 0.5 }]);
  expect(bandsOf(threadsOf([comment("a", 5000, { endMs: 9000 })]), 1000, 60)).toMatchObject([{ place: 1, share: 0 }]);
});

test("people who came one after the other have different colours, and a letter of their own name", () => {
  const reviewers = [{ id: "1" }, { id: "2" }] as never[];
  expect(faceOf("émile", "1", reviewers).letter).toBe("É");
  expect(faceOf("A", "1", reviewers).colour).not.toBe(faceOf("A", "2", reviewers).colour);
  expect(faceOf(null, null, reviewers).letter).toBe("?");
});

test("of a long list only what is near is drawn, and all of its height is there", () => {
  const heights = Array.from({ length: 10_000 }, () => 100);
  const rows = rowsOf(heights, 500_000, 800);
  expect(rows.to - rows.from).toBeLessThan(30);
  expect(rows.before + rows.after + (rows.to - rows.from) * 100).toBe(1_000_000);
  expect(topOf(heights, rows.from)).toBe(rows.before);
  expect(rowsOf([], 0, 800)).toEqual({ from: 0, to: 0, before: 0, after: 0 });
});
