import fc from "fast-check";
import pino from "pino";
import { expect, test } from "vitest";
import { attempt } from "./attempt.ts";
import { segmentOf, timelineWith } from "./footage.fixture.ts";
import { Suspects } from "./suspects.ts";
import { type WindowJob, windowOf } from "./window.ts";
import { Death, Failure, NotStarted } from "./worker.ts";

const timeline = timelineWith(3200, { Ann: [segmentOf("a.webm", 1, 0, 3200)], Ben: [segmentOf("b.webm", 1, 0, 3200)] });
const job = windowOf(timeline, { width: 1280, height: 720 }, 0)!;
const [ann, ben] = timeline.tracks.map((track) => track.id) as [string, string];
const done = { type: "done" as const, id: 1, bytes: 1, missing: [], cpuMs: 0, decoded: 0 };
const log = pino({ level: "silent" });

const names = ["Ann", "Ben", "Cleo", "Dan", "Eve", "Fay"];
const crowd = timelineWith(3200, Object.fromEntries(names.map((name) => [name, [segmentOf(`${name}.webm`, 1, 0, 3200)]])));
const six = windowOf(crowd, { width: 1280, height: 720 }, 0)!;
const sixTracks = crowd.tracks.map((track) => track.id);

/** Dies of these tracks; keeps what it was asked. `how`: whether it says of whom, or names somebody who is innocent where there is one. */
function dyingOf(killers: readonly string[], asked: WindowJob[], how: "says" | "lies" | "is silent" = "is silent") {
  return async (tried: WindowJob) => {
    asked.push(tried);
    const of = tried.sources.find((source) => killers.includes(source.trackId));
    const other = tried.sources.find((source) => !killers.includes(source.trackId));
    const told = { says: of, lies: other ?? of, "is silent": undefined }[how];
    if (of) throw new Death("gone", { segment: told?.segment ?? null });
    return done;
  };
}

test("a death without a reason is tried again as it was", async () => {
  let deaths = 1;
  const render = async () => {
    if (deaths-- > 0) throw new Death("gone");
    return done;
  };
  expect((await attempt(job, render, new Suspects(), () => false, log)).without).toEqual([]);
});

test("after two deaths the track that causes them is a card and silent, the other one stays", async () => {
  const asked: WindowJob[] = [];
  const suspects = new Suspects();
  expect((await attempt(job, dyingOf([ben], asked), suspects, () => false, log)).without).toEqual([ben]);
  const last = asked.at(-1)!;
  expect(last.pieces[0]!.tiles.map((tile) => [tile.trackId, tile.segment !== null])).toEqual([
    [ann, true],
    [ben, false],
  ]);
  expect(last.sounds).toEqual([timeline.tracks[0]!.segments[0]!.id]);
  asked.length = 0;
  await attempt(job, dyingOf([ben], asked), suspects, () => false, log);
  expect(asked).toHaveLength(2);
});

test("of six whoever ends the process is found at the third attempt when it says whose bytes it was at", async () => {
  for (const guilty of sixTracks) {
    const asked: WindowJob[] = [];
    const { without } = await attempt(six, dyingOf([guilty], asked, "says"), new Suspects(), () => false, log);
    expect(without).toEqual([guilty]);
    expect(asked).toHaveLength(3);
  }
});

test("what it says is not believed before it has lived without it, and without a word one of six takes four attempts more at most", async () => {
  for (const guilty of sixTracks)
    for (const how of ["lies", "is silent"] as const) {
      const asked: WindowJob[] = [];
      const suspects = new Suspects();
      const { without } = await attempt(six, dyingOf([guilty], asked, how), suspects, () => false, log);
      expect(without).toEqual([guilty]);
      expect(sixTracks.filter((track) => suspects.has(track))).toEqual([guilty]);
      expect(asked.length).toBeLessThanOrEqual(how === "lies" ? 9 : 6);
    }
});

test("whoever are guilty, and whatever the process says, all of them are cards; of two nobody else is", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(sixTracks, { minLength: 2 }),
      fc.constantFrom("says" as const, "lies" as const, "is silent" as const),
      async (guilty, how) => {
        const asked: WindowJob[] = [];
        const { without } = await attempt(six, dyingOf(guilty, asked, how), new Suspects(), () => false, log);
        expect(without).toEqual(expect.arrayContaining(guilty));
        if (guilty.length === 2) expect(without.toSorted()).toEqual(guilty.toSorted());
        expect(asked.length).toBeLessThanOrEqual(guilty.length === 2 && how === "says" ? 5 : 20);
      },
    ),
  );
});

