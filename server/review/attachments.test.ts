import { EventEmitter } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { WebSocket } from "ws";
import { type Comment, type LookDown, lookVersion } from "../../protocol/feedback.ts";
import type { Credentials } from "../store/access.ts";
import { failure } from "../store/files.fixture.ts";
import { type Files, realFiles } from "../store/files.ts";
import { adminKey, feedbackRig } from "./feedback.fixture.ts";
import { type Media, serve } from "./media.ts";

const refused = (code: string) => expect.objectContaining({ code });
/** What the fixture's parser takes for a voice. */
const voice = JSON.stringify({ kind: "voice", durationMs: 3200 });
const body = (content = voice) => Readable.from([Buffer.from(content.slice(0, 5)), Buffer.from(content.slice(5))], { objectMode: false });
const read = async ({ parts, tag }: Media) => await text(serve(parts, tag, {}).body!);
const tokenOf = ({ attachment }: Comment): Credentials => ({ key: null, token: attachment!.mediaUrl.split("token=")[1]! });

async function setting(files = realFiles) {
  const rig = await feedbackRig(files);
  const { attachments, audience, catalog, comments, recording, disk } = rig;
  const kept = () => {
    const folder = join(disk.recording(recording), "attachments");
    return existsSync(folder) ? readdirSync(folder) : [];
  };
  const speak = async (who: Credentials, more: object = {}) => {
    const { id } = await attachments.take(who, recording, body());
    return await comments.post(who, recording, { atMs: 1000, body: "", attachmentId: id, ...more });
  };
  /** Everything that somebody who looks on is told from now on, and so far. */
  const listen = async (who: Credentials) => {
    const listening = new EventEmitter();
    const heard: LookDown[] = [];
    const socket = Object.assign(listening, {
      OPEN: 1,
      readyState: 1,
      bufferedAmount: 0,
      send: (said: string) => heard.push(JSON.parse(said) as LookDown),
      close: () => undefined,
    });
    audience.accept(socket as unknown as WebSocket);
    listening.emit("message", JSON.stringify({ type: "look", version: lookVersion, recording, key: who.key, reviewer: who.reviewer }));
    while (heard.length === 0) await catalog.check();
    return heard;
  };
  return { ...rig, kept, speak, listen };
}

test("what is sent is on the disk before it is answered, and is told with its comment", async () => {
  const synced: string[] = [];
  const note = async (what: string, path: string, done: Promise<void>) => {
    synced.push(`${what} ${path.split("/").at(-1)}`);
    await done;
  };
  const watched: Files = {
    ...realFiles,
    open: async (path, flags) => {
      const file = await realFiles.open(path, flags);
      return { ...file, datasync: () => note("sync", path, file.datasync()) };
    },
    rename: (from, to) => note("rename", to, realFiles.rename(from, to)),
    syncFolder: (path) => note("sync", path, realFiles.syncFolder(path)),
  };
  const { attachments, comments, recording, reviewer, kept } = await setting(watched);
  const olu = await reviewer("Olu");
  const sent = await attachments.take(olu, recording, body());
  expect(sent).toEqual({ id: sent.id, kind: "voice", mimeType: "audio/webm", durationMs: 3200, bytes: voice.length });
  expect(synced.slice(-3)).toEqual([`sync ${sent.id}.webm.part`, `rename ${sent.id}.webm`, "sync attachments"]);
  expect(kept()).toEqual([`${sent.id}.webm`]);
  const posted = await comments.post(olu, recording, { atMs: 5, body: "", attachmentId: sent.id });
  expect(posted.attachment).toMatchObject({ ...sent, mediaUrl: expect.stringContaining(`/api/v1/attachments/${sent.id}/media?token=`) });
  const [listed] = (await comments.list(olu, recording, undefined)).items;
  const media = await attachments.media(tokenOf(listed!), sent.id);
  expect([media.type, media.name, await read(media)]).toEqual(["audio/webm", "Olu.webm", voice]);
});

test("a comment of nothing is none, and what is attached is the writer's own, whole, and posted once", async () => {
  const { attachments, comments, recording, reviewer, by, key } = await setting();
  const [olu, kim] = [await reviewer("Olu"), await reviewer("Kim")];
  await expect(comments.post(olu, recording, { atMs: 5, body: "" })).rejects.toEqual(refused("bad-request"));
  const { id } = await attachments.take(olu, recording, body());
  for (const other of [kim, by(key("guest")), by(adminKey)])
    await expect(comments.post(other, recording, { atMs: 5, body: "Mine", attachmentId: id })).rejects.toEqual(refused("not-found"));
  expect((await comments.list(olu, recording, undefined)).items).toEqual([]);
  const posted = await comments.post(olu, recording, { atMs: 5, body: "Words", attachmentId: id });
  await expect(comments.post(olu, recording, { atMs: 5, body: "", attachmentId: id })).rejects.toEqual(refused("not-found"));
  // Its words can go, what was spoken stays; a comment of words alone keeps some.
  expect(await comments.edit(olu, posted.id, { body: "" })).toMatchObject({ body: "", attachment: { id } });
  const plain = await comments.post(olu, recording, { atMs: 5, body: "Words" });
  await expect(comments.edit(olu, plain.id, { body: "" })).rejects.toEqual(refused("bad-request"));
});

