// The film's length as a slider, with a dot for every comment and a band for every range: the writer's letter and colour.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { WhisperTrack } from "../../../protocol/whispers.ts";
import { clockText, spokenTime } from "../time.ts";
import { t } from "../words.ts";
import { saidIn } from "./attached.tsx";
import { ChapterTicks, nameOf } from "./chapterlist.tsx";
import { type Chapter, chapterAt } from "./chapters.ts";
import type { Debrief } from "./debrief.ts";
import type { Playback } from "./playback.ts";
import { Buffered, Preview, type Thumbnails } from "./scrub.tsx";
import { bandsOf, type Dot, dotsOf, type Face, faceOf, type Thread } from "./threads.ts";
import { WhisperMarks } from "./whispers.tsx";

/** What one native step of the slider moves. The arrow keys move further; see the player. */
const stepMs = 100;
/** More dots, or beginnings of bands, than this would lie on one another. */
const mostDots = 90;
const mostBands = 60;
/** So near to a comment, the slider tells it. */
const nearMs = 700;
/** After the last key, what would be seen there is shown for so long. */
const shownMs = 1500;

export interface TimelineProps {
  playback: Playback;
  lengthMs: number;
  debrief: Debrief;
  chapters: readonly Chapter[];
  thumbnails: Thumbnails;
  whispers: readonly WhisperTrack[];
}

export function Timeline(props: TimelineProps) {
  const { playback, debrief, chapters } = props;
  /** The moment under the pointer; null: it is elsewhere. */
  const hoverMs = useSignal<number | null>(null);
  /** The slider was moved by keys a moment ago: the picture of where it is now is shown, as under a pointer. */
  const keyed = useSignal(false);
  const timer = useRef<number | undefined>(undefined);
  const onKey = () => {
    keyed.value = true;
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => (keyed.value = false), shownMs);
  };
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const threads = debrief.threads.value.filter(({ first }) => first.deletedAt === null);
  const lengthMs = Math.max(1, Math.ceil(props.lengthMs));
  const atMs = Math.min(playback.atMs.value, lengthMs);
  const previewMs = hoverMs.value ?? (keyed.value ? atMs : null);
  const chapter = chapters[chapterAt(chapters, previewMs ?? atMs)];
  const here = chapters[chapterAt(chapters, atMs)];
  return (
    <div class="timeline">
      {previewMs !== null && (
        <Preview atMs={previewMs} lengthMs={lengthMs} thumbnails={props.thumbnails} words={chapter ? nameOf(chapter) : null} />
      )}
      <div class="timeline-line" aria-hidden="true">
        <Buffered playback={playback} lengthMs={lengthMs} />
        <span class="timeline-played" style={{ transform: `scaleX(${(atMs / lengthMs).toFixed(4)})` }} />
      </div>
      <ChapterTicks chapters={chapters} lengthMs={lengthMs} />
      <WhisperMarks whispers={props.whispers} lengthMs={lengthMs} />
      <Bands threads={threads} lengthMs={lengthMs} debrief={debrief} />
      <input
        type="range"
        aria-label={t("feedback:timeline.label")}
        aria-valuetext={valueText(atMs, threads, here ? nameOf(here) : null)}
        min={0}
        max={lengthMs}
        step={stepMs}
        value={Math.round(atMs / stepMs) * stepMs}
        onInput={(event) => playback.seek(event.currentTarget.valueAsNumber)}
        onKeyDown={(event) => {
          if (seeking.has(event.key)) onKey();
        }}
        onBlur={() => (keyed.value = false)}
        onPointerMove={(event) => (hoverMs.value = momentUnder(event, lengthMs))}
        onPointerLeave={() => (hoverMs.value = null)}
        onPointerUp={(event) => {
          // A finger that is lifted is nowhere.
          if (event.pointerType !== "mouse") hoverMs.value = null;
        }}
      />
      <div class="timeline-dots">
        {dotsOf(threads, lengthMs, mostDots).map((dot) => (
          <DotButton key={dot.threads[0]!.first.id} dot={dot} debrief={debrief} playback={playback} />
        ))}
      </div>
    </div>
  );
}

