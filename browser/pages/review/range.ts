// What a comment is about: a moment, or all from there to an end. Pure. Promise: an end lies behind its beginning.

export interface Range {
  atMs: number;
  /** Null: it is about one moment. */
  endMs: number | null;
}

/** It begins here; an end that would not lie behind it goes. */
export function beginAt({ endMs }: Range, atMs: number): Range {
  return { atMs, endMs: endMs !== null && endMs <= atMs ? null : endMs };
}

/** It ends here. An end before the beginning is the other way round. */
export function endAt({ atMs }: Range, endMs: number): Range {
  return { atMs: Math.min(atMs, endMs), endMs: atMs === endMs ? null : Math.max(atMs, endMs) };
}
