// Upload: resume · offset · ack · finish, over `/ws/upload`, one socket per track, and the binary chunk frame.
// Promise: whoever reconnects asks for the offset and sends from there; there is no other way to resume.
import * as z from "zod/mini";
import { parseJson } from "./call.ts";
import { ProtocolError } from "./errors.ts";
import { type ChunkFacts, ClockSample, SegmentFacts } from "./facts.ts";
import { bytes, SegmentId, Sha256, TrackId } from "./recording.ts";

export const uploadVersion = 1;

/** A whole segment, or how one begins: so many bytes, with this hash. */
export const Finished = z.object({ bytes, sha256: Sha256 });
export type Finished = z.infer<typeof Finished>;

export const UploadUp = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    version: z.int(),
    track: z.string().check(z.maxLength(64)),
    token: z.string().check(z.maxLength(200)),
  }),
  /** "I am about to send this segment; how much of it do you hold?" `handle` stands for it in chunk frames on this socket. */
  z.object({ type: z.literal("open"), segment: SegmentId, handle: z.int().check(z.gte(0), z.lte(65535)), facts: SegmentFacts }),
  /** Pings taken while this segment was recorded. Sending one twice is harmless. */
  z.object({ type: z.literal("clock"), segment: SegmentId, samples: z.array(ClockSample).check(z.maxLength(500)) }),
  /** No more bytes will come: this many, with this hash. Less than the server holds where the device lost the end of what it had sent. */
  z.object({ type: z.literal("finish"), segment: SegmentId, ...Finished.shape }),
  /** No more segments will come from this device. `segments`: all it ever opened for this track. */
  z.object({ type: z.literal("end"), segments: z.array(SegmentId).check(z.maxLength(10_000)) }),
]);
export type UploadUp = z.infer<typeof UploadUp>;

export const UploadDown = z.discriminatedUnion("type", [
  z.object({ type: z.literal("welcome"), track: TrackId }),
  /** Durable bytes of the segment: send from here. May be less than an earlier ack (a restored backup): then send again. */
  z.object({ type: z.literal("offset"), segment: SegmentId, offset: bytes, sealed: z.boolean() }),
  z.object({ type: z.literal("ack"), segment: SegmentId, offset: bytes }),
  /** Complete, and its hash is the one announced; or more than was announced, and begins with exactly that. Only now may the device forget it. */
  z.object({ type: z.literal("sealed"), segment: SegmentId, ...Finished.shape }),
  z.object({ type: z.literal("ended") }),
  /** Said just before the socket is closed; `message` is for the person. */
  z.object({ type: z.literal("refused"), code: z.string(), message: z.string() }),
]);
export type UploadDown = z.infer<typeof UploadDown>;

export const parseUploadUp = (text: string): UploadUp => parseJson(UploadUp, text);
export const parseUploadDown = (text: string): UploadDown => parseJson(UploadDown, text);

/** Most media bytes in one frame. A larger chunk is split by the sender into frames of the same `sequence`. */
export const frameMaxBytes = 1024 * 1024;
/** Most bytes sent but not yet acked on one socket: what the server may have to hold for it. */
export const unackedMaxBytes = 4 * 1024 * 1024;

/*
 * The chunk frame, big-endian:
 *   0  u8   version, 1
 *   1  u8   kind, 1 = chunk
 *   2  u16  handle of the segment, from `open`
 *   4  u32  sequence of the chunk in its segment, from 0
 *   8  f64  offset of the first byte below in the segment, an integer
 *  16  f64  endOffset: offset after the chunk's last byte (more than offset + length when this frame is only part of it)
 *  24  f64  eventMs: the browser's clock at `dataavailable`
 *  32       the bytes
 */
export const frameHeaderBytes = 32;

export interface ChunkFrame extends ChunkFacts {
  handle: number;
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export function encodeFrame(frame: ChunkFrame): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(frameHeaderBytes + frame.bytes.length);
  const view = new DataView(out.buffer);
  view.setUint8(0, uploadVersion);
  view.setUint8(1, 1);
  view.setUint16(2, frame.handle);
  view.setUint32(4, frame.sequence);
  view.setFloat64(8, frame.offset);
  view.setFloat64(16, frame.endOffset);
  view.setFloat64(24, frame.eventMs);
  out.set(frame.bytes, frameHeaderBytes);
  return out;
}

/** The bytes are a view into `data`, not a copy. */
export function parseFrame(data: Uint8Array<ArrayBuffer>): ChunkFrame {
  if (data.length <= frameHeaderBytes) throw new ProtocolError("malformed", `frame of ${data.length} bytes`);
  if (data.length > frameHeaderBytes + frameMaxBytes)
    throw new ProtocolError("malformed", `frame of ${data.length} bytes, at most ${frameMaxBytes} of media`);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (view.getUint8(0) !== uploadVersion || view.getUint8(1) !== 1) throw new ProtocolError("malformed", "not a chunk frame of version 1");
  const frame = {
    handle: view.getUint16(2),
    sequence: view.getUint32(4),
    offset: view.getFloat64(8),
    endOffset: view.getFloat64(16),
    eventMs: view.getFloat64(24),
    bytes: data.subarray(frameHeaderBytes),
  };
  const end = frame.offset + frame.bytes.length;
  const sound =
    Number.isSafeInteger(frame.offset) &&
    frame.offset >= 0 &&
    Number.isSafeInteger(frame.endOffset) &&
    frame.endOffset >= end &&
    Number.isFinite(frame.eventMs);
  if (!sound) throw new ProtocolError("malformed", `offset=${frame.offset} endOffset=${frame.endOffset} length=${frame.bytes.length}`);
  return frame;
}
