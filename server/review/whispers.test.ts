import { expect, test } from "vitest";
import type { Timeline } from "../../protocol/timeline.ts";
import { makeId } from "../store/catalog.ts";
import { adminKey, feedbackRig } from "./feedback.fixture.ts";
import { momentsOf, Whispers } from "./whispers.ts";

/** Olu, who looks on, whispered to both; once nobody spoke. */
async function rig() {
  const base = await feedbackRig();
  const { catalog, access, keys, room, recording, people } = base;
  const olu = makeId("par");
  await catalog.saveParticipant({ id: olu, roomId: room.id, name: "Olu", role: "observer", consentedAt: null });
  const [toAsha, toBen, silent] = [
    await catalog.trackFor(recording, olu, `whisper:${people[0]}`),
    await catalog.trackFor(recording, olu, `whisper:${people[1]}`),
    await catalog.trackFor(recording, people[0], `whisper:${people[1]}`),
  ];
  const spoken = { [toAsha.id]: [], [toBen.id]: [{ fromMs: 0, toMs: 400 }], [silent.id]: [{ fromMs: 0, toMs: 1000 }] };
  const timeline = {
    recordingId: recording,
    tracks: Object.entries(spoken).map(([id, off]) => ({ id, segments: [{ startMs: 0, endMs: 1000, sealed: true, off }] })),
  } as unknown as Timeline;
  const whispers = new Whispers({
    catalog,
    access,
    timeline: async () => timeline,
    sound: async (_, id) => {
      throw new Error(`the sound of ${id}`);
    },
  });
  const proof = (id: string) => `${id}.${keys.participant(id)}`;
  return { ...base, whispers, olu, proof, toAsha, toBen };
}

test("what was whispered is told to whoever whispered, the one it was for, the host and the admin, and to nobody else", async () => {
  const { whispers, recording, people, olu, proof, by, key, shares, toAsha, toBen, keys } = await rig();
  const seen = async (key: string, participant: string | null = null) =>
    (await whispers.list({ ...by(key), participant }, recording)).items.map(({ id }) => id).toSorted();
  const both = [toAsha.id, toBen.id].toSorted();
  for (const reader of [key("host"), adminKey]) expect(await seen(reader)).toEqual(both);
  expect(await seen(key("observer"), proof(olu))).toEqual(both);
  expect(await seen(key("guest"), proof(people[0]))).toEqual([toAsha.id]);
  expect(await seen(key("guest"), proof(people[1]))).toEqual([toBen.id]);
  const { url } = await shares.create(
    by(key("host")),
    recording,
    { label: "", mayComment: true, mayDownload: true, expiresAt: null },
    "http://localhost",
  );
  for (const onlooker of [key("guest"), key("observer"), url.split("#")[1] ?? ""])
    for (const participant of [null, "", `${people[0]}.`, `${people[0]}.${keys.participant(olu)}`, proof(makeId("par"))])
      expect(await seen(onlooker, participant)).toEqual([]);
});

test("its sound is had by those it is told to, by no address of the recording's media, and by no door of tracks", async () => {
  const { whispers, access, recording, people, proof, by, key, keys, toAsha, toBen } = await rig();
  const asha = { ...by(key("guest")), participant: proof(people[0]) };
  await expect(whispers.sound(asha, toAsha.id)).rejects.toThrow(`the sound of ${toAsha.id}`);
  await expect(whispers.sound(asha, toBen.id)).rejects.toEqual(expect.objectContaining({ code: "not-allowed" }));
  await expect(whispers.sound(by(key("host")), toBen.id)).rejects.toThrow(`the sound of ${toBen.id}`);
  const signed = { key: null, token: keys.media(recording, 4_000_000_000) };
  await expect(whispers.sound(signed, toAsha.id)).rejects.toEqual(expect.objectContaining({ code: "key-missing" }));
  await expect(whispers.sound(asha, makeId("trk"))).rejects.toEqual(expect.objectContaining({ code: "not-allowed" }));
  for (const who of [asha, by(key("guest")), signed])
    await expect(access.mediaOfTrack(who, toAsha.id)).rejects.toEqual(expect.objectContaining({ code: "not-allowed" }));
  await expect(access.mediaOfTrack(by(key("host")), toAsha.id)).rejects.toEqual(expect.objectContaining({ code: "not-allowed" }));
});

test("the moments are what its microphone was on for", () => {
  const within = { startMs: 100, endMs: 5000 };
  expect(momentsOf(within)).toEqual([{ fromMs: 100, toMs: 5000 }]);
  const off = [
    { fromMs: 100, toMs: 900 },
    { fromMs: 2000, toMs: 3000.4 },
    { fromMs: 4000, toMs: null },
  ];
  expect(momentsOf({ ...within, off })).toEqual([
    { fromMs: 900, toMs: 2000 },
    { fromMs: 3000, toMs: 4000 },
  ]);
  expect(momentsOf({ ...within, off: [{ fromMs: 100, toMs: null }] })).toEqual([]);
});
