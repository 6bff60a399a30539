// A sender that hands over as recorders do: every second a second's worth of bytes. For films that are to be seen growing.
import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Sender } from "./sender.ts";

const nowMs = () => performance.timeOrigin + performance.now();

/** Resolves when all but the last chunk is sent, at the end of the footage's time, with what is left to do at Stop. */
export async function sendLive(
  sender: Sender,
  recording: string,
  bytes: Uint8Array<ArrayBuffer>,
  durationMs: number,
): Promise<() => Promise<void>> {
  const { line } = await sender.openTrack(recording);
  const startMs = nowMs();
  const segment = sender.openSegment(line, startMs);
  await line.hears("offset");
  const chunks = Math.floor(durationMs / 1000);
  const endOf = (chunk: number) => Math.round((bytes.length * (chunk + 1)) / chunks);
  const send = (chunk: number) =>
    sender.sendChunk(line, bytes.subarray(chunk === 0 ? 0 : endOf(chunk - 1), endOf(chunk)), chunk === 0 ? 0 : endOf(chunk - 1), chunk);
  for (let chunk = 0; chunk < chunks - 1; chunk++) {
    await wait(Math.max(0, startMs + (chunk + 1) * 1000 - nowMs()));
    send(chunk);
  }
  await wait(Math.max(0, startMs + durationMs - nowMs()));
  return async () => {
    send(chunks - 1);
    line.say({ type: "finish", segment, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
    await line.hears("sealed");
    line.say({ type: "end", segments: [segment] });
    await line.hears("ended");
    line.close();
    sender.leave();
  };
}
