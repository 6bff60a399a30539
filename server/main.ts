// Doubletake: config → store → rooms → http. Starts and stops everything; the program on one screen.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { callMaxBytes } from "../protocol/call.ts";
import { closeCode, UserError } from "../protocol/errors.ts";
import { frameHeaderBytes, frameMaxBytes } from "../protocol/upload.ts";
import { Aligner } from "./align/aligner.ts";
import { iceServersFor } from "./call/ice.ts";
import { elapsedMs, Recordings } from "./call/recordings.ts";
import { Rooms } from "./call/rooms.ts";
import { Signalling } from "./call/signalling.ts";
import { Stun } from "./call/stun.ts";
import { Composer } from "./compose/composer.ts";
import { TrackFiles } from "./compose/trackfiles.ts";
import { readConfig } from "./config.ts";
import { createHttp } from "./http.ts";
import { UploadSocket } from "./ingest/socket.ts";
import { Spool } from "./ingest/spool.ts";
import { mountPages } from "./pages.ts";
import { Progress } from "./compose/progress.ts";
import { Comments } from "./review/comments.ts";
import { Library } from "./review/library.ts";
import { mountSockets } from "./sockets.ts";
import { Access } from "./store/access.ts";
import { Catalog } from "./store/catalog.ts";
import { Disk } from "./store/disk.ts";
import { Keys } from "./store/keys.ts";

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env);
  const log = pino({ level: config.logLevel });

  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  const disk = new Disk(config.data);
  const catalog = await Catalog.open(disk.catalogFile);
  const keys = new Keys(config.data, config.adminKey);
  const access = new Access(catalog, keys);

  const aligner = new Aligner({ catalog, disk, elapsedMs: ({ startedAt, ...clock }) => elapsedMs({ ...clock, startedAt: Date.parse(startedAt) }) });
  const composer = new Composer({ input: (id) => aligner.aligned(id), canvas: config.canvas, log, onChange: (id) => progress.composed(id) });
  const progress: Progress = new Progress({ aligner, composer, catalog, log });
  const trackFiles = new TrackFiles({ aligner, disk });
  const film = (id: string) => composer.stateOf(id, disk.recording(id));

  const uploads = new Set<UploadSocket>();
  const spool = new Spool({
    catalog,
    disk,
    reserveBytes: config.diskReserveMb * 1e6,
    inspect: (recording, _track, segment, facts, file) => aligner.inspect(recording, segment, facts, file),
    onAdvance: (id) => {
      recordings.reopened(id);
      progress.arrived(id);
    },
  });
  const stun = await Stun.open(config.stunPort, config.host, log);
  const ice = { fixed: config.iceServers ?? [], turnUrls: config.turnUrls, turnSecret: config.turnSecret, stunPort: stun?.port ?? null };
  const signalling: Signalling = new Signalling({
    catalog,
    keys,
    log,
    graceMs: config.graceMs,
    iceServers: (participant, host) => iceServersFor(ice, participant, host, Date.now() / 1000),
    relayOnly: config.relayOnly,
    recordings: () => recordings,
  });
  const recordings: Recordings = new Recordings({
    catalog,
    log,
    graceMs: config.graceMs,
    present: (room, participant) => signalling.present(room, participant),
    occupied: (room) => signalling.occupied(room),
    uploading: (track) => [...uploads].some((socket) => socket.track?.id === track),
    reachMs: (id) => Math.max(0, ...(aligner.aligned(id)?.timeline.tracks.flatMap((track) => track.segments.map((segment) => segment.endMs)) ?? [])),
    onStarted: (recording) => signalling.started(recording),
    onStopped: (recording) => signalling.stopped(recording),
    onAdvance: (id) => progress.arrived(id),
  });

  async function remove(id: string): Promise<void> {
    await recordings.stop(id);
    recordings.forget(id);
    for (const socket of uploads) if (socket.track?.recordingId === id) socket.close(closeCode.gone, "The recording was deleted.");
    await composer.remove(id);
    await spool.forget(id);
    await catalog.deleteRecording(id);
    aligner.forget(id);
    await disk.remove(id);
    log.info({ recording: id }, "recording deleted");
  }

  const http = await createHttp({
    log,
    rooms: new Rooms({ catalog, keys, access, recordings, signalling }),
    library: new Library({
      catalog,
      disk,
      keys,
      access,
      film,
      timeline: (id) => aligner.timeline(id),
      elapsedMs,
      filmFiles: async (id) => composer.filmFiles(id, disk.recording(id)),
      trackFile: (recording, track) => trackFiles.file(recording, track),
      remove,
    }),
    comments: new Comments(catalog, access),
    ready: async () => {
      await catalog.check();
      await disk.check();
      if ((await disk.freeBytes()) < config.diskReserveMb * 1e6) throw new UserError("disk-full", "The disk is full.");
    },
    publicUrl: config.publicUrl ?? null,
  });
  await mountPages(http, fileURLToPath(new URL("../dist/web", import.meta.url)));
  await http.ready();

  const unfinished = await progress.unfinished((id) => film(id).state === "ready");
  for (const id of unfinished) await spool.recover(id);
  recordings.watch(unfinished, 1000);
  for (const id of unfinished) progress.arrived(id);

  const closeSockets = mountSockets(
    http.server,
    {
      "/ws/call": { maxBytes: callMaxBytes, accept: (socket, host) => signalling.accept(socket, host) },
      "/ws/upload": {
        maxBytes: frameHeaderBytes + frameMaxBytes,
        accept: (ws) => void new UploadSocket(ws, { catalog, keys, spool, log, onHello: (socket) => uploads.add(socket), onClose: (socket) => uploads.delete(socket) }),
      },
    },
    config.publicUrl ?? null,
    log,
  );
  await http.listen({ port: config.port, host: config.host });
  announce(http.server.address(), config.publicUrl, keys.admin);

  let stopping: Promise<void> | null = null;
  const stop = (signal: string) => {
    stopping ??= (async () => {
      log.info({ signal }, "stopping");
      await recordings.close();
      await signalling.close();
      for (const socket of uploads) {
        await socket.drained();
        socket.close(closeCode.restarting, "The server restarts. Reconnecting.");
      }
      closeSockets();
      await http.close();
      await composer.close();
      await progress.close();
      await spool.close();
      await stun?.close();
      await catalog.close();
      log.info("stopped");
      process.exit(0);
    })();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

/** The one thing a person who starts it needs: where to click. */
function announce(address: unknown, publicUrl: string | undefined, admin: string): void {
  const port = (address as { port: number }).port;
  const base = publicUrl?.replace(/\/$/, "") ?? `http://localhost:${port}`;
  process.stdout.write(`\n  Doubletake is running.\n  Open ${base}/#admin=${admin}\n  Keep that link to yourself: it can create and list rooms.\n\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(error instanceof UserError ? `${error.message}\n` : `${(error as Error).stack}\n`);
  process.exit(1);
});
