// One upload socket: hello, then open · chunks · finish · end for the segments of one track.
// Promise: `ack` is sent only for durable bytes; whatever is wrong, the socket closes with a code and a sentence and nothing acked is lost.
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { closeCodeOf, ProtocolError, UserError } from "../../protocol/errors.ts";
import type { SegmentId } from "../../protocol/recording.ts";
import { parseFrame, parseUploadUp, type UploadDown, type UploadUp, uploadVersion } from "../../protocol/upload.ts";
import type { Catalog, SegmentRow, TrackRow } from "../store/catalog.ts";
import type { Keys } from "../store/keys.ts";
import { failureOf } from "./failure.ts";
import { replacedBy, type Spool } from "./spool.ts";

export interface UploadSocketOptions {
  catalog: Catalog;
  keys: Keys;
  spool: Spool;
  log: Logger;
  /** Called when the track is known, and when the socket is gone: a track with a socket is waited for. */
  onHello: (socket: UploadSocket) => unknown;
  onClose: (socket: UploadSocket) => unknown;
  helloMs?: number;
  beatMs?: number;
}

/** The connection below the socket: what came of a message that is not all here yet is a sign of life, too. */
interface Wire {
  readonly bytesRead: number;
}

/** From connecting to `hello`, ms: a page does it in one round trip. */
const helloWithinMs = 10_000;
/** Looked at this often, and asked for a sign of life when nothing came since, ms. */
const beatMs = 2500;
/** So many looks without one new byte, an answer to a ping included, are a black hole: known within 10 s. However slow, an upload brings bytes.
 * Looks are counted, not time: a process that was stopped for a while has seen nobody fall silent. */
const silentBeats = 3;
/** More than this lies unsynced: nothing more is read until the disk has taken it, and TCP passes that on to the sender. */
const heldMaxBytes = 512 * 1024;
/** What a message costs besides its bytes while it waits, so that very many very small ones count for what they are. */
const messageBytes = 2048;
/** Whoever lets this much of our answers lie, bytes, reads none of them: an ack has 80. */
const unreadMaxBytes = 1024 * 1024;

export class UploadSocket {
  track: TrackRow | null = null;
  readonly #ws: WebSocket;
  readonly #wire: Wire;
  readonly #options: UploadSocketOptions;
  readonly #segments = new Map<number, SegmentRow>();
  /** Durable and not yet said. */
  readonly #acks = new Map<SegmentId, number>();
  #turn: Promise<void> = Promise.resolve();
  #unsyncedBytes = 0;
  #closed = false;
  #release: () => void = () => undefined;
  #heard = { bytes: 0, silentBeats: 0 };
  readonly #beat: NodeJS.Timeout;

