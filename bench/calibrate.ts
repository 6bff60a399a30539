// What browsers do to time, measured again: every constant of `server/align/calibration.ts`, from recordings whose true times are known.
// `npm run bench -- calibrate [takes] [seconds]`, on a machine that does nothing else; `--from folder`: from what `bench:sync --keep folder` kept.
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import type { TrackAlignment } from "../journeys/rig/alignment.ts";
import { names } from "../journeys/rig/duet.ts";
import { place } from "../journeys/rig/place.ts";
import { percentile } from "../journeys/rig/sound.ts";
import type { ClockSample, SegmentFacts } from "../protocol/recording.ts";
import { calibrationOf, zeroOf } from "../server/align/calibration.ts";
import { Container } from "../server/align/container.ts";
import { followingPictures, hopOf } from "../server/align/follow.ts";
import { lossByReadings } from "../server/align/graph.ts";
import { firstOf } from "../server/align/packets.ts";
import { type Began, beganBy, readingsOf } from "../server/align/readings.ts";
import { afterMsOf } from "../server/align/slip.ts";
import { parseFacts } from "../server/store/facts.ts";
import { alignedAgain, scenesIn, type TakeAgain } from "./sync/kept.ts";
import { sync } from "./sync.ts";
import { table } from "./table.ts";

/** What each track says each constant should be. */
type Found = Map<string, { now: number; should: number[] }>;

export async function calibrate(args: string[]): Promise<void> {
  if (args[0] === "--from" && args[1]) return await report(args[1]);
  const [takes = "5", seconds = "20"] = args;
  const folder = place("calibrate");
  try {
    // Firefox with one more person than itself only: its own constants, and Chromium's beside them.
    for (const pair of ["cc", "cf"])
      await sync(["--pair", pair, "--runs", takes, "--seconds", seconds, "--film", "no", "--keep", folder.path]);
    await report(folder.path);
  } finally {
    folder.close();
  }
}

async function report(folder: string): Promise<void> {
  const found = new Map<string, Found>();
  for (const { dataFolder, kept } of scenesIn(folder)) {
    // Where clocks or paths were wrong nothing is learnt of a browser; where time was lost, only how its pictures follow its sound.
    if (kept.condition !== "quiet") continue;
    for (const take of await alignedAgain(dataFolder, kept)) for (const track of take.tracks) learn(found, take, track);
  }
  const rows = [...found].flatMap(([browser, constants]) =>
    [...constants].map(([name, { now, should }]) => [
      browser,
      name,
      now.toFixed(1),
      ...[percentile(should, 50), Math.min(...should), Math.max(...should)].map((ms) => ms.toFixed(1)),
      should.length,
    ]),
  );
  console.log(`\n${table([["browser", "constant", "in the table", "measured: median", "least", "most", "tracks"], ...rows])}`);
  console.log(`ms; load now ${(loadavg()[0] ?? 0).toFixed(1)}`);
}

const median = (placed: { errorMs: number }[]) =>
  percentile(
    placed.map(({ errorMs }) => errorMs),
    50,
  );

function learn(found: Map<string, Found>, take: TakeAgain, track: TrackAlignment): void {
  const placed = take.timeline.tracks.find(({ participant }) => participant.name === names[track.participant - 1]);
  const [segment, more] = placed?.segments ?? [];
  const facts = segment && take.facts.get(segment.id);
  if (!segment || !facts || more) return;
  const calibration = calibrationOf(facts);
  const container = new Container();
  container.push(readFileSync(join(take.folder, segment.file)));
  const samples = samplesIn(join(take.folder, segment.file));
  const began = calibration.beganUncertaintyMs === null ? null : beganBy(readingsOf(samples), facts);
  const firstAudioMs = firstOf(container.packets, "audio")?.mediaMs ?? null;
  const untilMs = segment.startMs + (calibration.followSound?.afterMs ?? Number.POSITIVE_INFINITY);
  const before = track.pictures.filter(({ atMs }) => atMs < untilMs);
  const after = track.pictures.filter(({ atMs }) => atMs > untilMs + 500);
  const say = (name: string, now: number | null, should: number) => put(found, facts, name, now, should);
  // Where the graph's iterations are known, so is what was lost between them.
  if (track.beeps.length >= 3 && before.length >= 30 && (began || track.slips === 0))
    say("audioShiftMs", calibration.audioShiftMs, calibration.audioShiftMs - median(track.beeps) + median(before));
  if (track.slips > 0) {
    learnLead(found, facts, container, samples, began);
    return;
  }
  if (before.length < 30) return;
  // What was placed too late by an error lies earlier by it.
  const zeroMs = zeroOf(facts, firstAudioMs, Number.POSITIVE_INFINITY, began).browserMs - median(before);
  say("afterCallMs", calibration.afterCallMs, zeroMs - facts.startCallMs);
  if (facts.startEventMs !== null) say("afterEventMs", calibration.afterEventMs, zeroMs - facts.startEventMs);
  if (began) say("after its iteration", 0, zeroMs - began.browserMs);
  if (firstAudioMs !== null) say("firstAudioMs", calibration.firstAudioMs, zeroMs - facts.startCallMs + firstAudioMs);
  const { followSound } = calibration;
  if (followSound && after.length >= 30)
    // Where nothing is lost pictures are as much earlier as `handedMs` is less.
    say("followSound.handedMs", followSound.handedMs, followSound.handedMs - median(after) + median(before));
}

/** Where pictures hop to the sound's clock, which shows only where that clock has lost time. */
function learnLead(
  found: Map<string, Found>,
  facts: SegmentFacts,
  { packets }: Container,
  samples: ClockSample[],
  began: Began | null,
): void {
  const { followSound } = calibrationOf(facts);
  const zeroMs = zeroOf(facts, null, Number.POSITIVE_INFINITY, began).browserMs;
  const loss = followSound && lossByReadings(readingsOf(samples), zeroMs, followSound.handedMs);
  if (!loss) return;
  const wide = { ...followSound, withinMs: 2 * followSound.withinMs };
  const bends = loss.stamped ?? loss.bends;
  const { hop } = hopOf(bends, followingPictures(packets, followSound), wide);
  if (hop)
    put(found, facts, "followSound.leadMs", followSound.leadMs, followSound.afterMs + afterMsOf(bends, followSound.afterMs) - hop.firstMs);
}

function samplesIn(file: string): ClockSample[] {
  const lines = readFileSync(file.replace(/\.\w+$/, ".facts.jsonl"), "utf8").split("\n");
  return lines.flatMap((line) => parseFacts(line)?.clock ?? []);
}

function put(
  found: Map<string, Found>,
  { browser, version, mimeType }: SegmentFacts,
  name: string,
  now: number | null,
  should: number,
): void {
  const key = `${browser} ${version} ${mimeType}`;
  const constants = found.get(key) ?? new Map();
  found.set(key, constants);
  const known = constants.get(name) ?? { now: now ?? Number.NaN, should: [] };
  known.should.push(should);
  constants.set(name, known);
}
