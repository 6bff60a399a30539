// Doubletake: config → store → rooms → http. Constructs, starts and stops everything; the program on one screen.
import { mkdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { callMaxBytes } from "../protocol/call.ts";
import { closeCode, UserError } from "../protocol/errors.ts";
import { lookMaxBytes } from "../protocol/feedback.ts";
import { frameHeaderBytes, frameMaxBytes } from "../protocol/upload.ts";
import { Aligner } from "./align/aligner.ts";
import { Inspection } from "./align/inspection.ts";
import { atMsOf } from "./align/map.ts";
import { Packing } from "./bundle/pack.ts";
import { Unpacking } from "./bundle/unpack.ts";
import { iceServersFor } from "./call/ice.ts";
import { elapsedMs, Recordings } from "./call/recordings.ts";
import { Rooms } from "./call/rooms.ts";
import { Scenarios } from "./call/scenarios.ts";
import { Signalling } from "./call/signalling.ts";
import { Stun } from "./call/stun.ts";
import { Composer } from "./compose/composer.ts";
import { Downloads } from "./compose/downloads.ts";
import { windowsOfFilm } from "./compose/ledger.ts";
import { knownLedger } from "./compose/ledgerfile.ts";
import { Listener } from "./compose/listener.ts";
import { Progress } from "./compose/progress.ts";
import { filmName } from "./compose/variants.ts";
import { type Config, readConfig } from "./config.ts";
import { createHttp } from "./http.ts";
import { UploadSocket } from "./ingest/socket.ts";
import { Spool } from "./ingest/spool.ts";
import { Tus } from "./ingest/tus.ts";
import { announce, openLog } from "./log.ts";
import { mountPages } from "./pages.ts";
import { Attachments } from "./review/attachments.ts";
import { Audience } from "./review/audience.ts";
import { Captions } from "./review/captions.ts";
import { Comments } from "./review/comments.ts";
import { Exports } from "./review/exports.ts";
import { Films } from "./review/films.ts";
import { Guide } from "./review/guide.ts";
import { Handout } from "./review/handout.ts";
import { Library } from "./review/library.ts";
import { Measuring } from "./review/measures.ts";
import { Round } from "./review/round.ts";
import { Said } from "./review/said.ts";
import { Scenes } from "./review/scenes.ts";
import { Scores } from "./review/scores.ts";
import { Shares } from "./review/shares.ts";
import { Whispers } from "./review/whispers.ts";
import { mountSockets } from "./sockets.ts";
import { Access } from "./store/access.ts";
import { Catalog } from "./store/catalog.ts";
import { Disk } from "./store/disk.ts";
import { Keys } from "./store/keys.ts";

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env);
  const { log, written } = openLog(config.logLevel);
  const store = await openStore(config);
  const stun = await Stun.open(config.stunPort, config.host, log);
  const rooms = openRooms(config, log, store, stun?.port ?? null);
  const { fences } = rooms.composer;
  log[fences.down.length > 0 ? "warn" : "info"](fences, "fences around composing");
  const http = await createHttp(doorsOf(config, log, store, rooms));
  await mountPages(http, shipped("dist/web"));
  await http.ready();
  await resume(store, rooms);
  const closeSockets = mountSockets(http.server, socketDoors(log, store, rooms), config.publicUrl ?? null, log);
  await http.listen({ port: config.port, host: config.host });
  announce(http.server.address() as AddressInfo, config.publicUrl, store.keys.admin);

  const stop = async (signal: string) => {
    log.info({ signal }, "stopping");
    await rooms.recordings.close();
    await rooms.signalling.close();
    for (const socket of rooms.uploads) {
      await socket.drained();
      socket.close(closeCode.restarting, "The server restarts. Reconnecting.");
    }
    rooms.audience.close();
    closeSockets();
    await http.close();
    await rooms.progress.close();
    await rooms.listener?.close();
    await rooms.composer.close();
    await rooms.spool.close();
    await stun?.close();
    await store.catalog.close();
    log.info("stopped");
    await written();
    process.exit(0);
  };
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (!stopping) stop(signal).catch(fail);
      stopping = true;
    });
  }
}

async function openStore(config: Config) {
  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  const disk = new Disk(config.data);
  const catalog = await Catalog.open(disk.catalogFile);
  const keys = new Keys(config.data, config.adminKey);
  return { disk, catalog, keys, access: new Access(catalog, keys) };
}

type Store = Awaited<ReturnType<typeof openStore>>;

