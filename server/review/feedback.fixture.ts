// For tests: a room with a recording of two people, in a catalog of its own, and feedback on it as the doors would build it.
import { EventEmitter } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { WebSocket } from "ws";
import { UserError } from "../../protocol/errors.ts";
import { type LookDown, lookVersion } from "../../protocol/feedback.ts";
import { Access, type Credentials } from "../store/access.ts";
import type { AttachmentFacts } from "../store/attachments.ts";
import { Catalog, makeId } from "../store/catalog.ts";
import { Disk } from "../store/disk.ts";
import { type Files, realFiles } from "../store/files.ts";
import { Keys } from "../store/keys.ts";
import { Attachments, type Inspecting } from "./attachments.ts";
import { Audience } from "./audience.ts";
import { Captions } from "./captions.ts";
import { Comments } from "./comments.ts";
import { Exports } from "./exports.ts";
import { Guide } from "./guide.ts";
import { Round } from "./round.ts";
import { Scores } from "./scores.ts";
import { Shares } from "./shares.ts";

export const adminKey = "an-admin-key-of-the-test";

/** In place of the parser: a file that says of itself what it is. */
function believing(): Inspecting {
  let text = "";
  return {
    push: (bytes) => {
      if (text.length < 1000) text += Buffer.from(bytes.subarray(0, 1000)).toString();
      if (text.startsWith("<")) throw new UserError("not-media", "This is a text file.");
    },
    end: () => ({ ...(JSON.parse(text) as AttachmentFacts), bytes: text.length }),
  };
}

/** The far end of a listener's line. */
export class Socket extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly bufferedAmount = 0;
  readonly heard: LookDown[] = [];
  closed: { code: number; reason: string } | null = null;
  send(text: string): void {
    this.heard.push(JSON.parse(text) as LookDown);
  }
  readonly close = (code: number, reason: string) => {
    this.closed ??= { code, reason };
  };
  readonly ping = () => this.emit("pong");
}

export async function feedbackRig(files: Files = realFiles) {
  const folder = mkdtempSync(join(tmpdir(), "doubletake-feedback-"));
  const catalog = await Catalog.open(join(folder, "catalog.sqlite"));
  const keys = new Keys(folder, adminKey);
  const access = new Access(catalog, keys);
  const audience = new Audience(access, pino({ level: "silent" }));
  const room = await catalog.addRoom("Debrief");
  const recording = await catalog.addRecording({ roomId: room.id, startedAt: 1, zeroMs: 0, epoch: "test" });
  const people: string[] = [];
  for (const name of ["Asha", "Ben"]) {
    const id = makeId("par");
    await catalog.saveParticipant({ id, roomId: room.id, name, role: "guest", consentedAt: 1 });
    await catalog.trackFor(recording.id, id, "camera");
    people.push(id);
  }
  const options = { catalog, access, keys, audience };
  const round = new Round(options);
  const disk = new Disk(folder, files);
  const log = pino({ level: "silent" });
  const attachments = new Attachments({ ...options, disk, round, reserveBytes: 0, log, inspect: believing });
  const comments = new Comments({ ...options, round, attachments });
  const scores = new Scores(catalog, round, audience);
  const clock = { nowMs: 1_000_000_000_000 };
  const by = (key: string, reviewer: string | null = null): Credentials => ({ key, token: null, reviewer });
  const key = (role: "host" | "guest" | "observer") => keys.room(room.id, role, room.generation);
  return {
    catalog,
    keys,
    audience,
    access,
    room,
    recording: recording.id,
    people: people as [string, string],
    clock,
    by,
    key,
    round,
    disk,
    attachments,
    captions: new Captions({ ...options, machine: null }),
    comments,
    exports: new Exports({ catalog, round, comments, scores }),
    scores,
    guide: new Guide({ ...options, shipped: join(import.meta.dirname, "../../rubrics") }),
    shares: new Shares({ ...options, nowMs: () => clock.nowMs }),
    /** Looks on from now on; what was said at the beginning is passed over. */
    listen: async ({ key, reviewer = null }: Credentials) => {
      const socket = new Socket();
      audience.accept(socket as unknown as WebSocket);
      socket.emit("message", JSON.stringify({ type: "look", version: lookVersion, recording: recording.id, key, reviewer }));
      while (socket.heard.length === 0) await catalog.check();
      socket.heard.length = 0;
      return socket;
    },
    /** Somebody with a name, by a key of the room. */
    reviewer: async (name: string, participantId: string | null = null, role: "host" | "guest" | "observer" = "guest") => {
      const { identity, id } = await round.join(by(key(role)), recording.id, { name, participantId });
      return { ...by(key(role), identity), id };
    },
  };
}
