// When a track's pictures come, by the segment files on the server's disk.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from "mediabunny";

/** Recording times in seconds of all pictures of a track, in order; `folder`: the track's. Media time begins with the segment. */
export async function pictureTimes(folder: string, segments: readonly { id: string; startMs: number }[]): Promise<number[]> {
  const times: number[] = [];
  for (const { id, startMs } of segments) {
    const file = readdirSync(folder).find((name) => name === `${id}.webm`);
    if (!file) throw new Error(`no file of ${id}`);
    const input = new Input({ source: new FilePathSource(join(folder, file)), formats: ALL_FORMATS });
    const track = await input.getPrimaryVideoTrack();
    if (!track) throw new Error("no picture");
    for await (const { timestamp } of new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true }))
      times.push(timestamp + startMs / 1000);
  }
  return times.sort((a, b) => a - b);
}

/** The longest time without a picture, in seconds. */
export function longestHole(times: readonly number[]): number {
  return times.reduce((longest, time, index) => Math.max(longest, time - (times[index - 1] ?? time)), 0);
}
