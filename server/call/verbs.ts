// Every message that one can say once one has joined, and what carries it out. `join` and `ping` are the socket's own affair.
import type { CallUp } from "../../protocol/call.ts";
import type { Said, Verb } from "./verb.ts";
import { bookmark } from "./verbs/bookmark.ts";
import { cast } from "./verbs/cast.ts";
import { chat } from "./verbs/chat.ts";
import { consent } from "./verbs/consent.ts";
import { draw } from "./verbs/draw.ts";
import { end } from "./verbs/end.ts";
import { hand } from "./verbs/hand.ts";
import { heard } from "./verbs/heard.ts";
import { kept } from "./verbs/kept.ts";
import { leave } from "./verbs/leave.ts";
import { media } from "./verbs/media.ts";
import { mute } from "./verbs/mute.ts";
import { pause, resume } from "./verbs/pause.ts";
import { record } from "./verbs/record.ts";
import { remove } from "./verbs/remove.ts";
import { rules } from "./verbs/rules.ts";
import { signal } from "./verbs/signal.ts";
import { stop } from "./verbs/stop.ts";
import { swap } from "./verbs/swap.ts";
import { track } from "./verbs/track.ts";
import { whisper } from "./verbs/whisper.ts";

export type Spoken = Exclude<CallUp["type"], "join" | "ping">;

export const verbs: { readonly [T in Spoken]: Verb<Said<T>> } = {
  bookmark,
  cast,
  chat,
  consent,
  draw,
  end,
  hand,
  heard,
  kept,
  leave,
  media,
  mute,
  pause,
  record,
  remove,
  resume,
  rules,
  signal,
  stop,
  swap,
  track,
  whisper,
};
