// A voice, or a short video, spoken into a comment: recorded in one go, kept in this page, and never part of a recording.
// Promise: no longer than it may be; what a device gave until it was taken away is kept; the file says how long it is, and every browser of ours plays it.
import { UserError } from "../../protocol/errors.ts";
import { playable } from "./playable.ts";

export type Kind = "voice" | "video";

export interface Message {
  kind: Kind;
  blob: Blob;
  durationMs: number;
}

export interface Running {
  /** Ends it sooner. */
  stop: () => void;
  /** What there is; rejects with a UserError when that is nothing. */
  done: Promise<Message>;
}

/** VP8 first: what Chromium would rather take, H.264, Firefox does not play out of WebM. Speech and a face in a quarter of a page need no more bits. */
const types: Record<Kind, readonly string[]> = {
  voice: ["audio/webm;codecs=opus"],
  video: ["video/webm;codecs=vp8,opus", "video/webm;codecs=vp9,opus"],
};
const audioBitsPerSecond = 64_000;
const videoBitsPerSecond = 900_000;
/** So large and no larger: it is watched beside a comment. */
const picture: MediaTrackConstraints = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 25 } };
/** Bytes are handed over this often, so that little is lost with a recorder that fails. */
const sliceMs = 1000;

/** Begins at once. The stream stays as it is, but for the size of its picture. */
export function recordMessage(stream: MediaStream, kind: Kind, mostMs: number, nowMs = () => performance.now()): Running {
  const parts: Blob[] = [];
  const mimeType = typeof MediaRecorder === "undefined" ? undefined : types[kind].find((type) => MediaRecorder.isTypeSupported(type));
  if (mimeType === undefined)
    throw new UserError("recorder-failed", "This browser cannot record this. Use a current Chrome, Edge or Firefox.");
  const living = stream.getTracks().filter(({ readyState }) => readyState === "live");
  // A camera that cannot is recorded as large as it is.
  for (const track of living)
    if (track.kind === "video") track.applyConstraints(picture).catch((error: unknown) => console.info("the camera keeps its size", error));
  const recorder = new MediaRecorder(new MediaStream(living), {
    mimeType,
    audioBitsPerSecond,
    ...(kind === "video" ? { videoBitsPerSecond } : {}),
  });
  let beganMs = nowMs();
  let endedMs: number | null = null;
  const stop = () => {
    endedMs ??= nowMs();
    if (recorder.state !== "inactive") recorder.stop();
  };
  const done = new Promise<Message>((resolve, reject) => {
    const timer = setTimeout(stop, mostMs);
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstart = () => {
      beganMs = nowMs();
    };
    // It stops after an error, and what came before it is whole.
    recorder.onerror = (event) => console.warn("the recorder failed", event);
    recorder.onstop = () => {
      clearTimeout(timer);
      const durationMs = Math.round(Math.min(mostMs, Math.max(0, (endedMs ?? nowMs()) - beganMs)));
      messageOf(parts, kind, durationMs).then(resolve, reject);
    };
  });
  for (const track of living) track.addEventListener("ended", stop);
  recorder.start(sliceMs);
  return { stop, done };
}

async function messageOf(parts: readonly Blob[], kind: Kind, durationMs: number): Promise<Message> {
  const bytes = new Uint8Array(await new Blob([...parts]).arrayBuffer());
  if (bytes.length === 0)
    throw new UserError("recorder-failed", "Nothing was recorded. Choose another camera or microphone and try again.");
  const type = kind === "video" ? "video/webm" : "audio/webm";
  return { kind, durationMs, blob: new Blob(playable(bytes, durationMs), { type }) };
}
