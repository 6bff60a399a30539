// One track's upload: connect, learn the offset, send until drained, on any break wait and go round again.
// Promise: first start, reconnect and recovery after a crash are these same lines; nothing is forgotten before the server sealed it.
import { closeCode, ProtocolError } from "../../protocol/errors.ts";
import { encodeFrame, frameMaxBytes, type UploadDown, unackedMaxBytes, uploadVersion } from "../../protocol/upload.ts";
import { Allowance } from "./allowance.ts";
import { Bell } from "./bell.ts";
import { Broken, Connection, type UploadSocket } from "./connection.ts";
import type { Track } from "./outbox.ts";
import { Pace } from "./pace.ts";
import type { Segment } from "./segment.ts";
import { type Batch, Telling } from "./telling.ts";

/** "trying": not connected yet, and nothing known to be wrong. */
export type UploaderState = "trying" | "sending" | "offline" | "disk-full" | "refused" | "done";

/** How often it is asked whether the server is there again. */
const probeEveryMs = 1000;
const backOffFirstMs = 250;
const backOffMostMs = 8000;
/** A full disk is somebody's work to clear: often enough to go on at once when it is, seldom enough to leave it in peace. */
const diskFullMs = 4000;
/** Clock samples that no frame follows, bytes per second, where no width of the way was seen. */
const samplesRate = 16_000;
const samplesLeastBytes = 1200;
/** Trying again cannot help: the answer would be the same. */
const final: readonly number[] = [
  closeCode.notMedia,
  closeCode.forbidden,
  closeCode.gone,
  closeCode.tooLarge,
  closeCode.wrongVersion,
  closeCode.malformed,
];

/** What the server says to `end` where it does not know a segment, or has not sealed it. */
const unknown: readonly (string | null)[] = ["wrong-segment", "unexpected"];
export const lostWords = "The server has lost a part of your recording that it already had, and this browser no longer has it.";
const unreadable = "This browser cannot read a part of your recording back now; another try after a restart may help.";

export interface UploaderOptions {
  track: Track;
  connect: () => UploadSocket;
  /** Whether the server answers over HTTP, within seconds; `signal` ends the question. */
  probe: (signal: AbortSignal) => Promise<boolean>;
  /** Shared by all uploads of this device. */
  allowance: Allowance;
  onChange: () => void;
  /** 0 … 1, for the jitter. */
  random: () => number;
}

export class Uploader {
  state: UploaderState = "trying";
  /** The server's sentence, when it refused. */
  refusal: string | null = null;
  /** The code of its error. */
  why: string | null = null;
  /** Segments the server found a conflict in: sent after all others, so that they hold up none. */
  readonly #postponed = new Set<string>();
  readonly #bell = new Bell();
  readonly #pace = new Pace();
  /** What goes out although nobody will ack it. */
  readonly #unacked = new Allowance();
  #telling: Telling | null = null;
  /** Rings when more may be sent. */
  #allowed: ReturnType<typeof setTimeout> | null = null;
  #connection: Connection | null = null;
  #failures = 0;
  #hurries = 0;
  /** Ends, and is replaced, whenever somebody else has reached the server. */
  #reached = new AbortController();
  readonly #closing = new AbortController();
  #running: Promise<void> | null = null;

  constructor(readonly options: UploaderOptions) {}

  /** Durable on the server, as far as it has told us. */
  get bytesSafe(): number {
    return this.options.track.segments.reduce(
      (sum, segment) => sum + Math.min(segment.bytes, segment.sealed?.bytes ?? segment.acked.offset),
      0,
    );
  }

