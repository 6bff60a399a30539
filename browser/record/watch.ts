// Looks at a recorder once a timeslice. Pure: the times are given. Promise: silence, a break and a machine that slept are each named within
// a second of when they can be known, and a recorder that never gets going is not begun anew more and more often.

/** "watchdog": it fell silent or broke. "slip": nothing ran here for a while. "sleep": the same, and the browser's clock stood still meanwhile. */
export type Trouble = "watchdog" | "slip" | "sleep";

export const timesliceMs = 1000;
/** So many timeslices without a chunk are no lateness any more; the first of a run included, which comes 1010 to 1040 ms after `start()` in both browsers,
 * beside four programs that compute without end on two cores, too. */
const silentLooks = 3;
/** Nothing ran at all for this long: a machine that slept, a page that was frozen. */
const sleepMs = 5000;
/** What the monotonic and the wall clock may differ by over that time; more, and one of them stood still. */
const stoodStillMs = 1000;
/** After so many chunks a run is healthy, and the next trouble is the first again. */
const healthyChunks = 30;
const mostLooks = 60;
/** A segment is over after so many chunks, ten minutes. Whoever keeps one until it is whole (the device, until the server has all of it), reads it from
 * its beginning or dates it chunk by chunk has no more than that before them, however long the call. */
const fullChunks = 600;

export class Watch {
  /** Looks since the last chunk that came in time themselves: a page that is blocked itself must not blame the recorder. */
  #silent = 0;
  #since = 0;
  #chunks = 0;
  #broken = false;
  /** Further looks to wait; grows with every trouble. */
  #rest = 0;
  #last: { nowMs: number; wallMs: number } | null = null;

  /** For how many looks there has been nothing new. */
  get silent(): number {
    return this.#silent;
  }

  /** The run has lasted long enough. */
  get full(): boolean {
    return this.#chunks >= fullChunks && !this.#broken;
  }

  /** Another run, although this one is well. */
  began(): void {
    this.#silent = 0;
    this.#since = 0;
    this.#chunks = 0;
    this.#broken = false;
  }

  chunk(): void {
    this.#silent = 0;
    if (++this.#chunks >= healthyChunks) this.#rest = 0;
  }

  /** An `error` event, or a `stop` that nobody asked for. */
  broke(): void {
    this.#broken = true;
  }

  /** `wallMs`: the wall clock, which goes on while the machine sleeps. `speaks`: sound or a camera, which always have something to say. */
  look(nowMs: number, wallMs: number, speaks: boolean): Trouble | null {
    const trouble = this.#judge(nowMs, wallMs, speaks);
    this.#last = { nowMs, wallMs };
    if (trouble === null) return null;
    this.began();
    if (trouble === "watchdog") this.#rest = Math.min(mostLooks, Math.max(1, this.#rest * 2));
    return trouble;
  }

  #judge(nowMs: number, wallMs: number, speaks: boolean): Trouble | null {
    const elapsedMs = this.#last ? nowMs - this.#last.nowMs : 0;
    const wallElapsedMs = this.#last ? wallMs - this.#last.wallMs : 0;
    if (Math.max(elapsedMs, wallElapsedMs) > sleepMs) return wallElapsedMs - elapsedMs > stoodStillMs ? "sleep" : "slip";
    this.#since++;
    if (elapsedMs <= 2 * timesliceMs) this.#silent++;
    if (this.#broken) return this.#since > this.#rest ? "watchdog" : null;
    return speaks && this.#silent > silentLooks + this.#rest ? "watchdog" : null;
  }
}