test("nobody's bytes are read before their key was, and what is refused leaves nothing", async () => {
  const { attachments, catalog, recording, by, key, reviewer, kept } = await setting();
  const olu = await reviewer("Olu");
  const unread = body();
  await expect(attachments.take(by("nonsense"), recording, unread)).rejects.toEqual(refused("not-allowed"));
  expect(unread.readableDidRead).toBe(false);
  await expect(attachments.take(olu, recording, {})).rejects.toEqual(refused("bad-request"));
  await expect(attachments.take(olu, recording, body("<html>"))).rejects.toEqual(refused("not-media"));
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(1_000_000);
    })(),
    { objectMode: false },
  );
  await expect(attachments.take(by(key("guest")), recording, endless)).rejects.toEqual(refused("too-large"));
  let asked = 0;
  const broken = new Readable({
    read() {
      if (asked++ === 0) this.push(voice.slice(0, 3));
      else this.destroy(Object.assign(new Error("aborted"), { code: "ECONNRESET" }));
    },
  });
  await expect(attachments.take(olu, recording, broken)).rejects.toEqual(refused("bad-request"));
  expect(kept()).toEqual([]);
  expect(await catalog.attachments.looseOf(recording)).toEqual([]);
});

test("a full disk says so, keeps nothing, and takes it once there is room", async () => {
  let full = true;
  const files: Files = {
    ...realFiles,
    open: async (path, flags) => {
      const file = await realFiles.open(path, flags);
      return full && path.endsWith(".part") ? { ...file, write: () => Promise.reject(failure("ENOSPC")) } : file;
    },
  };
  const { speak, kept, reviewer } = await setting(files);
  const olu = await reviewer("Olu");
  await expect(speak(olu)).rejects.toEqual(refused("disk-full"));
  expect(kept()).toEqual([]);
  full = false;
  await speak(olu);
  expect(kept()).toHaveLength(1);
});

test("a deleted comment takes what was spoken with it, also when it leaves its place to replies", async () => {
  const { attachments, catalog, comments, recording, reviewer, kept, speak } = await setting();
  const olu = await reviewer("Olu");
  const first = await speak(olu);
  const reply = await speak(olu, { parentId: first.id });
  await comments.remove(olu, first.id);
  expect(kept()).toEqual([`${reply.attachment!.id}.webm`]);
  await expect(attachments.media(tokenOf(first), first.attachment!.id)).rejects.toEqual(refused("not-allowed"));
  expect((await comments.list(olu, recording, undefined)).items.map(({ attachment }) => attachment?.id ?? null)).toEqual([
    null,
    reply.attachment!.id,
  ]);
  await comments.remove(olu, reply.id);
  expect(kept()).toEqual([]);
  expect(await catalog.attachments.loose(Number.MAX_SAFE_INTEGER)).toEqual([]);
  const last = await speak(olu);
  await catalog.deleteRecording(recording);
  expect(await catalog.attachments.find(last.attachment!.id)).toBeUndefined();
});

test("what was spoken is exchanged by its writer: everybody is told the new one, and the old one is off the disk", async () => {
  const { attachments, comments, recording, reviewer, listen, kept, speak } = await setting();
  const [olu, kim] = [await reviewer("Olu"), await reviewer("Kim")];
  const before = await speak(olu);
  const heard = await listen(kim);
  const again = voice.replace("3200", "900");
  const { id } = await attachments.take(olu, recording, body(again));
  const edited = await comments.edit(olu, before.id, { attachmentId: id, version: before.version });
  expect(edited).toMatchObject({
    body: "",
    version: before.version + 1,
    editedAt: expect.any(String),
    attachment: { id, durationMs: 900 },
  });
  expect(kept()).toEqual([`${id}.webm`]);
  const told = heard.flatMap((down) => (down.type === "comment" ? down.comment : []));
  expect(await read(await attachments.media(tokenOf(told.at(-1)!), id))).toBe(again);
  for (const who of [olu, tokenOf(before)])
    await expect(attachments.media(who, before.attachment!.id)).rejects.toEqual(refused("not-allowed"));
  // Whoever did not hear the answer asks once more: it is theirs already.
  expect(await comments.edit(olu, before.id, { attachmentId: id })).toMatchObject({ attachment: { id }, version: edited.version + 1 });
  // One that goes can never be posted again, and one that is posted is no other comment's.
  const plain = await comments.post(olu, recording, { atMs: 5, body: "Words" });
  for (const used of [before.attachment!.id, id])
    await expect(comments.edit(olu, plain.id, { attachmentId: used })).rejects.toEqual(refused("not-found"));
  expect(kept()).toEqual([`${id}.webm`]);
});

