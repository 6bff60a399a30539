// Where the player's film comes from: the one file when it is complete, its windows while it grows. Whoever watched it grow keeps the windows.
// Promise: an element that plays never changes its source because the film became complete.
import { useEffect, useRef } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import type { Playback } from "./playback.ts";

export interface Source {
  /** For the element; undefined: it is fed. */
  src: string | undefined;
  /** The element could not go on with what it had. */
  onError: () => void;
}

/** `other`: the address of another film to be shown instead; null: the recording's own. `onStale`: the addresses no longer work, ask for new ones. */
export function useSource(recording: Recording, other: string | null, playback: Playback, onStale: () => void): Source {
  const { playlistUrl, state, readyAt } = recording.composition;
  const videoUrl = other ?? recording.composition.videoUrl;
  const isOther = useRef(false);
  const kind = useRef<"file" | "windows">(videoUrl ? "file" : "windows");
  const shown = useRef(videoUrl ?? undefined);
  const stale = useRef(false);
  const playlist = useRef(playlistUrl);
  playlist.current = playlistUrl;
  if (isOther.current !== (other !== null) && videoUrl) {
    // As long, with the same sound: it goes on where it was.
    isOther.current = other !== null;
    playback.hold();
    kind.current = "file";
    shown.current = videoUrl;
  }
  if (kind.current === "file" && !videoUrl) {
    // Something came late, and the film grows again.
    playback.hold();
    kind.current = "windows";
    shown.current = undefined;
  }
  // Every answer signs the address anew; the element keeps the first one until it fails.
  if (stale.current && videoUrl && videoUrl !== shown.current) {
    stale.current = false;
    shown.current = videoUrl;
  }
  const nudge = useRef<() => void>(() => undefined);
  useEffect(() => {
    if (kind.current !== "windows") return undefined;
    let close: () => void = () => undefined;
    let closed = false;
    void feed(playback, () => playlist.current, nudge).then((stop) => {
      close = stop;
      if (closed) stop();
    });
    return () => {
      closed = true;
      close();
    };
  }, [kind.current, playback]);
  useEffect(() => nudge.current(), [state, readyAt]);
  useEffect(() => () => playback.pause(), [playback]);
  const onError = () => {
    if (stale.current || kind.current !== "file") return;
    stale.current = true;
    playback.hold();
    onStale();
  };
  return { src: kind.current === "file" ? shown.current : undefined, onError };
}

async function feed(playback: Playback, playlistUrl: () => string, nudge: { current: () => void }): Promise<() => void> {
  const { Appender, mediaSource } = await import("./appender.ts");
  const { video } = playback;
  if (!video) return () => undefined;
  if (!mediaSource()) {
    // A browser without media sources plays playlists by itself (Safari on older phones).
    video.src = playlistUrl();
    return () => video.removeAttribute("src");
  }
  const appender = new Appender({
    video,
    playlistUrl,
    onReach: (endMs, complete) => playback.reach(endMs, complete),
    onFailure: (error) => console.error(error),
  });
  nudge.current = () => appender.nudge();
  return () => {
    nudge.current = () => undefined;
    appender.close();
  };
}
