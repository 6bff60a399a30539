// What the timeline shows beside where one is: what is here already, and, under the pointer, what would be seen there.
import type { Composition } from "../../../protocol/api.ts";
import { clockText } from "../time.ts";
import type { Playback } from "./playback.ts";

export type Thumbnails = Composition["thumbnails"];

/** What plays without asking the server. */
export function Buffered({ playback, lengthMs }: { playback: Playback; lengthMs: number }) {
  return (
    <>
      {playback.buffered.value.map(({ fromMs, toMs }) => (
        <span
          key={Math.round(fromMs / 1000)}
          class="timeline-buffered"
          style={{ insetInlineStart: share(fromMs, lengthMs), inlineSize: share(toMs - fromMs, lengthMs) }}
        />
      ))}
    </>
  );
}

export interface PreviewProps {
  atMs: number;
  lengthMs: number;
  thumbnails: Thumbnails;
  /** What this part of the film is called; null: it is not. */
  words: string | null;
}

/** The picture of that moment with its time, above the timeline; the time alone where there are no pictures. */
export function Preview({ atMs, lengthMs, thumbnails, words }: PreviewProps) {
  const index = thumbnails ? Math.min(thumbnails.count - 1, Math.floor(atMs / thumbnails.everyMs)) : -1;
  const place = `clamp(var(--preview) / 2, ${share(atMs, lengthMs)}, 100% - var(--preview) / 2)`;
  return (
    <div class="timeline-preview" style={{ insetInlineStart: place }} aria-hidden="true">
      {thumbnails && index >= 0 && <Picture thumbnails={thumbnails} index={index} />}
      <span class="clock">{words ? `${clockText(atMs)} · ${words}` : clockText(atMs)}</span>
    </div>
  );
}

/** A sheet has the pictures one below the other. */
function Picture({ thumbnails, index }: { thumbnails: NonNullable<Thumbnails>; index: number }) {
  const { url, perSheet, count } = thumbnails;
  const sheet = Math.floor(index / perSheet);
  const rows = Math.min(perSheet, count - sheet * perSheet);
  const row = index % perSheet;
  // While the film grows, so does its last sheet: the number makes it another picture to the browser.
  const address = `${url.replace("{sheet}", String(sheet))}&pictures=${rows}`;
  return (
    <div
      class="timeline-picture"
      style={{
        backgroundImage: `url("${address}")`,
        backgroundSize: `100% ${rows * 100}%`,
        backgroundPositionY: rows > 1 ? `${(row / (rows - 1)) * 100}%` : "0",
      }}
    />
  );
}

function share(ms: number, lengthMs: number): string {
  return `${Math.max(0, Math.min(100, (ms / Math.max(1, lengthMs)) * 100)).toFixed(3)}%`;
}
