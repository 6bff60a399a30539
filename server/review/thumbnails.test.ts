import { expect, test } from "vitest";
import { thumbnailsVtt } from "./thumbnails.ts";

test("WebVTT says which part of which sheet is when", () => {
  const lines = thumbnailsVtt(26, 3200, (sheet) => `thumbnails/${sheet}.jpg`).split("\n");
  expect(lines[0]).toBe("WEBVTT");
  expect(lines.slice(2, 4)).toEqual(["00:00:00.000 --> 00:00:03.200", "thumbnails/0.jpg#xywh=0,0,256,144"]);
  expect(lines.at(-3)).toBe("00:01:20.000 --> 00:01:23.200");
  expect(lines.at(-2)).toBe("thumbnails/1.jpg#xywh=0,0,256,144");
});
