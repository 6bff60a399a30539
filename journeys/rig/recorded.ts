// A recording of one person and its film, without a browser: for whoever looks at what comes after the call.
import { createHash } from "node:crypto";
import type { CreatedRoom } from "../../protocol/api.ts";
import { makeFootage } from "./footage.ts";
import { poll } from "./poll.ts";
import { Sender } from "./sender.ts";
import type { TestServer } from "./server.ts";

/** Asha's, in a room "Debrief"; its film is ready. */
export async function recorded({ url, api }: TestServer, durationMs: number): Promise<{ room: CreatedRoom; id: string }> {
  const room = await api.createRoom("Debrief");
  const sender = await Sender.join(url, room, room.hostKey, "Asha");
  sender.call.say({ type: "record" });
  const { recording } = await sender.call.hears("recording");
  const startMs = performance.timeOrigin + performance.now();
  const { line } = await sender.openTrack(recording.id);
  const footage = await makeFootage({ participant: 1, durationMs, trueMs: startMs });
  const segment = sender.openSegment(line, startMs);
  await line.hears("offset");
  // Handed over when it was recorded: what comes earlier than it can have been recorded is moved by the server.
  sender.sendChunk(line, footage, 0, 0, startMs + durationMs);
  line.say({ type: "finish", segment, bytes: footage.length, sha256: createHash("sha256").update(footage).digest("hex") });
  await line.hears("sealed");
  line.say({ type: "end", segments: [segment] });
  await line.hears("ended");
  await poll(() => performance.timeOrigin + performance.now() > startMs + durationMs, { what: "the footage's time has passed" });
  await api.stop(recording.id);
  await api.settles(recording.id);
  sender.leave();
  return { room, id: recording.id };
}
