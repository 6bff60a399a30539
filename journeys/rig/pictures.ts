// When a track's pictures come, by the segment files on the server's disk.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from "mediabunny";

/** Media times in seconds of all pictures of a track that has one segment; `folder`: the track's. */
export async function pictureTimes(folder: string): Promise<number[]> {
  const [file] = readdirSync(folder).filter((name) => name.endsWith(".webm"));
  const input = new Input({ source: new FilePathSource(join(folder, file ?? "")), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error("no picture");
  const times: number[] = [];
  for await (const { timestamp } of new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true }))
    times.push(timestamp);
  return times;
}

/** The longest time without a picture, in seconds. */
export function longestHole(times: readonly number[]): number {
  return times.reduce((longest, time, index) => Math.max(longest, time - (times[index - 1] ?? time)), 0);
}
