// For tests: a room with a recording of two people, in a catalog of its own, and feedback on it as the doors would build it.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { Access, type Credentials } from "../store/access.ts";
import { Catalog, makeId } from "../store/catalog.ts";
import { Keys } from "../store/keys.ts";
import { Audience } from "./audience.ts";
import { Captions } from "./captions.ts";
import { Comments } from "./comments.ts";
import { Exports } from "./exports.ts";
import { Guide } from "./guide.ts";
import { Round } from "./round.ts";
import { Scores } from "./scores.ts";
import { Shares } from "./shares.ts";

export const adminKey = "an-admin-key-of-the-test";

export async function feedbackRig() {
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
  const comments = new Comments({ ...options, round });
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
    captions: new Captions({ ...options, machine: null }),
    comments,
    exports: new Exports({ catalog, round, comments, scores }),
    scores,
    guide: new Guide({ ...options, shipped: join(import.meta.dirname, "../../rubrics") }),
    shares: new Shares({ ...options, nowMs: () => clock.nowMs }),
    /** Somebody with a name, by a key of the room. */
    reviewer: async (name: string, participantId: string | null = null, role: "host" | "guest" | "observer" = "guest") => {
      const { identity, id } = await round.join(by(key(role)), recording.id, { name, participantId });
      return { ...by(key(role), identity), id };
    },
  };
}
