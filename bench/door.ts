// A process of its own for `ingest.ts`: an upload door, either the real modules or the bare thing they are compared with.
// Says on its standard output, as one line of JSON, where it listens and which tracks may upload; ends with its standard input.
import { closeSync, fdatasync, openSync, write } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { WebSocketServer } from "ws";
import { frameHeaderBytes, frameMaxBytes } from "../protocol/upload.ts";
import { Aligner } from "../server/align/aligner.ts";
import { UploadSocket } from "../server/ingest/socket.ts";
import { Spool } from "../server/ingest/spool.ts";
import { mountSockets } from "../server/sockets.ts";
import { Catalog, makeId } from "../server/store/catalog.ts";
import { Disk } from "../server/store/disk.ts";
import { Keys } from "../server/store/keys.ts";

const [way = "", folder = "", tracks = "0"] = process.argv.slice(2);
const http = createServer();
const maxBytes = frameHeaderBytes + frameMaxBytes;

/** Everything between the wire and the disk, and the reading of the container; not the composer. */
async function real(count: number): Promise<{ track: string; token: string }[]> {
  const catalog = await Catalog.open(join(folder, "catalog.sqlite"));
  const disk = new Disk(folder);
  const keys = new Keys(folder);
  const aligner = new Aligner({ catalog, disk, graceMs: 30_000, elapsedMs: () => 0 });
  const spool = new Spool({
    catalog,
    disk,
    reserveBytes: 64e6,
    inspect: (recording, track, segment, facts, file) => aligner.inspect(recording, track, segment, facts, file),
    onAdvance: () => undefined,
  });
  const log = pino({ level: "warn" }, process.stderr);
  const options = { catalog, keys, spool, log, onHello: () => undefined, onClose: () => undefined };
  mountSockets(http, { "/ws/upload": { maxBytes, accept: (ws, _, wire) => void new UploadSocket(ws, wire, options) } }, null, log);
  const room = await catalog.addRoom("Bench");
  const made: { track: string; token: string }[] = [];
  let recordingId = "";
  for (let i = 0; i < count; i++) {
    // Four people to a recording.
    if (i % 4 === 0) recordingId = (await catalog.addRecording({ roomId: room.id, startedAt: 1, zeroMs: 0, epoch: "bench" })).id;
    const participant = makeId("par");
    await catalog.saveParticipant({ id: participant, roomId: room.id, name: `${i}`, role: "guest", consentedAt: 1 });
    const { id } = await catalog.trackFor(recordingId, participant, "camera");
    made.push({ track: id, token: keys.track(id) });
  }
  return made;
}

/** `ws`, one file per socket, each message appended and acked as soon as the system call is back; or, `synced`, as soon as the disk has it. */
function bare(count: number, synced: boolean): { track: string; token: string }[] {
  let sockets = 0;
  new WebSocketServer({ server: http, maxPayload: maxBytes, perMessageDeflate: false }).on("connection", (ws) => {
    const file = openSync(join(folder, `bare-${sockets++}`), "w");
    let offset = 0;
    ws.on("message", (data: Buffer, binary: boolean) => {
      if (!binary) return;
      write(file, data, (error) => {
        if (error) throw error;
        offset += data.length - frameHeaderBytes;
        const ack = JSON.stringify({ type: "ack", segment: "bare", offset });
        if (!synced) return ws.send(ack);
        fdatasync(file, (failed) => {
          if (failed) throw failed;
          ws.send(ack);
        });
      });
    });
    ws.on("close", () => closeSync(file));
  });
  return Array.from({ length: count }, () => ({ track: "", token: "" }));
}

const made = way === "real" ? await real(Number(tracks)) : bare(Number(tracks), way === "synced");
http.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ port: (http.address() as AddressInfo).port, tracks: made })}\n`);
});
process.stdin.on("end", () => process.exit(0)).resume();
