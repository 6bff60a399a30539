import { expect, test } from "vitest";
import type { Comment } from "../../protocol/feedback.ts";
import { csv, vttOf } from "./exports.ts";
import { feedbackRig } from "./feedback.fixture.ts";

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

test("a reply goes with its thread to the moment that this is about now, in the table and in the captions, and what was deleted is in neither", async () => {
  const { comments, exports, reviewer, recording } = await feedbackRig();
  const asha = await reviewer("Asha");
  const first = await comments.post(asha, recording, { atMs: 1500, body: "Here" });
  await comments.post(asha, recording, { atMs: 1500, body: "Yes", parentId: first.id });
  const gone = await comments.post(asha, recording, { atMs: 1000, body: "Gone" });
  await comments.post(asha, recording, { atMs: 1000, body: "Left", parentId: gone.id });
  await comments.remove(asha, gone.id);
  await comments.post(asha, recording, { atMs: 5000, body: "Between" });
  await comments.edit(asha, first.id, { atMs: 3000 });
  const rows = (await exports.commentsCsv(asha, recording)).text.split("\r\n").slice(1, -1);
  expect(rows.map((row) => row.split(",")).map((cells) => [cells[0], cells[5]])).toEqual([
    ['"1.000"', '"Left"'],
    ['"3.000"', '"Here"'],
    ['"3.000"', '"Yes"'],
    ['"5.000"', '"Between"'],
  ]);
  const cues = (await exports.commentsVtt(asha, recording)).text.match(/^\d\S+/gm);
  expect(cues).toEqual(["00:00:01.000", "00:00:03.000", "00:00:03.000", "00:00:05.000"]);
});
