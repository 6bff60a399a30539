// Forward-only migrations, by name in order. A released one is never edited.
import type { Migration } from "kysely";
import { attachments } from "./attachments.ts";
import { call } from "./call.ts";
import { captions } from "./captions.ts";
import { claims } from "./claims.ts";
import { debrief } from "./debrief.ts";
import { ended } from "./ended.ts";
import { feedback } from "./feedback.ts";
import { first } from "./first.ts";
import { keptGuide } from "./keptguide.ts";
import { ongoing } from "./ongoing.ts";
import { scenario } from "./scenario.ts";
import { supervisor } from "./supervisor.ts";

export const migrations: Record<string, Migration> = {
  "0001-first": first,
  "0002-call": call,
  "0003-feedback": feedback,
  "0004-supervisor": supervisor,
  "0005-scenario": scenario,
  "0006-captions": captions,
  "0007-debrief": debrief,
  "0008-attachments": attachments,
  "0009-kept-guide": keptGuide,
  "0010-claims": claims,
  "0011-ongoing": ongoing,
  "0012-ended": ended,
};
