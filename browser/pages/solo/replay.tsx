// The recording, played from this tab's memory at once; the link to the server's copy follows when the server has all of it.

import { useSignal } from "@preact/signals";
import { Download, Play } from "lucide-preact";
import { useEffect, useMemo } from "preact/hooks";
import { useLoaded } from "../loaded.ts";
import { RecordingApi } from "../safe/described.ts";
import { saveFile } from "../safe/save.tsx";
import { SafeStatus } from "../safe/status.tsx";
import { sizeText } from "../size.ts";
import { t } from "../words.ts";
import type { Alone, Place } from "./alone.ts";

const askMs = 1000;

export function Replay(props: { alone: Alone }) {
  const { memory, visit } = props.alone;
  const films = useMemo(() => memory.films(), [memory]);
  const place = props.alone.place();
  const uploads = visit?.uploads.value ?? [];
  const safe = uploads.length > 0 && uploads.every((one) => one.state === "safe");
  return (
    <>
      <Films films={films} />
      {visit ? (
        <SafeStatus uploads={uploads}>{safe && place && <WatchServer place={place} />}</SafeStatus>
      ) : (
        <div class="notice">
          <Download size={20} aria-hidden="true" />
          <p>{t("solo:inTab")}</p>
          <div class="row">
            <button type="button" class="button primary" onClick={() => saveAll(films)}>
              {t("solo:save")}
            </button>
          </div>
        </div>
      )}
    </>
  );
}

/** One after the other in the same place: after a camera was changed there are several. */
function Films({ films }: { films: Blob[] }) {
  const now = useSignal(0);
  const urls = useMemo(() => films.map((film) => URL.createObjectURL(film)), [films]);
  useEffect(
    () => () => {
      for (const url of urls) URL.revokeObjectURL(url);
    },
    [urls],
  );
  const several = films.length > 1;
  return (
    <>
      <div class="preview-frame">
        {/* biome-ignore lint/a11y/useMediaCaption: captions cannot exist a moment after Stop */}
        <video
          class="picture whole"
          aria-label={t("solo:done")}
          src={urls[now.value]}
          controls
          autoplay
          playsInline
          onEnded={() => {
            now.value = Math.min(now.value + 1, urls.length - 1);
          }}
        />
      </div>
      {several && (
        <div class="row">
          {films.map((film, index) => (
            <button
              key={urls[index]}
              type="button"
              class="button"
              aria-pressed={index === now.value}
              title={sizeText(film.size)}
              onClick={() => {
                now.value = index;
              }}
            >
              {t("solo:part", { number: index + 1 })}
            </button>
          ))}
          <p class="soft small">{t("solo:parts")}</p>
        </div>
      )}
    </>
  );
}

function saveAll(films: Blob[]): void {
  for (const [index, film] of films.entries()) {
    const number = films.length > 1 ? `-${index + 1}` : "";
    saveFile(film, `recording${number}.${film.type.includes("mp4") ? "mp4" : "webm"}`);
  }
}

function WatchServer({ place }: { place: Place }) {
  const api = useMemo(() => new RecordingApi(place.key), [place.key]);
  const { value } = useLoaded(
    () => api.recording(place.recording),
    (recording) => (recording.tracks.length > 0 && recording.tracks.every((track) => track.state === "safe") ? null : askMs),
  );
  const there = value.value?.tracks.length && value.value.tracks.every((track) => track.state === "safe" || track.state === "partial");
  if (!there) return null;
  return (
    <a class="button primary" href={`/v/${place.recording}#${encodeURIComponent(place.key)}`}>
      <Play size={20} aria-hidden="true" />
      {t("solo:watch")}
    </a>
  );
}
