// A whole film composed here, window by window, and what our own scanner and decoders see in it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Timeline } from "../../protocol/timeline.ts";
import { delayTicks, initSegment } from "./mp4.ts";
import { msOf } from "./place.ts";
import { type Manner, type Rendered, Renderer } from "./render.ts";
import { SegmentFile } from "./source.ts";
import { type Look, windowOf } from "./window.ts";

export interface Circumstances {
  /** Every window by a renderer that has seen nothing before it. */
  cold?: boolean;
  mannerOf?: ((index: number) => Manner) | undefined;
}

export async function composeAll(folder: string, look: Look, timeline: Timeline, how: Circumstances = {}): Promise<Rendered[]> {
  const out: Rendered[] = [];
  let renderer = new Renderer(folder, look);
  for (let index = 0; ; index++) {
    const job = windowOf(timeline, look, index);
    if (!job) break;
    if (how.cold) {
      renderer.close();
      renderer = new Renderer(folder, look);
    }
    out.push(renderer.render(job, how.mannerOf?.(index)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  renderer.close();
  return out;
}

/** All windows as one file, from the film's zero on. */
export function filmOf(folder: string, windows: readonly Rendered[]): SegmentFile {
  const path = join(folder, "film.mp4");
  const bytes = Buffer.concat([initSegment(windows[0]!.format), ...windows.map((window) => window.bytes)]);
  writeFileSync(path, bytes);
  const film = new SegmentFile(path);
  film.update(bytes.length, [{ mediaMs: 0, atMs: -msOf(delayTicks) }], 0);
  return film;
}
