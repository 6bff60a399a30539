// One MediaStream on the screen. Promise: it plays as soon as the browser lets it; when sound is held back, `blocked` says so.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { speaker } from "./lobby/choice.ts";

/** True while the browser waits for a press before it plays sound. */
export const blocked = signal(false);

/** Called from a press: plays what was held back. */
export function playAll(): void {
  blocked.value = false;
  for (const video of document.querySelectorAll("video")) void play(video);
}

async function play(video: HTMLVideoElement): Promise<void> {
  try {
    await video.play();
  } catch (error) {
    // AbortError: the stream was replaced meanwhile, and the next one plays itself.
    if (error instanceof DOMException && error.name === "NotAllowedError") blocked.value = true;
    else if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
  }
}

/** Out of the speaker that was chosen; the browser's own where that one is gone. */
async function speakThrough(video: HTMLVideoElement, id: string): Promise<void> {
  if (!("setSinkId" in video) || video.sinkId === id) return;
  try {
    await video.setSinkId(id);
  } catch (error) {
    console.warn("the chosen speaker is not there", error);
  }
}

export function Picture(props: { stream: MediaStream | null; muted?: boolean; mirrored?: boolean; whole?: boolean; label?: string }) {
  const video = useRef<HTMLVideoElement>(null);
  const { stream } = props;
  useEffect(() => {
    if (!video.current || video.current.srcObject === stream) return;
    video.current.srcObject = stream;
    if (stream) void play(video.current);
  }, [stream]);
  useEffect(() => {
    if (video.current && !props.muted) void speakThrough(video.current, speaker.value);
  }, [speaker.value, props.muted]);
  const look = `picture${props.mirrored ? " mirrored" : ""}${props.whole ? " whole" : ""}`;
  return <video ref={video} class={look} aria-label={props.label} muted={props.muted ?? false} autoplay playsInline />;
}
