// Who ended composing processes so far: whoever did in two windows is left out from the beginning, and tried again now and then.
// Promise: a track that hangs costs its deadline in few windows, and one that is damaged for a while comes back.

/** Found guilty in so many windows, it is the track and not the window. */
const convicting = 2;
/** So many windows, 51 s, from one attempt with it to the next: at two minutes for each that hangs. */
const againAfter = 16;

export class Suspects {
  /** By track: in how many windows it was found guilty, and in which one last. */
  readonly #found = new Map<string, { times: number; at: number }>();

  get size(): number {
    return this.#found.size;
  }

  has(track: string): boolean {
    return this.#found.has(track);
  }

  /** Of these, who need not be tried in this window. Of those whose turn it is again only one is tried, so that it is known who it was. */
  leftOut(tracks: readonly string[], window: number): string[] {
    const convicted = tracks.filter((track) => (this.#found.get(track)?.times ?? 0) >= convicting);
    const away = (track: string) => Math.abs(window - this.#found.get(track)!.at);
    const [longest] = convicted.toSorted((a, b) => away(b) - away(a));
    return convicted.filter((track) => track !== longest || away(track) < againAfter);
  }

  guilty(track: string, window: number): void {
    const before = this.#found.get(track);
    const times = (before?.times ?? 0) + (before?.at === window ? 0 : 1);
    this.#found.set(track, { times, at: window });
  }

  /** A window was composed with it: it is tried in the next one, too. */
  lived(track: string): void {
    const before = this.#found.get(track);
    if (before) before.times = Math.min(before.times, convicting - 1);
  }
}
