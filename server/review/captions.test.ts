import { expect, test } from "vitest";
import { feedbackRig } from "./feedback.fixture.ts";

const vtt = (...cues: [from: string, to: string, words: string][]) =>
  ["WEBVTT", ...cues.map(([from, to, words]) => `00:${from}.000 --> 00:${to}.000\n${words}`)].join("\n\n");

async function rig() {
  const all = await feedbackRig();
  const { captions, recording, by, key, catalog } = all;
  const host = by(key("host"));
  const list = async () => (await captions.list(host, recording, undefined)).items;
  const tracks = (await catalog.tracks(recording)).map(({ id }) => id) as [string, string];
  return {
    ...all,
    host,
    list,
    tracks,
    add: (text: string, trackId: string | null = null) => captions.add(host, recording, { trackId, vtt: text }),
  };
}

test("a file's names say whose words they are; words of strangers keep their name and are nobody's", async () => {
  const { add, list, tracks } = await rig();
  const text = vtt(["01", "02", "<v  asha >Hello."], ["03", "04", "<v Ben>Hi."], ["05", "06", "<v Kim>Who am I?"], ["07", "08", "Door."]);
  expect(await add(text)).toEqual({ count: 4, strangers: ["Kim"] });
  expect((await list()).map(({ trackId, fromMs, body }) => [trackId, fromMs, body])).toEqual([
    [tracks[0], 1000, "Hello."],
    [tracks[1], 3000, "Hi."],
    [null, 5000, "Kim: Who am I?"],
    [null, 7000, "Door."],
  ]);
});

test("a file of one person replaces theirs and nobody else's; one that does not fit changes nothing", async () => {
  const { add, list, tracks } = await rig();
  await add(vtt(["01", "02", "old"]), tracks[0]);
  await add(vtt(["03", "04", "other"]), tracks[1]);
  await add(vtt(["05", "06", "new"]), tracks[0]);
  expect((await list()).map(({ body }) => body)).toEqual(["other", "new"]);
  await expect(add("WEBVTT\n\nnonsense")).rejects.toThrow("Line 3");
  await expect(add("WEBVTT\n")).rejects.toThrow("no captions");
  await expect(add(vtt(["01", "02", "x"]), "trk_01h455vb4pex5vsknk084sn02q")).rejects.toThrow("no such person");
  expect(await list()).toHaveLength(2);
});

test("two who mend the same line: the second is told what it says now", async () => {
  const { add, list, captions, by, key } = await rig();
  await add(vtt(["01", "02", "helo"]));
  const [line] = await list();
  const edited = await captions.edit(by(key("guest")), line!.id, { body: " hello \n\n there ", version: 1 });
  expect(edited).toMatchObject({ body: "hello\nthere", version: 2, origin: "file" });
  await expect(captions.edit(by(key("host")), line!.id, { body: "hallo", version: 1 })).rejects.toMatchObject({
    code: "changed",
    current: { body: "hello\nthere", version: 2 },
  });
  await expect(captions.edit(by(key("host")), line!.id, { toMs: 1000 })).rejects.toThrow("ends after it begins");
  await expect(captions.edit(by(key("observer")), line!.id, { body: "x" })).rejects.toMatchObject({ code: "not-allowed" });
});

test("what a machine heard never takes the place of what people gave or mended", async () => {
  const { add, list, captions, recording, tracks, host } = await rig();
  const heard = (track: string, body: string) => captions.heard(recording, track, [{ fromMs: 10, toMs: 20, body }]);
  expect(await captions.lacking(recording)).toEqual(tracks);
  await add(vtt(["01", "02", "by hand"]), tracks[0]);
  expect(await captions.lacking(recording)).toEqual([tracks[1]]);
  await heard(tracks[0], "machine");
  await heard(tracks[1], "first");
  await heard(tracks[1], "second");
  expect((await list()).map(({ body }) => body)).toEqual(["second", "by hand"]);
  await captions.edit(host, (await list())[0]!.id, { body: "mended" });
  await heard(tracks[1], "third");
  expect((await list()).map(({ body }) => body)).toEqual(["mended", "by hand"]);
});

test("captions are given back as they were taken, and as a text to read", async () => {
  const { add, captions, recording, host, tracks, by } = await rig();
  const hostile = "<img src=x onerror=alert(1)> --&gt; &amp;";
  await add(vtt(["01", "02", "<v Asha>One"], ["03", "04", `<v Asha>${hostile}`], ["05", "06", "<v Ben>Two"]));
  const { text } = await captions.vtt(host, recording, undefined);
  expect(text).toContain("<v Asha>&lt;img src=x onerror=alert(1)&gt; --&gt; &amp;");
  await add(text);
  expect((await captions.vtt(host, recording, undefined)).text).toBe(text);
  expect((await captions.vtt(host, recording, tracks[1])).text).toBe("WEBVTT\n\n00:00:05.000 --> 00:00:06.000\n<v Ben>Two\n");
  expect((await captions.text(host, recording, undefined)).text).toBe(
    "[00:00:01] Asha: One <img src=x onerror=alert(1)> --> &\n\n[00:00:05] Ben: Two\n",
  );
  await captions.clear(host, recording, tracks[0]);
  expect((await captions.text(host, recording, undefined)).text).toBe("[00:00:05] Ben: Two\n");
  await expect(captions.clear(by("nonsense"), recording, undefined)).rejects.toMatchObject({ code: "not-allowed" });
});

test("many captions come page by page, in the order of their times", async () => {
  const { add, captions, recording, host } = await rig();
  const two = (n: number) => String(n).padStart(2, "0");
  const cues = Array.from({ length: 2400 }, (_, n): [string, string, string] => [
    `${two(Math.floor(n / 60))}:${two(n % 60)}`,
    `${two(Math.floor(n / 60))}:${two(n % 60)}`,
    `line ${n}`,
  ]);
  await add(["WEBVTT", ...cues.map(([at, to, words]) => `00:${at}.000 --> 00:${to}.900\n${words}`)].join("\n\n"));
  const bodies: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Awaited<ReturnType<typeof captions.list>> = await captions.list(host, recording, cursor ?? undefined);
    bodies.push(...page.items.map(({ body }) => body));
    cursor = page.cursor;
  }
  expect(bodies).toEqual(cues.map(([, , words]) => words));
});

test("without a model of its own the server says so", async () => {
  const { captions, recording, host } = await rig();
  expect(await captions.list(host, recording, undefined)).toMatchObject({ machine: false, hearings: [] });
  await expect(captions.ask(host, recording, null)).rejects.toMatchObject({ code: "not-ready" });
});
