// What the outbox holds of a track as files for the person, one per segment that the server has not sealed.
import type { Track } from "./outbox.ts";

/** Most of a segment in memory at once. */
const readBytes = 4 * 1024 * 1024;

export function filesOf(track: Track): File[] {
  const { room, source, startedAt } = track.about;
  const title = `${room} ${startedAt.slice(0, 16).replace("T", " ")} ${source}`.replace(/[\\/:*?"<>|]/g, "-");
  return (
    track.segments
      // Without its beginning no player opens it: memory has given that back, because the server has it.
      .filter((segment) => !segment.sealed && segment.bytes > 0 && segment.readable(0))
      .map((segment, index) => {
        const parts: Blob[] = [];
        for (let offset = 0; offset < segment.bytes; ) {
          const piece = segment.read(offset, readBytes);
          if (!piece) break;
          parts.push(new Blob([piece.bytes]));
          offset += piece.bytes.length;
        }
        const type = segment.facts.mimeType;
        return new File(parts, `${title} ${index + 1}.${suffixOf(type)}`, { type });
      })
  );
}

/** Chromium calls its WebM with H.264 by Matroska's name, and that is what players go by. */
function suffixOf(mimeType: string): string {
  return mimeType.includes("matroska") ? "mkv" : mimeType.includes("mp4") ? "mp4" : "webm";
}
