import { expect, test } from "vitest";
import { playlistOf } from "./playlist.ts";

const windows = [
  { file: "0.m4s", ticks: 96 },
  { file: "1.2.m4s", ticks: 18 },
];

test("while it grows players are told to come back", () => {
  expect(playlistOf(windows, false)).toBe(
    [
      "#EXTM3U",
      "#EXT-X-VERSION:7",
      "#EXT-X-TARGETDURATION:4",
      "#EXT-X-MEDIA-SEQUENCE:0",
      "#EXT-X-PLAYLIST-TYPE:EVENT",
      "#EXT-X-INDEPENDENT-SEGMENTS",
      '#EXT-X-MAP:URI="init.mp4"',
      "#EXTINF:3.20000,",
      "0.m4s",
      "#EXTINF:0.60000,",
      "1.2.m4s",
      "",
    ].join("\n"),
  );
});

test("the end is said when it is complete", () => {
  expect(playlistOf(windows, true).endsWith("1.2.m4s\n#EXT-X-ENDLIST\n")).toBe(true);
});
