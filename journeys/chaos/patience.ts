// How much longer things take on this machine now than on a quiet one, and waiting for a film with that in mind.
// Promise: no film is given up on as long as it grows.
import { availableParallelism, loadavg } from "node:os";
import type { Recording, RecordingState } from "../../protocol/api.ts";
import type { Api } from "../rig/api.ts";
import { poll } from "../rig/poll.ts";

const mostPatience = 15;
/** A film that has not grown for so long stands still, on a quiet machine. */
const stuckMs = 60_000;

/** As many times as there are processes that want each core, on the average of the last minute. */
export function patience(): number {
  return Math.min(mostPatience, Math.max(1, (loadavg()[0] ?? 0) / availableParallelism()));
}

/** Waits for a complete film, however long it takes, as long as windows of it are composed (I6). */
export async function filmReady(api: Api, id: string, wanted: RecordingState = "ready"): Promise<Recording> {
  const isReady = ({ state, composition }: Recording) => state === wanted && composition.state === "ready";
  for (let before: string | null = null; ; ) {
    const now = await api.recording(id);
    if (isReady(now)) return now;
    const windows = await windowsOf(api, id);
    const { state, watermarkMs } = now.composition;
    if (state === "failed" || windows === before)
      throw new Error(
        `I6: the film is ${state} at ${watermarkMs} of ${now.durationMs} ms, the recording ${now.state}: ${now.problems.join(" ")}`,
      );
    before = windows;
    await poll(async () => isReady(await api.recording(id)) || (await windowsOf(api, id)) !== before, {
      what: "the film grows",
      limitMs: stuckMs * patience(),
      everyMs: 500,
    }).catch(() => undefined);
  }
}

/** The names of the windows that there are. One that is composed again, because something came late, has another name; the watermark would not tell. */
async function windowsOf(api: Api, id: string): Promise<string> {
  const answer = await api.ask("GET", `/recordings/${id}/playlist.m3u8`);
  return answer.ok ? (await answer.text()).replaceAll(/\?\S*/g, "") : "";
}
