// A recording and its film, without a browser: for whoever looks at what comes after the call.
import { createHash } from "node:crypto";
import type { CreatedRoom } from "../../protocol/api.ts";
import { makeFootage } from "./footage.ts";
import { poll } from "./poll.ts";
import { Sender } from "./sender.ts";
import type { TestServer } from "./server.ts";

/** Of these people, the host first, in a room "Debrief"; its film is ready. */
export async function recorded(
  { url, api }: TestServer,
  durationMs: number,
  names: readonly string[] = ["Asha"],
): Promise<{ room: CreatedRoom; id: string }> {
  const room = await api.createRoom("Debrief");
  const senders: Sender[] = [];
  for (const [index, name] of names.entries()) senders.push(await Sender.join(url, room, index === 0 ? room.hostKey : room.guestKey, name));
  senders[0]?.call.say({ type: "record" });
  const { id } = await api.recordingOf(room.id);
  const startMs = performance.timeOrigin + performance.now();
  for (const [index, sender] of senders.entries()) {
    const { line } = await sender.openTrack(id);
    const footage = await makeFootage({ participant: index + 1, durationMs, trueMs: startMs });
    const segment = sender.openSegment(line, startMs);
    await line.hears("offset");
    // Handed over when it was recorded: what comes earlier than it can have been recorded is moved by the server.
    sender.sendChunk(line, footage, 0, 0, startMs + durationMs);
    line.say({ type: "finish", segment, bytes: footage.length, sha256: createHash("sha256").update(footage).digest("hex") });
    await line.hears("sealed");
    line.say({ type: "end", segments: [segment] });
    await line.hears("ended");
  }
  await poll(() => performance.timeOrigin + performance.now() > startMs + durationMs, { what: "the footage's time has passed" });
  await api.stop(id);
  await api.settles(id);
  for (const sender of senders) sender.leave();
  return { room, id };
}
