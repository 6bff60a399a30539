import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toneHz } from "./code.ts";
import { readFilm } from "./film.ts";
import { lookAheadMs, makeFootage } from "./footage.ts";
import { place } from "./place.ts";
import { onsetsOf, power } from "./sound.ts";

test("a film of one participant reads back: every picture's true time, and every beep on its second", async () => {
  const folder = place("film");
  try {
    const file = join(folder.path, "film.webm");
    await writeFile(file, await makeFootage({ participant: 3, durationMs: 4000, trueMs: 1_000_500 }));
    const film = await readFilm(file, [[{ x: 0, y: 0, width: 640, height: 360 }], [{ x: 320, y: 0, width: 320, height: 180 }]]);
    expect([film.width, film.height, film.pictures.length]).toEqual([640, 360, 120]);
    for (const picture of film.pictures) {
      const code = picture.codes[0]?.[0];
      expect(code?.participant).toBe(3);
      expect(Math.abs((code?.trueMs ?? 0) - 1_000_500 - picture.atMs)).toBeLessThan(1.6);
      expect(picture.codes[1]?.[0]).toBeNull();
    }
    const { sound } = film;
    if (!sound) throw new Error("no sound");
    const onsets = onsetsOf(sound, toneHz(3));
    expect(onsets).toHaveLength(4);
    for (const [index, onset] of onsets.entries()) expect(Math.abs(onset - (500 + index * 1000) - lookAheadMs)).toBeLessThan(3);
    expect(onsetsOf(sound, toneHz(2))).toEqual([]);
    expect(power(sound, 510, 600)).toBeGreaterThan(0.1);
    expect(power(sound, 700, 1400)).toBeLessThan(0.01);
  } finally {
    folder.close();
  }
});
