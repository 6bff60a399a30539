// When the recorded camera's pictures were taken, as the browser stamps them, beside its clock: with what lies between the pictures of the file this
// tells, to the millisecond, when the file begins, also where the machine had no time for the recorder. Only Chromium lets a page see pictures pass.
// Promise: each picture is let go at once (one that is held stalls the camera), and after a few seconds none is looked at any more.
import { type Sighting, sightingsMax } from "../../protocol/recording.ts";
import { nowMs } from "./clock.ts";

/** A camera that gives fewer pictures is looked at for so long. */
const lookMs = 5000;

declare class MediaStreamTrackProcessor {
  constructor(options: { track: MediaStreamTrack });
  readonly readable: ReadableStream<VideoFrame>;
}

/** Notes the pictures that pass from now on. Resolves when there are enough. */
export async function look(stream: MediaStream, notes: Sighting[]): Promise<void> {
  const track = stream.getVideoTracks().find(({ readyState }) => readyState === "live");
  if (!track || typeof MediaStreamTrackProcessor === "undefined") return;
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  const untilMs = nowMs() + lookMs;
  for (let count = 0; count < sightingsMax && nowMs() < untilMs; count += 1) {
    const { value: picture } = await reader.read();
    if (!picture) return;
    notes.push({ stampMs: round(picture.timestamp / 1000), browserMs: round(nowMs()) });
    picture.close();
  }
  await reader.cancel();
}

const round = (ms: number) => Math.round(ms * 100) / 100;
