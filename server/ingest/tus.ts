// Uploads over plain HTTP: tus 1.0 (core, creation, creation-defer-length, checksum) on the same spool as the sockets.
// Promise: a PATCH is answered only when its bytes are on disk; the offset is the file's size, whoever wrote it.
import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type * as z from "zod/mini";
import { ProtocolError, UserError } from "../../protocol/errors.ts";
import { SegmentFacts } from "../../protocol/facts.ts";
import { Announced, ByteCount, Creation, chunkHeader, ofTrack, Place, parseChunk, patchType, tusVersion } from "../../protocol/tus.ts";
import { type Finished, parseUploadUp, type UploadDown, uploadVersion } from "../../protocol/upload.ts";
import type { Catalog, SegmentRow, TrackRow } from "../store/catalog.ts";
import type { Keys } from "../store/keys.ts";
import { checked, checksumAlgorithms, checksumOf } from "./checksum.ts";
import { failureOf } from "./failure.ts";
import type { SegmentFile } from "./segment.ts";
import { replacedBy, type Spool } from "./spool.ts";

export interface TusOptions {
  catalog: Catalog;
  keys: Keys;
  spool: Spool;
  log: Logger;
}

/** A track that asked for nothing this long is not uploading by HTTP, ms. */
const silentMs = 15_000;
/** Worth a sync of its own, bytes. */
const pieceBytes = 1024 * 1024;
/** `end` may name 10 000 segments. */
const messageMaxBytes = 512 * 1024;

export class Tus {
  readonly #options: TusOptions;
  /** The PATCH under way, per track, until it has let go of the segment. */
  readonly #patching = new Map<string, Promise<void>>();
  readonly #heardAt = new Map<string, number>();

  constructor(options: TusOptions) {
    this.#options = options;
  }

