import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Heard } from "./listen.ts";
import { heardIn, said } from "./listen.ts";
import { Listener } from "./listener.ts";
import { recited, reciter } from "./reciter.fixture.ts";
import { speechRate, wavHead } from "./voicefile.ts";

let folder: string;
const recording = "rec_01h455vb4pex5vsknk084sn02q";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "listener-"));
  mkdirSync(join(folder, "windows/made"), { recursive: true });
  writeFileSync(join(folder, "model.bin"), "not a model");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program in place of whisper.cpp's. */
function standIn(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function listenerWith(program: string | null) {
  const heard: { track: string; lines: Heard[] }[] = [];
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const listener = new Listener({
    ...{ model: join(folder, "model.bin"), program, language: "en", log: pino({ level: "silent" }) },
    speech: async (_, track) => ({ path: join(folder, "windows/made", `${track}-speech.wav`), folder, durationMs: 4000 }),
    onHeard: async (_, track, lines) => {
      heard.push({ track, lines });
      if (track === "trk_last") finish();
    },
  });
  return { listener, heard, done };
}

test("a program is told the model, the sound and the language, one track after the other; what is no speech is left out", async () => {
  const program = standIn(
    "whisper",
    `echo "$@" >> ${folder}/calls
while [ "$1" != -of ]; do shift; done
printf 'WEBVTT\\n\\n00:00:00.500 --> 00:00:01.500\\n Hello  there.\\n\\n00:00:02.000 --> 00:00:03.000\\n [BLANK_AUDIO]\\n' > "$2.vtt"`,
  );
  const { listener, heard, done } = listenerWith(program);
  listener.hear(recording, ["trk_one", "trk_last"]);
  expect(listener.hearings(recording).map(({ state }) => state)).toEqual(["listening", "waiting"]);
  await done;
  const lines = [{ fromMs: 500, toMs: 1500, body: "Hello there." }];
  expect(heard).toEqual([
    { track: "trk_one", lines },
    { track: "trk_last", lines },
  ]);
  const calls = readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
  const out = join(folder, "windows/made/trk_one");
  expect(calls[0]).toBe(`-m ${join(folder, "model.bin")} -f ${out}-speech.wav -l en -ovtt -of ${out}-heard -np`);
  expect(calls).toHaveLength(2);
  expect(existsSync(`${out}-heard.vtt`)).toBe(false);
  await listener.close();
  expect(listener.hearings(recording)).toEqual([]);
});

test("a program that fails or answers nonsense is told of, and holds nobody else up", async () => {
  const program = standIn(
    "sulky",
    `case "$*" in *trk_bad*) echo no >&2; exit 3;; *trk_odd*) while [ "$1" != -of ]; do shift; done; echo x > "$2.vtt";; *) while [ "$1" != -of ]; do shift; done; printf 'WEBVTT\\n' > "$2.vtt";; esac`,
  );
  const { listener, heard, done } = listenerWith(program);
  listener.hear(recording, ["trk_bad", "trk_odd", "trk_last"]);
  await done;
  expect(heard).toEqual([{ track: "trk_last", lines: [] }]);
  expect(listener.hearings(recording).filter(({ state }) => state === "failed")).toEqual([
    { trackId: "trk_bad", state: "failed", why: "The log says why." },
    { trackId: "trk_odd", state: "failed", why: "Line 1: a WebVTT file begins with WEBVTT." },
  ]);
  await listener.close();
});

test("closing ends a program that would never end", async () => {
  const { listener } = listenerWith(standIn("endless", `echo $$ > ${folder}/pid; sleep 600`));
  listener.hear(recording, ["trk_one"]);
  while (!existsSync(join(folder, "pid"))) await new Promise((resolve) => setImmediate(resolve));
  await listener.close();
  expect(listener.hearings(recording)).toEqual([]);
});

/** So long, as programs that listen want it: 16 kHz, 16 bit, one channel. Silence: the reciter does not listen. */
function silence(file: string, seconds: number): void {
  writeFileSync(file, Buffer.concat([wavHead(seconds * speechRate, 1, speechRate), Buffer.alloc(seconds * speechRate * 2)]));
}

test("FFmpeg's own filter is given a model and a track behind the fences, and what it hears is told with its times", {
  timeout: 120_000,
}, async () => {
  writeFileSync(join(folder, "model.bin"), reciter());
  const { listener, heard, done } = listenerWith(null);
  silence(join(folder, "windows/made/trk_last-speech.wav"), 4);
  listener.hear(recording, ["trk_last"]);
  await done;
  expect(heard).toEqual([{ track: "trk_last", lines: [recited] }]);
  expect(existsSync(join(folder, "windows/made/trk_last-heard.srt"))).toBe(false);
  await listener.close();
});

test("what is no model is told of by FFmpeg's own filter, too", { timeout: 120_000 }, async () => {
  writeFileSync(join(folder, "model.bin"), "not a model");
  const { listener } = listenerWith(null);
  silence(join(folder, "windows/made/trk_last-speech.wav"), 1);
  listener.hear(recording, ["trk_last"]);
  await vi.waitFor(() => expect(listener.hearings(recording)[0]?.state).toBe("failed"), { timeout: 60_000, interval: 50 });
  expect(listener.hearings(recording)[0]?.why).toBe("The model could not be read.");
  await listener.close();
});

test("what FFmpeg's filter writes is read as lines with their times", () => {
  const text =
    "0\n00:00:00.000 --> 00:00:02.5\n Hello.\n\n1\n00:01:00,250 --> 00:01:01,000\nTwo\nlines\n\n2\nnonsense\n\n3\n00:00:05.000 --> 00:00:04.000\nbackwards\n";
  expect(heardIn(text)).toEqual([
    { fromMs: 0, toMs: 2500, body: "Hello." },
    { fromMs: 60_250, toMs: 61_000, body: "Two lines" },
  ]);
});

test("music and noises in brackets are no speech; a bracket in a sentence is", () => {
  const bodies = said(["[Music]", "(laughs)", "♪♪♪", "I said (no) to it", "\u0007 "].map((body) => ({ fromMs: 0, toMs: 1, body }))).map(
    ({ body }) => body,
  );
  expect(bodies).toEqual(["I said (no) to it"]);
});
