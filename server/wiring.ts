// The rooms, and what passes between them: they know nothing of each other, so what one has to hear from another is handed over here.
// Promise: nothing here decides anything; whoever reads it knows who hears what from whom.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { closeCode } from "../protocol/errors.ts";
import { Aligner } from "./align/aligner.ts";
import { Inspection } from "./align/inspection.ts";
import { Unpacking } from "./bundle/unpack.ts";
import { iceServersFor } from "./call/ice.ts";
import { elapsedMs, Recordings } from "./call/recordings.ts";
import { Signalling } from "./call/signalling.ts";
import { Composer } from "./compose/composer.ts";
import { Downloads } from "./compose/downloads.ts";
import { windowsOfFilm } from "./compose/ledger.ts";
import { knownLedger } from "./compose/ledgerfile.ts";
import { Listener } from "./compose/listener.ts";
import { Progress } from "./compose/progress.ts";
import { filmName } from "./compose/variants.ts";
import type { Config } from "./config.ts";
import type { UploadSocket } from "./ingest/socket.ts";
import { Spool } from "./ingest/spool.ts";
import { Tus } from "./ingest/tus.ts";
import { Attachments } from "./review/attachments.ts";
import { Audience } from "./review/audience.ts";
import { Captions } from "./review/captions.ts";
import { Films } from "./review/films.ts";
import { Handout } from "./review/handout.ts";
import { Library } from "./review/library.ts";
import { Round } from "./review/round.ts";
import { Whispers } from "./review/whispers.ts";
import { Access } from "./store/access.ts";
import { Catalog } from "./store/catalog.ts";
import { Disk } from "./store/disk.ts";
import { Keys } from "./store/keys.ts";

export async function openStore(config: Config) {
  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  const disk = new Disk(config.data);
  const catalog = await Catalog.open(disk.catalogFile);
  const keys = new Keys(config.data, config.adminKey);
  return { disk, catalog, keys, access: new Access(catalog, keys) };
}

export type Store = Awaited<ReturnType<typeof openStore>>;

