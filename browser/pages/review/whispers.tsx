// What was whispered while it was recorded, for those it is for: marks on the timeline, and a list in which each moment can be heard by itself.
import { useSignal } from "@preact/signals";
import { Download, Ear, Square } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import type { WhisperTrack } from "../../../protocol/whispers.ts";
import { sentence } from "../api.ts";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import { WhyNot } from "./attempt.tsx";
import type { ReviewApi } from "./door.ts";
import type { Playback } from "./playback.ts";
import { save } from "./savefile.ts";

/** A word's last sound, past the moment at which the button was let go. */
const afterMs = 150;
/** Beyond this many, marks lie on one another. */
const mostMarks = 200;

/** On the timeline, for the eye; the list is for everybody. */
export function WhisperMarks({ whispers, lengthMs }: { whispers: readonly WhisperTrack[]; lengthMs: number }) {
  const moments = whispers.flatMap(({ moments: some }) => some).slice(0, mostMarks);
  return (
    <div class="timeline-whispers" aria-hidden="true">
      {moments.map(({ fromMs, toMs }) => (
        <span
          key={fromMs}
          style={{
            insetInlineStart: `${(Math.min(fromMs, lengthMs) / lengthMs) * 100}%`,
            inlineSize: `${(Math.max(0, Math.min(toMs, lengthMs) - fromMs) / lengthMs) * 100}%`,
          }}
        />
      ))}
    </div>
  );
}

interface PanelProps {
  recording: Recording;
  api: ReviewApi;
  playback: Playback;
  whispers: readonly WhisperTrack[];
}

export function WhisperPanel({ recording, api, playback, whispers }: PanelProps) {
  const failure = useSignal<string | null>(null);
  /** What sounds now: whisper and moment. */
  const sounding = useSignal<string | null>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const files = useRef(new Map<string, Promise<{ blob: Blob; url: string }>>());
  useEffect(
    () => () => {
      for (const file of files.current.values()) void file.then(({ url }) => URL.revokeObjectURL(url));
    },
    [],
  );
  const file = (id: string) => {
    const made = files.current.get(id) ?? api.file(`/whispers/${id}/audio.flac`).then((blob) => ({ blob, url: URL.createObjectURL(blob) }));
    files.current.set(id, made);
    // Not there yet: asked for again by the next press.
    made.catch(() => files.current.delete(id));
    return made;
  };
  const act = async (deed: () => Promise<void>) => {
    failure.value = null;
    try {
      await deed();
    } catch (error) {
      sounding.value = null;
      failure.value = sentence(error);
    }
  };
  const hush = () => {
    audio.current?.pause();
    sounding.value = null;
  };
  /** The film stands at that moment meanwhile: what is whispered would be lost in its sound. */
  const hear = (whisper: WhisperTrack, { fromMs, toMs }: WhisperTrack["moments"][number]) =>
    act(async () => {
      const name = `${whisper.id} ${fromMs}`;
      hush();
      playback.pause();
      playback.seek(fromMs);
      sounding.value = name;
      const { url } = await file(whisper.id);
      const player = audio.current;
      if (!player || sounding.value !== name) return;
      if (player.src !== url) player.src = url;
      player.currentTime = fromMs / 1000;
      player.ontimeupdate = () => {
        if (player.currentTime * 1000 >= toMs + afterMs) hush();
      };
      await player.play();
    });
  const keep = (whisper: WhisperTrack) =>
    act(async () => {
      const { blob } = await file(whisper.id);
      save(blob, `${whisper.from.name} ${whisper.to.name} ${recording.startedAt.slice(0, 10)}.flac`);
    });
  return (
    <details class="card panel">
      <summary>
        <Ear size={20} aria-hidden="true" />
        {t("review:whispers.title", { count: whispers.reduce((sum, { moments }) => sum + moments.length, 0) })}
      </summary>
      <div class="whispers">
        <p class="small soft">{t("review:whispers.words")}</p>
        {/* biome-ignore lint/a11y/useMediaCaption: nobody has written down what was whispered */}
        <audio ref={audio} preload="none" onEnded={hush} />
        {whispers.map((whisper) => {
          const names = { from: whisper.from.name, to: whisper.to.name };
          return (
            <section key={whisper.id} aria-label={t("review:whispers.pair", names)}>
              <h3>{t("review:whispers.pair", names)}</h3>
              <ol class="chapter-list">
                {whisper.moments.map((moment) => {
                  const on = sounding.value === `${whisper.id} ${moment.fromMs}`;
                  const times = { from: clockText(moment.fromMs), to: clockText(moment.toMs) };
                  return (
                    <li key={moment.fromMs}>
                      <button
                        type="button"
                        class="button small chapter"
                        aria-pressed={on}
                        aria-label={t("review:whispers.hear", times)}
                        onClick={() => (on ? hush() : void hear(whisper, moment))}
                      >
                        {on ? <Square size={16} aria-hidden="true" /> : <Ear size={16} aria-hidden="true" />}
                        <span class="clock">
                          {times.from}–{times.to}
                        </span>
                      </button>
                    </li>
                  );
                })}
              </ol>
              <button type="button" class="button" disabled={!whisper.complete} onClick={() => void keep(whisper)}>
                <Download size={20} aria-hidden="true" />
                {t("review:whispers.save")}
              </button>
            </section>
          );
        })}
        <WhyNot failure={failure} />
      </div>
    </details>
  );
}
