import fc from "fast-check";
import { expect, test } from "vitest";
import { type Cue, parseVtt, tidy, writeVtt } from "./vtt.ts";

const cue = (fromMs: number, toMs: number, voice: string | null, body: string): Cue => ({ fromMs, toMs, voice, body });

test("names, notes, styles, settings and the ends of lines of other systems are understood", () => {
  const text =
    "\uFEFFWEBVTT a title\r\nKind: captions\r\n\r\nNOTE\r\nby hand\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\n1 - first\r\n00:01.000 --> 00:02.500 align:start position:10%\r\n<v.loud Asha Verma>Hello <i>there</i>,\r\nhow are you?\r\n\r\n01:00:00.000 --> 01:00:01.000\r\nFish &amp; chips &lt;3\r\n";
  expect(parseVtt(text)).toEqual([
    cue(1000, 2500, "Asha Verma", "Hello there,\nhow are you?"),
    cue(3_600_000, 3_601_000, null, "Fish & chips <3"),
  ]);
});

test("two who speak in one caption are two captions", () => {
  expect(parseVtt("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Asha>Yes.</v>\n<v Ben>No.")).toEqual([
    cue(1000, 2000, "Asha", "Yes."),
    cue(1000, 2000, "Ben", "No."),
  ]);
});

test("what is no tag of WebVTT stays text", () => {
  const [first] = parseVtt(`WEBVTT\n\n00:01.000 --> 00:02.000\n<img src=x onerror="alert(1)"> <script>1 < 2</script> &#60;b&#62; &bogus;`);
  expect(first?.body).toBe(`<img src=x onerror="alert(1)"> <script>1 < 2</script> <b> &bogus;`);
});

test.each([
  ["", 1],
  ["1\n00:00:01,000 --> 00:00:02,000\nSubRip", 1],
  ["WEBVTT\n\n00:01 --> 00:02\nno thousandths", 3],
  ["WEBVTT\n\n00:02.000 --> 00:01.000\nbackwards", 3],
  ["WEBVTT\n\n00:61.000 --> 01:02.000\nseconds", 3],
  ["WEBVTT\n\na name\nwithout times", 4],
  ["WEBVTT\n\n00:01.000 --> 00:02.000\none\n00:02.000 --> 00:03.000\ntwo", 5],
  ["WEBVTT\n\n00:01.000 --> 00:02.000\nbell \u0007", 4],
  [`WEBVTT\n\n00:01.000 --> 00:02.000\n${"x".repeat(1001)}`, 4],
  [`WEBVTT\n\n${"00:01.000 --> 00:02.000\nx\n\n".repeat(20_001)}`, 60_003],
])("what is wrong is named by its line (%#)", (text, line) => {
  expect(() => parseVtt(text)).toThrow(new RegExp(`^Line ${line}: `));
});

test("a character by its number is never one that controls", () => {
  expect(parseVtt("WEBVTT\n\n00:01.000 --> 00:02.000\na&#0;b&#10;c&#xD800;d&#x85;e&#x1F600;")[0]?.body).toBe(
    "a\uFFFDb\uFFFDc\uFFFDd\uFFFDe😀",
  );
});

const words = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }).map((text) => tidy(text.replace(/[^\P{Cc}\n]/gu, "")));
const cues = fc.array(
  fc.record({
    fromMs: fc.integer({ min: 0, max: 400 * 3_600_000 }),
    lastsMs: fc.integer({ min: 1, max: 100_000 }),
    voice: fc.option(words.map((text) => text.replace(/\s+/g, " ").trim())),
    body: words,
  }),
);

test("what was written reads back the same, whatever it says", () => {
  fc.assert(
    fc.property(cues, (some) => {
      const given = some
        .filter(({ body }) => body !== "")
        .map(({ fromMs, lastsMs, voice, body }) => cue(fromMs, fromMs + lastsMs, voice || null, body));
      expect(parseVtt(writeVtt(given))).toEqual(given);
    }),
  );
});

test("whatever is thrown at it, it answers or names a line", () => {
  const piece = fc.constantFrom(
    "WEBVTT",
    "\n",
    "\n\n",
    "00:01.000",
    " --> ",
    "00:02.000",
    "<v ",
    "Asha",
    ">",
    "</v>",
    "&lt;",
    "&#",
    "NOTE",
    "\u0000",
    "x",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        for (const { fromMs, toMs, body } of parseVtt(pieces.join(""))) expect(toMs > fromMs && body.length > 0).toBe(true);
      } catch (error) {
        expect((error as Error).message).toMatch(/^Line \d+: /);
      }
    }),
  );
});
