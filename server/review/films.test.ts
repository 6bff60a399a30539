import { expect, test } from "vitest";
import type { Timeline } from "../../protocol/timeline.ts";
import { feedbackRig } from "./feedback.fixture.ts";
import { Films } from "./films.ts";
import { Said } from "./said.ts";

const refused = (code: string) => expect.objectContaining({ code });

/** With a link that may only look and one that may download. `there`: every film is complete already. */
async function setting({ there = false } = {}) {
  const rig = await feedbackRig();
  const asked: unknown[] = [];
  const films = new Films({
    ...{ access: rig.access, disk: rig.disk, keys: rig.keys },
    timeline: async () => ({ tracks: [{ id: "trk", participant: { id: rig.people[0] }, source: "camera" }] }) as unknown as Timeline,
    ask: (_, choice) => {
      asked.push(choice);
      return { state: "waiting", watermarkMs: 0, readyAt: null };
    },
    files: () => (there ? ["film.head"] : null),
    cut: async () => null,
    windows: () => "windows",
  });
  const share = async (mayDownload: boolean) => {
    const link = { label: "", mayComment: true, mayDownload, expiresAt: null };
    const { url } = await rig.shares.create(rig.by(rig.key("host")), rig.recording, link, "http://test");
    return rig.by(url.split("#")[1] ?? "");
  };
  return { ...rig, films, asked, looker: await share(false), downloader: await share(true) };
}

test("a link that may only look has no film composed but the one every page offers", async () => {
  const { films, asked, looker, downloader, recording, people, by, key } = await setting();
  for (const layout of ["speaker", "side-by-side"] as const)
    expect((await films.ask(looker, "", recording, { layout })).state).toBe("waiting");
  const own = [
    { layout: "speaker", names: "false" },
    { layout: "side-by-side", names: "true" },
    { layout: "speaker", large: people[0] },
  ] as const;
  for (const choice of own) await expect(films.ask(looker, "", recording, choice)).rejects.toEqual(refused("not-allowed"));
  expect(asked).toHaveLength(2);
  for (const choice of own)
    for (const who of [downloader, by(key("observer"))]) expect((await films.ask(who, "", recording, choice)).state).toBe("waiting");
});

test("a film that is there already is told of to all who may look", async () => {
  const { films, looker, recording } = await setting({ there: true });
  expect((await films.ask(looker, "", recording, { layout: "speaker", names: "false" })).playlistUrl).toContain("names=false");
});

test("what was written in the call is read by those of the room and by links that may download; marked moments by all who may look", async () => {
  const { catalog, access, looker, downloader, recording, by, key } = await setting();
  const said = new Said(catalog, access);
  await expect(said.chat(looker, recording, undefined)).rejects.toEqual(refused("not-allowed"));
  for (const who of [downloader, by(key("observer")), by(key("guest"))])
    expect(await said.chat(who, recording, undefined)).toEqual({ items: [], cursor: null });
  expect(await said.bookmarks(looker, recording, undefined)).toEqual({ items: [], cursor: null });
});
