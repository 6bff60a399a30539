import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Disk } from "./disk.ts";
import { failure, ModelDisk } from "./files.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "disk-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("what a killed process left half written is swept away, wherever it lies, and nothing else is", async () => {
  const disk = new Disk(root);
  const id = "rec_00000000000000000000000001";
  mkdirSync(join(disk.recording(id), "windows"), { recursive: true });
  const kept = ["timeline.json", "windows/0.m4s"];
  for (const name of [...kept, "timeline.json.12-3.tmp", "windows/1.m4s.12-4.tmp", "whole.mp4.part"])
    writeFileSync(join(disk.recording(id), name), "");
  await disk.sweep(id);
  expect(readdirSync(disk.recording(id), { recursive: true }).toSorted()).toEqual([...kept, "windows"].toSorted());
  await disk.sweep("rec_00000000000000000000000002");
});

test("a folder whose name a failed sync lost is made anew, and what others put there at the same time keeps its name", async () => {
  const model = await ModelDisk.with(root);
  const disk = new Disk(root, model);
  const tracks = ["a", "b"].map((name) => join(disk.recording("rec_00000000000000000000000003"), "tracks", name));
  let failed = false;
  model.fault = (call, path) => {
    if (call !== "syncFolder" || failed || !path.endsWith("recordings")) return;
    failed = true;
    throw failure("EIO");
  };
  const results = await Promise.allSettled(tracks.map((path) => disk.makeFolder(path)));
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  await disk.makeFolder(tracks[0]!);
  const after = model.cut(() => 0);
  expect(after.names(dirname(tracks[0]!)).toSorted()).toEqual(["a", "b"]);
});