test("what was spoken can be taken away where words are left, and words get a voice later", async () => {
  const { attachments, catalog, comments, recording, reviewer, listen, kept, speak } = await setting();
  const [olu, kim] = [await reviewer("Olu"), await reviewer("Kim")];
  const first = await speak(olu);
  const heard = await listen(kim);
  await expect(comments.edit(olu, first.id, { attachmentId: null })).rejects.toEqual(refused("bad-request"));
  await expect(comments.edit(olu, first.id, { attachmentId: null, body: "" })).rejects.toEqual(refused("bad-request"));
  expect([kept().length, heard.length]).toEqual([1, 1]);
  expect(await comments.edit(olu, first.id, { attachmentId: null, body: "In words" })).toMatchObject({
    body: "In words",
    attachment: null,
  });
  expect(heard.at(-1)).toMatchObject({ type: "comment", comment: { id: first.id, body: "In words", attachment: null } });
  expect(kept()).toEqual([]);
  expect(await catalog.attachments.loose(Number.MAX_SAFE_INTEGER)).toEqual([]);
  const { id } = await attachments.take(olu, recording, body());
  expect(await comments.edit(olu, first.id, { attachmentId: id, body: "" })).toMatchObject({ body: "", attachment: { id } });
  expect(kept()).toEqual([`${id}.webm`]);
});

test("nobody but its writer exchanges what was spoken, the host neither, and not with what another sent", async () => {
  const { attachments, comments, recording, reviewer, by, key, kept, speak } = await setting();
  const [olu, kim] = [await reviewer("Olu"), await reviewer("Kim")];
  const host = await reviewer("Hana", null, "host");
  const first = await speak(olu, { body: "Both" });
  const { id: kims } = await attachments.take(kim, recording, body());
  for (const who of [kim, host, by(key("host")), by(key("guest")), by(adminKey)])
    for (const attachmentId of [null, kims])
      await expect(comments.edit(who, first.id, { attachmentId })).rejects.toEqual(refused("not-allowed"));
  await expect(comments.edit(olu, first.id, { attachmentId: kims })).rejects.toEqual(refused("not-found"));
  // The host mends its words, and what was spoken stays as it is.
  expect(await comments.edit(host, first.id, { body: "Mended" })).toMatchObject({
    body: "Mended",
    attachment: first.attachment && { id: first.attachment.id },
  });
  expect(await comments.edit(host, first.id, { attachmentId: first.attachment!.id })).toMatchObject({
    attachment: { id: first.attachment!.id },
  });
  expect(kept().toSorted()).toEqual([`${first.attachment!.id}.webm`, `${kims}.webm`].toSorted());
  // Without a name it is for whoever comes by the same key without one.
  const nameless = await speak(by(key("guest")), { body: "By link" });
  for (const who of [by(key("host")), olu])
    await expect(comments.edit(who, nameless.id, { attachmentId: null })).rejects.toEqual(refused("not-allowed"));
  expect(await comments.edit(by(key("guest")), nameless.id, { attachmentId: null })).toMatchObject({ attachment: null });
});

test("of two who exchange it at once the second is refused, and what it sent stays to be posted with the newest", async () => {
  const { attachments, comments, recording, reviewer, kept, speak } = await setting();
  const olu = await reviewer("Olu");
  const { id, version, attachment } = await speak(olu, { body: "Both" });
  const sent = await attachments.take(olu, recording, body());
  await comments.edit(olu, id, { body: "From the phone", version });
  const late = comments.edit(olu, id, { attachmentId: sent.id, version });
  await expect(late).rejects.toMatchObject({ code: "changed", current: { body: "From the phone", attachment: { id: attachment!.id } } });
  expect(kept()).toHaveLength(2);
  expect(await comments.edit(olu, id, { attachmentId: sent.id, version: version + 1 })).toMatchObject({ attachment: { id: sent.id } });
  expect(kept()).toEqual([`${sent.id}.webm`]);
});

test("what was sent and never posted goes after an hour, and not before", async () => {
  const { attachments, recording, reviewer, kept } = await setting();
  const olu = await reviewer("Olu");
  const { id } = await attachments.take(olu, recording, body());
  await attachments.sweep(Date.now() + 3_500_000);
  expect(kept()).toEqual([`${id}.webm`]);
  await attachments.sweep(Date.now() + 3_700_000);
  expect(kept()).toEqual([]);
});

