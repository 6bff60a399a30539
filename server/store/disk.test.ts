import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Disk } from "./disk.ts";

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
