// `join`: from a key and a name to a seat in a room, and everything there is to know on entering.
// Promise: whoever has the welcome hears everything that comes after it, and nothing twice.
import type { WebSocket } from "ws";
import { type ActiveRecording, type CallDown, callVersion, type Participant } from "../../protocol/call.ts";
import { closeCode, ProtocolError, UserError } from "../../protocol/errors.ts";
import { makeId, type RecordingRow, type RoomRow } from "../store/catalog.ts";
import { type Standing, same } from "../store/keys.ts";
import { serverMs } from "./clock.ts";
import { elapsedMs } from "./recordings.ts";
import { type Member, Room } from "./room.ts";
import { type Desk, may, type Said } from "./verb.ts";
import { endedSentence } from "./verbs/end.ts";
import { removedSentence } from "./verbs/remove.ts";

/** Most of what was said, and of what was marked, that is taken up from the catalog. */
const keptMost = 500;

export interface Seat {
  room: Room;
  member: Member;
}

export interface Entrance {
  desk: Desk;
  rooms: Map<string, Room>;
  ws: WebSocket;
  send: (message: CallDown) => void;
  /** The name under which the browser reached us. */
  host: string;
}

export async function join(entrance: Entrance, message: Said<"join">): Promise<Seat> {
  const { desk, rooms } = entrance;
  const { catalog, keys, recordings } = desk.options;
  if (message.version !== callVersion) throw new ProtocolError("wrong-version", `version=${message.version} expected=${callVersion}`);
  const row = await catalog.room(message.room);
  const standing = keys.standing(message.key, message.room, row?.generation ?? 0);
  if (!row || !standing) throw new UserError("not-found", "This link does not open a room. Ask for a new one.");
  if (await desk.ongoing.closed(row.id, message.instance)) throw new UserError("ended", endedSentence);
  const running = await recordings().running(row.id);
  const fresh = rooms.has(row.id) ? null : await reopened(desk, row, running);
  // Two may be the first: both belong into the same room.
  const room = rooms.get(row.id) ?? fresh ?? new Room(row);
  rooms.set(row.id, room);
  room.entering++;
  try {
    return await seat(entrance, message, room, standing, running);
  } finally {
    room.entering--;
  }
}

async function seat(
  { desk, rooms, ws, send, host }: Entrance,
  message: Said<"join">,
  room: Room,
  standing: Standing,
  running: RecordingRow | undefined,
): Promise<Seat> {
  const { catalog, keys, log, iceServers, relayOnly, recordings } = desk.options;
  const role = standing === "admin" ? "host" : standing;
  const id = await identify(desk, message, room);
  const comer: Comer = { id, role, others: othersOf(desk, message) };
  admit(room, comer);
  const recorded = message.consent && role !== "observer";
  const before = room.member(id);
  const sinceMs = before?.sinceMs ?? serverMs();
  const samePage = before?.participant.instance === message.instance ? before : null;
  const mutedBy = message.microphone ? (samePage?.mutedBy ?? null) : null;
  const participant: Participant = {
    id,
    name: message.name,
    role,
    hosting: room.wouldHost({ participant: { id, role }, sinceMs }),
    instance: message.instance,
    recorded,
    microphone: message.microphone && mutedBy === null && may("speakers", { role, hosting: false }, room),
    camera: message.camera && role !== "observer",
    screen: samePage?.participant.screen ?? null,
    handMs: before?.participant.handMs ?? null,
  };
  await catalog.saveParticipant({ id, roomId: room.id, name: message.name, role, consentedAt: recorded ? Date.now() : null });
  const bookmarks = running ? await catalog.bookmarks(running.id, 0, keptMost) : [];
  const active = running ? await activeOf(desk, running) : null;
  await desk.ongoing.enter(room, id);
  // Somebody may have been removed, or the room locked or filled, in between.
  admit(room, comer);
  rooms.set(room.id, room);
  const member: Member = { participant, sinceMs, send, awayAt: 0, mutedBy, close: (code, reason) => ws.close(code, reason) };
  // Before the others hear of it: their first signal must not overtake the welcome.
  send({
    type: "welcome",
    me: { id, secret: keys.participant(id), role },
    room: { id: room.id, name: room.name },
    participants: [...room.participants.filter((other) => other.id !== id), participant],
    recording: active,
    countdownMs: desk.countdowns.leftMs(room.id),
    rules: room.rules,
    chat: [...room.chat],
    bookmarks: bookmarks.map(({ id: bookmark, participantId, name, atMs }) => ({
      id: bookmark,
      participant: { id: participantId, name },
      atMs,
    })),
    iceServers: iceServers(id, host),
    relayOnly,
    forgotten: !before && room.knows(id),
  });
  room.enter(member, { code: closeCode.conflict, reason: "You joined from another tab, so this one left." });
  if (mutedBy !== null) send({ type: "muted", by: mutedBy });
  await desk.plays.settle(room);
  // Record, Pause or Resume may have been pressed in between.
  const now = await recordings().running(room.id);
  const fresh = now ? await activeOf(desk, now) : null;
  if (fresh && (fresh.id !== active?.id || fresh.pausedMs !== active.pausedMs)) send({ type: "recording", recording: fresh });
  if (now) desk.safety.watch(room.id, now.id);
  const told = desk.safety.last(room.id);
  if (told) send(told);
  log.info({ room: room.id, participant: id, role, recorded }, "participant joined");
  return { room, member };
}