  /** Is this track on its way by HTTP now? */
  uploading(trackId: string): boolean {
    return performance.now() - (this.#heardAt.get(trackId) ?? Number.NEGATIVE_INFINITY) < silentMs;
  }

  /** Under `/api/v1`. */
  mount(app: FastifyInstance): void {
    app.addContentTypeParser(patchType, (_request, body, done) => done(null, body));
    app.addHook("onSend", async (_request, reply) => {
      reply.headers({ "tus-resumable": tusVersion, "cache-control": "no-store", "x-content-type-options": "nosniff" });
    });
    app.options("/uploads", { schema: { summary: "What of tus is spoken here" } }, async (_, reply) =>
      reply
        .code(204)
        .headers({
          "tus-version": tusVersion,
          "tus-extension": "creation,creation-defer-length,checksum",
          "tus-checksum-algorithm": checksumAlgorithms.join(","),
        })
        .send(),
    );
    const route =
      (handle: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>) => (request: FastifyRequest, reply: FastifyReply) =>
        handle.call(this, request, reply).catch((error: unknown) => {
          throw failureOf(error);
        });
    const schema = (summary: string) => ({ schema: { summary: `${summary} (bearer: the track's token)` } });
    app.post("/uploads", schema("tus: begin or find a segment's upload"), route(this.#create));
    app.head("/uploads/:track/:segment", schema("tus: how much is there"), route(this.#look));
    app.patch("/uploads/:track/:segment", schema("tus: add at the offset"), route(this.#add));
    app.post("/uploads/:track", { ...schema("clock, finish and end, as on the socket"), bodyLimit: messageMaxBytes }, route(this.#message));
  }

  async #create(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    speaks(request, reply);
    const { version, segment, facts, sha256, ...creation } = parsed(Creation, metadataOf(request), "upload-metadata");
    if (version !== undefined && version !== uploadVersion)
      throw new ProtocolError("wrong-version", `version=${version} expected=${uploadVersion}`);
    const track = await this.#track(request, creation.track);
    const { row, offset } = await this.#options.spool.open(track, segment, facts);
    const query = new URLSearchParams();
    const length = request.headers["upload-length"];
    if (length !== undefined) query.set("bytes", String(parsed(ByteCount, length, "upload-length")));
    if (sha256) query.set("sha256", sha256);
    this.#options.log.info({ recording: track.recordingId, track: track.id, segment, offset, by: "http" }, "segment open");
    const address = `${request.url.split("?")[0]}/${track.id}/${segment}`;
    return reply
      .code(201)
      .headers({ location: query.size > 0 ? `${address}?${query}` : address, ...standing(row, offset, undefined) })
      .send();
  }

  async #look(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    speaks(request, reply);
    const { track, row } = await this.#segment(request);
    const opened = await this.#options.spool.open(track, row.id, SegmentFacts.parse(JSON.parse(row.facts)));
    return reply
      .code(200)
      .headers(standing(opened.row, opened.offset, announced(request).bytes))
      .send();
  }

  async #add(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    speaks(request, reply);
    if (request.headers["content-type"] !== patchType)
      return reply.code(415).send({ code: "malformed", detail: `PATCH needs ${patchType}` });
    const { track, row } = await this.#segment(request);
    if (row.sha256) throw new ProtocolError("sealed", `segment=${row.id} is sealed`);
    const from = parsed(ByteCount, request.headers["upload-offset"], "upload-offset");
    const checksum = checksumOf(request.headers["upload-checksum"]);
    const offset = await this.#alone(track, reply, async (replaced) => {
      const file = await this.#options.spool.file(track, row);
      if (file.offset !== from) throw new ProtocolError("wrong-offset", `offset=${from} expected=${file.offset}`);
      const pieces = piecesOf(request.body as Readable, replaced);
      return await this.#append(track, row, file, request.headers[chunkHeader], checksum ? checked(pieces, checksum) : pieces);
    });
    const { bytes, sha256 } = announced(request);
    const length = request.headers["upload-length"] ? parsed(ByteCount, request.headers["upload-length"], "upload-length") : bytes;
    if (length === offset && sha256) await this.#seal(track, row, offset, sha256);
    return reply.code(204).header("upload-offset", offset).send();
  }

  async #append(
    track: TrackRow,
    row: SegmentRow,
    file: SegmentFile,
    header: string | string[] | undefined,
    pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
  ): Promise<number> {
    const chunk = typeof header === "string" ? parseChunk(header, file.offset) : null;
    try {
      for await (const bytes of pieces) {
        // One body may bring any number of pieces.
        await this.#options.spool.requireSpace();
        const { offset } = file;
        // A sequence below all others is not noted: a foreign client knows nothing of chunks.
        const facts = chunk ?? { sequence: -1, endOffset: offset + bytes.length, eventMs: 0 };
        await file.append({ handle: 0, ...facts, offset, bytes });
        this.#heardAt.set(track.id, performance.now());
        this.#options.spool.advanced(track.recordingId);
      }
    } catch (error) {
      if (error instanceof UserError && error.code === "not-media") await this.#options.spool.refuse(track, row, error);
      throw error;
    }
    return file.offset;
  }

  async #message(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const track = await this.#track(request, parsed(ofTrack, request.params, "address").track);
    const message = parseUploadUp(JSON.stringify(request.body ?? null));
    const answer = (down: UploadDown) => reply.code(200).send(down);
    if (message.type === "end") {
      await this.#options.spool.end(track, message.segments);
      this.#heardAt.delete(track.id);
      this.#options.log.info(
        { recording: track.recordingId, track: track.id, segments: message.segments.length, by: "http" },
        "track ended",
      );
      return answer({ type: "ended" });
    }
    if (message.type !== "clock" && message.type !== "finish") throw new ProtocolError("unexpected", `message=${message.type}`);
    const row = await this.#rowOf(track, message.segment);
    if (message.type === "finish") {
      return answer({ type: "sealed", segment: row.id, ...(await this.#seal(track, row, message.bytes, message.sha256)) });
    }
    const file = row.sha256 ? null : await this.#options.spool.file(track, row);
    const kept = file?.clock(message.samples);
    // Its next chunk comes only after this answer.
    file?.flush();
    await kept;
    return reply.code(204).send();
  }

  async #seal(track: TrackRow, row: SegmentRow, bytes: number, sha256: string): Promise<Finished> {
    const sealed = await this.#options.spool.seal(track, row, bytes, sha256);
    this.#options.log.info(
      { recording: track.recordingId, track: track.id, segment: row.id, bytes: sealed.bytes, announced: bytes, by: "http" },
      "segment sealed",
    );
    return sealed;
  }

  /** Of two connections that send one track the newer wins, sockets included: the older one is told so, and its bytes that are here stay. */
  async #alone<T>(track: TrackRow, reply: FastifyReply, action: (replaced: Promise<never>) => Promise<T>): Promise<T> {
    let release: () => void = () => undefined;
    const replaced = new Promise<never>((_, reject) => {
      release = this.#options.spool.claim(track.id, () => reject(replacedBy()));
    });
    replaced.catch(() => undefined);
    const older = this.#patching.get(track.id);
    const work = (async () => {
      await older;
      return await action(replaced);
    })();
    const done = work.then(
      () => undefined,
      // What is left of its body is not read.
      () => void reply.header("connection", "close"),
    );
    this.#patching.set(track.id, done);
    try {
      return await work;
    } finally {
      release();
      if (this.#patching.get(track.id) === done) this.#patching.delete(track.id);
    }
  }

  /** The token first: who cannot open a track does not learn whether it exists. */
  async #track(request: FastifyRequest, id: string): Promise<TrackRow> {
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (!token) throw new UserError("key-missing", "The track's token is needed: send it as “Authorization: Bearer …”.");
    if (!this.#options.keys.opensTrack(token, id)) throw new UserError("not-allowed", "This link may not upload here.");
    const track = await this.#options.catalog.track(id);
    if (!track) throw new UserError("gone", "The recording was deleted on the server.");
    this.#heardAt.set(id, performance.now());
    return track;
  }

  async #segment(request: FastifyRequest): Promise<{ track: TrackRow; row: SegmentRow }> {
    const place = parsed(Place, request.params, "address");
    const track = await this.#track(request, place.track);
    return { track, row: await this.#rowOf(track, place.segment) };
  }

  async #rowOf(track: TrackRow, segment: string): Promise<SegmentRow> {
    const row = await this.#options.catalog.segment(segment);
    if (!row) throw new UserError("not-found", "Nothing of this segment has been sent yet.");
    if (row.trackId !== track.id) throw new ProtocolError("wrong-segment", `segment=${segment} track=${track.id}`);
    if (row.refusal) throw new UserError("not-media", row.refusal);
    return row;
  }
}

function speaks(request: FastifyRequest, reply: FastifyReply): void {
  if (request.headers["tus-resumable"] === tusVersion) return;
  reply.header("tus-version", tusVersion);
  throw Object.assign(new Error(`This is tus ${tusVersion}.`), { statusCode: 412 });
}

/** A length is said only once it is known: announced, or sealed. */
function standing(row: SegmentRow, offset: number, bytes: number | undefined): Record<string, string> {
  const length = row.sha256 ? offset : bytes;
  return {
    "upload-offset": String(offset),
    ...(length === undefined ? { "upload-defer-length": "1" } : { "upload-length": String(length) }),
  };
}

function announced(request: FastifyRequest): Announced {
  return parsed(Announced, request.query, "address");
}

function parsed<T extends z.ZodMiniType>(schema: T, value: unknown, what: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (!result.success)
    throw new ProtocolError("malformed", `${what}: ${result.error.issues[0]?.path.join(".")} ${result.error.issues[0]?.message}`);
  return result.data as z.infer<T>;
}

/** `key base64, key base64`; `facts` is JSON, `version` a number. */
function metadataOf(request: FastifyRequest): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const pair of String(request.headers["upload-metadata"] ?? "").split(",")) {
    const [name = "", value = ""] = pair.trim().split(" ");
    if (name === "") continue;
    const text = Buffer.from(value, "base64").toString("utf8");
    try {
      found[name] = name === "facts" || name === "version" ? JSON.parse(text) : text;
    } catch (cause) {
      throw new ProtocolError("malformed", `upload-metadata: ${name}`, { cause });
    }
  }
  return found;
}

/** As much as comes: a connection that breaks ends it early, and what came before is kept (tus, "as much of the received data as possible").
 * `replaced` rejects once it is to stop. */
async function* piecesOf(body: Readable, replaced: Promise<never>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let held: Buffer[] = [];
  let size = 0;
  const parts = (body as Readable & AsyncIterable<Buffer>).iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const { done, value } = await Promise.race([parts.next(), replaced]);
      if (done) break;
      held.push(value);
      size += value.length;
      if (size < pieceBytes) continue;
      yield Buffer.concat(held);
      held = [];
      size = 0;
    }
  } catch (error) {
    if (error instanceof UserError || !body.destroyed) throw error;
  }
  if (size > 0) yield Buffer.concat(held);
}