/** The thumb is as wide as a space: its middle is what counts. */
function momentUnder(event: PointerEvent & { currentTarget: HTMLElement }, lengthMs: number): number {
  const line = event.currentTarget.parentElement?.getBoundingClientRect();
  if (!line || line.width === 0) return 0;
  const fromStart = getComputedStyle(event.currentTarget).direction === "rtl" ? line.right - event.clientX : event.clientX - line.left;
  return Math.max(0, Math.min(1, fromStart / line.width)) * lengthMs;
}

const seeking = new Set([
  "ArrowLeft",
  "ArrowRight",
  "ArrowUp",
  "ArrowDown",
  "PageUp",
  "PageDown",
  "Home",
  "End",
  "j",
  "l",
  "J",
  "L",
  ",",
  ".",
]);

/** The time; the chapter; what stands at this moment; how much there is in all. */
function valueText(atMs: number, threads: readonly Thread[], chapter: string | null): string {
  const here = threads.find(
    ({ first }) => Math.abs(first.atMs - atMs) <= nearMs || (first.endMs !== null && first.atMs <= atMs && atMs <= first.endMs),
  );
  return [
    spokenTime(atMs),
    ...(chapter ? [chapter] : []),
    ...(here
      ? [t("feedback:timeline.here", { name: here.first.author ?? t("feedback:thread.somebody"), words: saidIn(here.first).slice(0, 120) })]
      : []),
    ...(threads.length > 0 ? [t("feedback:count", { count: threads.length })] : []),
  ].join(", ");
}

/** For the pointer; by keyboard N and Shift N go from one to the next, and the list has them all. */
function DotButton({ dot, debrief, playback }: { dot: Dot; debrief: Debrief; playback: Playback }) {
  const { first } = dot.threads[0]!;
  const face = faceOf(first.author, first.reviewerId, debrief.feedback.value?.reviewers ?? []);
  const several = dot.threads.length > 1;
  const name = several
    ? t("feedback:timeline.several", { count: dot.threads.length, time: clockText(first.atMs) })
    : t("feedback:timeline.one", { name: first.author ?? t("feedback:thread.somebody"), time: clockText(first.atMs) });
  return (
    <button
      type="button"
      tabIndex={-1}
      class={`timeline-dot hue-${face.colour}${dot.threads.every(({ first: one }) => one.private) ? " private" : ""}`}
      style={{ insetInlineStart: `${dot.place * 100}%` }}
      aria-label={name}
      title={several ? name : `${name}: ${saidIn(first)}`}
      onClick={() => {
        debrief.selected.value = first.id;
        playback.seek(first.atMs);
      }}
    >
      <span aria-hidden="true">{markOf(dot, face)}</span>
    </button>
  );
}

function Bands({ threads, lengthMs, debrief }: { threads: readonly Thread[]; lengthMs: number; debrief: Debrief }) {
  return (
    <div class="timeline-bands" aria-hidden="true">
      {bandsOf(threads, lengthMs, mostBands).map((band) => {
        const { first } = band.threads[0]!;
        const face = faceOf(first.author, first.reviewerId, debrief.feedback.value?.reviewers ?? []);
        return (
          <span
            key={first.id}
            class={`hue-${face.colour}`}
            style={{ insetInlineStart: `${band.place * 100}%`, inlineSize: `${band.share * 100}%` }}
          >
            {markOf(band, face)}
          </span>
        );
      })}
    </div>
  );
}

/** What stands on it: whose it is, or how many. */
function markOf({ threads }: Dot, { letter }: Face): string | number {
  return threads.length > 1 ? Math.min(99, threads.length) : letter;
}
