// One MediaStream on the screen. Promise: it plays as soon as the browser lets it; when sound is held back, `blocked` says so.
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { listDevices, onDevicesChange } from "../record/devices.ts";
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

/** Out of the speaker that was chosen; the browser's own for as long as that one is gone. */
export async function speakThrough(video: Pick<HTMLVideoElement, "sinkId" | "setSinkId">, id: string): Promise<void> {
  if (!("setSinkId" in video)) return;
  try {
    const { speakers } = await listDevices();
    const there = speakers?.some(({ deviceId }) => deviceId === id) ? id : "";
    if (video.sinkId !== there) await video.setSinkId(there);
  } catch (error) {
    console.warn("the chosen speaker is not there", error);
  }
}

export function Picture(props: { stream: MediaStream | null; muted?: boolean; mirrored?: boolean; whole?: boolean; label?: string }) {
  const video = useRef<HTMLVideoElement>(null);
  const { stream } = props;
  useLayoutEffect(() => {
    if (!video.current || video.current.srcObject === stream) return;
    video.current.srcObject = stream;
    if (stream) void play(video.current);
  }, [stream]);
  useEffect(() => {
    const { current } = video;
    if (!current || props.muted) return;
    // One that began to play without sound may not be let go on with it.
    if (current.srcObject) void play(current);
    const speak = () => void speakThrough(current, speaker.value);
    speak();
    return onDevicesChange(speak);
  }, [speaker.value, props.muted]);
  const look = `picture${props.mirrored ? " mirrored" : ""}${props.whole ? " whole" : ""}`;
  return <video ref={video} class={look} aria-label={props.label} muted={props.muted ?? false} autoplay playsInline />;
}
