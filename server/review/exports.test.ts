import { expect, test } from "vitest";
import type { Comment } from "../../protocol/feedback.ts";
import { csv, vttOf } from "./exports.ts";

test("a table reads every text back, and no cell is a formula", () => {
  expect(csv([['He said "no",\nthen left', "=HYPERLINK(1)", "-2.5", "@x"]])).toBe(
    '\uFEFF"He said ""no"",\nthen left","\'=HYPERLINK(1)","-2.5","\'@x"\r\n',
  );
});

test("a caption is one cue whatever somebody wrote, and its words are text", () => {
  const comment = {
    atMs: 3_723_004,
    endMs: null,
    author: "A<b>",
    body: "<i>x</i>\n\n00:00 --> 00:01\r\n\r\n& so",
    deletedAt: null,
  } as unknown as Comment;
  expect(vttOf([comment])).toBe(
    "WEBVTT\n\n01:02:03.004 --> 01:02:07.004\n<v A&lt;b&gt;>&lt;i&gt;x&lt;/i&gt;\n00:00 --&gt; 00:01\n&amp; so\n",
  );
});