test("so many are on their way that one more is too many", async () => {
  const { attachments, recording, reviewer } = await setting();
  const olu = await reviewer("Olu");
  for (let count = 0; count < 20; count++) await attachments.take(olu, recording, body());
  await expect(attachments.take(olu, recording, body())).rejects.toEqual(refused("too-often"));
});

test("what is hidden until all have handed in is not to be heard, by no key and by no address", async () => {
  const { attachments, guide, keys, round, room, recording, by, key, reviewer, speak } = await setting();
  await guide.edit(by(key("host")), room.id, { independent: true });
  const [olu, kim] = [await reviewer("Olu"), await reviewer("Kim")];
  const own = await speak(olu);
  const { id } = own.attachment!;
  // Nobody is told such an address while it is hidden; had it been, it would be worth nothing.
  const kims = { key: null, token: keys.attached(recording, Math.ceil(Date.now() / 1000) + 60, "", kim.id) };
  // The writer hears themselves; nobody else does.
  for (const who of [olu, tokenOf(own)]) expect(await read(await attachments.media(who, id))).toBe(voice);
  for (const who of [kim, kims, by(key("host")), by(adminKey)])
    await expect(attachments.media(who, id)).rejects.toEqual(refused("not-allowed"));
  await round.reveal(by(key("host")), recording);
  for (const who of [kim, kims, by(key("host"))]) expect(await read(await attachments.media(who, id))).toBe(voice);
});

test("what is attached to a note is, to everybody but its writer, as if it were not", async () => {
  const { attachments, comments, exports, recording, by, key, reviewer, speak } = await setting();
  const [cleo, ben] = [await reviewer("Cleo", null, "observer"), await reviewer("Ben")];
  const note = await speak(cleo, { private: true });
  const { id } = note.attachment!;
  expect(await read(await attachments.media(tokenOf(note), id))).toBe(voice);
  for (const who of [ben, by(key("host")), by(adminKey)]) {
    const absent = await attachments.media(who, "att_01h455vb4pex5vsknk084sn02q").catch((error: Error) => error.message);
    expect(await attachments.media(who, id).catch((error: Error) => error.message)).toBe(absent);
    expect((await exports.commentsCsv(who, recording)).text).not.toContain("message");
  }
  await comments.edit(cleo, note.id, { private: false });
  expect(await read(await attachments.media(ben, id))).toBe(voice);
  expect((await exports.commentsCsv(ben, recording)).text).toContain("voice message, 0:03");
  expect((await exports.commentsVtt(ben, recording)).text).toContain("[voice message, 0:03]");
});

test("a link's address is worth what the link is worth, and opens no other recording", async () => {
  const { attachments, comments, catalog, keys, shares, recording, room, by, key, reviewer, speak } = await setting();
  const posted = await speak(await reviewer("Olu"));
  const { id } = posted.attachment!;
  const share = await shares.create(by(key("host")), recording, { label: "", mayComment: true, mayDownload: false, expiresAt: null }, "");
  const shared = by(share.url.split("#")[1] ?? "");
  const told = tokenOf((await comments.list(shared, recording, undefined)).items[0]!);
  expect(await read(await attachments.media(told, id))).toBe(voice);
  await expect(attachments.take(shared, recording, body())).rejects.toEqual(refused("bad-request"));
  await shares.revoke(by(key("host")), share.id);
  await expect(attachments.media(told, id)).rejects.toEqual(refused("not-allowed"));
  await expect(attachments.media(shared, id)).rejects.toEqual(refused("gone"));
  const other = await catalog.addRecording({ roomId: room.id, startedAt: 1, zeroMs: 0, epoch: "" });
  const soon = Math.round(Date.now() / 1000) + 100;
  for (const token of [
    keys.attached(other.id, soon, "", ""),
    keys.media(recording, soon),
    keys.attached(recording, soon - 200, "", ""),
    keys.attached(recording, soon, "", "").replace(/\.(?=[^.]*$)/, "rev_01h455vb4pex5vsknk084sn02q."),
  ])
    await expect(attachments.media({ key: null, token }, id)).rejects.toEqual(refused("not-allowed"));
});

test("over the live line everybody is told an address of their own", async () => {
  const { attachments, reviewer, listen, speak } = await setting();
  const [olu, kim] = [await reviewer("Olu"), await reviewer("Kim")];
  const heard = await listen(kim);
  const posted = await speak(olu);
  const told = heard.flatMap((down) => (down.type === "comment" ? down.comment : []));
  expect(told[0]!.attachment!.mediaUrl).not.toBe(posted.attachment!.mediaUrl);
  expect(tokenOf(told[0]!).token).toContain(kim.id);
  expect(await read(await attachments.media(tokenOf(told[0]!), posted.attachment!.id))).toBe(voice);
});
