import { createWriteStream, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { expect, test } from "vitest";
import { Contents, Manifest } from "../../protocol/bundle.ts";
import { Timeline } from "../../protocol/timeline.ts";
import { hostHolder } from "../store/access.ts";
import { admin, arriving, bareServer, filmBytes, packed, practised, recorded, voice } from "./bundle.fixture.ts";
import { Zip } from "./zip.ts";

async function opened(server: { folder: string }, bytes: Buffer): Promise<Zip> {
  const path = join(server.folder, "look.zip");
  await pipeline(arriving(bytes), createWriteStream(path));
  return await Zip.open(path);
}

test("a recording that is taken along and taken in elsewhere is the same one, under ids that are new", async () => {
  const [here, there] = [await bareServer(), await bareServer()];
  const { id, people } = await recorded(here);
  const bytes = await packed(here, id);
  const taken = await there.unpacking.take(admin, arriving(bytes));
  expect(there.arrived).toEqual([taken.id]);

  // No id of the one is known to the other.
  const seen = JSON.stringify([
    await there.catalog.tracks(taken.id),
    await there.catalog.segments(taken.id),
    await there.catalog.feedback.comments(taken.id, null, 100),
    await there.catalog.feedback.reviewers(taken.id),
    [...(await there.catalog.attachments.of(taken.id)).values()],
    await there.disk.readTimeline(taken.id),
  ]);
  const old = Contents.parse(JSON.parse((await (await opened(here, bytes)).read("recording.json", 1e6)).toString()));
  const ids = JSON.stringify(old).match(/(par|trk|seg|cmt|rev|msg|bmk|rec|room|att)_[0-9a-z]{26}/g) ?? [];
  expect(ids.length).toBeGreaterThan(10);
  for (const one of [...ids, id]) expect(seen).not.toContain(one);

  // And but for those, what it is taken along as is what it was.
  const again = await packed(there, taken.id);
  const known = new Map<string, string>();
  const named = (text: string) =>
    text.replace(/\b([a-z]+)_[0-9a-z]{26}/g, (one, prefix: string) => {
      known.set(one, known.get(one) ?? `${prefix} ${known.size}`);
      return known.get(one) ?? "";
    });
  const [one, other] = [await opened(here, bytes), await opened(there, again)];
  for (const path of ["recording.json", "timeline.json", "timeline.otio"]) {
    known.clear();
    const before = named((await one.read(path, 1e6)).toString());
    known.clear();
    expect(named((await other.read(path, 1e6)).toString()), path).toBe(before);
  }
  const files = async (zip: Zip) => Manifest.parse(JSON.parse((await zip.read("manifest.json", 1e6)).toString())).files;
  const media = (list: Manifest["files"]) => list.filter(({ path }) => /^(tracks|attachments)\//.test(path));
  expect(media(await files(other))).toEqual(media(await files(one)));
  expect((await there.catalog.participantsOf(taken.id)).map(({ name }) => name).toSorted()).toEqual(["Asha", "Björn Å"]);
  expect(people).toHaveLength(2);
  const said = await there.catalog.captions.list(taken.id, null, 10);
  expect(said.map(({ trackId, body }) => [trackId, body])).toEqual([
    [(await there.catalog.tracks(taken.id))[0]!.id, "Hello."],
    [null, "Who said that?"],
  ]);
  const [spoken] = (await there.catalog.attachments.of(taken.id)).values();
  expect(readFileSync(join(there.disk.recording(taken.id), there.disk.attachmentName(spoken!.id)))).toEqual(voice);
  expect(await there.catalog.feedback.comment(spoken!.commentId!)).toMatchObject({ body: "thanks", author: "Lee" });
  expect(there.left()).toEqual([taken.id]);
});

test("a bundle is of the length that it says, lists every file with its hash, and tells of tracks by names that people can read", async () => {
  const server = await bareServer();
  const { id } = await recorded(server);
  const { bytes, name } = await server.packing.pack(admin, id);
  const whole = await packed(server, id);
  expect(whole.length).toBe(bytes);
  expect(name).toBe("Debrief 2026-09-21.zip");
  const zip = await opened(server, whole);
  const manifest = Manifest.parse(JSON.parse((await zip.read("manifest.json", 1e6)).toString()));
  expect(manifest.files.map(({ path }) => path)).toEqual([
    "recording.json",
    "timeline.json",
    "timeline.otio",
    "tracks/1-asha-camera/name.json",
    "tracks/1-asha-camera/1.webm",
    "tracks/1-asha-camera/1.facts.jsonl",
    "tracks/1-asha-camera/2.webm",
    "tracks/1-asha-camera/2.facts.jsonl",
    "tracks/2-bjorn-a-camera/name.json",
    "tracks/2-bjorn-a-camera/1.mp4",
    "tracks/2-bjorn-a-camera/1.facts.jsonl",
    "attachments/1-lee.webm",
    "film.mp4",
  ]);
  for (const file of manifest.files) for await (const _ of zip.proven(file));
  expect(await zip.read("film.mp4", 1e6)).toEqual(filmBytes);
  const timeline = Timeline.parse(JSON.parse((await zip.read("timeline.json", 1e6)).toString()));
  for (const { file } of timeline.tracks.flatMap(({ segments }) => segments)) expect(zip.has(file), file).toBe(true);
});

test("what others wrote and is hidden yet is not in it", async () => {
  const server = await bareServer(undefined, true);
  const { id } = await recorded(server);
  const [kim] = await server.catalog.feedback.reviewers(id);
  const contents = async (reviewer: string | null) => {
    const { flow } = await server.packing.pack({ ...admin, reviewer }, id);
    const zip = await opened(server, await buffer(flow));
    return Contents.parse(JSON.parse((await zip.read("recording.json", 1e6)).toString()));
  };
  const spoken = async (who: string | null) => {
    const { flow } = await server.packing.pack({ ...admin, reviewer: who }, id);
    return (await opened(server, await buffer(flow))).has("attachments/1-lee.webm");
  };
  expect((await contents(null)).comments.map(({ body }) => body)).toEqual(["early"]);
  expect(await spoken(null)).toBe(false);
  const own = await contents(`${kim!.id}.${server.keys.reviewer(kim!.id)}`);
  expect(own.comments.map(({ body }) => body)).toEqual(["<b>well</b> said"]);
  expect(own.scores).toHaveLength(1);
  expect(await spoken(`${kim!.id}.${server.keys.reviewer(kim!.id)}`)).toBe(false);
  const lee = (await server.catalog.feedback.reviewers(id)).find(({ name }) => name === "Lee")!;
  expect(await spoken(`${lee.id}.${server.keys.reviewer(lee.id)}`)).toBe(true);
  // A note is not even in its writer's bundle: that is handed on.
  const note = { recordingId: id, atMs: 1, endMs: null, participantId: null, body: "between us", marker: null, author: "Kim" };
  await server.catalog.feedback.addComment({ ...note, standing: "guest", parentId: null, reviewerId: kim!.id, private: 1 });
  expect((await contents(`${kim!.id}.${server.keys.reviewer(kim!.id)}`)).comments).toEqual(own.comments);
});

test("a recording that still arrives is not to be had yet, and nobody's without the right to download", async () => {
  const server = await bareServer();
  const { id, room } = await recorded(server);
  const share = await server.catalog.feedback.addShare({
    recordingId: id,
    label: "",
    mayComment: 1,
    mayDownload: 0,
    expiresAt: null,
    passphrase: null,
  });
  const shared = { key: `${share.id}.${server.keys.share(share.id)}`, token: null };
  await expect(server.packing.pack(shared, id)).rejects.toThrow("not download");
  const [track] = await server.catalog.tracks(id);
  await server.catalog.markTrack(track!.id, { ended: 0 });
  await expect(server.packing.pack(admin, id)).rejects.toMatchObject({ code: "not-ready" });
  await server.catalog.markTrack(track!.id, { lost: 1 });
  await packed(server, id);
  const running = await server.catalog.addRecording({ roomId: room.id, startedAt: 1, zeroMs: 0, epoch: "" });
  await expect(server.packing.pack(admin, running.id)).rejects.toMatchObject({ code: "not-ready" });
});

test("what was given up on is given up on there, too, and sealed files are read-only", async () => {
  const [here, there] = [await bareServer(), await bareServer()];
  const { id } = await recorded(here);
  const [track] = await here.catalog.tracks(id);
  await here.catalog.markTrack(track!.id, { ended: 0, lost: 1 });
  const taken = await there.unpacking.take(admin, arriving(await packed(here, id)));
  const tracks = await there.catalog.tracks(taken.id);
  expect(tracks.map(({ ended, lost }) => [ended, lost])).toEqual([
    [0, 1],
    [1, 0],
  ]);
  const segments = await there.catalog.segments(taken.id);
  expect(segments.every(({ sha256 }) => sha256 !== null)).toBe(true);
  const timeline = (await there.disk.readTimeline(taken.id))!;
  const file = join(there.disk.recording(taken.id), timeline.tracks[0]!.segments[0]!.file);
  expect(readFileSync(file)).toEqual(Buffer.alloc(3000, 0));
});

test("whoever stops listening in the middle of a bundle leaves no file open", async () => {
  const server = await bareServer();
  const { id } = await recorded(server);
  const film = join(server.folder, "film.head");
  writeFileSync(film, Buffer.alloc(5_000_000));
  const { flow } = await server.packing.pack(admin, id);
  const open = () => readdirSync("/proc/self/fd").filter((fd) => targetOf(fd) === film).length;
  let had = 0;
  for await (const _ of flow) {
    had = open();
    if (had > 0) break;
  }
  expect(had).toBe(1);
  await expect.poll(open).toBe(0);
});

test("the host's bundle brings the role play and what was whispered, and they are the same there; anybody else's tells of neither card nor whisper", async () => {
  const [here, there] = [await bareServer(), await bareServer()];
  const recording = await recorded(here);
  await practised(here, recording);
  const taken = await there.unpacking.take(admin, arriving(await packed(here, recording.id)));
  const scene = (await there.catalog.plays.scene(taken.id))!;
  const was = (await here.catalog.plays.scene(recording.id))!;
  expect({ ...scene, recordingId: "", cast: "" }).toEqual({ ...was, recordingId: "", cast: "" });
  const tracks = await there.catalog.tracks(taken.id);
  const players = JSON.parse(scene.cast) as Record<string, { id: string; name: string }>;
  expect(players).toMatchObject({ one: { id: tracks[0]!.participantId, name: "Asha" }, two: { name: "Left" } });
  expect(scene.cast).not.toContain(recording.people[0]);
  const [whisper, ...more] = await there.catalog.whispers(taken.id);
  expect(more).toEqual([]);
  expect((await there.catalog.participant(whisper!.participantId))?.name).toBe("Olu");
  expect(whisper!.source).toBe(`whisper:${tracks[1]!.participantId}`);
  const [segment] = (await there.catalog.everySegment(taken.id)).filter(({ trackId }) => trackId === whisper!.id);
  const file = there.disk.segmentName(whisper!.id, segment!.id, "audio/webm;codecs=opus");
  expect(readFileSync(join(there.disk.recording(taken.id), file))).toEqual(Buffer.alloc(3000, 77));
  // Nobody looks for it among the tracks.
  expect((await there.catalog.participantsOf(taken.id)).map(({ name }) => name)).not.toContain("Olu");
  expect(tracks).toHaveLength(2);

  const { keys, packing } = here;
  const guest = { key: keys.room(recording.room.id, "guest", 1), token: null };
  const address = (holder: string) => ({ key: null, token: keys.media(recording.id, 4_000_000_000, holder) });
  for (const who of [guest, address("")]) {
    const text = (await buffer((await packing.pack(who, recording.id)).flow)).toString("latin1");
    expect(text).not.toMatch(/SECRET|whisper:|whispers\//);
    const zip = await opened(here, Buffer.from(text, "latin1"));
    const { scene: told, whispers } = Contents.parse(JSON.parse((await zip.read("recording.json", 1e6)).toString()));
    expect(whispers).toBeUndefined();
    expect(told).toMatchObject({ scenario: { title: "Talk" }, players: { one: { name: "Asha" } }, persona: null, shown: false });
  }
  // The address that the host was given is as good as the host's key.
  const own = (await buffer((await packing.pack(address(hostHolder), recording.id)).flow)).toString("latin1");
  expect(own).toMatch(/SECRET-ADDED/);
  expect(own).toMatch(/whispers\/1-olu-to-bjorn-a\/1\.webm/);
});

/** What an open file is; null: it was closed meanwhile. */
function targetOf(descriptor: string): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
