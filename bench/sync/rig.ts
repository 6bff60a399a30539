// The rig's own errors, measured before anything else: how truly a picture is read back, how far a canvas and WebAudio are from what they should
// show, how exactly the true time is known in a page.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestBrowser } from "../../journeys/rig/browser.ts";
import { difference, toneHz } from "../../journeys/rig/code.ts";
import { readFilm } from "../../journeys/rig/film.ts";
import { lookAheadMs, makeFootage } from "../../journeys/rig/footage.ts";
import { lagOf } from "../../journeys/rig/measure.ts";
import { place } from "../../journeys/rig/place.ts";
import { poll } from "../../journeys/rig/poll.ts";
import { TestServer } from "../../journeys/rig/server.ts";
import { onsetsOf, percentile } from "../../journeys/rig/sound.ts";

export async function rigErrors(): Promise<string> {
  const read = await readBack();
  const canvas = await canvasErrors();
  return [
    "The rig's own errors, ms:",
    `  a picture's code, read back from VP8: ${read.unreadable} of ${read.count} unreadable; off by ${read.pictures}`,
    `  a beep's onset, read back from Opus: off by ${read.beeps}`,
    `  the true time in a page: known within ${canvas.withinMs.toFixed(1)}; the page's own clock is off by ${canvas.aheadMs.toFixed(1)}`,
    `  Chromium's canvas: captured after it was drawn, ${canvas.pictures}`,
    `  WebAudio: beeps after their second, ${canvas.beeps}`,
  ].join("\n");
}

const spread = (values: number[]) =>
  `p1 ${percentile(values, 1).toFixed(1)}, p50 ${percentile(values, 50).toFixed(1)}, p99 ${percentile(values, 99).toFixed(1)} (${values.length})`;

/** From footage whose every time is known. */
async function readBack() {
  const folder = place("rig");
  try {
    const file = join(folder.path, "known.webm");
    writeFileSync(file, await makeFootage({ participant: 1, durationMs: 10_000, trueMs: 1_000_000 }));
    const film = await readFilm(file, "whole");
    const codes = film.pictures.map(({ atMs, codes: [faces] }) => ({ atMs, code: faces?.[0] }));
    const seen = codes.flatMap(({ atMs, code }) => (code ? [difference(code.trueMs + 0.5, 1_000_000 + atMs)] : []));
    const heard = film.sound ? onsetsOf(film.sound, toneHz(1)).flatMap((onset) => lagOf(onset - lookAheadMs) ?? []) : [];
    return { count: codes.length, unreadable: codes.length - seen.length, pictures: spread(seen), beeps: spread(heard) };
  } finally {
    folder.close();
  }
}

/** What MediaStreamTrackProcessor sees of the canvas and of WebAudio in the lobby. */
async function canvasErrors() {
  const server = await TestServer.open();
  const browser = await TestBrowser.open("chromium");
  try {
    const room = await server.api.createRoom("Rig");
    const person = await browser.person(1, { width: 640, height: 360, told: true, witnessed: true });
    await person.join(room.hostUrl, { name: "Asha" });
    const { pictures: all, beeps } = await poll(
      async () => {
        const testimony = await person.testimony();
        return testimony.beeps.length >= 12 && testimony;
      },
      { what: "twelve beeps are heard", limitMs: 60_000, everyMs: 500 },
    );
    // The first second starts up.
    const pictures = all ?? [];
    const seen = pictures.filter(({ trueMs }) => trueMs > (pictures[0]?.trueMs ?? 0) + 1000);
    return {
      ...person.clock!,
      pictures: spread(seen.map(({ codeMs, trueMs }) => difference(trueMs, codeMs + 0.5))),
      beeps: spread(beeps.slice(1).flatMap((beep) => lagOf(beep) ?? [])),
    };
  } finally {
    await browser.close();
    await server.close();
  }
}
