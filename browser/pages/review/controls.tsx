// The player's buttons: play, back to live, speed, volume, full screen. All of them have keys, too; see `keys.ts`.
import { Gauge, Maximize, Pause, Play, Volume1, Volume2, VolumeX } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import { type Playback, speeds } from "./playback.ts";

export function PlayButton({ playback }: { playback: Playback }) {
  const playing = playback.playing.value;
  const Icon = playing ? Pause : Play;
  return (
    <button
      type="button"
      class="button square quiet"
      aria-label={playing ? t("review:film.pause") : t("review:film.play")}
      onClick={() => playback.toggle()}
    >
      <Icon size={20} aria-hidden="true" fill="currentColor" />
    </button>
  );
}

/** Says that this is live, or leads there. Nothing for a film that is complete. */
export function LiveButton({ playback }: { playback: Playback }) {
  const live = playback.live.value;
  if (live === null) return null;
  const on = live && playback.playing.value;
  return (
    <button
      type="button"
      class={`button quiet film-live ${on ? "on" : ""}`}
      aria-pressed={on}
      title={on ? t("review:film.liveNow") : t("review:film.liveBack")}
      onClick={() => playback.goLive()}
    >
      <span class="dot" aria-hidden="true" />
      {t("review:film.live")}
    </button>
  );
}

/** `children`: further ones, beside the clock. */
export function Settings(props: { playback: Playback; lengthMs: number; onFullScreen: () => void; children?: ComponentChildren }) {
  const { playback, lengthMs } = props;
  return (
    <>
      <span class="clock film-clock" aria-hidden="true">
        {clockText(playback.atMs.value)} / {clockText(lengthMs)}
      </span>
      {props.children}
      <div class="film-menu">
        <Gauge size={20} aria-hidden="true" />
        <select
          aria-label={t("review:film.speed")}
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
      <Volume playback={playback} />
      <button type="button" class="button square quiet" aria-label={t("review:film.fullScreen")} onClick={props.onFullScreen}>
        <Maximize size={20} aria-hidden="true" />
      </button>
    </>
  );
}

function Volume({ playback }: { playback: Playback }) {
  const volume = playback.muted.value ? 0 : playback.volume.value;
  const Icon = volume === 0 ? VolumeX : volume < 0.5 ? Volume1 : Volume2;
  return (
    <div class="film-volume">
      <button
        type="button"
        class="button square quiet"
        aria-label={playback.muted.value ? t("review:film.soundOn") : t("review:film.soundOff")}
        onClick={() => playback.toggleMuted()}
      >
        <Icon size={20} aria-hidden="true" />
      </button>
      <input
        type="range"
        class="film-volume-slider"
        aria-label={t("review:film.volume")}
        aria-valuetext={`${Math.round(volume * 100)} %`}
        min={0}
        max={1}
        step={0.05}
        value={volume}
        onInput={(event) => playback.setVolume(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
