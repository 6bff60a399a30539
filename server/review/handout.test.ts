import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { feedbackRig } from "./feedback.fixture.ts";
import { Handout } from "./handout.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "handout-"));
  for (const name of ["picture", "track"]) await writeFile(join(folder, `${name}.webm`), name);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Whoever looks by a link that gives nothing to take home, and one that does. */
async function looking() {
  const { catalog, disk, keys, access, shares, recording, by, key } = await feedbackRig();
  const makers = {
    track: async () => join(folder, "track.webm"),
    picture: async () => join(folder, "picture.webm"),
    voice: () => Promise.reject(new Error("not asked for here")),
    sound: () => Promise.reject(new Error("not asked for here")),
    poster: () => Promise.reject(new Error("not asked for here")),
    sheet: () => Promise.reject(new Error("not asked for here")),
  };
  const film = () => ({ state: "ready" as const, watermarkMs: 0, readyAt: null, problems: [], troubles: [], windows: 0 });
  const handout = new Handout({ catalog, disk, keys, access, makers, film, timeline: async () => null });
  const link = async (mayDownload: boolean) => {
    const wanted = { label: "", mayComment: false, mayDownload, expiresAt: null };
    const share = await shares.create(by(key("host")), recording, wanted, "http://test");
    return { ...share, who: by(share.url.split("#")[1] ?? "") };
  };
  const [track] = await catalog.tracks(recording);
  return { handout, shares, track: track!.id, host: by(key("host")), looker: await link(false), taker: await link(true), keys, recording };
}

test("a link that is for looking only is shown every person's pictures, and given nobody's track or sound", async () => {
  const { handout, track, looker, taker } = await looking();
  expect((await handout.picture(looker.who, track)).parts).toEqual([{ path: join(folder, "picture.webm"), bytes: 7 }]);
  for (const taken of [() => handout.track(looker.who, track, "film"), () => handout.voice(looker.who, track, "flac")])
    await expect(taken()).rejects.toMatchObject({ code: "not-allowed" });
  expect((await handout.track(taker.who, track, "film")).parts).toEqual([{ path: join(folder, "track.webm"), bytes: 5 }]);
});

test("an address of pictures that was told to a link ends with the link, and opens nothing else", async () => {
  const { handout, shares, track, looker, host, keys, recording } = await looking();
  const told = { key: null, token: keys.media(recording, Math.ceil(Date.now() / 1000) + 60, looker.id) };
  expect((await handout.picture(told, track)).parts).toHaveLength(1);
  await expect(handout.track(told, track, "film")).rejects.toMatchObject({ code: "not-allowed" });
  await shares.revoke(host, looker.id);
  await expect(handout.picture(told, track)).rejects.toMatchObject({ code: "not-allowed" });
});
