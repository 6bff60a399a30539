// Doubletake: config → store → rooms → http. Constructs, starts and stops everything; the program on one screen.
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { callMaxBytes } from "../protocol/call.ts";
import { closeCode, UserError } from "../protocol/errors.ts";
import { lookMaxBytes } from "../protocol/feedback.ts";
import { frameHeaderBytes, frameMaxBytes } from "../protocol/upload.ts";
import { atMsOf } from "./align/map.ts";
import { Packing } from "./bundle/pack.ts";
import { Rooms } from "./call/rooms.ts";
import { Scenarios } from "./call/scenarios.ts";
import { Stun } from "./call/stun.ts";
import { type Config, readConfig } from "./config.ts";
import { createHttp } from "./http.ts";
import { UploadSocket } from "./ingest/socket.ts";
import { announce, openLog } from "./log.ts";
import { mountPages } from "./pages.ts";
import { Comments } from "./review/comments.ts";
import { Exports } from "./review/exports.ts";
import { Guide } from "./review/guide.ts";
import { Measuring } from "./review/measures.ts";
import { Said } from "./review/said.ts";
import { Scenes } from "./review/scenes.ts";
import { Scores } from "./review/scores.ts";
import { Shares } from "./review/shares.ts";
import { mountSockets } from "./sockets.ts";
import { type OpenRooms, openRooms, openStore, type Store, shipped } from "./wiring.ts";

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
  await resume(log, store, rooms);
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
    const aligned = rooms.progress.close();
    rooms.spool.rest();
    await aligned;
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
    measuring: new Measuring({ catalog, access, disk, timeline: (id) => aligner.timeline(id), place: atMsOf }),
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

/** Takes up what an earlier process left: looks after open recordings, composes what is missing. What takes long, reading back the spool, goes on after
 * the doors are open; only what must not be done beside anybody's writing is waited for. */
async function resume(log: Logger, { disk }: Store, open: OpenRooms): Promise<void> {
  const { composer, progress, spool, recordings, unpacking, attachments } = open;
  await unpacking.sweep();
  await attachments.sweep();
  // A folder that cannot be read is a matter for the log, not for everybody.
  const filmReady = (id: string) => {
    try {
      return composer.stateOf(id, disk.recording(id)).state === "ready";
    } catch (error) {
      log.error({ recording: id, err: error }, "film could not be read");
      return false;
    }
  };
  // The newest first: there people wait.
  const unfinished = (await progress.unfinished(filmReady)).reverse();
  for (const id of unfinished) await disk.sweep(id).catch((error) => log.error({ recording: id, err: error }, "folder could not be swept"));
  spool.recover(unfinished);
  recordings.watch(1000);
  for (const id of unfinished)
    spool.recovered(id).then((whole) => {
      if (!whole) return;
      recordings.reopened(id);
      progress.arrived(id);
    });
}

function fail(error: unknown): void {
  process.stderr.write(error instanceof UserError ? `${error.message}\n` : `${(error as Error).stack}\n`);
  process.exit(1);
}

main().catch(fail);
