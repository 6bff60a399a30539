// Six seconds of oneself, recorded and played back as the others would see and hear it. Kept in this tab only, and only until the next one.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { recordClip } from "../../record/clip.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { t } from "../words.ts";
import { speaker } from "./choice.ts";

const clipMs = 6000;

type State = { at: "recording"; left: number } | { at: "done"; url: string } | { at: "failed"; words: string };

export default function Clip({ stream, onClose }: { stream: MediaStream; onClose: () => void }) {
  const state = useSignal<State>({ at: "recording", left: clipMs / 1000 });
  const round = useSignal(0);
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let url: string | null = null;
    const gone = new AbortController();
    state.value = { at: "recording", left: clipMs / 1000 };
    announce(t("clip:recording"));
    const timer = setInterval(() => {
      if (state.value.at === "recording") state.value = { at: "recording", left: Math.max(1, state.value.left - 1) };
    }, 1000);
    recordClip(stream, clipMs, gone.signal).then(
      (clip) => {
        clearInterval(timer);
        if (gone.signal.aborted) return;
        url = URL.createObjectURL(clip);
        state.value = { at: "done", url };
        announce(t("clip:plays"));
      },
      (error: unknown) => {
        state.value = { at: "failed", words: sentence(error) };
      },
    );
    return () => {
      gone.abort();
      clearInterval(timer);
      if (url) URL.revokeObjectURL(url);
    };
  }, [round.value, stream]);
  const now = state.value;
  useEffect(() => {
    if (now.at === "done" && video.current && speaker.value && "setSinkId" in video.current)
      video.current.setSinkId(speaker.value).catch((error: unknown) => console.warn("the chosen speaker is not there", error));
  }, [now.at]);
  return (
    <div class="clip">
      {now.at === "recording" && (
        <p class="soft">
          {t("clip:recording")} <span class="clock">{t("time.seconds", { count: now.left })}</span>
        </p>
      )}
      {now.at === "failed" && <p role="alert">{now.words}</p>}
      {now.at === "done" && (
        <>
          {/* biome-ignore lint/a11y/useMediaCaption: one's own voice of a moment ago */}
          <video ref={video} aria-label={t("clip:label")} src={now.url} controls autoplay playsInline />
          <p class="small soft">{t("clip:hint")}</p>
        </>
      )}
      <div class="row">
        {now.at !== "recording" && (
          <button type="button" class="button" onClick={() => round.value++}>
            {t("clip:again")}
          </button>
        )}
        <button type="button" class="button quiet" onClick={onClose}>
          {t("clip:close")}
        </button>
      </div>
    </div>
  );
}
