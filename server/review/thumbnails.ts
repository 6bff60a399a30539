// Where on the sheets of thumbnails a moment of the film is, as WebVTT, which many players read. Pure.
import { thumbnailSize, thumbnailsPerSheet } from "../../protocol/film.ts";

/** WebVTT: from when to when which part of which sheet. `url`: of a sheet by its number. */
export function thumbnailsVtt(count: number, everyMs: number, url: (sheet: number) => string): string {
  const { width, height } = thumbnailSize;
  const cues = Array.from({ length: count }, (_, index) => {
    const row = index % thumbnailsPerSheet;
    const place = `${url(Math.floor(index / thumbnailsPerSheet))}#xywh=0,${row * height},${width},${height}`;
    return `${vttTime(index * everyMs)} --> ${vttTime((index + 1) * everyMs)}\n${place}\n`;
  });
  return ["WEBVTT\n", ...cues].join("\n");
}

function vttTime(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(Math.round(ms % 1000)).padStart(3, "0")}`;
}
