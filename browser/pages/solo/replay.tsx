// The recording, played from this tab's memory at once; the link to the server's copy follows when the server has all of it.
import { Download, Play } from "lucide-preact";
import { useEffect, useMemo } from "preact/hooks";
import { Api } from "../api.ts";
import { useLoaded } from "../loaded.ts";
import { saveFile } from "../safe/save.tsx";
import { SafeStatus } from "../safe/status.tsx";
import type { Alone, Place } from "./alone.ts";

const askMs = 1000;

export function Replay(props: { alone: Alone }) {
  const { memory, visit } = props.alone;
  const film = useMemo(() => memory.film(), [memory]);
  const url = useMemo(() => URL.createObjectURL(film), [film]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  const place = props.alone.place();
  const uploads = visit?.uploads.value ?? [];
  const safe = uploads.length > 0 && uploads.every((one) => one.state === "safe");
  return (
    <>
      <div class="preview-frame">
        {/* biome-ignore lint/a11y/useMediaCaption: captions cannot exist a moment after Stop */}
        <video class="picture whole" aria-label="Your recording" src={url} controls autoplay playsInline />
      </div>
      {visit ? (
        <SafeStatus uploads={uploads}>{safe && place && <WatchServer place={place} />}</SafeStatus>
      ) : (
        <div class="notice">
          <Download size={20} aria-hidden="true" />
          <p>This recording is only in this tab. Save it before you close the tab.</p>
          <div class="row">
            <button
              type="button"
              class="button primary"
              onClick={() => saveFile(film, `recording.${film.type.includes("mp4") ? "mp4" : "webm"}`)}
            >
              Save file
            </button>
          </div>
        </div>
      )}
    </>
  );
}

function WatchServer({ place }: { place: Place }) {
  const api = useMemo(() => new Api(place.key), [place.key]);
  const { value } = useLoaded(
    () => api.recording(place.recording),
    (recording) => (recording.tracks.length > 0 && recording.tracks.every((track) => track.state === "safe") ? null : askMs),
  );
  const there = value.value?.tracks.length && value.value.tracks.every((track) => track.state === "safe" || track.state === "partial");
  if (!there) return null;
  return (
    <a class="button primary" href={`/v/${place.recording}#${encodeURIComponent(place.key)}`}>
      <Play size={20} aria-hidden="true" />
      Watch from the server
    </a>
  );
}
