// Where the player's film comes from: the one file when it is complete, its windows while it grows. Whoever watched it grow keeps the windows.
// Promise: an element that plays never changes its source because the film became complete; one that cannot go on is given what there is now.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import type { Playback } from "./playback.ts";

export interface Source {
  /** For the element; undefined: it is fed. */
  src: string | undefined;
  /** The element could not go on with what it had. */
  onError: () => void;
}

/** Before a film that grows is taken up anew, ms: what the browser could not take in may have been composed again by then. */
const againMs = 2000;

/** `other`: the address of another film to be shown instead; null: the recording's own. `onStale`: the addresses no longer work, ask for new ones. */
export function useSource(recording: Recording, other: string | null, playback: Playback, onStale: () => void): Source {
  const { playlistUrl, state, readyAt } = recording.composition;
  const videoUrl = other ?? recording.composition.videoUrl;
  const isOther = useRef(false);
  const kind = useRef<"file" | "windows">(videoUrl ? "file" : "windows");
  const shown = useRef(videoUrl ?? undefined);
  const stale = useRef(false);
  /** How often the browser could not go on with the windows, and how often that was answered. */
  const [failures, setFailures] = useState(0);
  const answered = useRef(0);
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
    playback.again();
    kind.current = "windows";
    shown.current = undefined;
  }
  if (answered.current !== failures) {
    answered.current = failures;
    if (kind.current === "windows" && videoUrl) {
      kind.current = "file";
      shown.current = videoUrl;
    }
  }
  // Every answer signs the address anew; the element keeps the first one until it fails.
  if (stale.current && videoUrl && videoUrl !== shown.current) {
    stale.current = false;
    shown.current = videoUrl;
  }
  const nudge = useRef<() => void>(() => undefined);
  const fail = useRef<() => void>(() => undefined);
  useEffect(() => {
    if (kind.current !== "windows") return undefined;
    let close: () => void = () => undefined;
    let closed = false;
    let again: ReturnType<typeof setTimeout> | null = null;
    fail.current = () => {
      again ??= setTimeout(() => {
        playback.hold();
        setFailures((count) => count + 1);
      }, againMs);
    };
    void feed(playback, () => playlist.current, { nudge, fail: () => fail.current() }).then((stop) => {
      close = stop;
      if (closed) stop();
    });
    return () => {
      closed = true;
      if (again !== null) clearTimeout(again);
      close();
    };
  }, [kind.current, playback, failures]);
  useEffect(() => nudge.current(), [state, readyAt]);
  useEffect(() => () => playback.pause(), [playback]);
  const onError = () => {
    if (kind.current === "windows") return fail.current();
    if (stale.current) return;
    stale.current = true;
    playback.hold();
    onStale();
  };
  return { src: kind.current === "file" ? shown.current : undefined, onError };
}

interface Feeding {
  nudge: { current: () => void };
  fail: () => void;
}

async function feed(playback: Playback, playlistUrl: () => string, { nudge, fail }: Feeding): Promise<() => void> {
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
    onFailure: (error) => {
      console.error(error);
      fail();
    },
  });
  nudge.current = () => appender.nudge();
  return () => {
    nudge.current = () => undefined;
    appender.close();
  };
}
