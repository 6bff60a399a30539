// What `bench:sync` measures: which pairs of browsers, under which conditions, how often. From the command line, or the whole matrix.
import type { Kind } from "../../journeys/rig/browser.ts";
import type { DuetOptions } from "../../journeys/rig/duet.ts";

export interface Condition {
  name: string;
  /** For readers of the table. */
  says: string;
  options: Pick<DuetOptions, "skews" | "weather" | "busy">;
  /** Whole recording's worth of wall clocks set, in the middle. */
  stepMs?: number;
}

export interface Scene {
  pair: keyof typeof pairs;
  camera: "canvas" | "file";
  condition: Condition;
  takes: number;
  durationMs: number;
}

export interface Plan {
  scenes: Scene[];
  seed: number;
  /** Where the table is written as Markdown; null: only printed. */
  out: string | null;
  /** A folder in which recordings and the truth about them are kept; null: they go away. */
  keep: string | null;
  /** When it should be over: a scene that takes longer than its share of it yields, once it has two takes. */
  budgetMs: number;
  /** Of everybody's camera. */
  size: { width: number; height: number };
  /** False: films are neither waited for nor looked at. */
  filmed: boolean;
}

export const pairs = {
  cc: { kinds: ["chromium", "chromium"], says: "Chromium–Chromium" },
  cf: { kinds: ["chromium", "firefox"], says: "Chromium–Firefox" },
  ff: { kinds: ["firefox", "firefox"], says: "Firefox–Firefox" },
} as const satisfies Record<string, { kinds: readonly [Kind, Kind]; says: string }>;

const hourMs = 3_600_000;

export const conditions: Condition[] = [
  { name: "quiet", says: "nothing else runs", options: {} },
  {
    name: "clocks",
    says: "wall clocks an hour fast and slow, set by 30 s in mid-call; performance clocks +200 and −200 ppm",
    options: {
      skews: [
        { driftPpm: 200, wallMs: hourMs },
        { driftPpm: -200, wallMs: -hourMs },
      ],
    },
    stepMs: 30_000,
  },
  { name: "far", says: "Ben 100 ms away", options: { weather: { delayMs: 100 } } },
  { name: "jitter", says: "Ben 300 ± 100 ms away", options: { weather: { delayMs: 300, jitterMs: 100 } } },
  { name: "loss", says: "Ben loses 5 % of all packets", options: { weather: { delayMs: 20, loss: 0.05 } } },
  {
    name: "lopsided",
    says: "Ben 10 ms from the server, the server 150 ms from Ben",
    options: { weather: { up: { delayMs: 10 }, down: { delayMs: 150 } } },
  },
  { name: "starved", says: "two other programs compute without end", options: { busy: 2 } },
];

/** Meant to take about twenty minutes on two free cores. */
const matrix: [keyof typeof pairs, string, number][] = [
  ["cc", "quiet", 10],
  ["cf", "quiet", 10],
  ["ff", "quiet", 10],
  ["cc", "starved", 3],
  ["cf", "starved", 3],
  ["ff", "starved", 3],
  ["cc", "clocks", 3],
  ["cf", "clocks", 3],
  ["cc", "far", 2],
  ["cc", "jitter", 2],
  ["cc", "loss", 2],
  ["cc", "lopsided", 2],
  ["cf", "lopsided", 2],
];

const usage = `npm run bench:sync -- [--pair cc|cf|ff] [--condition ${conditions.map(({ name }) => name).join("|")}] [--camera file|canvas]
  [--size 640x360] [--runs N] [--seconds S] [--seed N] [--out table.md] [--keep folder] [--minutes N] [--film no]
Pairs and conditions may be lists with commas. Without any, the whole matrix, in twenty minutes. --keep keeps what was recorded, and the truth;
--replay folder aligns and judges it again. Also: --long [minutes], a synthetic recording.`;

const known = ["pair", "condition", "camera", "runs", "seconds", "seed", "out", "keep", "minutes", "film", "size"];
const budgetMinutes = 20;

export function planOf(args: string[]): Plan {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i += 2) {
    const [name = "", value] = [args[i]?.replace(/^--/, ""), args[i + 1]];
    if (!known.includes(name) || value === undefined) throw new Error(usage);
    given.set(name, value);
  }
  const list = (name: string) => given.get(name)?.split(",");
  const seconds = Number(given.get("seconds") ?? 10);
  const runs = given.get("runs");
  const [width = 0, height = 0] = (given.get("size") ?? "640x360").split("x").map(Number);
  if (!(width >= 160 && height >= 90)) throw new Error(usage);
  const camera = given.get("camera") === "canvas" ? "canvas" : "file";
  const chosen: [string, string, number][] =
    given.has("pair") || given.has("condition")
      ? (list("pair") ?? Object.keys(pairs)).flatMap((pair) =>
          (list("condition") ?? ["quiet"]).map((condition): [string, string, number] => [pair, condition, 4]),
        )
      : matrix;
  const scenes = chosen.map(([pair, name, takes]): Scene => {
    const condition = conditions.find((each) => each.name === name);
    if (!condition || !(pair in pairs)) throw new Error(usage);
    return { pair: pair as keyof typeof pairs, camera, condition, takes: runs ? Number(runs) : takes, durationMs: seconds * 1000 };
  });
  const minutes = given.get("minutes") ?? (chosen === matrix ? budgetMinutes : Number.POSITIVE_INFINITY);
  return {
    scenes,
    seed: Number(given.get("seed") ?? 1),
    out: given.get("out") ?? null,
    keep: given.get("keep") ?? null,
    budgetMs: Number(minutes) * 60_000,
    size: { width, height },
    filmed: given.get("film") !== "no",
  };
}
