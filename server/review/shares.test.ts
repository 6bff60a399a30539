import { expect, test } from "vitest";
import { feedbackRig } from "./feedback.fixture.ts";

const refused = (code: string) => expect.objectContaining({ code });
const link = { label: "", mayComment: false, mayDownload: false, expiresAt: null };
const keyOf = ({ url }: { url: string }) => url.split("#")[1]!;

async function shared(more: object = {}) {
  const rig = await feedbackRig();
  const host = rig.by(rig.key("host"));
  const share = await rig.shares.create(host, rig.recording, { ...link, ...more }, "http://test");
  return { ...rig, host, share, guest: rig.by(keyOf(share)) };
}

test("a link that may only look neither comments nor downloads; one that may comment asks for a name", async () => {
  const { comments, round, guest, recording } = await shared();
  expect((await comments.list(guest, recording, undefined)).items).toEqual([]);
  await expect(comments.post(guest, recording, { atMs: 0, body: "Hi" })).rejects.toEqual(refused("not-allowed"));
  await expect(comments.all(guest, recording)).rejects.toEqual(refused("not-allowed"));
  await expect(round.join(guest, recording, { name: "Guest" })).rejects.toEqual(refused("not-allowed"));

  const other = await shared({ mayComment: true });
  await expect(other.comments.post(other.guest, other.recording, { atMs: 0, body: "Hi" })).rejects.toEqual(refused("bad-request"));
  const { identity } = await other.round.join(other.guest, other.recording, { name: "Gwen" });
  const posted = await other.comments.post({ ...other.guest, reviewer: identity }, other.recording, {
    atMs: 0,
    body: "Hi",
    author: "Somebody else",
  });
  expect(posted.author).toBe("Gwen");
  await expect(other.comments.post(other.guest, recording, { atMs: 0, body: "Elsewhere" })).rejects.toEqual(refused("not-allowed"));
});

test("a link ends when it is revoked and when its time is over", async () => {
  const { shares, comments, host, share, guest, recording, catalog, clock } = await shared();
  await expect(shares.revoke(guest, share.id)).rejects.toEqual(refused("not-allowed"));
  await shares.revoke(host, share.id);
  await expect(comments.list(guest, recording, undefined)).rejects.toEqual(refused("gone"));
  expect((await shares.list(host, recording, "")).items[0]?.revokedAt).not.toBeNull();
  const short = await catalog.feedback.addShare({
    recordingId: recording,
    label: "",
    mayComment: 0,
    mayDownload: 0,
    expiresAt: 1,
    passphrase: null,
  });
  const { keys, by } = await shared();
  await expect(comments.list(by(`${short.id}.${keys.share(short.id)}`), recording, undefined)).rejects.toEqual(refused("not-allowed"));
  await expect(shares.create(host, recording, { ...link, expiresAt: new Date(clock.nowMs).toISOString() }, "")).rejects.toEqual(
    refused("bad-request"),
  );
});

test("a link until a day that no calendar has is refused, and not made for ever", async () => {
  const { shares, recording, by, key } = await feedbackRig();
  const until = { ...link, expiresAt: "2999-13-45T00:00:00Z" };
  await expect(shares.create(by(key("host")), recording, until, "")).rejects.toMatchObject({ code: "bad-request" });
});

test("a link that is over says so, to whoever holds its key", async () => {
  const { keys, by, catalog, comments, recording } = await feedbackRig();
  const { id } = await catalog.feedback.addShare({
    recordingId: recording,
    label: "",
    mayComment: 0,
    mayDownload: 0,
    expiresAt: 1,
    passphrase: null,
  });
  await expect(comments.list(by(`${id}.${keys.share(id)}`), recording, undefined)).rejects.toEqual(refused("gone"));
});

test("behind a passphrase nothing opens without it, and it cannot be tried out", async () => {
  const { shares, comments, guest, recording, clock, by, catalog, share } = await shared({ passphrase: "correct horse" });
  await expect(comments.list(guest, recording, undefined)).rejects.toEqual(refused("passphrase-needed"));
  await expect(shares.open(guest, "wrong")).rejects.toEqual(refused("wrong-passphrase"));
  const { key } = await shares.open(guest, "correct horse");
  expect((await comments.list(by(key), recording, undefined)).items).toEqual([]);
  await expect(comments.list(by(`${key.slice(0, -1)}${key.endsWith("x") ? "y" : "x"}`), recording, undefined)).rejects.toEqual(
    refused("passphrase-needed"),
  );
  expect(JSON.stringify(await catalog.feedback.share(share.id))).not.toContain("correct horse");
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => shares.open(guest, "guess")));
  expect(tries.filter((one) => one.status === "rejected" && one.reason.code === "too-often")).toHaveLength(3);
  await expect(shares.open(guest, "correct horse")).rejects.toEqual(refused("too-often"));
  clock.nowMs += 61_000;
  expect((await shares.open(guest, "correct horse")).key).toBe(key);
});