/** The rooms know nothing of each other; what one has to hear from another is handed over here. */
export function openRooms(config: Config, log: Logger, store: Store, stunPort: number | null) {
  const { graceMs } = config;
  const { disk, catalog, keys, access } = store;
  const aligner = new Aligner({
    catalog,
    disk,
    graceMs,
    recovered: (id) => spool.recovered(id),
    elapsedMs: ({ startedAt, ...clock }) => elapsedMs({ ...clock, startedAt: Date.parse(startedAt) }),
    onTrouble: (track, error) => log.warn({ track, err: error }, "what was heard could not be kept"),
    onUnreadable: (of, error) => log.error({ of, err: error }, "could not be read back"),
    onAgain: (id) => progress.arrived(id),
  });
  const composer = new Composer({
    input: (id) => aligner.aligned(id),
    canvas: { ...config.canvas, names: config.filmNames },
    log,
    onChange: (id) => {
      progress.composed(id);
      complete(id);
    },
    onVoices: (id, voices) => {
      aligner.loud(id, voices);
      progress.arrived(id);
    },
  });
  const progress: Progress = new Progress({ aligner, composer, catalog, log });
  const uploads = new Set<UploadSocket>();
  const spool: Spool = new Spool({
    catalog,
    disk,
    reserveBytes: config.diskReserveMb * 1e6,
    inspect: (recording, track, segment, facts, file) => aligner.inspect(recording, track, segment, facts, file),
    onAdvance: (id) => {
      // Before that nobody knows how far it reaches, and it could be ended too early.
      spool.recovered(id).then((whole) => whole && recordings.reopened(id));
      progress.arrived(id);
    },
    onTrouble: (of, error) => log.error({ of, err: error }, "segment file"),
  });
  const tus = new Tus({ catalog, keys, spool, log });
  const ice = {
    fixed: config.iceServers ?? [],
    turnUrls: config.turnUrls,
    turnSecret: config.turnSecret,
    turnSeconds: config.turnSeconds,
    stunPort,
  };
  const iceServers = (participant: string, host: string) => iceServersFor(ice, participant, host, Date.now() / 1000);
  const signalling: Signalling = new Signalling({
    catalog,
    keys,
    log,
    graceMs,
    iceServers,
    iceFreshMs: config.turnUrls.length > 0 ? config.turnSeconds * 500 : null,
    relayOnly: config.relayOnly,
    countdownMs: config.countdownS * 1000,
    recordings: () => recordings,
    onHeard: (room, participant, { recording, heard }) => aligner.hear(room, participant, recording, heard),
    tracks: async (id) => {
      const recording = await catalog.recording(id);
      return recording ? (await library.describe(recording, "")).tracks : null;
    },
  });
  const recordings: Recordings = new Recordings({
    catalog,
    log,
    graceMs,
    present: (room, participant) => signalling.present(room, participant),
    occupied: (room) => signalling.occupied(room),
    uploading: (track) => [...uploads].some((socket) => socket.track?.id === track) || tus.uploading(track),
    quietMs: (track) => aligner.quietMs(track),
    reachMs: (id) => aligner.reachMs(id),
    onTicket: (track, plate) =>
      disk
        .keepPlate(track.recordingId, track.id, plate)
        .catch((error: unknown) => log.warn({ track: track.id, err: error }, "a name could not be kept for the film")),
    onStarting: (recording) => signalling.plays.keep(recording),
    onStarted: (recording) => signalling.started(recording),
    onStopped: (recording) => signalling.stopped(recording),
    onPaused: (recording) => signalling.paused(recording),
    onAdvance: (id) => progress.arrived(id),
  });
  const library: Library = new Library({
    catalog,
    disk,
    keys,
    access,
    film: (id) => composer.stateOf(id, disk.recording(id)),
    timeline: (id) => aligner.timeline(id),
    quiet: (id) => aligner.aligned(id)?.quiet ?? new Set(),
    unreadable: (id) => aligner.unreadable(id),
    elapsedMs,
    filmFiles: (id) => composer.film(id, disk.recording(id)),
    cut: (id, fromMs, toMs) => composer.cut(id, disk.recording(id), fromMs, toMs),
    remove: (id) => remove(id, log, store, open),
  });
  const timeline = (id: string) => aligner.timeline(id);
  const downloads = new Downloads({ composer, disk, timeline });
  const film = (id: string) => composer.stateOf(id, disk.recording(id));
  const handout = new Handout({ catalog, disk, keys, access, film, timeline, makers: downloads });
  const audience = new Audience(access, log);
  const listener = listenerOf(config, log, downloads, (...heard) => captions.heard(...heard));
  const captions: Captions = new Captions({ catalog, access, audience, machine: listener });
  /** What nobody has written down yet is listened to once there is a film. */
  const complete = (id: string) => {
    if (!listener || film(id).state !== "ready") return;
    captions.lacking(id).then(
      (tracks) => listener.hear(id, tracks),
      (error: unknown) => log.error({ recording: id, err: error }, "captions"),
    );
  };
  const films = new Films({
    access,
    disk,
    keys,
    timeline: (id) => aligner.timeline(id),
    ask: (subject, choice) => composer.variants.ask(subject, choice),
    files: (folder, choice) => composer.variants.filmFiles({ folder }, choice),
    cut: (folder, choice, fromMs, toMs) => composer.variants.cut({ folder }, choice, fromMs, toMs),
    windows: (folder, choice) => windowsOfFilm(filmName(choice, knownLedger(folder))),
  });
  const round = new Round({ catalog, access, keys, audience });
  const taking = { catalog, disk, access, reserveBytes: config.diskReserveMb * 1e6, log, inspect: () => new Inspection() };
  const attachments = new Attachments({ ...taking, keys, round });
  const unpacking = new Unpacking({ ...taking, onArrived: (id) => progress.arrived(id) });
  const whispers = new Whispers({
    catalog,
    access,
    timeline: (id) => aligner.whispers(id),
    sound: (timed, track) => downloads.whisper(timed, track),
  });
  const served = { captions, listener, films, library, handout, unpacking, whispers, round, attachments };
  const open = { ...served, iceServers, aligner, audience, composer, progress, uploads, spool, tus, signalling, recordings };
  return open;
}

/** A folder that comes with the program, seen from its sources and from `dist` alike. */
export const shipped = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Null: nobody has named a model. */
function listenerOf(config: Config, log: Logger, downloads: Downloads, onHeard: Captions["heard"]): Listener | null {
  const { whisperModel, whisperProgram, whisperLanguage: language } = config;
  if (whisperModel === undefined) return null;
  const own = { model: resolve(whisperModel), program: whisperProgram === undefined ? null : resolve(whisperProgram), language };
  return new Listener({ ...own, log, speech: (recording, track) => downloads.speech(recording, track), onHeard });
}

export type OpenRooms = ReturnType<typeof openRooms>;

/** Everything of one recording, everywhere. Writers first, files last, so that nothing comes back. */
async function remove(id: string, log: Logger, { catalog, disk }: Store, open: OpenRooms): Promise<void> {
  await open.recordings.stop(id);
  open.recordings.forget(id);
  for (const socket of open.uploads) if (socket.track?.recordingId === id) socket.close(closeCode.gone, "The recording was deleted.");
  await open.spool.forget(id);
  await open.listener?.forget(id);
  await open.composer.remove(id);
  await catalog.deleteRecording(id);
  open.audience.dismiss({ recordingId: id });
  await open.progress.idle(id);
  open.aligner.forget(id);
  await disk.remove(id);
  log.info({ recording: id }, "recording deleted");
}
