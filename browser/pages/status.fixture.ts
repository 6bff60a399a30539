// For tests: how a track on its way stands, as the outbox tells it.
import type { UploadStatus } from "../upload/orders.ts";

/** Being sent, a quarter of it safe, unless said otherwise. */
export function statusWith(change: Partial<UploadStatus> = {}): UploadStatus {
  return {
    track: "trk",
    recording: "rec",
    room: "Interview",
    roomId: null,
    source: "camera",
    startedAt: "2026-11-22T10:00:00Z",
    bytesKept: 4_000_000,
    bytesSafe: 1_000_000,
    state: "sending",
    code: null,
    message: null,
    storage: "device",
    keeps: "everything",
    pending: true,
    ...change,
  };
}
