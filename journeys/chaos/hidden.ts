// `npm run chaos -- --hidden 30`: somebody alone in a room records from a tab that nobody looks at for this many minutes, with a browser that slows
// down and freezes hidden pages as people's do, only sooner. Promise: answers only when everything is safe without a gap,
// bytes came all the time, pictures as often at the end as at the beginning, and the film is complete.
import { join } from "node:path";
import { setTimeout as lasts } from "node:timers/promises";
import { TestBrowser } from "../rig/browser.ts";
import { longestHole, pictureTimes } from "../rig/pictures.ts";
import { poll } from "../rig/poll.ts";
import { TestServer } from "../rig/server.ts";
import { filmReady, patience } from "./patience.ts";

export interface Hidden {
  minutes: number;
  bytes: number;
  /** How far what was safe lay behind what was recorded, at most, looked at every ten seconds. */
  behindMs: number;
  /** Pictures a second in the first minute out of sight, and in the last. */
  picturesFirst: number;
  picturesLast: number;
  longestHoleMs: number;
  filmMs: number;
  /** Holes that the capture itself left, on a machine with too much to do. */
  slips: number;
}

const lookMs = 10_000;
/** A chunk comes every second, and an ack for it. */
const mostStillMs = 30_000;
/** A busy machine drops pictures, whether it shows the tab or not. */
const leastShare = 0.8;
const small = "320x176";

export async function hidden(minutes: number, say: (line: string) => void): Promise<Hidden> {
  const server = await TestServer.open({ DOUBLETAKE_FILM_SIZE: small });
  const browser = await TestBrowser.open("chromium", { impatient: true });
  try {
    const room = await server.api.createRoom("Hidden");
    const asha = await browser.person(1, { storage: "profile", picture: "device" });
    const front = await browser.person(2, { storage: "profile" });
    await asha.page.bringToFront();
    await asha.join(room.hostUrl, { name: "Asha" });
    await asha.click("button", "Record");
    const { id } = await server.api.recordingOf(room.id);
    const track = async () => (await server.api.recording(id)).tracks[0];
    await poll(async () => ((await track())?.bytes ?? 0) > 0, { what: "first bytes" });
    await front.page.bringToFront();
    await poll(() => asha.page.evaluate("document.visibilityState === 'hidden'") as Promise<boolean>, { what: "the tab is hidden" });

    const from = performance.now();
    const hiddenFromMs = (await server.api.recording(id)).durationMs;
    let behindMs = 0;
    let reached = { endMs: 0, atMs: from };
    while (performance.now() - from < minutes * 60_000) {
      await lasts(lookMs);
      const now = await server.api.recording(id);
      const endMs = now.tracks[0]?.segments.at(-1)?.endMs ?? 0;
      behindMs = Math.max(behindMs, now.durationMs - endMs);
      const atMs = performance.now();
      if (endMs > reached.endMs) reached = { endMs, atMs };
      if (atMs - reached.atMs > mostStillMs * patience())
        throw new Error(`hidden: ${Math.round((atMs - from) / 1000)} s, and since ${endMs} of ${now.durationMs} ms nothing more is safe`);
      const minute = Math.floor((atMs - from) / 60_000);
      if (minute > 0 && minute % 5 === 0 && (atMs - from) % 60_000 < lookMs) say(`  ${minute} min hidden, at most ${behindMs} ms behind`);
    }
    const hiddenUntilMs = (await server.api.recording(id)).durationMs;
    await asha.page.bringToFront();
    await asha.click("button", "Stop recording");
    await asha.readsSafe(60_000 * patience());
    const { tracks, durationMs } = await filmReady(server.api, id);
    const [mine, ...others] = tracks;
    if (!mine || others.length > 0 || mine.state !== "safe")
      throw new Error(`hidden: ${JSON.stringify(tracks.map(({ state, segments }) => [state, segments.length]))}`);
    if (mine.gaps.some(({ reason }) => reason !== "slip")) throw new Error(`hidden: gaps ${JSON.stringify(mine.gaps)}`);

    const times = await pictureTimes(join(server.dataFolder, "recordings", id, "tracks", mine.id), mine.segments);
    const perSecond = (fromMs: number, toMs: number) => {
      const within = times.filter((time) => time * 1000 >= fromMs && time * 1000 < toMs);
      return (within.length * 1000) / (toMs - fromMs);
    };
    const span = Math.min(60_000, (hiddenUntilMs - hiddenFromMs) / 2);
    const picturesFirst = perSecond(hiddenFromMs, hiddenFromMs + span);
    const picturesLast = perSecond(hiddenUntilMs - span, hiddenUntilMs);
    if (picturesLast < picturesFirst * leastShare)
      throw new Error(`hidden: ${picturesFirst} pictures a second at first, ${picturesLast} at last`);
    const round = (value: number) => Math.round(value * 10) / 10;
    return {
      minutes,
      bytes: mine.bytes,
      behindMs,
      picturesFirst: round(picturesFirst),
      picturesLast: round(picturesLast),
      longestHoleMs: Math.round(longestHole(times) * 1000),
      filmMs: durationMs,
      slips: mine.gaps.length,
    };
  } finally {
    await browser.close();
    await server.close();
  }
}
