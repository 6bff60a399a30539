import { expect, test } from "vitest";
import type { Track } from "../../../protocol/api.ts";
import { pictureOf } from "./views.ts";

test("whoever may take a track home watches that file, and whoever may only look is shown its pictures", () => {
  const track = { mediaUrl: "/tracks/a/media", pictureUrl: "/tracks/a/picture" } as Track;
  expect([true, false].map((mayTracks) => pictureOf(track, mayTracks))).toEqual(["/tracks/a/media", "/tracks/a/picture"]);
});
