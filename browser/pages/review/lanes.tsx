// Who spoke when, a lane for each person under the film, and what that adds up to. A click on a lane goes there.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Peaks, Recording } from "../../../protocol/api.ts";
import { colours, type Measures, type Span } from "../../../protocol/feedback.ts";
import { useLoaded } from "../loaded.ts";
import { isUnfinished } from "../state.tsx";
import { clockText, spokenTime } from "../time.ts";
import { locale, t } from "../words.ts";
import type { ReviewApi } from "./door.ts";
import type { Playback } from "./playback.ts";
import { laneHeight, laneWidth, overlapsOf, spansPath, wavePath } from "./wave.ts";

/** While the film grows, the lanes grow with it. */
const growingMs = 8000;

export function Lanes({ recording, api, playback }: { recording: Recording; api: ReviewApi; playback: Playback }) {
  const loaded = useLoaded(
    () => api.measures(recording.id),
    () => (isUnfinished(recording) ? growingMs : null),
  );
  // Whatever was read while it grew is not the last word.
  useEffect(() => loaded.again(), [recording.state]);
  const measures = loaded.value.value;
  if (!measures || measures.measuredMs === 0 || measures.people.length === 0) return null;
  return <Drawn recording={recording} api={api} measures={measures} playback={playback} />;
}

interface DrawnProps {
  recording: Recording;
  api: ReviewApi;
  measures: Measures;
  playback: Playback;
}

function Drawn({ recording, api, measures, playback }: DrawnProps) {
  const section = useRef<HTMLElement>(null);
  const seen = useSignal(false);
  useEffect(() => {
    const watcher = new IntersectionObserver((looks) => {
      if (looks.some(({ isIntersecting }) => isIntersecting)) seen.value = true;
    });
    if (section.current) watcher.observe(section.current);
    return () => watcher.disconnect();
  }, []);
  const lengthMs = Math.max(1, recording.durationMs, measures.measuredMs);
  // An hour of levels is some hundred kilobytes for each: not while it grows, and not before somebody looks.
  const loads = seen.value && !isUnfinished(recording);
  const trackOf = (id: string) => recording.tracks.find(({ participant, source }) => participant.id === id && source === "camera")?.id;
  return (
    <section class="lanes" aria-labelledby="lanes" ref={section}>
      <h2 id="lanes">{t("feedback:lanes.title")}</h2>
      <div class="lane-list">
        {measures.people.map((person, index) => (
          <Lane
            key={person.id}
            person={person}
            trackId={loads ? trackOf(person.id) : undefined}
            api={api}
            index={index}
            lengthMs={lengthMs}
            overlaps={measures.overlaps}
            playback={playback}
          />
        ))}
      </div>
      <Figures measures={measures} playback={playback} />
    </section>
  );
}

interface LaneProps {
  person: Measures["people"][number];
  /** Whose waveform is to be drawn; undefined: not yet, or there is none. */
  trackId: string | undefined;
  api: ReviewApi;
  index: number;
  lengthMs: number;
  overlaps: Span[];
  playback: Playback;
}

/** Drawn as three paths: an hour has thousands of spans. */
function Lane({ person, trackId, api, index, lengthMs, overlaps, playback }: LaneProps) {
  const hue = colours[index % colours.length];
  const seek = (event: MouseEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    playback.seek((document.documentElement.dir === "rtl" ? 1 - share : share) * lengthMs);
  };
  return (
    <div class="lane">
      <span class="lane-name small">{person.name}</span>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a second way for the pointer; the timeline above has the keys */}
      <svg
        class={`lane-bar hue-${hue}`}
        viewBox={`0 0 ${laneWidth} ${laneHeight}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("feedback:lanes.spoke", { name: person.name, time: spokenTime(person.talkMs), share: percent(person.share) })}
        onClick={seek}
      >
        {trackId !== undefined && <Wave key={trackId} trackId={trackId} api={api} lengthMs={lengthMs} />}
        <path d={spansPath(person.speech, lengthMs)} />
        <path class="lane-overlap" d={spansPath(overlapsOf(person.speech, overlaps), lengthMs)} />
      </svg>
      <span class="lane-share small clock">{percent(person.share)}</span>
    </div>
  );
}

/** How loud they were, beneath when they spoke; for the eye, as all that is inside a picture. What cannot be had is left out: the lane says all that it said before. */
function Wave({ trackId, api, lengthMs }: { trackId: string; api: ReviewApi; lengthMs: number }) {
  const peaks = useSignal<Peaks | null>(null);
  useEffect(() => {
    let gone = false;
    api.peaks(trackId).then(
      (got) => {
        if (!gone) peaks.value = got;
      },
      (error: unknown) => console.warn(`track=${trackId} has no waveform`, error),
    );
    return () => {
      gone = true;
    };
  }, [trackId]);
  const { value } = peaks;
  const path = useMemo(() => value && wavePath(value, lengthMs), [value, lengthMs]);
  return path ? <path class="lane-wave" d={path} /> : null;
}

function Figures({ measures, playback }: { measures: Measures; playback: Playback }) {
  const { people, overlaps, overlapMs, silences } = measures;
  return (
    <details class="figures">
      <summary>{t("feedback:lanes.figures")}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table has to be scrolled by keyboard, too */}
      <section class="figures-table" tabIndex={0} aria-label={t("feedback:lanes.figures")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("feedback:lanes.person")}</th>
              <th scope="col">{t("feedback:lanes.talk")}</th>
              <th scope="col">{t("feedback:lanes.turns")}</th>
              <th scope="col">{t("feedback:lanes.turn")}</th>
              <th scope="col">{t("feedback:lanes.reply")}</th>
            </tr>
          </thead>
          <tbody>
            {people.map((person) => (
              <tr key={person.id}>
                <th scope="row">{person.name}</th>
                <td>
                  {clockText(person.talkMs)} · {percent(person.share)}
                </td>
                <td>{person.turns}</td>
                <td>{seconds(person.turnMs)}</td>
                <td>{seconds(person.replyMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="small soft">{t("feedback:lanes.method")}</p>
      <Moments
        title={t("feedback:lanes.overlaps", { count: overlaps.length, time: seconds(overlapMs) })}
        spans={overlaps}
        playback={playback}
      />
      <Moments title={t("feedback:lanes.silences", { count: silences.length })} spans={silences} playback={playback} />
    </details>
  );
}

/** The longest ones, each a way to its place. */
function Moments({ title, spans, playback }: { title: string; spans: readonly Span[]; playback: Playback }) {
  const longest = spans.toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs)).slice(0, shownMoments);
  return (
    <div class="moments">
      <h3 class="small">{title}</h3>
      <ul>
        {longest.map(({ fromMs, toMs }) => (
          <li key={fromMs}>
            <button type="button" class="button small" onClick={() => playback.seek(fromMs)}>
              <span class="clock">{clockText(fromMs)}</span> <span class="soft">{seconds(toMs - fromMs)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

const shownMoments = 12;

function percent(share: number): string {
  return share.toLocaleString(locale(), { style: "percent", maximumFractionDigits: 0 });
}

function seconds(ms: number | null): string {
  if (ms === null) return "–";
  return t("feedback:lanes.seconds", { n: (ms / 1000).toLocaleString(locale(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }) });
}
