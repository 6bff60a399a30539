// A few seconds of a stream as one playable file, for a person to see and hear themselves. Never part of a recording.
import { UserError } from "../../protocol/errors.ts";

/** Resolves after `durationMs`, or earlier with what there is when `stop` fires. The stream stays as it is. */
export function recordClip(stream: MediaStream, durationMs: number, stop: AbortSignal): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const parts: Blob[] = [];
    const fail = (cause: unknown) =>
      reject(
        new UserError("recorder-failed", "The test could not be recorded. Choose another camera or microphone and try again.", { cause }),
      );
    try {
      const recorder = new MediaRecorder(new MediaStream(stream.getTracks().filter((track) => track.readyState === "live")));
      const end = () => recorder.state !== "inactive" && recorder.stop();
      const timer = setTimeout(end, durationMs);
      stop.addEventListener("abort", end);
      recorder.ondataavailable = ({ data }) => parts.push(data);
      recorder.onerror = fail;
      recorder.onstop = () => {
        clearTimeout(timer);
        resolve(new Blob(parts, { type: recorder.mimeType || "video/webm" }));
      };
      recorder.start();
    } catch (cause) {
      fail(cause);
    }
  });
}
