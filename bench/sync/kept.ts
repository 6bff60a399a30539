// Recordings kept with the truth about them, so that new arithmetic can be judged by old recordings: what browsers wrote and what their clocks said,
// aligned again. Promise: nothing but `timeline.json` changes in what was kept.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alignmentOf, apart } from "../../journeys/rig/alignment.ts";
import { names, type Take } from "../../journeys/rig/duet.ts";
import { SegmentFacts } from "../../protocol/facts.ts";
import type { Timeline } from "../../protocol/timeline.ts";
import { Aligner } from "../../server/align/aligner.ts";
import { Catalog } from "../../server/store/catalog.ts";
import { Disk } from "../../server/store/disk.ts";
import { conditions, pairs, type Scene } from "./plan.ts";
import { markdown, type Row, spoken } from "./report.ts";

/** One scene as it was kept. */
export interface Kept {
  pair: Scene["pair"];
  condition: string;
  camera: Scene["camera"];
  durationMs: number;
  load: number;
  takes: { recording: string; sources: Take["sources"] }[];
}

/** `dataFolder`: of the scene's server, which has nothing in hand. */
export function keep(folder: string, dataFolder: string, { scene, takes, load }: Row): void {
  if (takes.length === 0) return;
  const place = join(folder, `${scene.pair}-${scene.condition.name}-${takes[0]!.recording.id.slice(-8)}`);
  mkdirSync(place, { recursive: true });
  cpSync(dataFolder, join(place, "data"), { recursive: true });
  const { pair, condition, camera, durationMs } = scene;
  const kept: Kept = { pair, condition: condition.name, camera, durationMs, load, takes: takes.map(testimony) };
  writeFileSync(join(place, "kept.json"), JSON.stringify(kept));
}

const testimony = ({ recording, sources }: Take) => ({ recording: recording.id, sources });

/** By the names of their folders. */
export function* scenesIn(folder: string): Iterable<{ name: string; dataFolder: string; kept: Kept }> {
  for (const name of readdirSync(folder).sort()) {
    const kept = JSON.parse(readFileSync(join(folder, name, "kept.json"), "utf8")) as Kept;
    yield { name, dataFolder: join(folder, name, "data"), kept };
  }
}

/** Everything that was kept in a folder, as today's arithmetic places it. Films are not made again. */
export async function replay(folder: string): Promise<void> {
  const rows = new Map<string, Row>();
  for (const { name, dataFolder, kept } of scenesIn(folder)) {
    const condition = conditions.find((each) => each.name === kept.condition);
    if (!condition) throw new Error(`${name}: there is no condition “${kept.condition}”`);
    console.log(`\n${name}: ${pairs[kept.pair].says}, ${condition.says}`);
    const row = rows.get(`${kept.pair} ${kept.condition} ${kept.camera}`) ?? {
      scene: { pair: kept.pair, camera: kept.camera, condition, takes: 0, durationMs: kept.durationMs },
      takes: [],
      load: kept.load,
    };
    rows.set(`${kept.pair} ${kept.condition} ${kept.camera}`, row);
    for (const take of await alignedAgain(dataFolder, kept)) {
      row.takes.push(take);
      console.log(`  ${row.takes.length}. ${spoken(take)}`);
    }
  }
  console.log(`\n${markdown([...rows.values()])}`);
}

/** A take with the timeline that today's arithmetic makes, and what the browsers said of each segment. */
export interface TakeAgain extends Take {
  timeline: Timeline;
  facts: ReadonlyMap<string, SegmentFacts>;
  folder: string;
}

export async function alignedAgain(dataFolder: string, { takes }: Pick<Kept, "takes">): Promise<TakeAgain[]> {
  const disk = new Disk(dataFolder);
  const catalog = await Catalog.open(disk.catalogFile);
  try {
    const aligner = new Aligner({ catalog, disk, graceMs: Number.POSITIVE_INFINITY, elapsedMs: () => Number.POSITIVE_INFINITY });
    const again: TakeAgain[] = [];
    for (const { recording, sources } of takes) {
      const aligned = await aligner.refresh(recording);
      if (!aligned) continue;
      const tracks = await alignmentOf(
        aligned.timeline,
        aligned.folder,
        (who) => names.indexOf(who) + 1,
        (participant) => sources[participant - 1] ?? null,
      );
      const [a, b] = [1, 2].map((participant) => tracks.find((track) => track.participant === participant));
      const rows = await catalog.segments(recording);
      const facts = new Map(rows.map((row) => [row.id, SegmentFacts.parse(JSON.parse(row.facts))]));
      const { timeline, folder } = aligned;
      const take = { recording: { id: recording }, tracks, apart: a && b ? apart(a, b) : [], film: [], sources };
      again.push({ ...take, lags: [[], []], intervals: [[], []], timeline, facts, folder });
      aligner.forget(recording);
    }
    return again;
  } finally {
    await catalog.close();
  }
}
