// How loud everybody was, beside the windows: `levels.jsonl`, a line for each window that was composed. Figures only; nobody can tell a word from them.
// Promise: what stands there was measured; a line that a crash tore is left out, and the same moment measured twice is told once.
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";

export const levelsFile = "levels.jsonl";
/** One level stands for so long, ms. */
export const levelMs = 10;
/** Digital silence, in dB below full scale. */
export const silenceDb = 127;

/** `levels`: dB below full scale, 0 to 127 (silence), one for each `levelMs` from `fromMediaMs` (the segment's own time) on. */
export interface VoiceLevels {
  segment: string;
  fromMediaMs: number;
  levels: number[];
}

const Line = z.array(
  z.object({ segment: z.string(), fromMediaMs: z.number(), levels: z.string().check(z.maxLength(100_000), z.regex(/^[\w+/=]*$/)) }),
);

/** To be called before the window is told of. A byte each, in base64: an hour of two people takes about a megabyte. */
export async function appendLevels(folder: string, voices: readonly VoiceLevels[]): Promise<void> {
  if (voices.length === 0) return;
  const line = voices.map(({ levels, ...rest }) => ({ ...rest, levels: Buffer.from(levels).toString("base64") }));
  // The line break comes first: a torn line before this one ends there.
  await appendFile(join(folder, levelsFile), `\n${JSON.stringify(line)}`, { flush: true });
}

/** By segment, in the order in which they were measured. Empty: nothing was measured. */
export async function readLevels(folder: string): Promise<Map<string, VoiceLevels[]>> {
  const found = new Map<string, VoiceLevels[]>();
  for (const voice of linesOf(await text(folder))) {
    const known = found.get(voice.segment);
    const again = known?.find(({ fromMediaMs }) => fromMediaMs === voice.fromMediaMs);
    if (again) again.levels = voice.levels;
    else if (known) known.push(voice);
    else found.set(voice.segment, [voice]);
  }
  return found;
}

async function text(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, levelsFile), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

function linesOf(content: string): VoiceLevels[] {
  return content.split("\n").flatMap((line) => {
    const parsed = Line.safeParse(json(line));
    if (!parsed.success) return [];
    return parsed.data.map(({ levels, ...rest }) => ({ ...rest, levels: [...Buffer.from(levels, "base64")] }));
  });
}

/** Null where it is none: the empty first line, and what a crash tore. */
function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
