import { afterEach, expect, test, vi } from "vitest";
import { closeCode } from "../../protocol/errors.ts";
import { feedbackRig } from "./feedback.fixture.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Somebody looks on by a link that is over in a minute. */
async function shared() {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  const rig = await feedbackRig();
  const share = await rig.catalog.feedback.addShare({
    ...{ recordingId: rig.recording, label: "", mayComment: 0, mayDownload: 0, passphrase: null },
    expiresAt: Date.now() + 60_000,
  });
  const onlooker = await rig.listen(rig.by(`${share.id}.${rig.keys.share(share.id)}`));
  return { ...rig, onlooker, member: await rig.listen(rig.by(rig.key("guest"))) };
}

test("whoever looks on by a link is told nothing once its time is over, though the line is still open", async () => {
  const { comments, reviewer, recording, onlooker, member } = await shared();
  const olu = await reviewer("Olu");
  await comments.post(olu, recording, { atMs: 5, body: "In time" });
  vi.setSystemTime(Date.now() + 60_000);
  await comments.post(olu, recording, { atMs: 5, body: "Too late" });
  const told = (heard: typeof member.heard) => heard.flatMap((one) => (one.type === "comment" ? one.comment.body : []));
  expect(told(member.heard)).toEqual(["In time", "Too late"]);
  expect(told(onlooker.heard)).toEqual(["In time"]);
});

test("and is sent away with the words of a link that was revoked; others stay", async () => {
  const { onlooker, member } = await shared();
  vi.advanceTimersByTime(50_000);
  expect(onlooker.closed).toBeNull();
  vi.advanceTimersByTime(25_000);
  expect(onlooker.closed).toEqual({ code: closeCode.forbidden, reason: "This link is no longer valid. [gone]" });
  expect(member.closed).toBeNull();
});

test("what somebody is told over the live line counts as seen: who saw whose first is kept", async () => {
  const { comments, round, reviewer, recording, listen } = await feedbackRig();
  const olu = await reviewer("Olu");
  const kim = await reviewer("Kim");
  for (const one of [olu, kim, kim]) await listen(one);
  await comments.post(kim, recording, { atMs: 5, body: "Between us", private: true });
  expect((await round.look(olu, recording)).sights).toEqual([]);
  await comments.post(kim, recording, { atMs: 5, body: "For all" });
  expect((await round.look(olu, recording)).sights).toEqual([{ reviewerId: olu.id, ofId: kim.id, seenAt: expect.any(String) }]);
});
