import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Disk } from "../store/disk.ts";
import type { Composer } from "./composer.ts";
import { Downloads } from "./downloads.ts";
import { segmentOf, timelineWith } from "./footage.fixture.ts";
import { Failure } from "./worker.ts";

const folder = mkdtempSync(join(tmpdir(), "downloads-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const timeline = timelineWith(3200, { Ann: [segmentOf("a.webm", 1, 0, 3200)] });
const [track] = timeline.tracks;

/** What somebody is told who asks for a track that cannot be made for this reason. */
async function told(reason: Error): Promise<unknown> {
  const composer = { make: () => Promise.reject(reason) } as unknown as Composer;
  const disk = { recording: () => folder } as unknown as Disk;
  const downloads = new Downloads({ composer, disk, timeline: async () => timeline });
  return await downloads.track(timeline.recordingId, track!.id, "film").catch((error: unknown) => error);
}

test("why a track is no one file is told to whoever asks, and whether waiting helps; what is our bug is not", async () => {
  for (const code of ["not-ready", "bad-request"] as const)
    expect(await told(new Failure(code, "in words"))).toMatchObject({ name: "UserError", code, message: "in words" });
  const bug = new Failure("ENOENT", "no such file");
  expect(await told(bug)).toBe(bug);
});
