// Chapters on the page: ticks on the timeline, a list beside the film, and B to go from one to the next.
import { useEffect } from "preact/hooks";
import { announce } from "../announce.tsx";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import { type Chapter, chapterAt, chapterBeside } from "./chapters.ts";
import type { Playback } from "./playback.ts";
import { listenToKeys } from "./shortcuts.tsx";

export function ChapterList({ chapters, playback }: { chapters: readonly Chapter[]; playback: Playback }) {
  const go = (by: 1 | -1) => {
    const chapter = chapterBeside(chapters, playback.exactMs(), by);
    if (!chapter) return announce(by === 1 ? t("review:chapters.noNext") : t("review:chapters.noPrevious"));
    playback.seek(chapter.atMs);
    announce(`${clockText(chapter.atMs)}, ${nameOf(chapter)}`);
  };
  useEffect(() => listenToKeys({ b: () => go(1), B: () => go(-1) }), [chapters]);
  if (chapters.length === 0) return null;
  const here = chapterAt(chapters, playback.atMs.value);
  return (
    <section class="chapters" aria-labelledby="chapters">
      <h2 id="chapters">{t("review:chapters.title")}</h2>
      <ol class="chapter-list">
        {chapters.map((chapter, index) => (
          <li key={chapter.atMs}>
            <button
              type="button"
              class="button small chapter"
              aria-current={index === here ? "true" : undefined}
              onClick={() => playback.seek(chapter.atMs)}
            >
              <span class="clock">{clockText(chapter.atMs)}</span> {nameOf(chapter)}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** On the timeline, for the eye; the list is for everybody. */
export function ChapterTicks({ chapters, lengthMs }: { chapters: readonly Chapter[]; lengthMs: number }) {
  return (
    <div class="timeline-chapters" aria-hidden="true">
      {chapters.slice(1).map(({ atMs }) => (
        <span key={atMs} style={{ insetInlineStart: `${((atMs / lengthMs) * 100).toFixed(3)}%` }} />
      ))}
    </div>
  );
}

export function nameOf({ names }: Chapter): string {
  return names.length === 0 ? t("review:chapters.beginning") : t("review:chapters.by", { names: names.join(", ") });
}
