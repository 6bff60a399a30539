// What a player of the film's windows has to know of them, beside the playlist (RFC 8216).

/** One picture lasts this long, ms. */
export const pictureMs = 1000 / 30;

/** A window is so long, all but the last: 96 pictures. A multiple of 16, so that it is also a whole number of AAC frames (150). */
export const windowTicks = 96;
export const windowMs = (windowTicks * 100) / 3;

/** The windows' own times run so far ahead of the film's: two pictures, so that none has to be shown before it is decoded (see `mp4.ts`). A player that
 * appends windows takes it off; the one file says it in its edit list. */
export const filmDelayMs = 2 * pictureMs;

/** Of the small pictures for scrubbing. Both are multiples of 16, so that JPEGs of that size can be laid below one another as they are. */
export const thumbnailSize = { width: 256, height: 144 } as const;
/** How many of them lie on one sheet: 80 s of the film, some 150 kB. */
export const thumbnailsPerSheet = 25;
/** How many levels a second a waveform has. */
export const peaksPerSecond = 20;
