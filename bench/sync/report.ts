// Takes as figures, pooled by scene, and the table of them in Markdown.
import { filmAtBest, worstOf } from "../../journeys/rig/alignment.ts";
import type { Take } from "../../journeys/rig/duet.ts";
import { absolute } from "../../journeys/rig/measure.ts";
import { percentile } from "../../journeys/rig/sound.ts";
import { pairs, type Scene } from "./plan.ts";

export interface Row {
  scene: Scene;
  takes: Take[];
  /** Of the machine, one minute back, at the end of each take; the mean of them. */
  load: number;
}

const heads = [
  "pair",
  "condition",
  "takes",
  "alignment, ms: p50",
  "p95",
  "p99",
  "max",
  "film, ms: p50",
  "p95",
  "p99",
  "max",
  "film at best, ms: p50",
  "p99",
  "sound − picture, ms: p50",
  "p99",
  "max",
  "track off, ms: p95",
  "stated, ms: median",
  "inside",
  "slips",
  "load",
];

export function cellsOf({ scene, takes, load }: Row): string[] {
  const apart = absolute(takes.flatMap((take) => take.apart));
  const film = absolute(takes.flatMap((take) => take.film));
  const best = absolute(takes.flatMap(({ tracks: [a, b] }) => (a && b ? filmAtBest(a, b) : [])));
  const lags = absolute(takes.flatMap((take) => take.lags.flat()));
  const tracks = takes.flatMap((take) => take.tracks).filter(({ pictures }) => pictures.length > 0);
  const inside = tracks.filter((track) => worstOf(track) <= track.clock.uncertaintyMs).length;
  return [
    pairs[scene.pair].says,
    `${scene.condition.name}${scene.camera === "canvas" ? ", canvas" : ""}`,
    String(takes.length),
    ...[50, 95, 99, 100].map((share) => told(percentile(apart, share))),
    ...[50, 95, 99, 100].map((share) => told(percentile(film, share))),
    ...[50, 99].map((share) => told(percentile(best, share))),
    ...[50, 99, 100].map((share) => told(percentile(lags, share))),
    told(percentile(tracks.map(worstOf), 95)),
    told(
      percentile(
        tracks.map(({ clock }) => clock.uncertaintyMs),
        50,
      ),
    ),
    `${inside}/${tracks.length}`,
    String(tracks.reduce((sum, { slips }) => sum + slips, 0)),
    load.toFixed(1),
  ];
}

export function markdown(rows: Row[]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map((_, at) => (at < 2 ? "---" : "--:"))), ...rows.map((row) => line(cellsOf(row)))].join("\n");
}

/** The goals that are about all tracks together. */
export function summary(rows: Row[]): string {
  const tracks = rows.flatMap(({ takes }) => takes.flatMap((take) => take.tracks)).filter(({ pictures }) => pictures.length > 0);
  const inside = tracks.filter((track) => worstOf(track) <= track.clock.uncertaintyMs).length;
  const stated = percentile(
    tracks.map(({ clock }) => clock.uncertaintyMs),
    50,
  );
  const off = percentile(tracks.map(worstOf), 95);
  const film = absolute(
    rows.filter(({ scene }) => scene.condition.name === "quiet").flatMap(({ takes }) => takes.flatMap((take) => take.film)),
  );
  const pooled = [50, 95, 99].map((share) => told(percentile(film, share))).join(" / ");
  return `The film of all quiet takes together, ms at 50, 95 and 99 %: ${pooled} (${film.length} pictures).\nInside what was stated: ${inside} of ${tracks.length} tracks. Stated, median: ${told(stated)} ms; off, p95: ${told(off)} ms (${(stated / off).toFixed(1)} ×, at most 3).`;
}

/** One take in a line, as it is done. */
export function spoken(take: Take): string {
  const of = (values: number[]) => `${told(percentile(absolute(values), 50))}/${told(percentile(absolute(values), 99))}`;
  const tracks = take.tracks.map((track) => {
    const errors = track.pictures.map(({ errorMs }) => errorMs);
    const lags = track.beeps.map(({ errorMs }) => errorMs);
    return `${track.participant}: ${told(percentile(errors, 50))} (${told(percentile(errors, 1))}…${told(percentile(errors, 99))}) stated ${told(track.clock.uncertaintyMs)}, sound ${told(percentile(lags, 50))}, slips ${track.slips}`;
  });
  return `alignment ${of(take.apart)}  film ${of(take.film)}  sound ${of(take.lags[0])} ${of(take.lags[1])}  | ${tracks.join(" | ")}`;
}

const told = (ms: number) => (Number.isNaN(ms) ? "–" : ms.toFixed(1));