/** The rooms know nothing of each other; what one has to hear from another is handed over here. */
function openRooms(config: Config, log: Logger, store: Store, stunPort: number | null) {
  const { graceMs } = config;
  const { disk, catalog, keys, access } = store;
  const aligner = new Aligner({
    catalog,
    disk,
    graceMs,
    elapsedMs: ({ startedAt, ...clock }) => elapsedMs({ ...clock, startedAt: Date.parse(startedAt) }),
    onTrouble: (track, error) => log.warn({ track, err: error }, "what was heard could not be kept"),
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
  const spool = new Spool({
    catalog,
    disk,
    reserveBytes: config.diskReserveMb * 1e6,
    inspect: (recording, track, segment, facts, file) => aligner.inspect(recording, track, segment, facts, file),
    onAdvance: (id) => {
      recordings.reopened(id);
      progress.arrived(id);
    },
    onTrouble: (segment, error) => log.error({ segment, err: error }, "segment file"),
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
const shipped = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Null: nobody has named a model. */
function listenerOf(config: Config, log: Logger, downloads: Downloads, onHeard: Captions["heard"]): Listener | null {
  const { whisperModel, whisperProgram, whisperLanguage: language } = config;
  if (whisperModel === undefined) return null;
  const own = { model: resolve(whisperModel), program: whisperProgram === undefined ? null : resolve(whisperProgram), language };
  return new Listener({ ...own, log, speech: (recording, track) => downloads.speech(recording, track), onHeard });
}

type OpenRooms = ReturnType<typeof openRooms>;

function doorsOf(config: Config, log: Logger, store: Store, open: OpenRooms): Parameters<typeof createHttp>[0] {
  const { catalog, disk, access } = store;
  const { library, films, handout, captions, unpacking, recordings, signalling, aligner, composer } = open;
  const feedback = feedbackOf(store, open);
  const scenes = new Scenes(catalog, access, open.audience);
  const scenarios = new Scenarios({
    catalog,
    access,
    shipped: shipped("scenarios"),
    onRubric: (room, name) => feedback.guide.suggest(room, name),
    onChosen: (room) => signalling.plays.chosen(room),
  });
  return {
    log,
    rooms: new Rooms({
      catalog,
      keys: store.keys,
      access,
      recordings,
      signalling,
      scenarios,
      iceServers: open.iceServers,
      relayOnly: config.relayOnly,
    }),
    library,
    handout,
    films,
    said: new Said(catalog, access),
    captions,
    unpacking,
    packing: new Packing({
      catalog,
      disk,
      access,
      timeline: (id) => aligner.timeline(id),
      film: (id) => composer.film(id, disk.recording(id)),
      hidden: (id, roomId) => open.round.hidden(id, roomId),
      mayReadCards: (who, id) => scenes.mayRead(who, id),
    }),
    feedback,
    roleplay: { scenarios, scenes },
    uploads: open.tus,
    ready: async () => {
      await catalog.check();
      await disk.check();
      if ((await disk.freeBytes()) < config.diskReserveMb * 1e6) throw new UserError("disk-full", "The disk is full.");
    },
    publicUrl: config.publicUrl ?? null,
  };
}

function feedbackOf(
  { catalog, disk, keys, access }: Store,
  { audience, aligner, whispers, round, attachments }: OpenRooms,
): Parameters<typeof createHttp>[0]["feedback"] {
  const comments = new Comments({ catalog, access, round, audience, attachments });
  const scores = new Scores(catalog, round, audience);
  return {
    attachments,
    comments,
    round,
    scores,
    guide: new Guide({ catalog, access, audience, shipped: shipped("rubrics") }),
    shares: new Shares({ catalog, access, keys, audience }),
    measuring: new Measuring({ access, disk, timeline: (id) => aligner.timeline(id), place: atMsOf }),
    exports: new Exports({ catalog, round, comments, scores }),
    whispers,
  };
}

function socketDoors(log: Logger, { catalog, keys }: Store, open: OpenRooms): Parameters<typeof mountSockets>[1] {
  const { audience, spool, signalling, uploads, recordings } = open;
  const onHello = (socket: UploadSocket) => {
    uploads.add(socket);
    if (socket.track) recordings.heard(socket.track.id);
  };
  const onClose = (socket: UploadSocket) => uploads.delete(socket);
  return {
    "/ws/call": { maxBytes: callMaxBytes, accept: (ws, host) => signalling.accept(ws, host) },
    "/ws/review": { maxBytes: lookMaxBytes, accept: (ws) => audience.accept(ws) },
    "/ws/upload": {
      maxBytes: frameHeaderBytes + frameMaxBytes,
      accept: (ws, _, wire) => void new UploadSocket(ws, wire, { catalog, keys, spool, log, onHello, onClose }),
    },
  };
}

/** Takes up what an earlier process left: reads back the spool, looks after open recordings, composes what is missing. */
async function resume({ disk }: Store, { composer, progress, spool, recordings, unpacking, attachments }: OpenRooms): Promise<void> {
  await unpacking.sweep();
  await attachments.sweep();
  const unfinished = await progress.unfinished((id) => composer.stateOf(id, disk.recording(id)).state === "ready");
  for (const id of unfinished) {
    await disk.sweep(id);
    await spool.recover(id);
  }
  recordings.watch(unfinished, 1000);
  for (const id of unfinished) progress.arrived(id);
}

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

function fail(error: unknown): void {
  process.stderr.write(error instanceof UserError ? `${error.message}\n` : `${(error as Error).stack}\n`);
  process.exit(1);
}

main().catch(fail);
