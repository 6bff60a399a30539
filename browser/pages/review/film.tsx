// The player: the film, play, the timeline with its comments, speed, sound, full screen. Keys work while something in here has the focus.
import { Gauge, Maximize, Pause, Play, Volume2, VolumeX } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import type { Comment, Recording } from "../../../protocol/api.ts";
import { clockText } from "../time.ts";
import type { Playback } from "./playback.ts";
import { Timeline } from "./timeline.tsx";

const speeds = [0.5, 0.75, 1, 1.25, 1.5, 2];
const step = 5000;
const stride = 15_000;

export interface FilmProps {
  recording: Recording;
  url: string;
  playback: Playback;
  comments: Comment[];
  /** The film's address no longer works: ask for a new one. */
  onStale: () => void;
}

export function Film(props: FilmProps) {
  const { playback, url } = props;
  const frame = useRef<HTMLDivElement>(null);
  const shown = useRef(url);
  const stale = useRef(false);
  // Every answer signs the address anew; the element keeps the first one until it fails.
  if (stale.current && url !== shown.current) {
    stale.current = false;
    shown.current = url;
  }
  useEffect(() => () => playback.pause(), [playback]);
  const failed = () => {
    if (stale.current) return;
    stale.current = true;
    playback.hold();
    props.onStale();
  };
  const lengthMs = playback.lengthMs.value ?? props.recording.durationMs;
  const onKeyDown = (event: KeyboardEvent) => {
    if (handleKey(event, playback)) event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys for the controls inside, each of which has its own button
    <div class="film" ref={frame} onKeyDown={onKeyDown}>
      <div class="film-frame">
        <video
          ref={playback.attach}
          src={shown.current}
          class="film-video"
          aria-label="Recording"
          preload="metadata"
          playsInline
          onClick={() => playback.toggle()}
          onError={failed}
          {...playback.handlers}
        />
      </div>
      <div class="film-controls">
        <button
          type="button"
          class="button square quiet"
          aria-label={playback.playing.value ? "Pause" : "Play"}
          onClick={() => playback.toggle()}
        >
          {playback.playing.value ? (
            <Pause size={20} aria-hidden="true" fill="currentColor" />
          ) : (
            <Play size={20} aria-hidden="true" fill="currentColor" />
          )}
        </button>
        <Timeline playback={playback} lengthMs={lengthMs} comments={props.comments} />
        <Settings playback={playback} lengthMs={lengthMs} frame={frame} />
      </div>
    </div>
  );
}

function Settings(props: { playback: Playback; lengthMs: number; frame: { current: HTMLDivElement | null } }) {
  const { playback, lengthMs, frame } = props;
  return (
    <>
      <span class="clock film-clock" aria-hidden="true">
        {clockText(playback.atMs.value)} / {clockText(lengthMs)}
      </span>
      <div class="film-speed">
        <Gauge size={20} aria-hidden="true" />
        <select
          aria-label="Speed"
          value={String(playback.speed.value)}
          onChange={(event) => playback.setSpeed(Number(event.currentTarget.value))}
        >
          {speeds.map((speed) => (
            <option key={speed} value={String(speed)}>
              {speed}×
            </option>
          ))}
        </select>
      </div>
      <button
        type="button"
        class="button square quiet"
        aria-label={playback.muted.value ? "Sound on" : "Sound off"}
        onClick={() => playback.toggleMuted()}
      >
        {playback.muted.value ? <VolumeX size={20} aria-hidden="true" /> : <Volume2 size={20} aria-hidden="true" />}
      </button>
      <button
        type="button"
        class="button square quiet"
        aria-label="Full screen"
        onClick={() => void (document.fullscreenElement ? document.exitFullscreen() : frame.current?.requestFullscreen())}
      >
        <Maximize size={20} aria-hidden="true" />
      </button>
    </>
  );
}

/** True when the key meant something here. Buttons and the select keep their own keys. */
function handleKey(event: KeyboardEvent, playback: Playback): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const on = event.target instanceof HTMLElement ? event.target.tagName : "";
  if (on === "SELECT") return false;
  const wide = event.shiftKey ? stride : step;
  if (event.key === "ArrowLeft") playback.skip(-wide);
  else if (event.key === "ArrowRight") playback.skip(wide);
  else if (event.key === "j") playback.skip(-stride);
  else if (event.key === "l") playback.skip(stride);
  else if (event.key === "k" || (event.key === " " && on !== "BUTTON")) playback.toggle();
  else return false;
  return true;
}
