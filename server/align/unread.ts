// Segments that the disk would not give back: which they are, and when each is tried again.
// Promise: each is tried a few times, ever more seldom, and then given up on, so that a film is not waited for without end.

/** To the first new try, ms; twice as long to each next one. */
const firstMs = 5000;
/** Five minutes in all: a disk that comes back at all has come back by then, and the next start of the server tries again. */
const mostTries = 7;

interface Unreadable {
  recordingId: string;
  tries: number;
  state: "waits" | "due" | "given up";
  timer: NodeJS.Timeout | null;
}

export class Unread {
  readonly #segments = new Map<string, Unreadable>();
  readonly #again: (recordingId: string) => void;

  /** `again`: one of this recording's is due. */
  constructor(again: (recordingId: string) => void) {
    this.#again = again;
  }

  failed(recordingId: string, segmentId: string): void {
    const tries = (this.#segments.get(segmentId)?.tries ?? 0) + 1;
    this.read(segmentId);
    const entry: Unreadable = { recordingId, tries, state: tries < mostTries ? "waits" : "given up", timer: null };
    this.#segments.set(segmentId, entry);
    if (entry.state === "given up") return;
    entry.timer = setTimeout(
      () => {
        entry.state = "due";
        this.#again(recordingId);
      },
      firstMs * 2 ** (tries - 1),
    ).unref();
  }

  /** It could be read after all, or somebody else shows it. */
  read(segmentId: string): void {
    clearTimeout(this.#segments.get(segmentId)?.timer ?? undefined);
    this.#segments.delete(segmentId);
  }

  isDue(segmentId: string): boolean {
    return this.#segments.get(segmentId)?.state === "due";
  }

  /** Some of this recording's will be tried again. */
  awaited(recordingId: string): boolean {
    return [...this.#segments.values()].some((entry) => entry.recordingId === recordingId && entry.state !== "given up");
  }

  of(recordingId: string): ReadonlySet<string> {
    return new Set([...this.#segments].flatMap(([id, entry]) => (entry.recordingId === recordingId ? [id] : [])));
  }

  forget(recordingId: string): void {
    for (const id of this.of(recordingId)) this.read(id);
  }
}