  constructor(ws: WebSocket, wire: Wire, options: UploadSocketOptions) {
    this.#ws = ws;
    this.#wire = wire;
    this.#options = options;
    const hello = setTimeout(() => this.#refuse(new ProtocolError("unexpected", "no hello")), options.helloMs ?? helloWithinMs);
    this.#beat = setInterval(() => this.#listen(), options.beatMs ?? beatMs);
    ws.on("message", (data: Buffer, binary: boolean) => {
      clearTimeout(hello);
      this.#take(data, binary);
    });
    ws.on("error", (error) => options.log.debug({ track: this.track?.id, error: error.message }, "upload socket error"));
    ws.on("close", () => {
      clearTimeout(hello);
      clearInterval(this.#beat);
      this.#closed = true;
      this.#release();
      options.onClose(this);
    });
  }

  /** Tells the tab to come back in a moment, or that there is nothing to come back for. */
  close(code: number, reason: string): void {
    this.#closed = true;
    this.#ws.close(code, reason);
  }

  /** What waits in memory for the disk or for its turn, with what each message costs. */
  get heldBytes(): number {
    return this.#unsyncedBytes;
  }

  /** Everything taken so far has been handled. */
  async drained(): Promise<void> {
    await this.#turn;
  }

  #listen(): void {
    const bytes = this.#wire.bytesRead;
    // While we do not read, its silence is ours.
    const silent = bytes === this.#heard.bytes && !this.#ws.isPaused;
    this.#heard = { bytes, silentBeats: silent ? this.#heard.silentBeats + 1 : 0 };
    if (this.#heard.silentBeats >= silentBeats) this.#ws.terminate();
    else if (silent) this.#ws.ping();
  }

  /** Messages are handled strictly one after another; chunks only queue their bytes in turn, so syncs still overlap. */
  #take(data: Buffer, binary: boolean): void {
    if (this.#closed) return;
    const cost = data.length + messageBytes;
    this.#unsyncedBytes += cost;
    if (this.#unsyncedBytes > heldMaxBytes) this.#ws.pause();
    const done = () => {
      this.#unsyncedBytes -= cost;
      if (this.#unsyncedBytes <= heldMaxBytes && this.#ws.isPaused) this.#ws.resume();
    };
    this.#turn = this.#turn
      .then(() => (this.#closed ? done() : binary ? this.#chunk(data, done) : this.#text(data, done)))
      .catch((error) => this.#refuse(error));
  }

  async #text(data: Buffer, done: () => void): Promise<void> {
    const message = parseUploadUp(data.toString("utf8"));
    if (message.type === "clock") await this.#clock(message, done);
    else await this.#message(message).finally(done);
  }

  async #message(message: Exclude<UploadUp, { type: "clock" }>): Promise<void> {
    if (message.type === "hello") return this.#hello(message);
    const track = this.#helloed();
    const { spool } = this.#options;
    if (message.type === "end") {
      await spool.end(track, message.segments);
      this.#send({ type: "ended" });
      this.#options.log.info({ recording: track.recordingId, track: track.id, segments: message.segments.length }, "track ended");
      return;
    }
    if (message.type === "open") {
      const { row, offset } = await spool.open(track, message.segment, message.facts);
      this.#segments.set(message.handle, row);
      this.#send({ type: "offset", segment: message.segment, offset, sealed: row.sha256 !== null });
      this.#options.log.info({ recording: track.recordingId, track: track.id, segment: row.id, offset }, "segment open");
      return;
    }
    const row = this.#opened(message.segment);
    const sealed = await spool.seal(track, row, message.bytes, message.sha256);
    row.sha256 = sealed.sha256;
    this.#send({ type: "sealed", segment: message.segment, ...sealed });
    this.#options.log.info(
      { recording: track.recordingId, track: track.id, segment: row.id, bytes: sealed.bytes, announced: message.bytes },
      "segment sealed",
    );
  }

  async #hello(message: UploadUp & { type: "hello" }): Promise<void> {
    const { catalog, keys } = this.#options;
    if (this.track) throw new ProtocolError("unexpected", "a second hello");
    if (message.version !== uploadVersion) throw new ProtocolError("wrong-version", `version=${message.version} expected=${uploadVersion}`);
    // The token first: who cannot open a track does not learn whether it exists.
    if (!keys.opensTrack(message.token, message.track)) throw new UserError("not-allowed", "This link may not upload here.");
    const track = await catalog.track(message.track);
    if (!track) throw new UserError("gone", "The recording was deleted on the server.");
    this.track = track;
    this.#release = this.#options.spool.claim(track.id, () => this.#refuse(replacedBy()));
    this.#options.onHello(this);
    this.#send({ type: "welcome", track: track.id });
  }

  #opened(segment: SegmentId): SegmentRow {
    const row = [...this.#segments.values()].find(({ id }) => id === segment);
    if (!row) throw new ProtocolError("wrong-segment", `segment=${segment} was not opened on this socket`);
    return row;
  }

  /** What came with it counts as held until it is on the disk, as a chunk's bytes do. */
  async #clock({ segment, samples }: UploadUp & { type: "clock" }, done: () => void): Promise<void> {
    const track = this.#helloed();
    const row = this.#opened(segment);
    if (row.sha256) return done();
    const file = await this.#options.spool.file(track, row);
    file
      .clock(samples)
      .finally(done)
      .catch((error) => this.#refuse(error));
  }

  async #chunk(data: Buffer, done: () => void): Promise<void> {
    const track = this.#helloed();
    const frame = parseFrame(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.length));
    const row = this.#segments.get(frame.handle);
    if (!row) throw new ProtocolError("wrong-segment", `handle=${frame.handle} was not opened on this socket`);
    if (row.sha256) throw new ProtocolError("sealed", `segment=${row.id} is sealed`);
    const file = await this.#options.spool.file(track, row);
    if (frame.offset < file.end) await file.compare(frame);
    file
      .append(frame)
      .then((offset) => this.#acknowledge(track, row.id, offset))
      .catch(async (error: unknown) => {
        if (error instanceof UserError && error.code === "not-media") await this.#options.spool.refuse(track, row, error);
        throw error;
      })
      .finally(done)
      .catch((error) => this.#refuse(error));
  }

  /** Frames that became durable together are acked together. */
  #acknowledge(track: TrackRow, segment: SegmentId, offset: number): void {
    if (this.#acks.size === 0) queueMicrotask(() => this.#sendAcks(track));
    this.#acks.set(segment, offset);
  }

  #sendAcks(track: TrackRow): void {
    for (const [segment, offset] of this.#acks) this.#send({ type: "ack", segment, offset });
    this.#acks.clear();
    this.#options.spool.advanced(track.recordingId);
    if (this.#ws.bufferedAmount > unreadMaxBytes) this.#ws.terminate();
  }

  #helloed(): TrackRow {
    if (!this.track) throw new ProtocolError("unexpected", "a message before hello");
    return this.track;
  }

  #send(message: UploadDown): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.send(JSON.stringify(message));
  }

  #refuse(thrown: unknown): void {
    if (this.#closed) return;
    const error = failureOf(thrown);
    const code = closeCodeOf(error);
    const known = error instanceof UserError || error instanceof ProtocolError;
    const message =
      error instanceof UserError
        ? error.message
        : known
          ? error.code === "wrong-version"
            ? "This page and the server are of different versions. Reload the page, and the upload goes on."
            : "The upload was interrupted; it starts again from what is safe."
          : "Something went wrong on the server.";
    this.#options.log[known ? "warn" : "error"](
      { recording: this.track?.recordingId, track: this.track?.id, code, err: error },
      "upload socket refused",
    );
    const why = known ? error.code : "internal";
    this.#send({ type: "refused", code: why, message });
    this.close(code, closeReason(why, message));
  }
}

/** The sentence and the code: "The server's disk is full. [disk-full]". A close reason holds at most 123 bytes of UTF-8 (RFC 6455, 5.5). */
function closeReason(code: string, message: string): string {
  const tail = ` [${code}]`;
  let text = message;
  while (Buffer.byteLength(text + tail) > 123) text = `${[...text].slice(0, -2).join("")}…`;
  return text + tail;
}
