// What a short recording is that somebody attached to a comment: looked at as it arrives, by the parser that looks at every segment.
// Promise: what passes is whole WebM in codecs that every browser of ours plays, and no longer than may be; that is counted, never believed.
import { UserError } from "../../protocol/errors.ts";
import { type AttachmentKind, attachmentMostBytes, attachmentMostMs } from "../../protocol/feedback.ts";
import { type Codec, Container, refusal } from "./container.ts";
import { extentOf } from "./extent.ts";

/** Firefox plays no H.264 out of WebM. */
const playable: ReadonlySet<Codec> = new Set(["vp8", "vp9", "av1", "opus"]);
/** RFC 9559: every WebM file begins with these. */
const magic = [0x1a, 0x45, 0xdf, 0xa3];

/** A recorder stops a moment after it was told to. */
const lateMs = 5000;

export interface Inspected {
  kind: AttachmentKind;
  durationMs: number;
  bytes: number;
}

export class Inspection {
  readonly #container = new Container();
  #known = false;
  #first: number[] = [];

  /** The next bytes. Throws UserError("not-media") as soon as they are nothing that is taken. */
  push(bytes: Uint8Array): void {
    if (this.#first.length < magic.length) this.#first.push(...bytes.subarray(0, magic.length - this.#first.length));
    this.#container.push(bytes);
    if (this.#known || this.#container.streams.length === 0) return;
    this.#known = true;
    if (magic.some((byte, index) => this.#first[index] !== byte))
      throw refusal("This is an MP4 recording; what is attached to a comment is WebM.");
    for (const { codec } of this.#container.streams)
      if (!playable.has(codec)) throw refusal(`This recording is in ${codec.toUpperCase()}; VP8, VP9, AV1 and Opus are taken here.`);
  }

  /** All of it was pushed. */
  end(): Inspected {
    const container = this.#container;
    const { streams, packets, damagedBytes, bytes } = container;
    if (streams.length === 0 || packets.length === 0) throw refusal("There is neither picture nor sound in this recording.");
    if (damagedBytes > 0) throw refusal("This recording is damaged.");
    const extent = extentOf(container);
    const firstMs = Math.min(extent.firstVideoMs ?? Number.POSITIVE_INFINITY, extent.firstAudioMs ?? Number.POSITIVE_INFINITY);
    const lastMs = Math.max(extent.lastVideoMs ?? 0, extent.lastAudioMs ?? 0);
    const kind = streams.some((stream) => stream.kind === "video") ? "video" : "voice";
    const durationMs = Math.max(0, Math.round(lastMs - firstMs));
    if (durationMs > attachmentMostMs[kind] + lateMs)
      throw new UserError(
        "too-large",
        `A ${kind} message lasts at most ${attachmentMostMs[kind] / 1000} seconds; this one lasts ${Math.round(durationMs / 1000)}.`,
      );
    if (bytes > attachmentMostBytes[kind]) throw new UserError("too-large", `This ${kind} message has more bytes than one can have.`);
    return { kind, durationMs, bytes };
  }
}
