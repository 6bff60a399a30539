// The HLS playlist (RFC 8216): the list of finished windows. Pure.
import { msOf } from "./place.ts";
import { windowMs } from "./window.ts";

export interface PlaylistEntry {
  /** Relative to the playlist. */
  file: string;
  ticks: number;
}

/** `complete`: nothing more will come. Until then players ask again. */
export function playlistOf(windows: readonly PlaylistEntry[], complete: boolean): string {
  const longest = windows.reduce((most, window) => Math.max(most, msOf(window.ticks)), windowMs);
  const lines = [
    "#EXTM3U",
    "#EXT-X-VERSION:7",
    `#EXT-X-TARGETDURATION:${Math.ceil(longest / 1000)}`,
    "#EXT-X-MEDIA-SEQUENCE:0",
    "#EXT-X-PLAYLIST-TYPE:EVENT",
    "#EXT-X-INDEPENDENT-SEGMENTS",
    '#EXT-X-MAP:URI="init.mp4"',
  ];
  for (const { file, ticks } of windows) lines.push(`#EXTINF:${(msOf(ticks) / 1000).toFixed(5)},`, file);
  if (complete) lines.push("#EXT-X-ENDLIST");
  return `${lines.join("\n")}\n`;
}
