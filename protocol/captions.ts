// What was said, in writing: captions, each of one track and so of one person. No transforms: what is described is what is sent.
// Times are integer ms on the recording's clock.
import * as z from "zod/mini";
import { id, ms, TrackId } from "./recording.ts";
import { mostWords } from "./vtt.ts";

const CaptionId = id("cap");
const moment = ms.check(z.gte(0));
/** RFC 3339. */
const when = z.string();

/** Text, never markup; of control characters only the end of a line. */
const words = z.string().check(z.trim(), z.minLength(1), z.maxLength(mostWords), z.regex(/^[^\p{Cc}]*(?:\n[^\p{Cc}]*)*$/u));

export const Caption = z.object({
  id: CaptionId,
  /** Null: nobody knows whose words these are. */
  trackId: z.nullable(TrackId),
  fromMs: ms,
  toMs: ms,
  body: z.string(),
  /** Where it came from: a file that somebody gave, or the server's own model. */
  origin: z.enum(["file", "machine"]),
  editedAt: z.nullable(when),
  version: z.int(),
});
export type Caption = z.infer<typeof Caption>;

/** How the server's own model stands with one track. `why`: in words, when it failed. */
export const Hearing = z.object({
  trackId: TrackId,
  state: z.enum(["waiting", "listening", "failed"]),
  why: z.nullable(z.string()),
});
export type Hearing = z.infer<typeof Hearing>;

/** By time. `mayMend`: whoever asks may change single lines. `machine`: this server has a model of its own to ask. `hearings`: what it is at, or failed at; a track that is done has captions. */
export const CaptionList = z.object({
  items: z.array(Caption),
  cursor: z.nullable(z.string()),
  mayMend: z.boolean(),
  machine: z.boolean(),
  hearings: z.array(Hearing),
});
export type CaptionList = z.infer<typeof CaptionList>;

/** Bytes of a request with a file in it. */
export const captionsMaxBytes = 4 * 1024 * 1024;

/** `trackId`: whose words the file has; null: it says itself, by names in voice tags (`<v Asha>`). It replaces what was there of whom it is about. */
export const NewCaptions = z.object({
  trackId: z.nullable(TrackId),
  vtt: z.string().check(z.maxLength(2 * 1024 * 1024)),
});
export type NewCaptions = z.infer<typeof NewCaptions>;
/** `strangers`: names in the file that nobody on this recording has; their words are kept as nobody's. */
export const AddedCaptions = z.object({ count: z.int(), strangers: z.array(z.string()) });
export type AddedCaptions = z.infer<typeof AddedCaptions>;

export const EditCaption = z.object({
  body: z.optional(words),
  fromMs: z.optional(moment),
  toMs: z.optional(moment),
  trackId: z.optional(z.nullable(TrackId)),
  /** As of a comment: refused with 409 and the newest one when somebody else was faster. */
  version: z.optional(z.int()),
});
export type EditCaption = z.infer<typeof EditCaption>;

/** Null: every track that has no captions yet. */
export const AskHearing = z.object({ trackId: z.nullable(TrackId) });
