// One MediaStream on the screen. Promise: it plays as soon as the browser lets it; when sound is held back, `blocked` says so.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

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

export function Picture(props: { stream: MediaStream | null; muted?: boolean; mirrored?: boolean; whole?: boolean; label?: string }) {
  const video = useRef<HTMLVideoElement>(null);
  const { stream } = props;
  useEffect(() => {
    if (!video.current || video.current.srcObject === stream) return;
    video.current.srcObject = stream;
    if (stream) void play(video.current);
  }, [stream]);
  const look = `picture${props.mirrored ? " mirrored" : ""}${props.whole ? " whole" : ""}`;
  return <video ref={video} class={look} aria-label={props.label} muted={props.muted ?? false} autoplay playsInline />;
}
