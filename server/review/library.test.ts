import { expect, test } from "vitest";
import { playlistFrom } from "./library.ts";

const head = '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-MAP:URI="init.mp4"\n';
const window = (index: number) => `#EXTINF:3.20000,\n${index}.m4s\n`;
const end = "#EXT-X-ENDLIST\n";

test("a playlist from a window on counts those that are left out", () => {
  const whole = head + [0, 1, 2].map(window).join("");
  expect(playlistFrom(whole, 0)).toBe(whole);
  expect(playlistFrom(whole, 2)).toBe(head.replace("SEQUENCE:0", "SEQUENCE:2") + window(2));
});

test("its end is told however far on it is asked for", () => {
  const whole = head + [0, 1].map(window).join("") + end;
  expect(playlistFrom(whole, 1)).toBe(head.replace("SEQUENCE:0", "SEQUENCE:1") + window(1) + end);
  expect(playlistFrom(whole, 7)).toBe(head.replace("SEQUENCE:0", "SEQUENCE:7") + end);
});