test("what an attempt made is not written over by a later one that dies", async () => {
  const [one, , , four] = sixTracks;
  const kept: { index: number; lived: boolean }[] = [];
  const dying = dyingOf([one!, four!], [], "is silent");
  const { how } = await attempt(
    six,
    async (tried, { kept: index }) => {
      const entry = { index, lived: false };
      kept.push(entry);
      const answer = await dying(tried);
      entry.lived = true;
      return answer;
    },
    new Suspects(),
    () => false,
    log,
  );
  const names = kept.filter(({ lived }) => lived).map(({ index }) => index);
  expect(new Set(names).size).toBe(names.length);
  expect(how.kept).toBe(names.at(-1));
  const after = kept.slice(kept.findLastIndex(({ lived }) => lived) + 1);
  expect(after.every(({ index }) => index !== how.kept)).toBe(true);
});

test("when everybody causes them there are cards alone", async () => {
  expect((await attempt(job, dyingOf([ann, ben], []), new Suspects(), () => false, log)).without).toEqual([ann, ben]);
});

test("a full disk is nobody's fault: not tried again here", async () => {
  let asked = 0;
  const render = async () => {
    asked += 1;
    throw new Failure("ENOSPC", "no space left");
  };
  await expect(attempt(job, render, new Suspects(), () => false, log)).rejects.toThrow("no space left");
  expect(asked).toBe(1);
});

test("a process that cannot be started is nobody's fault either, whatever the system says: not tried again here", async () => {
  for (const failure of [
    new NotStarted(Object.assign(new Error("no such program"), { code: "ENOENT" })),
    new NotStarted(new Error("no namespaces")),
    new Failure("EAGAIN", "no more threads"),
  ]) {
    const suspects = new Suspects();
    let asked = 0;
    const render = async () => {
      asked += 1;
      throw failure;
    };
    await expect(attempt(job, render, suspects, () => false, log)).rejects.toBe(failure);
    expect([asked, suspects.size]).toEqual([1, 0]);
  }
});

/** A whole recording of six, window after window: how often each was tried, and who was left out of it. `killers`: in a window. */
async function evening(windows: number, killers: (index: number) => string[], how?: "says" | "is silent") {
  const suspects = new Suspects();
  const tries: number[] = [];
  const without: string[][] = [];
  for (let index = 0; index < windows; index++) {
    const asked: WindowJob[] = [];
    const made = await attempt({ ...six, index }, dyingOf(killers(index), asked, how), suspects, () => false, log);
    tries.push(asked.length);
    without.push(made.without.toSorted());
  }
  return { tries, without };
}

test("whoever ended two windows is left out of the next ones at once, and tried again in every sixteenth", async () => {
  const [, ben] = sixTracks as [string, string];
  const { tries, without } = await evening(40, () => [ben], "says");
  expect(without.every((tracks) => tracks.join() === ben)).toBe(true);
  const again = [17, 33];
  expect(tries.slice(2)).toEqual(Array.from({ length: 38 }, (_, at) => (again.includes(at + 2) ? 2 : 1)));
});

test("whoever is damaged for a minute comes back", async () => {
  const [ann, ben] = sixTracks as [string, string];
  const { tries, without } = await evening(60, (index) => [...(index < 19 ? [ben] : []), ...(index === 50 ? [ann] : [])]);
  expect(without.slice(0, 33).every((tracks) => tracks.join() === ben)).toBe(true);
  expect(without.slice(33).map((tracks) => tracks.length)).toEqual(Array.from({ length: 27 }, (_, at) => (at + 33 === 50 ? 2 : 0)));
  expect(tries.slice(33, 50).every((count) => count === 1)).toBe(true);
  expect(tries.slice(51).every((count) => count === 1)).toBe(true);
});

test("whoever once ended a window is not left out because somebody else ends the others; of two who do, both are", async () => {
  const [ann, ben, cleo] = sixTracks as [string, string, string];
  const one = await evening(16, (index) => [index === 0 ? ann : ben]);
  expect(one.without.slice(2).every((tracks) => tracks.join() === ben)).toBe(true);
  expect(one.tries.slice(3).every((count) => count === 1)).toBe(true);
  const two = await evening(40, (index) => (index < 2 ? [ben] : [ben, cleo]));
  expect(two.without.slice(2).every((tracks) => tracks.join() === [ben, cleo].toSorted().join())).toBe(true);
  expect(two.tries.slice(5).filter((count) => count > 1).length).toBeLessThanOrEqual(4);
  expect(Math.max(...two.tries.slice(5))).toBe(2);
});
