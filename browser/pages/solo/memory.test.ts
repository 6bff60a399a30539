import { expect, test } from "vitest";
import type { SegmentFacts } from "../../../protocol/recording.ts";
import { Memory } from "./memory.ts";

const facts = (mimeType: string) => ({ mimeType }) as SegmentFacts;
const chunk = (text: string) => ({ sequence: 0, bytes: new TextEncoder().encode(text).buffer as ArrayBuffer, eventMs: 0 });

test("a recorder that was followed by another leaves two films, each whole", async () => {
  const memory = new Memory();
  const track = memory.tap(null);
  const first = track.segment(facts("video/webm;codecs=vp8"));
  first.append(chunk("one "));
  const second = track.segment(facts("video/webm;codecs=h264"));
  second.append(chunk("two"));
  // The last word of the first comes after the second has begun.
  first.append(chunk("last"));
  track.segment(facts("video/webm"));
  const films = memory.films();
  expect(films.map(({ type }) => type)).toEqual(["video/webm;codecs=vp8", "video/webm;codecs=h264"]);
  expect(await Promise.all(films.map((film) => film.text()))).toEqual(["one last", "two"]);
});
