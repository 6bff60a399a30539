// The outbox after the call: how long it takes to drain, and what the page said of it meanwhile.
import { setTimeout as wait } from "node:timers/promises";
import { type Person, safeSentence } from "../../journeys/rig/person.ts";

/** A sentence of the page, in time since the person left. */
interface Said {
  atMs: number;
  bytes: number;
  /** Null: it does not dare to say yet. */
  leftMs: number | null;
}

export interface Drained {
  /** From Leave to "Everything is safe". */
  tookMs: number;
  /** What there was to go by the page's first sentence. */
  bytes: number;
  /** How long it took until the page named a time, ms. */
  firstMs: number | null;
  /** For each look with more than ten seconds to go: estimate by truth, less one. */
  errors: { atMs: number; trulyMs: number; saidMs: number; error: number }[];
}

/** Shorter than that a page counts in whole seconds, and what is "wrong by a quarter" is two of them. */
const tellingMs = 10_000;
const everyMs = 500;

const units: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000, KB: 1e3, kB: 1e3, MB: 1e6, GB: 1e9 };

/** "Keep this tab open: 12.4 MB to go, about 1 minute 30 seconds." Null: it says nothing of the kind. */
export function readToGo(text: string): { bytes: number; leftMs: number | null } | null {
  const size = /([\d.,]+)\s(kB|KB|MB|GB) to go/.exec(text);
  if (!size) return null;
  const [, time] = /to go, about ([^.\n]+)\./.exec(text) ?? [];
  const parts = [...(time ?? "").matchAll(/(\d+) (second|minute|hour)/g)];
  return {
    bytes: Number(size[1]!.replace(",", "")) * units[size[2]!]!,
    leftMs: parts.length === 0 ? null : parts.reduce((sum, [, n, unit]) => sum + Number(n) * units[unit!]!, 0),
  };
}

export const textOf = async (person: Person): Promise<string> => (await person.page.evaluate("document.body.innerText")) as string;

/** Presses Leave and looks on. */
export async function drain(person: Person, limitMs: number): Promise<Drained> {
  await person.click("button", "Leave");
  const startMs = performance.now();
  const said: Said[] = [];
  for (;;) {
    const text = await textOf(person);
    const atMs = performance.now() - startMs;
    if (text.includes(safeSentence)) return judge(said, atMs);
    if (atMs > limitMs) throw new Error(`the outbox has not drained after ${Math.round(atMs / 1000)} s: ${text.slice(0, 400)}`);
    const toGo = readToGo(text);
    if (toGo) said.push({ atMs, ...toGo });
    await wait(everyMs);
  }
}

function judge(said: readonly Said[], tookMs: number): Drained {
  return {
    tookMs,
    bytes: said[0]?.bytes ?? 0,
    firstMs: said.find(({ leftMs }) => leftMs !== null)?.atMs ?? null,
    errors: said.flatMap(({ atMs, leftMs }) => {
      const trulyMs = tookMs - atMs;
      return leftMs === null || trulyMs < tellingMs ? [] : [{ atMs, trulyMs, saidMs: leftMs, error: leftMs / trulyMs - 1 }];
    }),
  };
}