  /** Also again after a refusal. Resolves when the track has ended, was refused, or `close` was called. */
  run(): Promise<void> {
    this.#running ??= this.#loop().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** The network may have changed: try at once instead of at the end of the pause, and do not wait long for one that says nothing.
   * `reached`: the server has answered somebody else here, and need not be asked. */
  hurry(reached = false): void {
    this.#hurries++;
    if (reached) {
      this.#reached.abort();
      this.#reached = new AbortController();
    }
    this.#connection?.doubt();
    this.#bell.ring();
  }

  /** New bytes, a new segment, a finish or the end: look at the track again. */
  wake(): void {
    this.#bell.ring();
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#bell.ring();
    await this.#running;
  }

  async #loop(): Promise<void> {
    this.#become("trying");
    while (!this.#closed) {
      const connection = new Connection(this.options.connect(), () => this.#bell.ring());
      this.#connection = connection;
      try {
        await this.#round(connection);
        if (!this.#closed) this.#become("done");
        return;
      } catch (error) {
        if (!this.#survive(error)) return;
      } finally {
        this.#connection = null;
        connection.close();
      }
      const [hurries, { signal }] = [this.#hurries, this.#reached];
      await this.#bell.pause(this.#backOffMs(), () => this.#closed || this.#hurries > hurries);
      await this.#reach(signal);
    }
  }

  /** Until the server answers over HTTP, or has answered somebody else: a socket that is asked for while nothing gets through hangs for seconds after that
   * is over, and Firefox 140 keeps one that was given up among its six connections to the server, before those that come later. */
  async #reach(reached: AbortSignal): Promise<void> {
    const over = AbortSignal.any([this.#closing.signal, reached]);
    while (!over.aborted && !(await this.options.probe(over))) {
      const hurries = this.#hurries;
      const ms = probeEveryMs * (0.5 + this.options.random() / 2);
      await this.#bell.pause(ms, () => over.aborted || this.#hurries > hurries);
    }
  }

  /** What a break means. False when trying again cannot help. */
  #survive(error: unknown): boolean {
    if (this.#closed) return false;
    const broken = error instanceof Broken ? error : null;
    if (!broken) console.error(`upload: track=${this.options.track.about.track}`, error);
    this.refusal = broken?.refusal ?? null;
    this.why = broken?.why ?? null;
    this.#failures++;
    const refused = broken !== null && final.includes(broken.code);
    this.#become(refused ? "refused" : broken?.code === closeCode.diskFull ? "disk-full" : "offline");
    return !refused;
  }

  #backOffMs(): number {
    const most = this.state === "disk-full" ? diskFullMs : Math.min(backOffMostMs, backOffFirstMs * 2 ** (this.#failures - 1));
    return most * (0.5 + this.options.random() / 2);
  }

  async #round(connection: Connection): Promise<void> {
    const { track } = this.options;
    await this.#until(() => connection.open || null);
    connection.send({ type: "hello", version: uploadVersion, track: track.about.track, token: track.about.token });
    await this.#answer(connection, "welcome");
    let handle = 0;
    while (!this.#closed) {
      const segment = this.#next();
      if (segment) await this.#send(connection, segment, handle++ % 65536);
      else if (!track.ended) await this.#idle(connection);
      else {
        if (track.segments.some((segment) => segment.unreadable)) throw new Broken(closeCode.gone, unreadable, "not all of it can be read");
        connection.send({ type: "end", segments: track.segments.map((one) => one.id) });
        await this.#ended(connection);
        if (track.ended && !this.#next()) return;
      }
    }
  }

  /** Everything is sealed as far as this device knows: a server that has not got it has lost it, say with an older catalog, and asking again is no help. */
  async #ended(connection: Connection): Promise<void> {
    try {
      await this.#answer(connection, "ended");
    } catch (error) {
      if (!(error instanceof Broken && unknown.includes(error.why))) throw error;
      throw new Broken(closeCode.gone, lostWords, error.message, "lost");
    }
  }

  #next(): Segment | undefined {
    const open = this.options.track.segments.filter((segment) => !segment.sealed && !segment.unreadable);
    return open.find((segment) => !this.#postponed.has(segment.id)) ?? open[0];
  }

  /** Everything is sealed and the call goes on: until something is recorded or the socket breaks. */
  async #idle(connection: Connection): Promise<void> {
    this.#become("sending");
    await this.#until(() => {
      connection.take();
      return this.#next() || this.options.track.ended || null;
    });
  }

  async #send(connection: Connection, segment: Segment, handle: number): Promise<void> {
    connection.send({ type: "open", segment: segment.id, handle, facts: segment.facts });
    const { offset } = await this.#answer(connection, "offset");
    this.#telling = new Telling(segment, offset);
    if (this.state !== "disk-full") this.#become("sending");
    if (segment.finished && offset > segment.bytes)
      console.warn(`upload: segment=${segment.id} server=${offset} device=${segment.bytes}: its end was torn off here`);
    try {
      await this.#drain(connection, this.#telling, handle);
      await this.#finish(connection, segment);
    } catch (error) {
      if (!(error instanceof Broken) || error.code === closeCode.conflict) this.#postponed.add(segment.id);
      throw error;
    }
  }

  /** Returns when the segment is finished and every byte of it acked; or given up, because the server lost what nobody else kept. */
  async #drain(connection: Connection, telling: Telling, handle: number): Promise<void> {
    const { segment } = telling;
    let sent = segment.acked.offset;
    this.#pace.restart();
    await this.#until(() => {
      for (let message = connection.take(); message; message = connection.take()) this.#takeAck(message);
      const acked = segment.acked.offset;
      while (sent < segment.bytes && segment.readable(sent) && sent - acked < unackedMaxBytes) {
        const next = this.#bring(connection, telling, handle, sent);
        if (next === sent) break;
        sent = next;
      }
      if (sent >= segment.bytes) this.#tell(connection, telling);
      connection.expect(sent > acked);
      if (!segment.readable(sent) && acked >= sent) segment.giveUp();
      return (segment.finished !== null && acked >= segment.bytes && telling.done) || null;
    });
  }

  /** One frame, and before it the clock samples that wait, half of what may go at once at the most: its ack is theirs, too. Answers what is sent then. */
  #bring(connection: Connection, telling: Telling, handle: number, sent: number): number {
    const { segment } = telling;
    const nowMs = performance.now();
    const media = Math.min(frameMaxBytes, unackedMaxBytes - (sent - segment.acked.offset), segment.bytes - sent);
    let batch = telling.batch(this.#pace.bytes / 2);
    const allowed = this.options.allowance.take(Math.min(this.#pace.bytes, media + batch.bytes), this.#pace.underWay, nowMs);
    if (allowed === 0) {
      this.#askAgain();
      return sent;
    }
    if (batch.bytes > allowed / 2) batch = telling.batch(allowed / 2);
    const piece = segment.read(sent, Math.min(media, Math.max(1, allowed - batch.bytes)));
    if (!piece) return sent;
    this.#say(connection, telling, batch);
    connection.send(encodeFrame({ handle, ...piece }));
    const end = sent + piece.bytes.length;
    telling.sent(end);
    this.#pace.sent(end, piece.bytes.length + batch.bytes, nowMs);
    return end;
  }

  /** Clock samples that no frame follows. Nobody acks those: they go so slowly that what is asked for after them is answered before the silence is
   * too long, on a narrow way too. */
  #tell(connection: Connection, telling: Telling): void {
    const { allowance } = this.options;
    const nowMs = performance.now();
    const rate = Math.max(samplesRate, (allowance.uplink ?? 0) / 2);
    this.#unacked.pace(rate, nowMs);
    while (!telling.done) {
      const { bytes } = telling.batch(Math.max(samplesLeastBytes, rate / 10));
      const allowed = this.#unacked.take(bytes, 0, nowMs) && allowance.take(bytes, this.#pace.underWay, nowMs);
      if (allowed === 0) break;
      this.#say(connection, telling, telling.batch(allowed));
    }
    if (!telling.done) this.#askAgain();
  }

  #say(connection: Connection, telling: Telling, batch: Batch): void {
    if (batch.samples.length === 0) return;
    connection.send({ type: "clock", segment: telling.segment.id, samples: batch.samples });
    telling.told(batch);
  }

  async #finish(connection: Connection, segment: Segment): Promise<void> {
    const { finished } = segment;
    if (!finished) return;
    connection.send({ type: "finish", segment: segment.id, ...finished });
    const sealed = await this.#answer(connection, "sealed");
    // More than this device still has of it: the server answers so only for what begins with our bytes.
    const torn = sealed.bytes > finished.bytes;
    if (sealed.segment !== segment.id || (!torn && (sealed.bytes !== finished.bytes || sealed.sha256 !== finished.sha256)))
      throw new ProtocolError(
        "wrong-hash",
        `segment=${segment.id} sealed=${sealed.segment} hash=${sealed.sha256} expected=${finished.sha256}`,
      );
    await segment.seal({ bytes: sealed.bytes, sha256: sealed.sha256 });
    this.#postponed.delete(segment.id);
    this.#progress();
  }

  /** Of the segment that is being sent: those of earlier ones all came before it. */
  #takeAck(message: UploadDown): void {
    if (message.type !== "ack") throw new ProtocolError("unexpected", `message=${message.type}`);
    const telling = this.#telling;
    if (message.segment !== telling?.segment.id) return;
    telling.acked(message.offset);
    telling.segment.release(message.offset);
    const nowMs = performance.now();
    const arrived = this.#pace.acked(message.offset, nowMs);
    if (arrived) this.options.allowance.arrived(arrived.bytes, arrived.tookMs, nowMs);
    this.#progress();
  }

  #askAgain(): void {
    this.#allowed ??= setTimeout(() => {
      this.#allowed = null;
      this.#bell.ring();
    }, this.options.allowance.waitMs);
  }

  /** The answer to what was just asked; acks that were under way come before it. */
  async #answer<T extends UploadDown["type"]>(connection: Connection, type: T): Promise<Extract<UploadDown, { type: T }>> {
    connection.expect(true);
    try {
      return await this.#until(() => {
        for (let message = connection.take(); message; message = connection.take()) {
          if (message.type === type) return message as Extract<UploadDown, { type: T }>;
          this.#takeAck(message);
        }
        return null;
      });
    } finally {
      connection.expect(false);
    }
  }

  /** Tries at every ring of the bell until `attempt` gives something. */
  async #until<T>(attempt: () => T | null): Promise<T> {
    for (;;) {
      if (this.#closed) throw new Broken(0, null, "closed by this side");
      const result = attempt();
      if (result !== null) return result;
      await this.#bell.next();
    }
  }

  #progress(): void {
    this.#failures = 0;
    this.#become("sending");
    this.options.onChange();
  }

  #become(state: UploaderState): void {
    if (this.state === state) return;
    this.state = state;
    if (state === "sending" || state === "done") this.refusal = null;
    this.options.onChange();
  }
}
