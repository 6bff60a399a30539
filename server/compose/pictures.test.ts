import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TimelineSegment } from "../../protocol/timeline.ts";
import { Container } from "../align/container.ts";
import { blue, green, red, segmentOf, timelineWith, webmOf, yellow } from "./footage.fixture.ts";
import { mapAt, msOf } from "./place.ts";
import { Renderer } from "./render.ts";
import { type WindowJob, windowOf } from "./window.ts";

const canvas = { width: 320, height: 180 };
const colour = (atMs: number) => [red, yellow, green, blue][Math.floor(atMs / 700) % 4]!;
let folder: string;
/** By file: where each packet ends, and its media time. */
const ends = new Map<string, { end: number; mediaMs: number }[]>();

function save(name: string, options: Parameters<typeof webmOf>[0]): (startMs: number, endMs?: number) => TimelineSegment {
  const bytes = webmOf({ colour, ...options });
  const file = `${name}.webm`;
  writeFileSync(join(folder, file), bytes);
  const container = new Container();
  container.push(bytes);
  ends.set(
    file,
    [...container.packets].map(({ offset, size, mediaMs }) => ({ end: offset + size, mediaMs })),
  );
  return (startMs, endMs) => segmentOf(file, bytes.length, startMs, endMs ?? startMs + options.seconds * 1000);
}

let jobs: WindowJob[];
let wanted: Buffer[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pictures-"));
  const tone = { hz: 440, gain: () => 0.4 };
  const ann = save("ann", { seconds: 8, tone });
  const ben = save("ben", { seconds: 7, codec: "h264", keyEvery: 70 });
  const cat = save("cat", { seconds: 3, keyEvery: 50 });
  const timeline = timelineWith(8000, { Ann: [ann(0)], Ben: [ben(400)], Cat: [cat(4300)] });
  jobs = [0, 1, 2].map((index) => windowOf(timeline, canvas, index)!);
  const renderer = new Renderer(folder, canvas);
  wanted = jobs.map((job) => renderer.render(job).bytes);
  renderer.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The same window as it is known when the recording has come so far: bytes of a tenth of a second more. */
function knownAt(job: WindowJob, tick: number): WindowJob {
  const bytesOf = ({ file, map, bytes }: WindowJob["sources"][number]) => {
    const here = ends.get(file)!.filter(({ mediaMs }) => mapAt(map, mediaMs) <= msOf(tick) + 100);
    return Math.min(bytes, here.at(-1)?.end ?? 0);
  };
  return { ...job, sources: job.sources.map((source) => ({ ...source, bytes: bytesOf(source) })) };
}

test("a window is the same bytes in however many goes it is drawn, whatever of it was here", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: 1, max: 96 }), { maxLength: 4 }), { minLength: 3, maxLength: 3 }),
      async (goes) => {
        const renderer = new Renderer(folder, canvas);
        try {
          for (const [index, job] of jobs.entries()) {
            for (const tick of goes[index]!.toSorted((a, b) => a - b)) {
              const toTick = Math.min(job.firstTick + tick, job.firstTick + job.ticks);
              renderer.begin(knownAt(job, toTick), toTick);
            }
            const whole = knownAt(job, job.firstTick + job.ticks);
            expect(renderer.render(whole).bytes.equals(wanted[index]!), `window ${index}`).toBe(true);
            await new Promise((resolve) => setImmediate(resolve));
          }
        } finally {
          renderer.close();
        }
      },
    ),
    { numRuns: 12 },
  );
});

test("what was begun under another plan shows nowhere", () => {
  const [job] = jobs;
  const others: WindowJob[] = [
    { ...job!, sources: job!.sources.map((source) => ({ ...source, map: [{ mediaMs: 0, atMs: 500 }] })) },
    { ...job!, pieces: job!.pieces.map((piece) => ({ ...piece, tiles: piece.tiles.toReversed() })) },
    { ...job!, named: [] },
    jobs[1]!,
  ];
  for (const other of others) {
    const renderer = new Renderer(folder, canvas);
    renderer.begin(other, other.firstTick + 60);
    expect(renderer.render(job!).bytes.equals(wanted[0]!)).toBe(true);
    renderer.close();
  }
});

test("a window that was begun for the best is composed with less work when it has to be", () => {
  const renderer = new Renderer(folder, canvas);
  const hurried = renderer.render(jobs[0]!, { effort: 1 }).bytes;
  renderer.begin(jobs[0]!, 50);
  expect(renderer.render(jobs[0]!, { effort: 1 }).bytes.equals(hurried)).toBe(true);
  renderer.close();
});

test("what is here is drawn, and nothing from where somebody's picture has not come", () => {
  const job = knownAt(jobs[0]!, 70);
  const [ann, ...others] = job.sources;
  const alone = { ...job, sources: [ann!, ...others.map((source) => ({ ...source, bytes: 0 }))] };
  const renderer = new Renderer(folder, canvas);
  // Ben's tile is there from the first tick on.
  expect(renderer.begin(alone, 70)).toBe(0);
  expect(renderer.begin(job, 40)).toBe(40);
  expect(renderer.begin(job, 70)).toBe(70);
  expect(renderer.render(knownAt(jobs[0]!, 96)).bytes.equals(wanted[0]!)).toBe(true);
  renderer.close();
});

test("of what was begun nothing is decoded twice", () => {
  const counts = [false, true].map((begun) => {
    const renderer = new Renderer(folder, canvas);
    if (begun) for (const tick of [30, 50, 70]) renderer.begin(knownAt(jobs[0]!, tick), tick);
    const { decoded } = renderer.render(jobs[0]!);
    renderer.close();
    return decoded;
  });
  expect(counts[1]).toBeLessThan(counts[0]! * 1.1);
});