/** As everybody in the room sees it. */
export async function activeOf({ options }: Desk, recording: RecordingRow): Promise<ActiveRecording> {
  const pausedMs = await options.recordings().pausedMs(recording.id);
  const pausesMs = await options.recordings().pausesMs(recording.id);
  return { id: recording.id, serverMs: recording.zeroMs, elapsedMs: elapsedMs(recording), pausedMs, pausesMs };
}

/** A call that a restart of ours interrupted, or that everybody fell out of: what was said in its recording is in the catalog, and somebody hosted when that
 * began. */
async function reopened({ options, ongoing }: Desk, row: RoomRow, running: RecordingRow | undefined): Promise<Room> {
  const room = new Room(row, await ongoing.resume(row.id, running !== undefined));
  if (!running) return room;
  room.hosted = true;
  const said = await options.catalog.messages(running.id, 0, keptMost);
  room.chat = said.map(({ id, participantId, name, body, sentMs, atMs }) => ({
    id,
    participant: { id: participantId, name },
    body,
    sentMs,
    atMs,
  }));
  return room;
}

/** `others`: who else this browser was in the room. */
interface Comer extends Pick<Participant, "id" | "role"> {
  others: readonly string[];
}

/** Throws with the sentence for whoever has to stay outside. */
function admit(room: Room, { id, role, others }: Comer): void {
  if (room.wasRemoved(id)) throw new UserError("removed", removedSentence);
  if (room.member(id) || role === "host") return;
  // Another name at the same browser; who shares it with somebody who was removed, and was here as well, may come back.
  if (!room.remembers(id) && others.some((other) => room.wasRemoved(other))) throw new UserError("removed", removedSentence);
  if (room.rules.locked && !room.remembers(id))
    throw new UserError("room-locked", "The host has locked this room. Ask them to unlock it, then try again.");
  if (room.full) throw new UserError("room-full", "This room is full.");
}

/** Whom this browser can show that it was. */
function othersOf({ options }: Desk, { others = [] }: Said<"join">): string[] {
  return others.filter((other) => shown(options, other)).map(({ id }) => id);
}

const shown = ({ keys }: Desk["options"], { id, secret }: NonNullable<Said<"join">["as"]>) => same(secret, keys.participant(id));

/** One person stays one participant over reloads, when they show their secret. */
async function identify({ options }: Desk, message: Said<"join">, room: Room): Promise<string> {
  const { as } = message;
  if (!as || !shown(options, as)) return makeId("par");
  const known = room.member(as.id) ?? (await options.catalog.participant(as.id));
  if (known && "roomId" in known && known.roomId !== room.id) return makeId("par");
  return as.id;
}
