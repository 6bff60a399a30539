// Rooms at once on one machine, through the real server: two senders each, who hand over as recorders do. How far behind the film is while they
// talk, and how long after Stop it is complete.
import { setTimeout as wait } from "node:timers/promises";
import { makeFootage } from "../../journeys/rig/footage.ts";
import { sendLive } from "../../journeys/rig/live.ts";
import { Sender } from "../../journeys/rig/sender.ts";
import { TestServer } from "../../journeys/rig/server.ts";

export interface Figures {
  /** From Stop, ms. */
  fromStopMs: number;
  /** From the moment the last track was whole on the server, ms. */
  fromLastByteMs: number;
  /** How far the film was behind the call, at half of it and just before Stop, ms. */
  behindHalfMs: number;
  behindEndMs: number;
}

const nowMs = () => performance.timeOrigin + performance.now();

/** Made once: making it takes longer than sending it. */
export type Footage = Uint8Array<ArrayBuffer>[];

export async function footageOf(durationMs: number): Promise<Footage> {
  return await Promise.all([1, 2].map((participant) => makeFootage({ participant, durationMs, trueMs: 0, width: 1280, height: 720 })));
}

/** One result per room. All begin and stop together. */
export async function rooms(count: number, footage: Footage, durationMs: number): Promise<Figures[]> {
  const server = await TestServer.open();
  try {
    return await Promise.all(Array.from({ length: count }, () => oneRoom(server, footage, durationMs)));
  } finally {
    await server.close();
  }
}

async function oneRoom(server: TestServer, footage: Footage, durationMs: number): Promise<Figures> {
  const room = await server.api.createRoom("Bench");
  const senders = [await Sender.join(server.url, room, room.hostKey, "Asha"), await Sender.join(server.url, room, room.guestKey, "Ben")];
  senders[0]?.call.say({ type: "record" });
  const { id } = await server.api.recordingOf(room.id);
  const behind = async () => {
    const { durationMs: elapsedMs, composition } = await server.api.recording(id);
    return elapsedMs - composition.watermarkMs;
  };
  const half = wait(durationMs / 2).then(behind);
  const finishes = await Promise.all(senders.map((sender, index) => sendLive(sender, id, footage[index] ?? new Uint8Array(), durationMs)));
  const behindEndMs = await behind();
  const stoppedMs = nowMs();
  senders[0]?.call.say({ type: "stop" });
  await Promise.all(finishes.map((finish) => finish()));
  const lastByteMs = nowMs();
  const recording = await server.api.settles(id, ["ready"], 600_000);
  const readyMs = Date.parse(recording.composition.readyAt ?? "");
  return { fromStopMs: readyMs - stoppedMs, fromLastByteMs: readyMs - lastByteMs, behindHalfMs: await half, behindEndMs };
}
