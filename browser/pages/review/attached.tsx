// What was spoken into a comment, to be played under it: a voice, or a small video.
// Promise: one plays at a time, and not over the film; an address that is renewed takes nothing from what plays.
import { useSignal, useSignalEffect } from "@preact/signals";
import { Mic, Video } from "lucide-preact";
import { useRef } from "preact/hooks";
import type { Attachment, Comment } from "../../../protocol/feedback.ts";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import type { Playback } from "./playback.ts";

export interface AttachedProps {
  attachment: Attachment;
  /** When and by whom, for its name. */
  names: { time: string; name: string };
  playback: Playback;
}

let heard: HTMLMediaElement | null = null;

export function Attached({ attachment, names, playback }: AttachedProps) {
  const { kind, durationMs, mediaUrl } = attachment;
  const player = useRef<HTMLVideoElement & HTMLAudioElement>(null);
  /** Addresses are told anew with every change of the comment; one that works stays. */
  const address = useSignal(mediaUrl);
  const failed = useSignal(false);
  useSignalEffect(() => {
    if (playback.playing.value) player.current?.pause();
  });
  const onPlay = () => {
    if (heard !== player.current) heard?.pause();
    heard = player.current;
    playback.pause();
  };
  const onError = () => {
    if (address.value === mediaUrl) failed.value = true;
    else address.value = mediaUrl;
  };
  const facts = {
    ref: player,
    src: address.value,
    controls: true,
    preload: "metadata" as const,
    "aria-label": t(`feedback:attached.${kind}Of`, names),
    onPlay,
    onError,
  };
  const Icon = kind === "video" ? Video : Mic;
  return (
    <div class="attached">
      <p class="soft small">
        <Icon size={14} aria-hidden="true" /> {t(`feedback:attached.${kind}`, { time: clockText(durationMs) })}
      </p>
      {kind === "video" ? <video playsInline {...facts} /> : <audio {...facts} />}
      {failed.value && (
        <p class="notice warn small" role="alert">
          {t("feedback:attached.failed")}
        </p>
      )}
    </div>
  );
}

/** What a comment says, in a line: its words, or that it is spoken. */
export function saidIn({ body, attachment }: Comment): string {
  return body || (attachment ? t(`feedback:attached.${attachment.kind}`, { time: clockText(attachment.durationMs) }) : "");
}
